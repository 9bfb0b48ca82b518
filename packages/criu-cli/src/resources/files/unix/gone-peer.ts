// Datagram sockets that are connected to one that was closed: the next message that they send fails with ECONNREFUSED, which breaks
// the connection.
import { sysRaw } from '@criu/native';
import { SOCK_DGRAM, sockaddr_un } from '@criu/native/uapi';
import type { UnixSkEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import type { FileMaker } from '../kind.js';
import { address, bindForAMoment } from './bind.js';
import { newSocket } from './connected.js';

/**
 * Address of the closed socket that one of ours is connected to, without the family; undefined if there is none. The kernel still
 * tells the address, but lists no peer.
 */
export function gonePeer(fd: number): Buffer | undefined {
  const name = Buffer.alloc(sockaddr_un.sizeof);
  const length = new Int32Array([name.length]);
  if (sysRaw('getpeername', fd, name, length) < 0) return undefined;
  return name.subarray(sockaddr_un.sun_path, length[0]);
}

interface Substitute {
  readonly fd: number;
  /** Number of a descriptor of its file, if it has one. */
  readonly file: number | undefined;
}

const substitutes = stateKey(
  'substitutes for closed peers',
  (_: FileMaker) => new Map<UnixSkEntry, Substitute>(),
);

/** Creates substitutes for closed peers that had names. One with an abstract name, which may be taken, gets another. */
export function makeGonePeers(maker: FileMaker, sockets: readonly UnixSkEntry[]): void {
  const { plan } = maker;
  for (const socket of sockets) {
    const name = socket.gone_peer;
    if (socket.type !== SOCK_DGRAM || !name || name.length === 0) continue;
    const fd = plan.tempFd();
    const label = `the closed peer of Unix socket ${socket.id}`;
    newSocket(maker, socket, fd, label);
    const file = name[0] === 0 ? undefined : plan.tempFd();
    if (file !== undefined) bindForAMoment(maker, fd, Buffer.from(name), file);
    else {
      const p = plan.program('files');
      p.syscall('bind', [fd, ...address(p, Buffer.alloc(0))], { label });
    }
    maker.states.get(substitutes).set(socket, { fd, file });
  }
}

/** Connects sockets to the substitutes and closes these, when nobody else has to send to the sockets any more. */
export function loseGonePeers(maker: FileMaker): void {
  for (const [socket, { fd, file }] of maker.states.get(substitutes)) {
    const p = maker.plan.program('fixup');
    const label = `connect Unix socket ${socket.id} to one that is closed then`;
    if (file !== undefined) {
      p.syscall('connect', [maker.temp(socket.id), ...address(p, Buffer.from(`/proc/self/fd/${file}\0`))], {
        label,
      });
      p.syscall('close', [file]);
    } else {
      const name = p.data(sockaddr_un.sizeof);
      const length = p.i32(name.size);
      p.syscall('getsockname', [fd, name, length], { label });
      p.syscall('connect', [maker.temp(socket.id), name, p.load32(length)], { label });
    }
    p.syscall('close', [fd]);
  }
}
