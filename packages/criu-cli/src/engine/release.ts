// When the tasks of a dump are let go, and how.
import type { DumpOptions } from '../options.js';
import { readStat, TaskGoneError } from '../proc/index.js';
import type { DumpContext } from './dump-context.js';

const STOP_MS = 1000;

/**
 * What there has to be before tasks are let go: all of the dump, and whoever is told has agreed (`told`); their memory in the
 * images (`copied`); their memory held by somebody who keeps it as it is (`held`).
 */
export type ReleasePoint = 'held' | 'copied' | 'told';

/**
 * Tasks that run on are not kept waiting for files; but what they change counts once there is a dump to count from.
 * @param tracks the kernel notes which pages they change from then on
 * @param listened somebody is told of the end of the dump, who may call it off or keep files as they are now
 */
export function releasePoint(
  { leaveRunning, live, lazyPages }: DumpOptions,
  { tracks, listened }: { readonly tracks: boolean; readonly listened: boolean },
): ReleasePoint {
  if (live) return 'held';
  return leaveRunning && !tracks && !listened && !lazyPages ? 'copied' : 'told';
}

/** Lets the tasks go as it was asked for. From here on there is no way back. */
export async function releaseTasks(ctx: DumpContext): Promise<void> {
  const { options, tracer } = ctx;
  ctx.progress('release', 'letting the tasks go');
  // Those that stay stopped are to be restored, like those that are ended: their connections stay held.
  if (options.leaveRunning) ctx.goOn();
  else ctx.stay();
  if (options.leaveRunning || options.leaveStopped) await ctx.thaw();
  else ctx.freezer?.forget();
  if (options.leaveRunning) await tracer.releaseMany(tracer.seized);
  else if (options.leaveStopped) await leaveStopped(ctx);
  // Children before their parents, who have them to be waited for until they end, too.
  else await tracer.killMany(ctx.live.map(({ pid }) => pid).reverse());
}

/** Resolves when all stand: the signal takes hold only when a task would run again. */
async function leaveStopped(ctx: DumpContext): Promise<void> {
  for (const task of ctx.live) await task.task.leaveStopped();
  for (const deadline = Date.now() + STOP_MS; Date.now() < deadline; ) {
    if (ctx.live.every((task) => 'TtZX'.includes(stateOf(task.pid)))) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function stateOf(pid: number): string {
  try {
    return readStat(pid).state;
  } catch (error) {
    if (error instanceof TaskGoneError) return 'X';
    throw error;
  }
}
