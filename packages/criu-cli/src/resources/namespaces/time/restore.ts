// Time namespaces: clocks continue from their readings at the dump, also for tasks of the host's namespace.

import { Program } from '@criu/compel';
import { AT_FDCWD, O_RDONLY, O_WRONLY } from '@criu/native/uapi';
import { holds } from '../../../capabilities.js';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { NSEC_PER_SEC, splitSeconds } from '../../../nanoseconds.js';
import { readNsLink } from '../../../proc/index.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import type { NamespaceRestore } from '../kind.js';
import { CLOCKS, type ClockName, machineClocks } from './clocks.js';

/** KTIME_SEC_MAX, the largest reading of a clock in seconds. */
const MOST_SECONDS = 1n << 33n;

/** A line of /proc/PID/timens_offsets for a machine clock that reads `now` and has to read `wanted` nanoseconds. */
function offsetLine(name: ClockName, wanted: bigint, now: bigint): string {
  const offset = wanted - now;
  const { sec, nsec } = splitSeconds(offset);
  return `${CLOCKS[name]} ${sec} ${nsec}\n`;
}

/** Offsets can be set while the namespace has no members; the task that creates it enters it afterwards. */
function planClocks(ctx: PlanContext, maker: TaskPlan, id: number): void {
  const file = `timens-${id}.img`;
  const { monotonic, boottime } = ctx.checkpoint.images.single('TIMENS', id);
  for (const { tv_sec, tv_nsec } of [monotonic, boottime])
    if (tv_sec > MOST_SECONDS || tv_nsec >= NSEC_PER_SEC)
      throw new CriuError('BAD_IMAGE', `${tv_sec}.${tv_nsec} is no time of a clock`, { file });
  maker.step('namespaces', {
    title: 'clocks',
    does: [
      'unshare(CLONE_NEWTIME)',
      'write(/proc/self/timens_offsets)',
      'setns(/proc/self/ns/time_for_children)',
    ],
    program: () => {
      const p = new Program('clocks');
      const now = machineClocks();
      const text = Buffer.from(
        offsetLine('monotonic', monotonic.tv_sec * NSEC_PER_SEC + monotonic.tv_nsec, now.monotonic) +
          offsetLine('boottime', boottime.tv_sec * NSEC_PER_SEC + boottime.tv_nsec, now.boottime),
      );
      p.syscall('unshare', [CLONE_NEW.time], { label: 'time namespace' });
      const offsets = p.syscall('openat', [AT_FDCWD, p.cstring('/proc/self/timens_offsets'), O_WRONLY]);
      p.syscall('write', [offsets, p.data(text), text.length], {
        label: `clocks go on from ${monotonic.tv_sec} s after boot`,
      });
      p.syscall('close', [offsets]);
      const made = p.syscall('openat', [AT_FDCWD, p.cstring('/proc/self/ns/time_for_children'), O_RDONLY]);
      p.syscall('setns', [made, CLONE_NEW.time], { label: 'time namespace' });
      p.syscall('close', [made]);
      return p;
    },
  });
}

/**
 * Without a time namespace, clocks are those of the machine: they have advanced since the dump, unless the machine was
 * rebooted.
 */
function checkClocks(ctx: PlanContext): void {
  const file = 'timens-0.img';
  const { monotonic } = ctx.checkpoint.images.single('TIMENS', 0);
  if (machineClocks().monotonic < monotonic.tv_sec * NSEC_PER_SEC + monotonic.tv_nsec)
    throw new CriuError(
      'NOT_PERMITTED',
      'the monotonic clock would go back: the machine was started anew, or is another one',
      { file },
      'this takes CAP_SYS_ADMIN, for a time namespace: give it to whoever runs criu, or run as root',
    );
  ctx.log.warn('clocks are those of the machine: they go on as if the tasks had run all the time');
}

/**
 * Whether tasks of the dumper's time namespace get a new one. Kernels before 5.6 and some configurations do not support
 * it; clocks are then those of the host.
 */
export function makesHostClocks(ctx: PlanContext): boolean {
  if (!ctx.checkpoint.images.has('TIMENS', 0) || !readNsLink(process.pid, 'time')) return false;
  return ctx.onPaper || !ctx.options.unprivileged || holds('CAP_SYS_ADMIN');
}

export const timeRestore: NamespaceRestore = {
  plan: (ctx, first, { id }) => planClocks(ctx, first, id),
};

/** Plans the clocks of tasks that were in the dumper's time namespace. */
export function planHostClocks(ctx: PlanContext, first: TaskPlan): void {
  if (makesHostClocks(ctx)) planClocks(ctx, first, 0);
  else if (ctx.checkpoint.images.has('TIMENS', 0) && readNsLink(process.pid, 'time')) checkClocks(ctx);
}
