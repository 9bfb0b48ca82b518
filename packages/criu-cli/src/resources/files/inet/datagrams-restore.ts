// Restores the receive queues of UDP sockets: IP packets with the original senders are sent over the loopback device.
import { Program } from '@criu/compel';
import { close, cstring, socketIn, sys, sysRaw } from '@criu/native';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_RAW,
  IPPROTO_UDP,
  ip6_hdr,
  iphdr,
  MSG_DONTWAIT,
  POLLIN,
  pollfd,
  SIOCGSKNS,
  SO_BINDTODEVICE,
  SO_MARK,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
  sockaddr,
  udphdr,
} from '@criu/native/uapi';
import { SOCCR_MARK } from '@criu/soccr';
import {
  type PhaseName,
  type PlanContext,
  type TaskPlan,
  type TaskRun,
  withDescriptor,
} from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { InetSkEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { moveTo } from '../common.js';
import { setOwn } from '../sockets/place.js';
import { type Packet, queueOf } from '../sockets/queue-restore.js';
import { enlargeReceiveBuffer, setIfKnown, setOption } from '../sockets/restore.js';
import { addressIn, addressLayout, addressOfWords, socketAddress } from './address.js';

const SEND_BUFFER = 1 << 20;
const HOPS = 64;
const ARRIVAL_MS = 5000;
/** An upper bound in bytes for what the kernel charges for a datagram beside its data. */
const OVERHEAD = 2048;
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

interface End {
  /** 4 or 16 bytes in network byte order. */
  readonly address: Buffer;
  readonly port: number;
}

interface Datagram {
  readonly from: End;
  readonly to: End;
  readonly protocol: number;
  readonly ttl: number;
  readonly tos: number;
  readonly data: Buffer;
}

/** Converts an IPv4-mapped IPv6 address to IPv4. */
function plain(address: Buffer): Buffer {
  return address.length === 16 && address.subarray(0, 12).equals(MAPPED) ? address.subarray(12) : address;
}

/** The checksum of RFC 1071, complemented. */
function checksum(...parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i + 1 < part.length; i += 2) sum += part.readUInt16BE(i);
    if (part.length % 2) sum += (part[part.length - 1] ?? 0) << 8;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  // Zero would mean that there is no checksum.
  return ~sum & 0xffff || 0xffff;
}

/** A datagram with UDP and IP headers. */
export function ipPacket({ from, to, protocol, ttl, tos, data }: Datagram): Buffer {
  const length = udphdr.sizeof + data.length;
  const udp = Buffer.alloc(udphdr.sizeof);
  udp.writeUInt16BE(from.port, udphdr.source);
  udp.writeUInt16BE(to.port, udphdr.dest);
  // UDP-Lite has the checksum coverage in this field; 0 means all.
  if (protocol === IPPROTO_UDP) udp.writeUInt16BE(length, udphdr.len);
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(length, 0);
  pseudo.writeUInt8(protocol, 7);
  udp.writeUInt16BE(checksum(from.address, to.address, pseudo, udp, data), udphdr.check);
  return Buffer.concat([from.address.length === 4 ? ipv4(length) : ipv6(length), udp, data]);

  function ipv4(bytes: number): Buffer {
    const header = Buffer.alloc(iphdr.sizeof);
    header.writeUInt8((4 << 4) | (iphdr.sizeof / 4), 0);
    header.writeUInt8(tos, iphdr.tos);
    header.writeUInt16BE(header.length + bytes, iphdr.tot_len);
    header.writeUInt8(ttl, iphdr.ttl);
    header.writeUInt8(protocol, iphdr.protocol);
    header.set(from.address, iphdr.saddr);
    header.set(to.address, iphdr.daddr);
    return header;
  }

  function ipv6(bytes: number): Buffer {
    const header = Buffer.alloc(ip6_hdr.sizeof);
    header.writeUInt32BE(((6 << 28) | (tos << 20)) >>> 0, ip6_hdr.ip6_flow);
    header.writeUInt16BE(bytes, ip6_hdr.ip6_plen);
    header.writeUInt8(protocol, ip6_hdr.ip6_nxt);
    header.writeUInt8(ttl, ip6_hdr.ip6_hlim);
    header.set(from.address, ip6_hdr.ip6_src);
    header.set(to.address, ip6_hdr.ip6_dst);
    return header;
  }
}

