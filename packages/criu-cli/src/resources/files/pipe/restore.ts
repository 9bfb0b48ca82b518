// pipe(7): both ends are created together, and the contents are written.

import { AT_FDCWD, F_SETFL, O_ACCMODE, O_NONBLOCK, O_RDONLY, O_WRONLY } from '@criu/native/uapi';
import type { Slot, TaskPlan } from '../../../engine/plan.js';
import type { FileOf, Some } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import { anyInherited, inheritedSlot } from '../inherit.js';
import type { FileMaker, FileRestore } from '../kind.js';
import { pipeData, writePipeData } from './refill.js';

/**
 * Numbers of both ends while a pipe is created. Pipes are created one after the other, so thousands need no more than
 * two.
 */
const spareNumbers = stateKey(
  'descriptors of a pipe that is being made',
  (plan: TaskPlan) => [plan.tempFd(), plan.tempFd()] as const,
);

/** An inherited pipe keeps its own contents; those of the dumped pipe are dropped. */
function makeInherited({ ctx, plan, temp }: FileMaker, entries: Some<FileOf<'pipe'>>, slot: Slot): void {
  const given = plan.tempFd();
  plan.take('files', slot, given);
  const { pipe_id: pipeId } = entries[0].pipe;
  const lost = pipeData(ctx, 'PIPES_DATA', pipeId)[0]?.payload?.length;
  if (lost) ctx.log.warn(`pipe:[${pipeId}] is inherited: ${lost} bytes in the dumped one are dropped`);
  const p = plan.program('files');
  for (const entry of entries) {
    const { id, flags, fown } = entry.pipe;
    const again = p.syscall(
      'openat',
      [AT_FDCWD, p.cstring(`/proc/self/fd/${given}`), flags & (O_ACCMODE | O_NONBLOCK)],
      { label: `open the inherited pipe ${pipeId}` },
    );
    moveTo(p, again, temp(id));
    p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
    setOwner(p, temp(id), fown);
  }
  p.syscall('close', [given]);
}

/** Creates a pipe with pipe2(2) and moves its read end and its write end to these numbers. */
function makeEnds(plan: TaskPlan, pipeId: number, to: readonly [number, number]): void {
  const p = plan.program('files');
  const pair = p.data(8);
  p.syscall('pipe2', [pair, 0], { label: () => `pipe ${pipeId}` });
  moveTo(p, p.load32(pair), to[0]);
  moveTo(p, p.load32(p.at(pair, 4)), to[1]);
}

/**
 * The read end and the write end of a pipe with exactly one description of each, as most pipes; undefined for others.
 */
function plainEnds(entries: Some<FileOf<'pipe'>>): readonly [FileOf<'pipe'>, FileOf<'pipe'>] | undefined {
  const [a, b] = entries;
  if (!b || entries.length > 2) return undefined;
  const [reads, writes] = (a.pipe.flags & O_ACCMODE) === O_WRONLY ? [b, a] : [a, b];
  const modes = [reads, writes].map(({ pipe }) => pipe.flags & O_ACCMODE);
  return modes[0] === O_RDONLY && modes[1] === O_WRONLY ? [reads, writes] : undefined;
}

/** Creates a pipe of two such ends, directly at their temporary numbers, with contents, flags and owners. */
function makeBoth(
  { ctx, plan, temp }: FileMaker,
  ends: readonly [reads: FileOf<'pipe'>, writes: FileOf<'pipe'>],
): void {
  const [{ pipe: reads }, { pipe: writes }] = ends;
  makeEnds(plan, reads.pipe_id, [temp(reads.id), temp(writes.id)]);
  const wrote = writePipeData(ctx, plan, 'PIPES_DATA', reads.pipe_id, temp(writes.id));
  const q = plan.program('files');
  for (const { id, flags, fown } of [reads, writes]) {
    const status = flags & SETFL_MASK;
    // A new end has no status flags until something is written to the pipe.
    if (status !== 0 || (wrote && id === writes.id)) q.syscall('fcntl', [temp(id), F_SETFL, status]);
    setOwner(q, temp(id), fown);
  }
}

export const pipeRestore: FileRestore<'pipe'> = {
  group: (entry) => String(entry.pipe.pipe_id),
  sort({ ctx }, entries) {
    if (anyInherited(ctx)) return undefined;
    let sort = '';
    for (const { entry } of pipeData(ctx, 'PIPES_DATA', entries[0].pipe.pipe_id)) {
      if (entry.bytes > 0) return undefined;
      sort += `${entry.size} `;
    }
    for (let i = 0; i < entries.length; i++) {
      const { flags, fown } = (entries[i] as FileOf<'pipe'>).pipe;
      sort += `${flags} ${fown.pid} ${fown.pid_type} ${fown.signum},`;
    }
    return sort;
  },
  make(maker, entries) {
    const { ctx, plan, temp } = maker;
    const pipeId = entries[0].pipe.pipe_id;
    const given = inheritedSlot(ctx, `pipe:[${pipeId}]`);
    if (given) {
      makeInherited(maker, entries, given);
      return;
    }
    const ends = plainEnds(entries);
    if (ends) {
      makeBoth(maker, ends);
      return;
    }
    const spare = plan.states.get(spareNumbers);
    makeEnds(plan, pipeId, spare);
    writePipeData(ctx, plan, 'PIPES_DATA', pipeId, spare[1]);
    const seen: FileOf<'pipe'>[] = [];
    for (const entry of entries) {
      const { id, flags, fown } = entry.pipe;
      const q = plan.program('files');
      const end = (flags & O_ACCMODE) === O_WRONLY ? 1 : 0;
      const first = !seen.some((e) => (e.pipe.flags & O_ACCMODE) === (flags & O_ACCMODE));
      if (first && (flags & O_ACCMODE) !== 2) {
        q.syscall('dup3', [spare[end], temp(id), 0o2000000]);
      } else {
        // Another description of the same end, which was opened through /proc.
        const again = q.syscall(
          'openat',
          [AT_FDCWD, q.cstring(`/proc/self/fd/${spare[end]}`), flags & O_ACCMODE],
          { label: `open pipe ${pipeId} again` },
        );
        moveTo(q, again, temp(id));
      }
      q.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
      setOwner(q, temp(id), fown);
      seen.push(entry);
    }
    const q = plan.program('files');
    for (const fd of spare) q.syscall('close', [fd]);
  },
};
