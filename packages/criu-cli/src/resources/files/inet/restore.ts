// Restores udp(7), raw(7), icmp(7) and unconnected tcp(7) sockets: created anew, bound, and listening.
import type { Program } from '@criu/compel';
import {
  AF_INET,
  AF_INET6,
  F_SETFL,
  IP_FREEBIND,
  IP_PKTINFO,
  IP_TOS,
  IP_TTL,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_MPTCP,
  IPV6_FREEBIND,
  IPV6_RECVPKTINFO,
  IPV6_V6ONLY,
  SHUT_RDWR,
  SO_BROADCAST,
  SO_NO_CHECK,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_TCP,
  TCP_CLOSE,
  TCP_CORK,
  TCP_ESTABLISHED,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_LISTEN,
  TCP_NODELAY,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { InetSkEntry } from '../../../images/types.js';
import { SETFL_MASK, setOwner } from '../common.js';
import type { FileMaker, FileRestore } from '../kind.js';
import { bindSocket, makeSocket } from '../sockets/make.js';
import { setMoreOptions } from '../sockets/more-options.js';
import type { Place } from '../sockets/place.js';
import { attachFilter, bindToDevice, setOption, setSocketOptions } from '../sockets/restore.js';
import { addressOfWords, socketAddress } from './address.js';
import { connectionSlot, unlockBeforeGo } from './connection-restore.js';
import { refillDatagrams } from './datagrams-restore.js';
import { restoreError } from './errors-restore.js';
import { freeOfLeftovers } from './leftovers.js';
import { joinGroups } from './multicast.js';
import { expectPort } from './port.js';
import { inPingGroup, setRawOptions } from './raw-restore.js';

function addressBytes(family: number, port: number, words: readonly number[]): Buffer {
  return socketAddress(family, addressOfWords(family, words), port);
}

/** Whether the socket is or was connected: the queue of a closed connection can still be read. */
function isConnection({ type, state, dst_port }: InetSkEntry): boolean {
  return type === SOCK_STREAM && state !== TCP_LISTEN && (state !== TCP_CLOSE || dst_port !== 0);
}

function check({ plan, ctx }: FileMaker, socket: InetSkEntry): void {
  const who = { pid: plan.pid, file: 'files.img' };
  if (socket.family !== AF_INET && socket.family !== AF_INET6)
    throw new CriuError('BAD_IMAGE', `internet socket ${socket.id} has family ${socket.family}`, who);
  const words = socket.family === AF_INET6 ? 4 : 1;
  if (socket.src_addr.length < words || socket.dst_addr.length < words)
    throw new CriuError('BAD_IMAGE', `internet socket ${socket.id} has no whole address`, who);
  if (isConnection(socket) && !ctx.options.tcpClose && ctx.checkpoint.inventory.tcp_close)
    throw new CriuError(
      'BAD_OPTION',
      `internet socket ${socket.id} is a TCP connection that was dumped to be closed`,
      who,
      'restore it with --tcp-close',
    );
  const established = isConnection(socket) && socket.state !== TCP_CLOSE;
  if (established && !ctx.options.tcpClose && !ctx.options.tcpEstablished)
    throw new CriuError(
      'BAD_OPTION',
      `internet socket ${socket.id} is a TCP connection`,
      who,
      'restore it with --tcp-established, or closed with --tcp-close',
    );
}

function beforeBind(place: Place, fd: number, socket: InetSkEntry): void {
  const { opts, family } = socket;
  setMoreOptions(place, fd, opts, ['bind']);
  const p = place.plan.program(place.phase);
  // Other sockets of the checkpoint may be bound to the same port. The owner's own setting follows when all are bound.
  setOption(p, fd, SO_REUSEADDR, 1);
  // Datagram sockets with SO_REUSEPORT share incoming datagrams, so it is set only where it was set.
  if (opts.so_reuseport || socket.type === SOCK_STREAM) setOption(p, fd, SO_REUSEPORT, 1);
  // A raw socket counts as bound from the start, and accepts the option only before that.
  if (socket.v6only !== undefined && family === AF_INET6 && socket.type !== SOCK_RAW)
    setOption(p, fd, IPV6_V6ONLY, socket.v6only ? 1 : 0, SOL_IPV6);
  // It was bound once, so it may be bound again even if this machine does not have the address yet.
  freebind(p, fd, family, true);
  if (opts.so_bound_dev) bindToDevice(p, fd, opts.so_bound_dev);
}

function freebind(p: Program, fd: number, family: number, on: boolean): void {
  if (family === AF_INET6) setOption(p, fd, IPV6_FREEBIND, on ? 1 : 0, SOL_IPV6);
  else setOption(p, fd, IP_FREEBIND, on ? 1 : 0, SOL_IP);
}

function packetInfo(p: Program, fd: number, { ip_opts, family }: InetSkEntry): void {
  if (!ip_opts?.pktinfo) return;
  if (family === AF_INET6) setOption(p, fd, IPV6_RECVPKTINFO, 1, SOL_IPV6);
  else setOption(p, fd, IP_PKTINFO, 1, SOL_IP);
}

/** Options of a connection that are not part of its restored state. */
function connectionOptions(place: Place, fd: number, socket: InetSkEntry): void {
  const { opts } = socket;
  const p = place.plan.program(place.phase);
  packetInfo(p, fd, socket);
  if (opts.so_broadcast) setOption(p, fd, SO_BROADCAST, 1);
  if (opts.so_no_check) setOption(p, fd, SO_NO_CHECK, 1);
  if (opts.so_filter.length > 0) attachFilter(p, fd, opts.so_filter);
  setMoreOptions(place, fd, opts, ['bind', 'early', 'late', 'last']);
}

function protocolOptions(p: Program, fd: number, socket: InetSkEntry): void {
  const { ip_opts: ip, tcp_opts: tcp } = socket;
  packetInfo(p, fd, socket);
  if (ip?.tos) setOption(p, fd, IP_TOS, ip.tos, SOL_IP);
  if (ip?.ttl) setOption(p, fd, IP_TTL, ip.ttl, SOL_IP);
  if (socket.type !== SOCK_STREAM) return;
  if (tcp?.nodelay) setOption(p, fd, TCP_NODELAY, 1, SOL_TCP);
  if (tcp?.cork) setOption(p, fd, TCP_CORK, 1, SOL_TCP);
  const { opts } = socket;
  const keep: [number, number | undefined][] = [
    [TCP_KEEPCNT, tcp?.keepcnt ?? opts.tcp_keepcnt],
    [TCP_KEEPIDLE, tcp?.keepidle ?? opts.tcp_keepidle],
    [TCP_KEEPINTVL, tcp?.keepintvl ?? opts.tcp_keepintvl],
  ];
  for (const [name, value] of keep) if (value) setOption(p, fd, name, value, SOL_TCP);
}

/** Whether a datagram or raw socket is connected; the peer of a protocol without ports has none. */
function isConnectedDatagram({ type, state, dst_port, dst_addr }: InetSkEntry): boolean {
  if (type === SOCK_STREAM) return false;
  return dst_port !== 0 || (state === TCP_ESTABLISHED && dst_addr.some((word) => word !== 0));
}

function isIcmp({ type, proto }: InetSkEntry): boolean {
  return type === SOCK_DGRAM && (proto === IPPROTO_ICMP || proto === IPPROTO_ICMPV6);
}

export const inetRestore: FileRestore<'isk'> = {
  make(maker, [entry]) {
    const socket = entry.isk;
    check(maker, socket);
    const { plan, temp, ctx } = maker;
    const { id, family, type, state } = socket;
    const protocol = socket.mptcp ? IPPROTO_MPTCP : socket.proto;
    const fd = temp(id);
    if (isConnection(socket) && !ctx.options.tcpClose) {
      plan.take('files', connectionSlot(ctx, socket), fd);
      connectionOptions({ ctx, plan, phase: 'files' }, fd, socket);
      const q = plan.program('files');
      q.syscall('fcntl', [fd, F_SETFL, socket.flags & SETFL_MASK]);
      setOwner(q, fd, socket.fown);
      return;
    }
    if (isConnection(socket) && !ctx.checkpoint.inventory.tcp_close) unlockBeforeGo(ctx, socket);
    if (type === SOCK_STREAM && state === TCP_LISTEN && socket.src_port) freeOfLeftovers(ctx, plan, socket);
    const about = (label: string) => ({ ctx, plan, network: socket.ns_id, label });
    makeSocket(about(`internet socket ${id}`), { family, type, protocol }, fd, (q, make) => {
      if (isIcmp(socket)) inPingGroup(ctx, q, socket, make);
      else make();
    });
    beforeBind({ ctx, plan, phase: 'files' }, fd, socket);
    // A socket that is restored closed is not bound: its other end may still exist.
    if (socket.src_port && !isConnection(socket))
      bindSocket(
        about(`bind internet socket ${id} to port ${socket.src_port}`),
        fd,
        addressBytes(family, socket.src_port, socket.src_addr),
      );
    const p = plan.program('files');
    if (type === SOCK_STREAM && state === TCP_LISTEN) {
      if (socket.src_port) expectPort(ctx, socket);
      p.syscall('listen', [fd, socket.backlog], { label: `internet socket ${id} listens` });
    }
    if (isConnectedDatagram(socket)) {
      const to = addressBytes(family, socket.dst_port, socket.dst_addr);
      p.syscall('connect', [fd, p.data(to), to.length], { label: `connect internet socket ${id}` });
    }
    // The kernel attaches control messages when datagrams arrive, so these options come before the queue is filled.
    protocolOptions(p, fd, socket);
    setRawOptions(p, fd, socket);
    joinGroups(p, fd, socket);
    const phase = refillDatagrams(ctx, plan, socket, fd);
    const q = plan.program(phase);
    // After a shutdown, readers get end of file and writers EPIPE.
    if (isConnection(socket)) q.syscall('shutdown', [fd, SHUT_RDWR], { expect: 'any', label: `close ${id}` });
    // The image numbers the directions from 1, shutdown(2) from 0. On an unconnected socket it works and returns
    // ENOTCONN.
    if (socket.shutdown) q.syscall('shutdown', [fd, socket.shutdown - 1], { expect: 'any' });
    // A queue is filled by way of another device.
    const onDevice = phase === 'files';
    setSocketOptions({ ctx, plan, phase }, fd, socket.opts, { multipath: socket.mptcp ?? false, onDevice });
    const last = plan.program(phase);
    last.syscall('fcntl', [fd, F_SETFL, socket.flags & SETFL_MASK]);
    setOwner(last, fd, socket.fown);
    restoreError(ctx, plan, socket, fd);
    ctx.waitAfter('files', 'sockets stop sharing their addresses when all are bound');
    if (!socket.opts.reuseaddr) setOption(plan.program('fixup'), fd, SO_REUSEADDR, 0);
    if (!socket.opts.so_reuseport && type === SOCK_STREAM)
      setOption(plan.program('fixup'), fd, SO_REUSEPORT, 0);
    if (!socket.ip_opts?.freebind) freebind(plan.program('fixup'), fd, family, false);
  },
};
