// The relations between the Unix sockets of a checkpoint: those that have to be created in a certain order form a
// cluster.

import { decodeName } from '@criu/native';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { FileOf, UnixSkEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { queueOf } from '../sockets/queue-restore.js';

export const USK = { EXTERN: 1, SERVICE: 2, CALLBACK: 4, INHERIT: 8 } as const;

interface Graph {
  readonly byIno: ReadonlyMap<number, UnixSkEntry>;
  readonly cluster: ReadonlyMap<number, string>;
  readonly all: readonly UnixSkEntry[];
}

/** The name without a trailing zero byte, if it is a path. */
export function socketPath(socket: Pick<UnixSkEntry, 'name'>): Buffer | undefined {
  if (socket.name.length === 0) return undefined;
  const name = Buffer.from(socket.name);
  if (name[0] === 0) return undefined;
  const end = name.indexOf(0);
  return end < 0 ? name : name.subarray(0, end);
}

/** Whether an abstract name is the same for both sockets: each network namespace has its own names. */
export function sameNetwork(a: UnixSkEntry, b: UnixSkEntry): boolean {
  return (a.ns_id ?? 0) === (b.ns_id ?? 0);
}

/** Whether two sockets have the same name: a path refers to different files on different mounts. */
export function sameName(a: UnixSkEntry, b: UnixSkEntry): boolean {
  const name = nameKey(a);
  if (name === undefined || name !== nameKey(b)) return false;
  if (!socketPath(a)) return sameNetwork(a, b);
  return a.mnt_id === undefined || b.mnt_id === undefined || a.mnt_id === b.mnt_id;
}

/** A key for a name; for a path it is the absolute path. */
export function nameKey(socket: Pick<UnixSkEntry, 'name' | 'name_dir'>): string | undefined {
  if (socket.name.length === 0) return undefined;
  const path = socketPath(socket);
  if (!path) return `@${decodeName(socket.name)}`;
  return `${path[0] === 0x2f ? '' : `${socket.name_dir ?? ''}/`}${decodeName(path)}`;
}

const graph = stateKey('graph of Unix sockets', readGraph);

export function unixGraph(ctx: PlanContext): Graph {
  return ctx.states.get(graph);
}

/** A key that joins the owner of an address with the receivers of its messages. */
function sender(address: Buffer): string {
  return `a${decodeName(address)}`;
}

function readGraph(ctx: PlanContext): Graph {
  const all: UnixSkEntry[] = [];
  for (const { usk } of ctx.checkpoint.files.values()) if (usk) all.push(usk);
  // Inodes serve as keys without conversion: most sockets have a peer and no name.
  const parent = new Map<string | number, string | number>();
  const find = (key: string | number): string | number => {
    const up = parent.get(key);
    if (up === undefined || up === key) return key;
    const top = find(up);
    parent.set(key, top);
    return top;
  };
  const byIno = new Map<number, UnixSkEntry>();
  for (const socket of all) {
    if (byIno.has(socket.ino) && socket.ino !== 0)
      throw new CriuError('BAD_IMAGE', `Unix socket ${socket.ino} is there twice`, { file: 'files.img' });
    byIno.set(socket.ino, socket);
    if (socket.peer) parent.set(find(socket.ino), find(socket.peer));
    const name = nameKey(socket);
    if (name !== undefined) parent.set(find(socket.ino), find(`n${name}`));
  }
  // The sender of a datagram sends it again, connected or not; a substitute for an ended sender sends all its messages.
  for (const socket of all)
    if (socket.name.length > 0) parent.set(find(socket.ino), find(sender(socket.name)));
  for (const socket of all)
    for (const { entry } of queueOf(ctx, socket.id))
      if (entry.addr?.length) parent.set(find(socket.ino), find(sender(entry.addr)));
  const cluster = new Map<number, string>();
  for (const { id, ino } of all) cluster.set(id, `${find(ino)}`);
  return { byIno, cluster, all };
}

export function clusterOf(ctx: PlanContext, { id }: FileOf<'usk'>): string {
  return unixGraph(ctx).cluster.get(id) ?? String(id);
}

/** The peer of a socket. @throws CriuError if the checkpoint does not have it */
export function peerOf(ctx: PlanContext, socket: UnixSkEntry): UnixSkEntry | undefined {
  if (!socket.peer) return undefined;
  const peer = unixGraph(ctx).byIno.get(socket.peer);
  if (!peer)
    throw new CriuError(
      'BAD_IMAGE',
      `Unix socket ${socket.ino} is connected to ${socket.peer}, which is not there`,
      { file: 'files.img' },
    );
  return peer;
}

/** The key of a socket for `--inherit-fd`. */
export function inheritKey(socket: UnixSkEntry): string {
  return `socket:[${socket.ino}]`;
}
