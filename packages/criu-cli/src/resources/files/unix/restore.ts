// unix(7): one task creates all sockets of a cluster, binds and connects them, and refills their queues.

import {
  F_SETFL,
  SO_PASSCRED,
  SO_PASSSEC,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  TCP_LISTEN,
} from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { FileEntry, FileOf, SkOptsEntry, UnixSkEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { isLimited } from '../../../views/planned-users.js';
import { SETFL_MASK, setOwner } from '../common.js';
import { anyInherited, inheritedSlot } from '../inherit.js';
import type { FileMaker, FileRestore } from '../kind.js';
import { pluginSlot } from '../plugin-slot.js';
import { setMoreOptions } from '../sockets/more-options.js';
import { filesInFlight, makeRoom, queueOf, sendPacket } from '../sockets/queue-restore.js';
import { setOption, setSocketOptions } from '../sockets/restore.js';
import { bindSocket, freeName, needsHold } from './bind.js';
import { Cluster } from './cluster.js';
import {
  accept,
  bindable,
  bornTogether,
  connect,
  create,
  isPair,
  isPlainPair,
  listen,
  makePair,
  nameLost,
  plainPair,
  stateOf,
} from './connected.js';
import { loseGonePeers, makeGonePeers } from './gone-peer.js';
import { clusterOf, inheritKey, nameKey, peerOf, socketPath, USK } from './graph.js';
import { closeGoneSenders, makeGoneSenders, sendUnconnected, unconnectedPackets } from './senders.js';

const SHUT_BOTH = 3;

function check(socket: UnixSkEntry): void {
  if (socket.type !== SOCK_STREAM && socket.type !== SOCK_DGRAM && socket.type !== SOCK_SEQPACKET)
    throw new CriuError('BAD_IMAGE', `Unix socket ${socket.ino} has type ${socket.type}`, {
      file: 'files.img',
    });
}

/**
 * The order of connecting: clients of a socket connect to it before it is connected itself, while it still accepts
 * messages from all.
 */
function byNeed(cluster: Cluster): UnixSkEntry[] {
  const order: UnixSkEntry[] = [];
  const seen = new Set<UnixSkEntry>();
  const visit = (socket: UnixSkEntry) => {
    if (seen.has(socket)) return;
    seen.add(socket);
    for (const other of cluster.clientsOf(socket)) visit(other);
    order.push(socket);
  };
  for (const socket of cluster.sockets) visit(socket);
  return order;
}

/** Sockets given by the caller (`--inherit-fd`): they keep their connections, options and queues. */
function takeGiven({ ctx, plan, temp }: FileMaker, socket: UnixSkEntry): void {
  const slot = anyInherited(ctx) ? inheritedSlot(ctx, inheritKey(socket)) : undefined;
  if (!slot) {
    if (socket.uflags & USK.CALLBACK) takeFromPlugin({ ctx, plan, temp }, socket);
    return;
  }
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

/** A plugin creates the socket and connects it. */
function takeFromPlugin(
  { ctx, plan, temp }: Pick<FileMaker, 'ctx' | 'plan' | 'temp'>,
  socket: UnixSkEntry,
): void {
  const about = `Unix socket ${socket.ino}`;
  freeName({ ctx, plan }, socket);
  plan.take('files', pluginSlot(ctx, 'RESTORE_UNIX_SK', { args: [socket.ino], about }), temp(socket.id));
  const p = plan.program('fixup');
  p.syscall('fcntl', [temp(socket.id), F_SETFL, socket.flags & SETFL_MASK]);
  setOwner(p, temp(socket.id), socket.fown);
}

/** The cluster of the sockets to create. */
function toMake(maker: FileMaker, entries: readonly FileEntry[]): Cluster {
  const state = stateOf(maker);
  if (state.cluster) return state.cluster;
  const given = anyInherited(maker.ctx);
  const sockets: UnixSkEntry[] = [];
  for (const { usk } of entries)
    if (usk && !(usk.uflags & (USK.EXTERN | USK.CALLBACK)))
      if (!given || !inheritedSlot(maker.ctx, inheritKey(usk))) sockets.push(usk);
  for (const socket of sockets) check(socket);
  state.cluster = new Cluster(maker.ctx, sockets);
  return state.cluster;
}

/** Sends messages that were sent while the receiver was not connected. */
function fillUnconnected(maker: FileMaker, cluster: Cluster): Set<UnixSkEntry> {
  const { gone, ghosts } = stateOf(maker);
  const filled = new Set<UnixSkEntry>();
  for (const socket of cluster.sockets) {
    const peer = peerOf(maker.ctx, socket);
    const packets = unconnectedPackets(maker, socket, isPair(socket, peer) ? peer : undefined);
    sendUnconnected(maker, gone, socket, packets, cluster, ghosts.get(socket));
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
  makeRoom(ctx, { plan, from }, packets);
  for (const packet of packets) sendPacket(ctx, packet, socket.type, { plan, from, fdOf: temp });
}

/**
 * Restores the remaining state of a socket that is connected and has its queue: options, shutdown, status flags and
 * owner.
 * @param asMade options and status flags still have the values after socketpair(2)
 */
function finish({ ctx, plan, temp }: FileMaker, socket: UnixSkEntry, asMade: boolean): void {
  const fd = temp(socket.id);
  setSocketOptions({ ctx, plan, phase: 'fixup' }, fd, socket.opts, { asMade });
  const p = plan.program('fixup');
  const { shutdown } = socket;
  // A socket without peer is shut down already.
  if (shutdown && !(shutdown === SHUT_BOTH && !socket.peer && socket.type !== SOCK_DGRAM))
    p.syscall('shutdown', [fd, shutdown - 1], { expect: 'any', label: () => `shutdown of ${socket.id}` });
  // Set last, so that messages sent here do not signal the owner.
  const flags = socket.flags & SETFL_MASK;
  if (flags !== 0 || !asMade) p.syscall('fcntl', [fd, F_SETFL, flags]);
  setOwner(p, fd, socket.fown);
}

/** Options of sockets by number: those of thousands of sockets that have the same are one object. */
const optionSorts = stateKey('sorts of options', (_: PlanContext) => new Map<SkOptsEntry, number>());

function sortOf(ctx: PlanContext, { usk }: FileOf<'usk'>): string {
  const { type, flags, shutdown, ns_id, peer_cred, fown, opts } = usk;
  const numbers = ctx.states.get(optionSorts);
  let number = numbers.get(opts);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(opts, number);
  }
  return `${type} ${flags} ${shutdown} ${ns_id} ${peer_cred} ${fown.pid} ${fown.pid_type} ${fown.signum} ${number}`;
}

export const unixRestore: FileRestore<'usk'> = {
  group: (entry, ctx) => clusterOf(ctx, entry),
  /** Of connected pairs without names and messages. Calls that are limited have errors of their own for each descriptor. */
  sort({ ctx }, entries) {
    const [a, b] = entries;
    if (!b || entries.length > 2 || anyInherited(ctx) || isLimited(ctx)) return undefined;
    if (!isPlainPair(a.usk, b.usk) || peerOf(ctx, a.usk) !== b.usk || peerOf(ctx, b.usk) !== a.usk)
      return undefined;
    if (queueOf(ctx, a.id).length + queueOf(ctx, b.id).length > 0) return undefined;
    return `${sortOf(ctx, a)}, ${sortOf(ctx, b)}`;
  },
  carries: (entry, ctx) => filesInFlight(ctx, entry.id),
  make(maker, entries) {
    const { plan, temp } = maker;
    for (const { usk } of entries) if (usk && !(usk.uflags & USK.EXTERN)) takeGiven(maker, usk);
    const cluster = toMake(maker, entries);
    const { sockets } = cluster;
    const two = plainPair(cluster);
    if (two) {
      makePair(maker, ...two);
      return;
    }
    for (const socket of sockets) create(maker, socket, cluster);
    // Deleted names come first, as another socket may have the same name now.
    const deleted = (s: UnixSkEntry) => s.deleted === true && socketPath(s) !== undefined;
    const bound = sockets.filter((s) => s.name.length > 0 && bindable(s, cluster));
    for (const socket of [...bound.filter(deleted), ...bound.filter((s) => !deleted(s))]) {
      let ghost: number | undefined;
      if (needsHold(maker, socket)) {
        ghost = plan.tempFd();
        stateOf(maker).ghosts.set(socket, ghost);
      }
      if (socket.opts.reuseaddr) setOption(plan.program('files'), temp(socket.id), SO_REUSEADDR, 1);
      bindSocket(maker, temp(socket.id), socket, ghost, deleted(socket));
    }
    for (const socket of sockets) {
      if (socket.state !== TCP_LISTEN) continue;
      listen(maker, temp(socket.id), socket.backlog, socket.peer_cred, `listen on ${nameKey(socket)}`);
      const p = plan.program('files');
      // Pending connections inherit these options from the listening socket.
      if (socket.opts.so_passcred) setOption(p, temp(socket.id), SO_PASSCRED, 1);
      if (socket.opts.so_passsec) setOption(p, temp(socket.id), SO_PASSSEC, 1);
      setMoreOptions({ ctx: maker.ctx, plan, phase: 'files' }, temp(socket.id), socket.opts, ['late']);
    }
    for (const socket of sockets) accept(maker, socket, cluster);
    nameLost(maker);
    makeGonePeers(maker, sockets);
    for (const socket of sockets) {
      const peer = peerOf(maker.ctx, socket);
      const packets = unconnectedPackets(maker, socket, isPair(socket, peer) ? peer : undefined);
      makeGoneSenders(maker, stateOf(maker).gone, socket, packets, cluster);
    }
  },

  fixup(maker, entries) {
    const { plan, temp, ctx } = maker;
    const cluster = toMake(maker, entries);
    const { sockets } = cluster;
    const two = plainPair(cluster);
    if (two?.every(({ id }) => queueOf(ctx, id).length === 0)) {
      for (const socket of two) finish(maker, socket, true);
      return;
    }
    const filled = fillUnconnected(maker, cluster);
    const fillOnce = (socket: UnixSkEntry, from: number) => {
      if (filled.has(socket)) return;
      filled.add(socket);
      fill(maker, socket, from);
    };
    for (const socket of byNeed(cluster)) {
      const peer = peerOf(ctx, socket);
      const lost = stateOf(maker).lost.get(socket);
      if (lost !== undefined) {
        fillOnce(socket, lost);
        // Closing it with unread data gives the other end ECONNRESET.
        if (socket.reset) unread(maker, socket);
        plan.program('fixup').syscall('close', [lost]);
      }
      if (!peer) continue;
      if (!bornTogether(maker, socket, peer)) connect(maker, socket, peer);
      if (peer.state !== TCP_LISTEN && cluster.placeOf(peer) !== undefined) fillOnce(peer, temp(socket.id));
    }
    loseGonePeers(maker);
    for (const socket of sockets) {
      if (queueOf(ctx, socket.id).length > 0 && !filled.has(socket))
        throw new CriuError('UNSUPPORTED', `nobody can fill the queue of Unix socket ${socket.ino}`, {
          file: 'sk-queues.img',
        });
      finish(maker, socket, two !== undefined);
    }
  },
};