/** Converts the words of an image, which are in host byte order. */
function bytesOf(words: readonly number[], family: number): Buffer {
  return plain(addressOfWords(family, words));
}

/**
 * An address of the loopback device. The IPv4 one is unusual, so that no other socket is bound to it and would receive
 * what is sent there.
 */
function loopback(size: number): Buffer {
  return size === 4 ? Buffer.from([127, 83, 71, 1]) : Buffer.from([...Buffer.alloc(15), 1]);
}

/** The datagram for a packet of the image. @throws CriuError BAD_IMAGE */
export function datagramOf(socket: InetSkEntry, { entry, payload }: Packet): Datagram {
  const { addr, dst, ttl = HOPS, tos = 0 } = entry;
  // The image has the sender's address without its family.
  const sender = addr && Buffer.concat([Buffer.alloc(sockaddr.sa_data), addr]);
  const layout = addressLayout(socket.family);
  if (
    !sender ||
    sender.length < layout.address + layout.length ||
    (dst && dst.length !== 4 && dst.length !== 16)
  )
    throw new CriuError('BAD_IMAGE', `a datagram for internet socket ${socket.id} has no whole address`, {
      file: 'sk-queues.img',
    });
  const from = plain(addressIn(socket.family, sender));
  const own = bytesOf(socket.src_addr, socket.family);
  const bound = own.length === from.length && own.some((byte) => byte !== 0) ? own : loopback(from.length);
  const given = dst && plain(dst);
  return {
    from: { address: from, port: sender.readUInt16BE(layout.port) },
    to: { address: given?.length === from.length ? given : bound, port: socket.src_port },
    protocol: socket.proto,
    ttl,
    tos,
    data: payload ?? Buffer.alloc(0),
  };
}

function send(p: Program, raw: number, datagram: Datagram, label: string): void {
  const packet = ipPacket(datagram);
  const { address } = datagram.to;
  const to = socketAddress(address.length === 4 ? AF_INET : AF_INET6, address);
  p.syscall('sendto', [raw, p.data(packet), packet.length, MSG_DONTWAIT, p.data(to), to.length], {
    expect: packet.length,
    label,
  });
}

/** A bound UDP socket, with its descriptor number in the task that has created it. */
interface Bound {
  readonly plan: TaskPlan;
  readonly socket: InetSkEntry;
  readonly fd: number;
}

interface Sockets {
  runs: readonly TaskRun[];
  readonly full: Bound[];
  /** Sockets that share a port (SO_REUSEPORT). */
  readonly sharing: Bound[];
}

const sockets = stateKey('UDP sockets', (ctx: PlanContext): Sockets => {
  const all: Sockets = { runs: [], full: [], sharing: [] };
  ctx.afterSpawn('know who has UDP sockets', (runs) => {
    all.runs = runs;
  });
  return all;
});

/** Descriptor numbers of the sending sockets, by address family. */
type Raws = Map<number, number>;

/**
 * Fills the queue of a socket. It is bound to the loopback device meanwhile, so that it precedes other sockets of the
 * same port there.
 * @param own receives descriptors of ours, to be closed when the program has run
 */
function fill(ctx: PlanContext, bound: Bound, own: number[]): Program {
  const { plan, socket, fd } = bound;
  const p = new Program(`queue of internet socket ${socket.id}`);
  const packets = queueOf(ctx, socket.id);
  const room = packets.reduce((sum, { payload }) => sum + 2 * (payload?.length ?? 0) + OVERHEAD, 0);
  const raws: Raws = new Map();
  withDescriptor(runOf(ctx, bound).hostPid, fd, (local) => {
    enlargeReceiveBuffer(local, room);
    setDevice(local, 'lo');
    for (const packet of packets) {
      const datagram = datagramOf(socket, packet);
      send(p, rawSocket(p, plan, raws, { local, datagram }, own), datagram, p.title);
    }
  });
  const poll = Buffer.alloc(pollfd.sizeof);
  poll.writeInt32LE(fd, pollfd.fd);
  poll.writeInt16LE(POLLIN, pollfd.events);
  p.syscall('poll', [p.data(poll), 1, ARRIVAL_MS], { expect: 1, label: `${p.title} is there again` });
  for (const raw of raws.values()) p.syscall('close', [raw]);
  return p;
}

