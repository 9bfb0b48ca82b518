// unix(7): pairs, connections, listening and datagram sockets, with their queues.
import { type Encodable, FdTypes, type UnixSkEntry } from '@criu/images';
import { close, decodeName, sys, sysRaw } from '@criu/native';
import { fstatSync } from '@criu/native/fs';
import {
  AF_UNIX,
  EPERM,
  F_DUPFD_CLOEXEC,
  POLLERR,
  POLLIN,
  S_IFSOCK,
  SIOCUNIXFILE,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_LISTEN,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import { networkOf } from '../../../views/networks.js';
import { ownerInside } from '../../../views/users.js';
import { externalId, isExternal } from '../../external.js';
import type { FileDump } from '../kind.js';
import { NO_OWNER, type OpenFile } from '../open-file.js';
import { nameOf, readLinkOf } from '../own-file.js';
import { insteadOfDetached, mountOf } from '../regular/mounts.js';
import { repeatsOf } from '../repeats.js';
import { type Listed, type UnixSocket, unixSockets } from '../sockets/diag.js';
import { aboutQueue, dumpQueue, unixQueue } from '../sockets/queue.js';
import { optionsEntry, optionsNumber } from '../sockets/read-options.js';
import { openFiles } from '../table.js';
import { noteBoundFile } from './bound-files.js';
import { deletedPlace, placeOf } from './bound-name.js';
import { gonePeer } from './gone-peer.js';
import { ownCredentials, peerCredentials, peerInside } from './peer-credentials.js';

const SHUT_BOTH = 3;
const USK_EXTERN = 1;
/** The socket is connected to us: the task has requested this dump by it. */
const USK_SERVICE = 2;
/** A plugin restores it. */
const USK_CALLBACK = 4;

interface State {
  readonly listed: Listed<UnixSocket>;
  readonly dumped: Set<number>;
  /** Peers that also have to be dumped, with the sockets that wait for them. */
  readonly wanted: Map<number, Waiting[]>;
  readonly described: Dumped[];
  /** Our descriptors by inode, for plugins that may handle the peer of a socket. */
  readonly held: Map<number, number>;
}

/** A dumped socket, with the addresses from which messages in its queue come. */
interface Dumped {
  readonly file: OpenFile;
  readonly socket: UnixSocket;
  readonly senders: readonly Buffer[];
  /** `peer_cred` of its entry; the pid is as we see it until all tasks are known. */
  readonly peer: number[];
}

/** A socket whose entry follows that of its peer: CRIU's restore of unlinked sockets needs this order. */
interface Waiting {
  readonly file: OpenFile;
  readonly entry: Encodable<UnixSkEntry>;
}

const sockets = stateKey(
  'Unix sockets',
  (ctx: DumpContext): State => ({
    listed: unixSockets(ctx),
    dumped: new Set(),
    wanted: new Map(),
    described: [],
    held: new Map(),
  }),
);

function stateOf(ctx: DumpContext): State {
  return ctx.states.get(sockets);
}

function refuse(file: OpenFile, reason: string, remedy?: string): never {
  throw new CriuError('UNSUPPORTED', `Unix socket: ${reason}`, { pid: file.pid, fd: file.fd }, remedy);
}

/** Permissions and folder of a socket that is bound to a path. */
function boundEntry(
  ctx: DumpContext,
  task: LiveTask,
  file: OpenFile,
  name: Buffer,
): Partial<Encodable<UnixSkEntry>> {
  if (name.length === 0 || name[0] === 0) return {};
  const fd = sysRaw('ioctl', file.local, SIOCUNIXFILE, 0);
  if (fd === -EPERM)
    throw new CriuError(
      'NOT_PERMITTED',
      'Unix socket: the file it is bound to is not told to everybody',
      { pid: file.pid, fd: file.fd },
      'this takes CAP_NET_ADMIN: give it to whoever runs criu (setpriv --ambient-caps), or run as root',
    );
  if (fd < 0) refuse(file, `cannot find the file it is bound to (errno ${-fd})`);
  try {
    const stat = fstatSync(fd, { bigint: true });
    noteBoundFile(ctx, stat);
    const link = readLinkOf(fd);
    const placed = { pid: file.pid, local: fd };
    const instead = insteadOfDetached(ctx, placed, stat.dev);
    const { path: shown, deleted } = nameOf(link, stat);
    const full = instead && instead.mountPoint !== '/' ? `${instead.mountPoint}${shown}` : shown;
    const text = name.subarray(0, name.indexOf(0) < 0 ? name.length : name.indexOf(0));
    const whole = decodeName(text);
    const place = deleted ? deletedPlace(whole, full) : placeOf(task.pid, whole, full, stat);
    if (!place)
      refuse(
        file,
        `its name ${whole} does not fit its file ${link}`,
        'bind it by the path that its file keeps',
      );
    return {
      file_perms: {
        mode: Number(stat.mode),
        ...ownerInside(ctx, stat, `the socket ${full}`, { pid: file.pid, fd: file.fd }),
      },
      ...(place.folder === undefined ? {} : { name_dir: place.folder }),
      ...(place.renamed === undefined ? {} : { file_name: place.renamed }),
      ...(deleted ? { deleted } : {}),
      ...(instead ? { mnt_id: instead.mntId } : mountOf(ctx, placed)),
    };
  } finally {
    close(fd);
  }
}

/** Inode of the peer, also if the other side has not accepted the connection yet. */
function peerOf(state: State, file: OpenFile, socket: UnixSocket): number {
  if (socket.peer) {
    const peer = state.listed.get(socket.peer);
    if (!peer) refuse(file, `its peer ${socket.peer} is in another network namespace`);
    if (peer.peer !== socket.ino && peer.name.length === 0)
      refuse(file, `its peer ${socket.peer} is connected elsewhere and has no name`);
    return socket.peer;
  }
  if (socket.state !== TCP_ESTABLISHED || socket.type === SOCK_DGRAM) return 0;
  for (const listening of state.listed.all.values()) {
    if (!listening.icons.includes(socket.ino)) continue;
    if (socket.writeQueue !== 0) refuse(file, 'it has sent data to a connection that was not accepted yet');
    return listening.ino;
  }
  if (socket.shutdown === SHUT_BOTH) return 0;
  return refuse(file, 'its peer is gone without a shutdown');
}

/**
 * What the peer has sent that was not read, if all of it is in this queue: for a connection, and for two nameless
 * datagram sockets that are connected to each other only.
 */
function sentBy(all: Listed<UnixSocket>, socket: UnixSocket): number | undefined {
  const peer = socket.peer ? all.get(socket.peer) : undefined;
  if (!peer || peer === socket || peer.peer !== socket.ino) return undefined;
  const closed = socket.type === SOCK_DGRAM && (socket.name.length > 0 || peer.name.length > 0);
  return closed ? undefined : peer.writeQueue;
}

/** Dumps the receive queue. @returns the addresses of the senders */
function queue(
  ctx: DumpContext,
  task: LiveTask,
  file: OpenFile,
  id: number,
  socket: UnixSocket,
): readonly Buffer[] {
  const { type, state, readQueue: bytes } = socket;
  const {
    local: fd,
    socket: { events },
  } = file;
  if (type === SOCK_STREAM ? bytes === 0 : !(events & POLLIN)) return [];
  // At the end of a connection, a peek would consume the pending error.
  if (type === SOCK_SEQPACKET && bytes === 0 && events & POLLERR) return [];
  if (type === SOCK_DGRAM ? state === TCP_LISTEN : state !== TCP_ESTABLISHED) return [];
  const sent = sentBy(stateOf(ctx).listed, socket);
  return aboutQueue({ pid: file.pid, fd: file.fd }, () => {
    const queued = unixQueue({ fd, type, bytes, ...(sent === undefined ? {} : { sent }) });
    return dumpQueue(ctx, task, queued, id, type === SOCK_DGRAM);
  });
}

function entry(ctx: DumpContext, task: LiveTask, file: OpenFile, id: number): Encodable<UnixSkEntry> {
  const state = stateOf(ctx);
  const ino = Number(file.stat.ino);
  const network = networkOf(ctx, task, file.local, file.socket.netns);
  const socket = state.listed.get(ino);
  if (!socket) refuse(file, 'the kernel does not list it');
  if (socket.type !== SOCK_STREAM && socket.type !== SOCK_DGRAM && socket.type !== SOCK_SEQPACKET)
    refuse(file, `type ${socket.type} is not known`);
  const bound = boundEntry(ctx, task, file, socket.name);
  const senders = ctx.ifStopped(() => queue(ctx, task, file, id, socket), []);
  if (socket.state === TCP_LISTEN && socket.icons.includes(0))
    refuse(file, 'a connection was closed before it was accepted');
  const reset =
    socket.type !== SOCK_DGRAM && socket.state === TCP_ESTABLISHED && (file.socket.events & POLLERR) !== 0;
  const asking = socket.peer !== 0 && socket.peer === ctx.options.serviceSocket;
  const peer = asking ? 0 : peerOf(state, file, socket);
  if (peer && ctx.hooks.has('DUMP_UNIX_SK')) hold(ctx, file);
  const gone = socket.type === SOCK_DGRAM && !peer && !asking ? gonePeer(file.local) : undefined;
  const who = peerCredentials(ctx, task, file);
  state.described.push({ file, socket, senders, peer: who });
  const opts = optionsEntry(ctx, file);
  if (peer && isLikeOthers(file, socket) && !reset && !asking)
    repeatsOf(ctx).note(
      id,
      task.ids.files_id,
      `socket ${socket.type} ${file.flags} ${network.id} ${optionsNumber(ctx, opts)} ${who.join(' ')}`,
      `sockets ${Math.min(ino, peer)}`,
      2,
    );
  return {
    id,
    ino,
    type: socket.type,
    state: asking ? TCP_CLOSE : socket.state,
    flags: file.flags,
    uflags: asking ? USK_SERVICE : 0,
    backlog: socket.writeQueue,
    peer,
    fown: file.fown,
    opts,
    name: socket.name,
    ...(socket.shutdown ? { shutdown: socket.shutdown } : {}),
    ...(reset ? { reset } : {}),
    ...(gone ? { gone_peer: gone } : {}),
    peer_cred: who,
    // The accepting side will see the credentials of the connecting task, which no socket has yet.
    ...(peer && !socket.peer ? { connected_by: ownCredentials(ctx, task) } : {}),
    ...bound,
    ns_id: network.id,
  };
}

/** Whether it is one of two nameless sockets that are connected to each other, fully open and with empty queues. */
function isLikeOthers({ fown }: OpenFile, socket: UnixSocket): boolean {
  return (
    fown === NO_OWNER &&
    socket.state === TCP_ESTABLISHED &&
    socket.peer !== 0 &&
    socket.name.length === 0 &&
    socket.readQueue === 0 &&
    socket.writeQueue === 0 &&
    socket.shutdown === 0
  );
}

/** Keeps a copy of the descriptor until it is known whether the peer is dumped. */
function hold(ctx: DumpContext, file: OpenFile): void {
  const copy = sys('fcntl', file.local, F_DUPFD_CLOEXEC, 0);
  stateOf(ctx).held.set(Number(file.stat.ino), copy);
  ctx.onClose(() => close(copy));
}

/** Whether a plugin restores a socket whose peer is not dumped. @throws CriuError PLUGIN_FAILED */
function isPlugins(ctx: DumpContext, { file, entry: usk }: Waiting): boolean {
  const fd = stateOf(ctx).held.get(usk.ino);
  if (fd === undefined) return false;
  const about = `Unix socket ${usk.ino}`;
  return ctx.hooks.askNow('DUMP_UNIX_SK', { args: [usk.ino], fd, about, pid: file.pid }) !== undefined;
}

function write(ctx: DumpContext, usk: Encodable<UnixSkEntry>): void {
  ctx.images.add('FILES', { type: FdTypes.UNIXSK, id: usk.id, usk });
}

/** Adds an entry, unless it has to wait for that of its peer; then the entries that have waited for it. */
function settle(ctx: DumpContext, file: OpenFile, usk: Encodable<UnixSkEntry>): void {
  const { dumped, wanted, listed } = stateOf(ctx);
  // A connection that was not accepted yet has no peer of its own.
  const peer = listed.get(usk.ino)?.peer;
  if (usk.peer && peer && peer !== usk.ino && !dumped.has(peer)) {
    const others = wanted.get(peer) ?? [];
    wanted.set(peer, [{ file, entry: usk }, ...others]);
  } else {
    write(ctx, usk);
  }
  dumped.add(usk.ino);
  for (const waiting of wanted.get(usk.ino) ?? []) write(ctx, waiting.entry);
  wanted.delete(usk.ino);
}

/** @throws CriuError UNSUPPORTED unless the socket may lose its peer, or can find it again */
function checkOutside(ctx: DumpContext, { file, entry: usk }: Waiting, peer: UnixSocket): void {
  const id = externalId.unix(usk.ino);
  if (isExternal(ctx, id)) return;
  const name = peer.name.length ? `, ${decodeName(peer.name)}` : '';
  const outside = `its peer (inode ${peer.ino}${name}) is outside of the dumped tree`;
  const another = `--external '${id}', and give the restore another with --inherit-fd 'fd[N]:socket:[${usk.ino}]'`;
  if (peer.type !== SOCK_DGRAM)
    refuse(
      file,
      `${outside}, and a connection cannot be made from one side only`,
      `have it closed before the dump, dump the peer as well, or allow it with ${another}`,
    );
  if (peer.name.length === 0)
    refuse(
      file,
      `${outside} and has no name to be found again by`,
      `dump the peer as well, or allow it with ${another}`,
    );
  if (!ctx.options.extUnixSk)
    refuse(
      file,
      outside,
      `have it connected to that name again with --ext-unix-sk for dump and restore, dump the peer as well, or allow it with ${another}`,
    );
}

/**
 * Checks sockets that are not dumped but have relations to this one.
 * @throws CriuError UNSUPPORTED for a relation that cannot be restored
 */
function checkOthers({ listed, dumped }: State, { file, socket, senders }: Dumped): void {
  const client = socket.state === TCP_LISTEN && socket.icons.find((ino) => !dumped.has(ino));
  if (client)
    refuse(
      file,
      `a client outside of the dumped tree (inode ${client}) waits to be accepted`,
      'let the program accept it before the dump, or end the client',
    );
  if (senders.length === 0) return;
  const living = [...listed.all.values()].filter((s) => s.type === SOCK_DGRAM && !dumped.has(s.ino));
  const taken = senders.find((name) => living.some((s) => s.name.equals(name)));
  // A path can be bound temporarily, so only abstract names are a problem.
  if (taken && taken[0] === 0)
    refuse(
      file,
      `a message in its queue is from ${decodeName(taken)}, a socket outside of the dumped tree that keeps its name`,
      'let the program receive the message before the dump',
    );
}

/**
 * Checks sockets that are connected to others outside of the tree: these can be found again only by name, and only
 * datagram sockets can be.
 * @throws CriuError UNSUPPORTED
 */
function finishUnix(ctx: DumpContext): void {
  if (!ctx.states.has(sockets)) return;
  const state = stateOf(ctx);
  for (const one of state.described) {
    checkOthers(state, one);
    const [pid] = one.peer;
    if (pid !== undefined) one.peer[0] = peerInside(ctx, one.file, pid);
  }
  for (const [ino, waiting] of state.wanted) {
    const peer = state.listed.get(ino);
    if (!peer) {
      for (const { file } of waiting)
        refuse(file, `its peer (inode ${ino}) is not among the sockets that the kernel lists`);
      continue;
    }
    const entries = waiting.map((one) => {
      if (isPlugins(ctx, one)) return { ...one.entry, uflags: (one.entry.uflags ?? 0) | USK_CALLBACK };
      checkOutside(ctx, one, peer);
      return one.entry;
    });
    const id = openFiles(ctx).newId();
    ctx.images.add('FILES', {
      type: FdTypes.UNIXSK,
      id,
      usk: {
        id,
        ino,
        type: SOCK_DGRAM,
        state: TCP_LISTEN,
        flags: 0,
        uflags: USK_EXTERN,
        backlog: 0,
        peer: 0,
        fown: NO_OWNER,
        opts: {
          so_sndbuf: 0,
          so_rcvbuf: 0,
          so_snd_tmo_sec: 0n,
          so_snd_tmo_usec: 0n,
          so_rcv_tmo_sec: 0n,
          so_rcv_tmo_usec: 0n,
        },
        name: peer.name,
      },
    });
    for (const usk of entries) write(ctx, usk);
  }
}

export const unixDump: FileDump = {
  matches: (file) => file.mode === S_IFSOCK && file.socket.family === AF_UNIX,
  dump(ctx, task, file, id) {
    settle(ctx, file, entry(ctx, task, file, id));
    return undefined;
  },
  afterCollect: finishUnix,
};
