// unix(7): one task makes all sockets of a cluster, binds them, connects them, and fills their queues again.

import { CriuError } from '../../../errors.js';
import type { FileEntry, UnixSkEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { F_SETFL, moveTo, SETFL_MASK, setOwner } from '../common.js';
import { inheritedSlot, missingInherited } from '../inherit.js';
import type { FileMaker, FileRestore } from '../kind.js';
import { SO, SOCK, STATE } from '../sockets/options.js';
import { filesInFlight, makeRoom, queueOf, sendPacket } from '../sockets/queue-restore.js';
import { setIfKnown, setMoreOptions, setOption, setSocketOptions } from '../sockets/restore.js';
import { answer } from './answered.js';
import { address, bindForAMoment, bindSocket, enterFolder } from './bind.js';
import { clusterOf, nameKey, peerOf, socketPath, USK } from './graph.js';
import {
  closeGoneSenders,
  type GoneSenders,
  makeGoneSenders,
  sendUnconnected,
  unconnectedPackets,
} from './senders.js';

const AF_UNIX = 1;
const SOCK_CLOEXEC = 0o2000000;
const SHUT_BOTH = 3;
/** What a receiver asks of senders, and a connection inherits from the socket it comes by; as a new socket has it. */
const ASKS: readonly (readonly [name: number, initial: number])[] = [
  [SO.PASSCRED, 0],
  [SO.PASSSEC, 0],
  [SO.PASSPIDFD, 0],
  [SO.PASSRIGHTS, 1],
];

interface Made {
  /** Numbers of descriptors that hold the file of a deleted name. */
  readonly ghosts: Map<UnixSkEntry, number>;
  /** The other end of sockets whose real one is gone. */
  readonly lost: Map<UnixSkEntry, number>;
  readonly gone: GoneSenders;
}

const made = stateKey(
  'Unix sockets of a cluster',
  (_: FileMaker): Made => ({ ghosts: new Map(), lost: new Map(), gone: new Map() }),
);

function isPair(a: UnixSkEntry, b: UnixSkEntry | undefined): b is UnixSkEntry {
  return b !== undefined && a !== b && b.peer === a.ino && b.state !== STATE.LISTEN;
}

function stateOf(maker: FileMaker): Made {
  return maker.states.get(made);
}

/**
 * Two sockets that are born connected. Datagram sockets which found each other by name, after others had sent to them,
 * are connected when what these had sent is there again.
 */
function bornTogether(maker: FileMaker, a: UnixSkEntry, b: UnixSkEntry | undefined): b is UnixSkEntry {
  if (!isPair(a, b)) return false;
  if (a.name.length === 0 || b.name.length === 0) return true;
  return unconnectedPackets(maker, a, b).length === 0 && unconnectedPackets(maker, b, a).length === 0;
}

function check(socket: UnixSkEntry): void {
  if (socket.uflags & USK.CALLBACK)
    throw new CriuError('UNSUPPORTED', `Unix socket ${socket.ino} belongs to a plugin`, {
      file: 'files.img',
    });
  if (socket.type !== SOCK.STREAM && socket.type !== SOCK.DGRAM && socket.type !== SOCK.SEQPACKET)
    throw new CriuError('BAD_IMAGE', `Unix socket ${socket.ino} has type ${socket.type}`, {
      file: 'files.img',
    });
}

function pair({ plan }: FileMaker, type: number, ends: readonly [number, number], label: string): void {
  const p = plan.program('files');
  const two = p.data(8);
  p.syscall('socketpair', [AF_UNIX, type | SOCK_CLOEXEC, 0, two], { label });
  moveTo(p, p.load32(two), ends[0]);
  moveTo(p, p.load32(p.at(two, 4)), ends[1]);
}

/** Whether it was born with a peer that is gone. */
function hadPeer(maker: FileMaker, socket: UnixSkEntry): boolean {
  if (socket.state === STATE.LISTEN || isPair(socket, peerOf(maker.ctx, socket))) return false;
  if (socket.type !== SOCK.DGRAM) return socket.state === STATE.ESTABLISHED && !socket.peer;
  // Without a name it could get messages from no other.
  return queueOf(maker.ctx, socket.id).length > 0 && socket.name.length === 0;
}

/** Makes a socket along with the peer that is gone, which has the address that messages from it have. */
function createWithPeer(maker: FileMaker, socket: UnixSkEntry): void {
  const other = maker.plan.tempFd();
  pair(maker, socket.type, [maker.temp(socket.id), other], `Unix socket ${socket.id}, whose peer is gone`);
  stateOf(maker).lost.set(socket, other);
}

/** Gives peers that are gone the addresses that messages from them have. */
function nameLost(maker: FileMaker): void {
  for (const [socket, other] of stateOf(maker).lost) {
    const name = queueOf(maker.ctx, socket.id).find(({ entry }) => entry.addr?.length)?.entry.addr;
    if (name) bindForAMoment(maker, other, name);
  }
}

/** The socket by which a connection was accepted: it has its name from there, which two cannot be bound to. */
function listenerOf(socket: UnixSkEntry, sockets: readonly UnixSkEntry[]): UnixSkEntry | undefined {
  const name = nameKey(socket);
  if (name === undefined || socket.type === SOCK.DGRAM || socket.state !== STATE.ESTABLISHED)
    return undefined;
  if (!sockets.some((s) => s.ino === socket.peer && isPair(socket, s))) return undefined;
  return sockets.find((s) => s.state === STATE.LISTEN && s.type === socket.type && nameKey(s) === name);
}

/** Connects the other end, and accepts that, before there are others that wait. */
function accept(maker: FileMaker, socket: UnixSkEntry, sockets: readonly UnixSkEntry[]): void {
  const listener = listenerOf(socket, sockets);
  if (!listener) return;
  const peer = sockets.find((s) => s.ino === socket.peer);
  if (!peer) return;
  connect(maker, peer, listener, 'files');
  const p = maker.plan.program('files');
  const fd = p.syscall('accept4', [maker.temp(listener.id), null, null, SOCK_CLOEXEC], {
    label: `accept Unix socket ${socket.id}`,
  });
  moveTo(p, fd, maker.temp(socket.id));
  // It comes with what the listening one has asked for; what is sent to it now must not be sent otherwise for that.
  for (const [name, initial] of ASKS) setIfKnown(p, maker.temp(socket.id), name, initial);
}

function create(maker: FileMaker, socket: UnixSkEntry, sockets: readonly UnixSkEntry[]): void {
  const { plan, temp, ctx } = maker;
  const peer = peerOf(ctx, socket);
  const label = `Unix socket ${socket.id}`;
  if (socket.uflags & USK.SERVICE) {
    const other = plan.tempFd();
    pair(maker, socket.type, [temp(socket.id), other], `${label}, which asked for the dump`);
    answer(maker, socket, other);
    return;
  }
  if (bornTogether(maker, socket, peer)) {
    // An accepted connection is made by accepting it.
    if (listenerOf(socket, sockets)) return;
    const accepted = listenerOf(peer, sockets);
    // The other end is made along with the first of the two, and dropped if it is nobody's.
    if (!accepted && (!sockets.includes(peer) || sockets.indexOf(socket) < sockets.indexOf(peer)))
      pair(maker, socket.type, [temp(socket.id), temp(peer.id)], `${label} and ${peer.id}`);
    if (!accepted) return;
  }
  if (hadPeer(maker, socket)) {
    createWithPeer(maker, socket);
    return;
  }
  const p = plan.program('files');
  const fd = p.syscall('socket', [AF_UNIX, socket.type | SOCK_CLOEXEC, 0], { label });
  moveTo(p, fd, temp(socket.id));
}

/**
 * A connection that was accepted has the name of the socket it came by, and two sockets cannot be bound to one name:
 * it goes without.
 */
function bindable(socket: UnixSkEntry, sockets: readonly UnixSkEntry[]): boolean {
  const name = nameKey(socket);
  if (name === undefined) return false;
  if (socket.type === SOCK.DGRAM || socket.state !== STATE.ESTABLISHED) return true;
  return !sockets.some((s) => s !== socket && nameKey(s) === name);
}

/** Connects to a socket by its name, or by its file when that name is deleted. */
function connect(
  maker: FileMaker,
  socket: UnixSkEntry,
  peer: UnixSkEntry,
  phase: 'files' | 'fixup' = 'fixup',
): void {
  if (peer.uflags & USK.EXTERN && peer.name.length === 0) {
    missingInherited(maker.ctx, inheritKey(socket), 'what a Unix socket is connected to');
    return;
  }
  if (peer.uflags & USK.EXTERN && !maker.ctx.options.extUnixSk)
    throw new CriuError(
      'BAD_OPTION',
      `a Unix socket is connected to ${nameKey(peer)}, which is not in the checkpoint`,
      { pid: maker.plan.pid },
      `allow it with --ext-unix-sk, or give another with --inherit-fd 'fd[N]:${inheritKey(socket)}'`,
    );
  if (peer.name.length === 0)
    throw new CriuError('UNSUPPORTED', `the peer of Unix socket ${socket.ino} has no name`, {
      file: 'files.img',
    });
  const p = maker.plan.program(phase);
  const ghost = stateOf(maker).ghosts.get(peer);
  let name: Uint8Array = peer.name;
  if (ghost !== undefined) name = Buffer.from(`/proc/self/fd/${ghost}\0`);
  else enterFolder(p, peer);
  p.syscall('connect', [maker.temp(socket.id), ...address(p, name)], {
    label: `connect Unix socket ${socket.id} to ${peer.id}`,
  });
}

/** Everything that connects to a socket does so before it connects elsewhere: then it still takes from anybody. */
function byNeed(maker: FileMaker, sockets: readonly UnixSkEntry[]): UnixSkEntry[] {
  const order: UnixSkEntry[] = [];
  const seen = new Set<UnixSkEntry>();
  const visit = (socket: UnixSkEntry) => {
    if (seen.has(socket)) return;
    seen.add(socket);
    for (const other of sockets) if (peerOf(maker.ctx, other) === socket) visit(other);
    order.push(socket);
  };
  for (const socket of sockets) visit(socket);
  return order;
}

function inheritKey(socket: UnixSkEntry): string {
  return `socket:[${socket.ino}]`;
}

/** Those that whoever restores has made already: they keep their connections, options and queues. */
function takeGiven({ ctx, plan, temp }: FileMaker, socket: UnixSkEntry): void {
  const slot = inheritedSlot(ctx, inheritKey(socket));
  if (!slot) return;
  const peer = peerOf(ctx, socket);
  if (peer && isPair(socket, peer) && !inheritedSlot(ctx, inheritKey(peer)))
    throw new CriuError(
      'BAD_OPTION',
      `Unix socket ${socket.ino} is connected to ${peer.ino} of the checkpoint, and another is given for it`,
      { pid: plan.pid },
      `leave out --inherit-fd for ${inheritKey(socket)}, or give one for ${inheritKey(peer)} too`,
    );
  const lost = queueOf(ctx, socket.id).length;
  if (lost > 0)
    ctx.log.warn(`${inheritKey(socket)} is inherited: ${lost} packets for the dumped one are dropped`);
  plan.take('files', slot, temp(socket.id));
}

/** The sockets that have to be made. */
function toMake(maker: FileMaker, entries: readonly FileEntry[]): UnixSkEntry[] {
  return entries
    .flatMap(({ usk }) => (usk ? [usk] : []))
    .filter((s) => !(s.uflags & USK.EXTERN) && !inheritedSlot(maker.ctx, inheritKey(s)));
}

/** Sends what was sent while the receiver was connected to nobody. */
function fillUnconnected(maker: FileMaker, sockets: readonly UnixSkEntry[]): Set<UnixSkEntry> {
  const { gone, ghosts } = stateOf(maker);
  const filled = new Set<UnixSkEntry>();
  for (const socket of sockets) {
    const peer = peerOf(maker.ctx, socket);
    const packets = unconnectedPackets(maker, socket, isPair(socket, peer) ? peer : undefined);
    sendUnconnected(maker, gone, socket, packets, sockets, ghosts.get(socket));
    if (packets.length > 0 && packets.length === queueOf(maker.ctx, socket.id).length) filled.add(socket);
  }
  closeGoneSenders(maker, gone);
  return filled;
}

function unread({ plan, temp }: FileMaker, socket: UnixSkEntry): void {
  const p = plan.program('fixup');
  p.syscall('write', [temp(socket.id), p.data(1), 1], {
    expect: 1,
    label: `what the peer of Unix socket ${socket.id} had not read`,
  });
}

/** Sends the queue from a connected socket. */
function fill(maker: FileMaker, socket: UnixSkEntry, from: number): void {
  const { ctx, plan, temp } = maker;
  const peer = peerOf(ctx, socket);
  const done = unconnectedPackets(maker, socket, isPair(socket, peer) ? peer : undefined).length;
  const packets = queueOf(ctx, socket.id).slice(done);
  if (packets.length === 0) return;
  makeRoom({ plan, from }, packets);
  for (const packet of packets) sendPacket(ctx, packet, socket.type, { plan, from, fdOf: temp });
}

export const unixRestore: FileRestore<'usk'> = {
  group: (entry, ctx) => clusterOf(ctx, entry),
  carries: (entry, ctx) => filesInFlight(ctx, entry.id),
  make(maker, entries) {
    const { plan, temp } = maker;
    for (const { usk } of entries) if (usk && !(usk.uflags & USK.EXTERN)) takeGiven(maker, usk);
    const sockets = toMake(maker, entries);
    for (const socket of sockets) check(socket);
    for (const socket of sockets) create(maker, socket, sockets);
    // Deleted names first: the same name may be somebody else's now.
    const deleted = (s: UnixSkEntry) => s.deleted === true && socketPath(s) !== undefined;
    const bound = sockets.filter((s) => bindable(s, sockets));
    for (const socket of [...bound.filter(deleted), ...bound.filter((s) => !deleted(s))]) {
      let ghost: number | undefined;
      if (deleted(socket)) {
        ghost = plan.tempFd();
        stateOf(maker).ghosts.set(socket, ghost);
      }
      if (socket.opts.reuseaddr) setOption(plan.program('files'), temp(socket.id), SO.REUSEADDR, 1);
      bindSocket(maker, temp(socket.id), socket, ghost);
    }
    for (const socket of sockets) {
      if (socket.state !== STATE.LISTEN) continue;
      const p = plan.program('files');
      p.syscall('listen', [temp(socket.id), socket.backlog], { label: `listen on ${nameKey(socket)}` });
      // Connections that wait to be accepted have it from here.
      if (socket.opts.so_passcred) setOption(p, temp(socket.id), SO.PASSCRED, 1);
      if (socket.opts.so_passsec) setOption(p, temp(socket.id), SO.PASSSEC, 1);
      setMoreOptions(p, temp(socket.id), socket.opts);
    }
    for (const socket of sockets) accept(maker, socket, sockets);
    nameLost(maker);
    for (const socket of sockets) {
      const peer = peerOf(maker.ctx, socket);
      const packets = unconnectedPackets(maker, socket, isPair(socket, peer) ? peer : undefined);
      makeGoneSenders(maker, stateOf(maker).gone, socket, packets, sockets);
    }
  },

  fixup(maker, entries) {
    const { plan, temp, ctx } = maker;
    const sockets = toMake(maker, entries);
    const filled = fillUnconnected(maker, sockets);
    const fillOnce = (socket: UnixSkEntry, from: number) => {
      if (filled.has(socket)) return;
      filled.add(socket);
      fill(maker, socket, from);
    };
    for (const socket of byNeed(maker, sockets)) {
      const peer = peerOf(ctx, socket);
      const lost = stateOf(maker).lost.get(socket);
      if (lost !== undefined) {
        fillOnce(socket, lost);
        // What it leaves unread is an error for the other end.
        if (socket.reset) unread(maker, socket);
        plan.program('fixup').syscall('close', [lost]);
      }
      if (!peer) continue;
      if (!bornTogether(maker, socket, peer)) connect(maker, socket, peer);
      if (peer.state !== STATE.LISTEN && sockets.includes(peer)) fillOnce(peer, temp(socket.id));
    }
    for (const socket of sockets) {
      if (queueOf(ctx, socket.id).length > 0 && !filled.has(socket))
        throw new CriuError('UNSUPPORTED', `nobody can fill the queue of Unix socket ${socket.ino}`, {
          file: 'sk-queues.img',
        });
      const p = plan.program('fixup');
      setSocketOptions(p, temp(socket.id), socket.opts);
      const { shutdown } = socket;
      // With a lost peer it is shut down already.
      if (shutdown && !(shutdown === SHUT_BOTH && !socket.peer && socket.type !== SOCK.DGRAM))
        p.syscall('shutdown', [temp(socket.id), shutdown - 1], {
          expect: 'any',
          label: `shutdown of ${socket.id}`,
        });
      // Last: messages that are sent here must not signal their owner.
      p.syscall('fcntl', [temp(socket.id), F_SETFL, socket.flags & SETFL_MASK]);
      setOwner(p, temp(socket.id), socket.fown);
    }
  },
};
