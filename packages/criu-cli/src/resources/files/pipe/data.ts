// What is in a pipe or fifo, without taking it out: tee(2) into a pipe of our own.
import { close, sys, sysRaw } from '@criu/native';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { O_ACCMODE, O_CLOEXEC, O_WRONLY } from '../common.js';
import type { OpenFile } from '../open-file.js';

const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;
const SPLICE_F_NONBLOCK = 2;
const EAGAIN = 11;

/** Content and capacity of the pipe that `fd` is a read end of. @throws SysError */
export function peekPipe(fd: number): { data: Buffer; capacity: number } {
  const capacity = sys('fcntl', fd, F_GETPIPE_SZ);
  const ends = new Int32Array(2);
  sys('pipe2', ends, O_CLOEXEC);
  try {
    sys('fcntl', ends[1]!, F_SETPIPE_SZ, capacity);
    const there = sysRaw('tee', fd, ends[1]!, capacity, SPLICE_F_NONBLOCK);
    if (there === -EAGAIN || there === 0) return { data: Buffer.alloc(0), capacity };
    if (there < 0) throw new CriuError('SYSCALL', `cannot look into the pipe: tee gave errno ${-there}`);
    const data = Buffer.alloc(there);
    for (let got = 0; got < there; ) got += sys('read', ends[0]!, data.subarray(got), there - got);
    return { data, capacity };
  } finally {
    close(ends[0]!);
    close(ends[1]!);
  }
}

/** Adds what is in the pipe to its image, once for each pipe and by a descriptor that can read. */
export function dumpPipeData(
  ctx: DumpContext,
  kind: 'PIPES_DATA' | 'FIFO_DATA',
  done: Set<number>,
  file: OpenFile,
): void {
  const pipeId = pipeIdOf(file);
  if ((file.flags & O_ACCMODE) === O_WRONLY || done.has(pipeId)) return;
  done.add(pipeId);
  const { data, capacity } = peekPipe(file.local);
  ctx.images.add(kind, { pipe_id: pipeId, bytes: data.length, size: capacity }, { payload: data });
}

export function pipeIdOf(file: OpenFile): number {
  return Number(file.stat.ino & 0xffffffffn);
}
