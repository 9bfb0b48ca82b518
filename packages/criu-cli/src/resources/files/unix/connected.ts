// Connects Unix sockets: as a pair (socketpair(2)), or by connecting and accepting.

import {
  AF_UNIX,
  F_SETFL,
  O_NONBLOCK,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SO_PASSRIGHTS,
  SO_PASSSEC,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  TCP_ESTABLISHED,
  TCP_LISTEN,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { UnixSkEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { mayEnter, otherNetwork, within } from '../../../views/planned-networks.js';
import { moveTo, SETFL_MASK } from '../common.js';
import { missingInherited } from '../inherit.js';
import type { FileMaker } from '../kind.js';
import { makeSocket } from '../sockets/make.js';
import { queueOf } from '../sockets/queue-restore.js';
import { setIfKnown } from '../sockets/restore.js';
import { answer } from './answered.js';
import { address, bindForAMoment, enterFolder } from './bind.js';
import type { Cluster } from './cluster.js';
import { inheritKey, nameKey, peerOf, socketPath, USK } from './graph.js';
import { actAs, type Work } from './impersonate.js';
import { type GoneSenders, unconnectedPackets } from './senders.js';

/** Options for receiving that a connection inherits from the listening socket, with the values of a new socket. */
const ASKS: readonly (readonly [name: number, initial: number])[] = [
  [SO_PASSCRED, 0],
  [SO_PASSSEC, 0],
  [SO_PASSPIDFD, 0],
  [SO_PASSRIGHTS, 1],
];

interface Made {
  /** Numbers of descriptors that hold the file of a deleted name. */
  readonly ghosts: Map<UnixSkEntry, number>;
  /** Number of the other end for sockets whose peer has ended. */
  readonly lost: Map<UnixSkEntry, number>;
  readonly gone: GoneSenders;
  /** The sockets to create; computed on demand. */
  cluster?: Cluster;
}

const made = stateKey(
  'Unix sockets of a cluster',
  (_: FileMaker): Made => ({ ghosts: new Map(), lost: new Map(), gone: new Map() }),
);

export function isPair(a: UnixSkEntry, b: UnixSkEntry | undefined): b is UnixSkEntry {
  return b !== undefined && a !== b && b.peer === a.ino && b.state !== TCP_LISTEN;
}

export function stateOf(maker: FileMaker): Made {
  return maker.states.get(made);
}

/**
 * Whether two sockets are created as a connected pair. Datagram sockets that were connected by name, after others had
 * sent to them, are connected when those messages have been sent again.
 */
export function bornTogether(maker: FileMaker, a: UnixSkEntry, b: UnixSkEntry | undefined): b is UnixSkEntry {
  if (!isPair(a, b)) return false;
  if (a.name.length === 0 || b.name.length === 0) return true;
  if (a.type !== SOCK_DGRAM) return true;
  return unconnectedPackets(maker, a, b).length === 0 && unconnectedPackets(maker, b, a).length === 0;
}

/**
 * The two sockets of a cluster that is a connected pair without names, which one socketpair(2) creates. Where there are thousands of
 * Unix sockets, most are such pairs. Only their options and queues are left to be restored then.
 */
export function plainPair({ sockets }: Cluster): readonly [UnixSkEntry, UnixSkEntry] | undefined {
  const [a, b] = sockets;
  return a && b && sockets.length === 2 && isPlainPair(a, b) ? [a, b] : undefined;
}

/** Whether two sockets are a connected pair without names. */
export function isPlainPair(a: UnixSkEntry, b: UnixSkEntry): boolean {
  if (a.uflags || b.uflags || a.name.length > 0 || b.name.length > 0) return false;
  return isPair(a, b) && isPair(b, a);
}

/** Creates two connected sockets, by the process in SO_PEERCRED of the first one, in its network namespace. */
function pair(
  { ctx, plan }: FileMaker,
  { type, peer_cred: by, ns_id }: UnixSkEntry,
  ends: readonly [number, number],
  label: string,
): void {
  const work: Work = (p, [netns]) => {
    const two = p.data(8);
    const make = () => p.syscall('socketpair', [AF_UNIX, type | SOCK_CLOEXEC, 0, two], { label });
    if (netns === undefined) make();
    else within(p, netns, make);
    return [p.load32(two), p.load32(p.at(two, 4))];
  };
  const slot = otherNetwork(ctx, plan, ns_id);
  if (slot) mayEnter(ctx, plan, ns_id);
  const takes = slot ? [plan.tempFd()] : [];
  for (const fd of takes) if (slot) plan.take('files', slot, fd);
  actAs(ctx, plan, by, { phase: 'files', label, takes, gives: ends, work });
}

/** Whether the socket had a peer that has ended. */
function hadPeer(maker: FileMaker, socket: UnixSkEntry): boolean {
  if (socket.state === TCP_LISTEN || isPair(socket, peerOf(maker.ctx, socket))) return false;
  if (socket.type !== SOCK_DGRAM) return socket.state === TCP_ESTABLISHED && !socket.peer;
  if (socket.gone_peer?.length === 0) return true;
  // Without a name, it could receive messages from its peer only.
  return queueOf(maker.ctx, socket.id).length > 0 && socket.name.length === 0;
}

/** Creates a socket together with a substitute for its ended peer. */
function createWithPeer(maker: FileMaker, socket: UnixSkEntry, cluster: Cluster): void {
  const { plan, temp } = maker;
  const other = plan.tempFd();
  const label = `Unix socket ${socket.id}, whose peer is gone`;
  stateOf(maker).lost.set(socket, other);
  if (listenerOf(socket, cluster)) newSocket(maker, socket, other, `peer of ${label}`);
  else pair(maker, socket, [temp(socket.id), other], label);
}

/** Gives the substitutes the addresses from which messages came. */
export function nameLost(maker: FileMaker): void {
  const { lost } = stateOf(maker);
  for (const [socket, other] of lost) {
    const name = queueOf(maker.ctx, socket.id).find(({ entry }) => entry.addr?.length)?.entry.addr;
    if (name) bindForAMoment(maker, other, name);
  }
}

/**
 * The listening socket that has accepted a connection. The connection has its name, to which two sockets cannot be
 * bound.
 */
function listenerOf(socket: UnixSkEntry, cluster: Cluster): UnixSkEntry | undefined {
  const name = nameKey(socket);
  if (name === undefined || socket.type === SOCK_DGRAM || socket.state !== TCP_ESTABLISHED) return undefined;
  if (socket.peer && !isPair(socket, cluster.byInode(socket.peer))) return undefined;
  return cluster.listenersOf(socket).find(({ type }) => type === socket.type);
}

/** Connects the other end and accepts the connection, before there are other pending ones. */
export function accept(maker: FileMaker, socket: UnixSkEntry, cluster: Cluster): void {
  const listener = listenerOf(socket, cluster);
  if (!listener) return;
  const { plan, temp } = maker;
  const peer = cluster.byInode(socket.peer);
  const label = `accept Unix socket ${socket.id}`;
  const from = peer ? temp(peer.id) : stateOf(maker).lost.get(socket);
  if (from === undefined) return;
  reach(
    maker,
    from,
    listener,
    'files',
    socket.peer_cred,
    `connect Unix socket ${peer?.id ?? 'of nobody'} to ${listener.id}`,
  );
  const p = plan.program('files');
  p.syscall('fcntl', [temp(listener.id), F_SETFL, O_NONBLOCK]);
  const fd = p.syscall('accept4', [temp(listener.id), null, null, SOCK_CLOEXEC], { label });
  moveTo(p, fd, temp(socket.id));
  // The accepted socket has inherited the listener's options, which would affect messages that are sent to it now.
  for (const [name, initial] of ASKS) setIfKnown(p, temp(socket.id), name, initial);
}

/** A socket of the same type and network namespace as another one. */
export function newSocket(
  { ctx, plan }: FileMaker,
  { type, ns_id }: UnixSkEntry,
  to: number,
  label: string,
): void {
  makeSocket({ ctx, plan, network: ns_id, label }, { family: AF_UNIX, type, protocol: 0 }, to);
}

export function create(maker: FileMaker, socket: UnixSkEntry, cluster: Cluster): void {
  const { plan, temp, ctx } = maker;
  const peer = peerOf(ctx, socket);
  const label = `Unix socket ${socket.id}`;
  if (socket.uflags & USK.SERVICE) {
    const other = plan.tempFd();
    pair(maker, socket, [temp(socket.id), other], `${label}, which asked for the dump`);
    answer(maker, socket, other);
    return;
  }
  if (bornTogether(maker, socket, peer)) {
    // An accepted connection is created by accepting it.
    if (listenerOf(socket, cluster)) return;
    const accepted = listenerOf(peer, cluster);
    // The first socket of a pair creates both. An end without an owner is closed afterwards.
    const first = cluster.placeOf(socket) ?? -1;
    if (!accepted && first < (cluster.placeOf(peer) ?? Number.POSITIVE_INFINITY))
      makePair(maker, socket, peer);
    if (!accepted) return;
  }
  if (hadPeer(maker, socket)) {
    createWithPeer(maker, socket, cluster);
    return;
  }
  newSocket(maker, socket, temp(socket.id), label);
}

/**
 * Whether the socket can be bound: an accepted connection has the name of its listener, and stays without a name, since
 * two sockets cannot be bound to the same one.
 */
export function bindable(socket: UnixSkEntry, cluster: Cluster): boolean {
  const name = nameKey(socket);
  if (name === undefined) return false;
  if (socket.type === SOCK_DGRAM || socket.state !== TCP_ESTABLISHED) return true;
  // An accepted socket has its name from the listener.
  const peer = cluster.byInode(socket.peer);
  if (peer && isPair(socket, peer) && acceptedOf(socket, peer) === socket) return false;
  return !cluster.hasNamesake(socket);
}

/** Connects to a socket by its name, or by its file if that name was deleted. */
export function connect(maker: FileMaker, socket: UnixSkEntry, peer: UnixSkEntry): void {
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
  reach(
    maker,
    maker.temp(socket.id),
    peer,
    'fixup',
    socket.connected_by,
    `connect Unix socket ${socket.id} to ${peer.id}`,
  );
  maker.plan.program('fixup').syscall('fcntl', [maker.temp(socket.id), F_SETFL, socket.flags & SETFL_MASK]);
}

/**
 * Connects a socket to another one by its name, or by a descriptor of its file. The socket is left non-blocking, so
 * that a full backlog is an error and does not block.
 */
function reach(
  maker: FileMaker,
  from: number,
  peer: UnixSkEntry,
  phase: 'files' | 'fixup',
  by: readonly number[],
  label: string,
  ghost = stateOf(maker).ghosts.get(peer),
): void {
  const work: Work = (p, [fd = -1, file]) => {
    if (file === undefined) enterFolder(p, peer);
    const name = file === undefined ? peer.name : Buffer.from(`/proc/self/fd/${file}\0`);
    p.syscall('fcntl', [fd, F_SETFL, O_NONBLOCK]);
    p.syscall('connect', [fd, ...address(p, name)], { label });
    return [];
  };
  const takes = [from, ...(ghost === undefined ? [] : [ghost])];
  actAs(maker.ctx, maker.plan, by, { phase, label, takes, gives: [], work });
}

export function listen(
  { ctx, plan }: FileMaker,
  fd: number,
  backlog: number,
  by: readonly number[],
  label: string,
): void {
  const work: Work = (p, [socket = -1]) => {
    p.syscall('listen', [socket, backlog], { label });
    return [];
  };
  actAs(ctx, plan, by, { phase: 'files', label, takes: [fd], gives: [], work });
}

/**
 * Creates two connected sockets. If their peer credentials differ, one has connected to the other by way of a listener
 * that has been closed; the one with a name was accepted.
 */
export function makePair(maker: FileMaker, a: UnixSkEntry, b: UnixSkEntry): void {
  const { plan, temp } = maker;
  const label = `Unix socket ${a.id} and ${b.id}`;
  const accepted = acceptedOf(a, b);
  if (!accepted) {
    pair(maker, a, [temp(a.id), temp(b.id)], label);
    return;
  }
  const client = accepted === a ? b : a;
  const [listener, file] = [plan.tempFd(), plan.tempFd()];
  newSocket(maker, accepted, listener, `what listened for ${label}`);
  newSocket(maker, client, temp(client.id), label);
  bindForAMoment(maker, listener, accepted.name, file);
  listen(maker, listener, 1, client.peer_cred, label);
  const held = socketPath(accepted) ? file : undefined;
  reach(maker, temp(client.id), accepted, 'files', accepted.peer_cred, label, held);
  const p = plan.program('files');
  p.syscall('fcntl', [listener, F_SETFL, O_NONBLOCK]);
  moveTo(p, p.syscall('accept4', [listener, null, null, SOCK_CLOEXEC], { label }), temp(accepted.id));
  for (const fd of [listener, ...(held === undefined ? [] : [held])]) p.syscall('close', [fd]);
}

/** The accepted one of two connected sockets, if their peer credentials differ. */
function acceptedOf(a: UnixSkEntry, b: UnixSkEntry): UnixSkEntry | undefined {
  if (a.type === SOCK_DGRAM || a.peer_cred.join() === b.peer_cred.join()) return undefined;
  const named = [a, b].filter(({ name }) => name.length > 0);
  // The kernel creates the accepted socket after the connecting one.
  return named.sort((x, y) => y.ino - x.ino)[0];
}
