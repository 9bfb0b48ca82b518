// When and how the tasks of a dump are released.
import type { DumpOptions } from '../options.js';
import { readStat, TaskGoneError } from '../proc/index.js';
import type { DumpContext } from './dump-context.js';
import { shareWith } from './priority.js';

/** Milliseconds to wait until all tasks have stopped. */
const STOP_MS = 1000;

/**
 * What must be done before tasks are released. `complete`: the dump is complete, and the `post-dump` script has agreed;
 * `copied`: all memory is in the images; `held`: forks of the tasks hold their memory as it was.
 */
export type ReleasePoint = 'held' | 'copied' | 'complete';

/**
 * Chooses the release point. Tasks that run on should not have to wait for image files, unless changes are tracked:
 * then changes count from a complete dump only.
 * @param tracks whether the kernel tracks page changes after the dump
 * @param listened whether a script or RPC client gets `post-dump`, and may cancel the dump or copy files before tasks
 * run
 */
export function releasePoint(
  { leaveRunning, live, lazyPages }: DumpOptions,
  { tracks, listened }: { readonly tracks: boolean; readonly listened: boolean },
): ReleasePoint {
  if (live) return 'held';
  return leaveRunning && !tracks && !listened && !lazyPages ? 'copied' : 'complete';
}

/** Releases the tasks: running, stopped, or killed, as the options say. This cannot be undone. */
export async function releaseTasks(ctx: DumpContext): Promise<void> {
  const { options, tracer } = ctx;
  ctx.progress('release', 'letting the tasks go');
  // Tasks that are left stopped are to be restored, like killed ones: their connections stay blocked.
  if (options.leaveRunning) ctx.goOn();
  else ctx.stay();
  if (options.leaveRunning || options.leaveStopped) await ctx.thaw();
  else ctx.freezer?.forget();
  if (options.leaveRunning) await tracer.releaseMany(tracer.seized);
  else if (options.leaveStopped) await leaveStopped(ctx);
  else await killAll(ctx);
}

/** Minimal resident memory in bytes of a killed task whose memory the tracer frees. */
const LARGE = 16 << 20;

/**
 * Kills the tasks, children before their parents, so that the parents are alive to receive SIGCHLD. The dump waits for their ends: on a
 * busy machine, those that close thousands of sockets would wait for a CPU. They get its priority when they cannot go on any more.
 */
async function killAll({ live, tracer }: DumpContext): Promise<void> {
  const large = live.filter((task) => (task.statusOf(task.pid).vmRss ?? 0) >= LARGE);
  await tracer.killMany(
    live.map(({ pid }) => pid).reverse(),
    large.map(({ pid }) => pid),
    () => {
      for (const task of live) if (!large.includes(task)) for (const tid of task.tids) shareWith(tid);
    },
  );
}

/** Resolves when all tasks are stopped: SIGSTOP takes effect only when a task would run again. */
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
