// The content of pipes and FIFOs in the images, once for each, by a descriptor that can read if there is one.
import { close, sys, sysRaw } from '@criu/native';
import { AT_FDCWD, O_ACCMODE, O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY, POLLERR } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { type StateKey, stateKey } from '../../../states.js';
import type { OpenFile } from '../open-file.js';
import { bytesIn, capacityOf, type PipeContent, peekPipe } from './peek.js';

/** What a new pipe has room for (PIPE_DEF_BUFFERS): CRIU says nothing of one that nobody in the tree reads. */
const NEW_PIPE = 65536;

type Kind = 'PIPES_DATA' | 'FIFO_DATA';

interface Pipes {
  /** Ids by device and inode, and the other way round. */
  readonly ids: Map<string, number>;
  readonly used: Set<number>;
  readonly done: Set<number>;
  /** Capacities of those that only have been met by ends to write to. */
  readonly writeOnly: Map<number, number>;
}

const make = (_: DumpContext): Pipes => ({
  ids: new Map(),
  used: new Set(),
  done: new Set(),
  writeOnly: new Map(),
});

const states: Record<Kind, StateKey<DumpContext, Pipes>> = {
  PIPES_DATA: stateKey('pipes', make),
  FIFO_DATA: stateKey('FIFOs', make),
};

/** What the ends of a pipe have in common: its inode, unless another file system has the same. */
export function pipeId(ctx: DumpContext, kind: Kind, { stat }: OpenFile): number {
  const { ids, used } = ctx.states.get(states[kind]);
  const key = `${stat.dev}:${stat.ino}`;
  let id = ids.get(key) ?? Number(stat.ino & 0xffffffffn);
  if (ids.has(key)) return id;
  while (used.has(id)) id = (id + 1) >>> 0;
  ids.set(key, id);
  used.add(id);
  return id;
}

/** What waits in a pipe that nobody can read from now. @throws SysError */
function orphaned(fd: number): PipeContent {
  if (bytesIn(fd) === 0) return { data: Buffer.alloc(0), capacity: capacityOf(fd), packets: [] };
  const path = Buffer.from(`/proc/self/fd/${fd}\0`);
  const reader = sys('openat', AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  try {
    return peekPipe(reader);
  } finally {
    close(reader);
  }
}

function hasReader(fd: number): boolean {
  const poll = Buffer.alloc(8);
  poll.writeInt32LE(fd, 0);
  return sysRaw('poll', poll, 1, 0) === 0 || (poll.readUInt16LE(6) & POLLERR) === 0;
}

function add(ctx: DumpContext, kind: Kind, id: number, { data, capacity, packets }: PipeContent): void {
  ctx.images.add(
    kind,
    { pipe_id: id, bytes: data.length, size: capacity, packets: [...packets] },
    { payload: data },
  );
}

/** What all ends of a pipe have in common for the guard. */
export function pipeKey(id: number): string {
  return `pipe ${id}`;
}

/** Adds what is in the pipe to its image. @returns it, if this end was the one to look at @throws SysError */
export function dumpPipeData(ctx: DumpContext, kind: Kind, file: OpenFile): PipeContent | undefined {
  const { done, writeOnly } = ctx.states.get(states[kind]);
  const id = pipeId(ctx, kind, file);
  if (done.has(id)) return undefined;
  const writes = (file.flags & O_ACCMODE) === O_WRONLY;
  // A rehearsal opens nothing that the program could notice.
  if (writes && (ctx.rehearsing || hasReader(file.local))) {
    writeOnly.set(id, capacityOf(file.local));
    return undefined;
  }
  done.add(id);
  const content = writes ? orphaned(file.local) : peekPipe(file.local);
  if (!writes || content.data.length > 0 || content.capacity !== NEW_PIPE) add(ctx, kind, id, content);
  return content;
}

/** What is read elsewhere is not ours; how much there is room for is. */
export function finishPipes(ctx: DumpContext, kind: Kind): void {
  const { done, writeOnly } = ctx.states.get(states[kind]);
  for (const [id, capacity] of writeOnly)
    if (!done.has(id) && capacity !== NEW_PIPE)
      add(ctx, kind, id, { data: Buffer.alloc(0), capacity, packets: [] });
}
