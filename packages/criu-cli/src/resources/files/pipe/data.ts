// Dumps the contents of pipes and FIFOs, once for each, through a readable descriptor if there is one.
import { close, sys, sysRaw } from '@criu/native';
import {
  AT_FDCWD,
  O_ACCMODE,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  POLLERR,
  pollfd,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { type StateKey, stateKey } from '../../../states.js';
import type { OpenFile } from '../open-file.js';
import { bytesIn, capacityOf, type PipeContent, peekPipe } from './peek.js';

/** Capacity in bytes of a new pipe (PIPE_DEF_BUFFERS). CRIU stores nothing for a pipe without a reader in the tree. */
const NEW_PIPE = 65536;

type Kind = 'PIPES_DATA' | 'FIFO_DATA';

interface Pipes {
  /** Pipe ids by device and inode. */
  readonly ids: Map<string, number>;
  readonly used: Set<number>;
  readonly done: Set<number>;
  /** Capacities in bytes of pipes of which only write ends were met so far. */
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

/** The id that all ends of a pipe share: its inode number, unless a pipe of another file system has the same. */
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

/** The contents of a pipe that has no reader. @throws SysError */
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
  const poll = Buffer.alloc(pollfd.sizeof);
  poll.writeInt32LE(fd, pollfd.fd);
  return sysRaw('poll', poll, 1, 0) === 0 || (poll.readUInt16LE(pollfd.revents) & POLLERR) === 0;
}

function add(ctx: DumpContext, kind: Kind, id: number, { data, capacity, packets }: PipeContent): void {
  ctx.images.add(
    kind,
    { pipe_id: id, bytes: data.length, size: capacity, packets: [...packets] },
    { payload: data },
  );
}

/** Key for the guard that all ends of a pipe share. */
export function pipeKey(id: number): string {
  return `pipe ${id}`;
}

/**
 * Adds the contents of a pipe to its image.
 * @returns the contents, if this end was the one to read them
 * @throws SysError
 */
export function dumpPipeData(ctx: DumpContext, kind: Kind, file: OpenFile): PipeContent | undefined {
  const { done, writeOnly } = ctx.states.get(states[kind]);
  const id = pipeId(ctx, kind, file);
  if (done.has(id)) return undefined;
  const writes = (file.flags & O_ACCMODE) === O_WRONLY;
  if (writes && ctx.ifStopped(() => hasReader(file.local), true)) {
    writeOnly.set(id, capacityOf(file.local));
    return undefined;
  }
  done.add(id);
  const content = writes ? orphaned(file.local) : peekPipe(file.local);
  if (!writes || content.data.length > 0 || content.capacity !== NEW_PIPE) add(ctx, kind, id, content);
  return content;
}

/** Pipes with readers outside of the tree: only the capacity is stored, not the contents. */
export function finishPipes(ctx: DumpContext, kind: Kind): void {
  const { done, writeOnly } = ctx.states.get(states[kind]);
  for (const [id, capacity] of writeOnly)
    if (!done.has(id) && capacity !== NEW_PIPE)
      add(ctx, kind, id, { data: Buffer.alloc(0), capacity, packets: [] });
}