/** Binds a socket of ours to a device, or to none; its task need not have the privileges for that. @throws SysError */
function setDevice(local: number, device: string): void {
  setOwn(local, { level: SOL_SOCKET, name: SO_BINDTODEVICE, value: cstring(device) });
}

/** Creates a raw socket in the network namespace of a socket of ours; its packets pass locks. @throws SysError */
function rawBeside(local: number, family: number): number {
  const netns = sys('ioctl', local, SIOCGSKNS);
  try {
    const raw = socketIn(netns, family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    sysRaw('setsockopt', raw, SOL_SOCKET, SO_MARK, new Int32Array([SOCCR_MARK]), 4);
    setDevice(raw, 'lo');
    return raw;
  } finally {
    close(netns);
  }
}

interface ToSend {
  /** Our copy of the receiving socket. */
  readonly local: number;
  readonly datagram: Datagram;
}

/** A socket that sends complete IP packets. With any addresses, they do not leave this machine. */
function rawSocket(
  p: Program,
  plan: TaskPlan,
  raws: Raws,
  { local, datagram }: ToSend,
  own: number[],
): number {
  const family = datagram.to.address.length === 4 ? AF_INET : AF_INET6;
  const known = raws.get(family);
  if (known !== undefined) return known;
  const raw = plan.tempFd();
  raws.set(family, raw);
  const ours = rawBeside(local, family);
  own.push(ours);
  moveTo(p, p.fd(ours), raw);
  // Without privileges on the host, the buffer is as large as permitted, which is enough for one packet at a time.
  for (const name of [SO_SNDBUF, SO_SNDBUFFORCE]) setIfKnown(p, raw, name, SEND_BUFFER);
  return raw;
}

/** Fills the queues one after the other, when all sockets are bound and before their options are set. */
async function fillAll(ctx: PlanContext): Promise<void> {
  const { full, sharing } = ctx.states.get(sockets);
  const share = async (on: 0 | 1) => {
    for (const bound of sharing) {
      const p = new Program(`internet socket ${bound.socket.id} shares its port`);
      setOption(p, bound.fd, SO_REUSEPORT, on);
      await run(ctx, bound, p);
    }
  };
  await share(0);
  for (const bound of full) {
    const own: number[] = [];
    try {
      await run(ctx, bound, fill(ctx, bound, own));
      withDescriptor(runOf(ctx, bound).hostPid, bound.fd, (local) => setDevice(local, ''));
    } finally {
      for (const fd of own) close(fd);
    }
  }
  await share(1);
}

async function run(ctx: PlanContext, bound: Bound, program: Program): Promise<void> {
  await runOf(ctx, bound).agent.run(program);
}

function runOf(ctx: PlanContext, { plan, socket }: Bound): TaskRun {
  const found = ctx.states.get(sockets).runs.find((one) => one.plan === plan);
  if (found) return found;
  throw new CriuError('INTERNAL', `nobody has internet socket ${socket.id}`);
}

/**
 * Has the queue of a bound UDP socket filled after the phase `fixup`, if it has one.
 * @returns the phase in which its options may be set
 */
export function refillDatagrams(
  ctx: PlanContext,
  plan: TaskPlan,
  socket: InetSkEntry,
  fd: number,
): PhaseName {
  if (socket.type !== SOCK_DGRAM || !socket.src_port) return 'files';
  const { full, sharing } = ctx.states.get(sockets);
  const bound = { plan, socket, fd };
  if (socket.opts.so_reuseport) sharing.push(bound);
  const packets = queueOf(ctx, socket.id);
  if (packets.length === 0) return 'files';
  for (const packet of packets) datagramOf(socket, packet);
  if (full.length === 0) ctx.afterPhase('fixup', 'send what UDP sockets had received', () => fillAll(ctx));
  full.push(bound);
  return 'process';
}
