// The dump: freeze, collect, describe, write, release.
import { PagemapFlags } from '@criu/images';
import { Notifier, NotifyError } from '../notify.js';
import type { DumpOptions, DumpResult } from '../options.js';
import { uptime } from '../pages/changes.js';
import { TaskPages } from '../pages/lazy/found.js';
import { serveOnDemand } from '../pages/lazy/serve.js';
import { PagePump } from '../pages/pipeline.js';
import { openShared, type PageJob, sharesMuch } from '../pages/runs.js';
import { Stopwatch } from '../stopwatch.js';
import { CallOff } from './call-off.js';
import { collectTasks } from './collect.js';
import { describe } from './describe.js';
import type { DumpContext } from './dump-context.js';
import { carryOut, type DumpLife } from './dump-life.js';
import { dumpStats, writeStats } from './dump-stats.js';
import type { LiveTask } from './dump-task.js';
import { checkOptions, checkTarget, freezeTree } from './freeze.js';
import { guard } from './guard.js';
import { HeldMemory } from './held-memory.js';
import { encodeInventory } from './inventory.js';
import { NetworkLock } from './network-lock.js';
import { Priority } from './priority.js';
import { releasePoint, releaseTasks } from './release.js';
import type { Resources } from './resource.js';
import { tracked } from './tracking.js';
import { rehearse } from './warm-up.js';
import { Watchdog } from './watchdog.js';

/**
 * Writes the state of a process tree to the images directory. If it fails, the tasks run on and the directory has no
 * inventory.
 * @throws CriuError
 */
export async function dump(asked: DumpOptions, resources: Resources): Promise<DumpResult> {
  checkOptions(asked);
  checkTarget(asked.pid);
  using calls = new CallOff(asked, 'dump');
  const options: DumpOptions = { ...asked, signal: calls.signal };
  const notifier = new Notifier(options);
  const network = new NetworkLock(notifier, options.pid);
  // The action script of `pre-dump` may prepare the images directory, and can refuse while nothing has been touched.
  await notifier.tell('pre-dump', { pid: options.pid });
  const result = await carryOut(options, calls, {
    what: 'dump',
    whileRunning: options.live ?? false,
    async prepare(ctx) {
      await Promise.all(resources.dumps.map(async (resource) => resource.beforeFreeze(ctx)));
    },
    work: (life) => dumpTree(life, resources, { notifier, network, calls }),
    async undo(error) {
      await network.unlock();
      // The script of `post-dump` failed, so the tasks run on; but the images are complete and may have been copied
      // elsewhere already: keep them.
      return error instanceof NotifyError && error.action === 'post-dump';
    },
  });
  options.log?.info('Dumping finished successfully');
  return result;
}

interface Circumstances {
  readonly notifier: Notifier;
  readonly network: NetworkLock;
  readonly calls: CallOff;
}

async function dumpTree(
  { ctx, route, plugins }: DumpLife,
  resources: Resources,
  { notifier, network, calls }: Circumstances,
): Promise<DumpResult> {
  const { options, stats } = ctx;
  const { dumps } = resources;
  const priority = new Priority();
  ctx.onClose(() => priority.drop());
  priority.raise(ctx.tracer.pid);
  const point = releasePoint(options, { tracks: route.tracks, listened: notifier.wanted });
  rehearse(ctx, resources);
  await route.ready();
  for (const resource of dumps) resource.ready(ctx);
  const watch = new Stopwatch();

  ctx.progress('freeze', 'stopping the tasks');
  ctx.reached('freeze');
  const watchdog = options.stuckSeconds ? new Watchdog(options.stuckSeconds, options.pid) : undefined;
  ctx.onClose(() => watchdog?.[Symbol.dispose]());
  await freezeTree(ctx);
  stats.freezingTime = watch.microseconds;
  // Tasks with a later start time are not part of this dump.
  ctx.frozenAt = uptime();
  ctx.reached('frozen');
  for (const { pid } of ctx.live)
    await ctx.hooks.ask('CHECKPOINT_DEVICES', { args: [pid], about: `task ${pid}`, pid });
  await network.lock();
  if (notifier.wanted) ctx.addExternal((await notifier.tell('query-ext-files')).external);

  ctx.progress('collect', 'reading the state of the tasks');
  ctx.reached('collect');
  const pump = new PagePump(ctx, route.sink, route.changes);
  ctx.addPages = (job) => pump.add(job);
  const later = new TaskPages();
  const held = new HeldMemory(ctx);
  let opened = 0;
  const toHold: { readonly task: LiveTask; readonly job: PageJob }[] = [];
  const release = async () => {
    ctx.reached('cure');
    // With --leave-running the dump can still be cancelled. Otherwise the tasks are about to be killed or left stopped,
    // and cancelling must not be possible from here on.
    if (options.leaveRunning) await network.unlock();
    else calls[Symbol.dispose]();
    if (options.leaveRunning || options.leaveStopped)
      await route.startTracking(ctx.live.map(tracked), ctx.runId);
    await releaseTasks(ctx);
    stats.frozenTime = watch.microseconds - stats.freezingTime;
    watchdog?.[Symbol.dispose]();
    priority.drop();
  };
  try {
    // Native code copies memory while the rest of the state is read, described and written.
    await collectTasks(ctx, dumps, (task, runs) => {
      const { pid, nsPid } = task;
      if (point === 'held') {
        toHold.push({ task, job: route.looked({ which: { pid: nsPid }, pid, fd: -1, runs }) });
        return;
      }
      if (options.lazyPages)
        later.add(
          nsPid,
          pid,
          runs.with((flags) => flags === PagemapFlags.LAZY),
        );
      // Tasks that go on are to share as many pages as before.
      const stays = options.leaveRunning && ctx.live.length > 1;
      const fd = stays || sharesMuch(task.sharedBytes, runs) ? openShared(pid, opened++) : -1;
      pump.add(route.looked({ which: { pid: nsPid }, pid, fd, runs }));
    });
    if (point === 'held') {
      const jobs = await holdAll(held, toHold, pump);
      await pump.copied();
      await release();
      for (const job of jobs) pump.add(job);
    } else if (point === 'copied') {
      await pump.finished();
      await release();
    }
    ctx.progress('describe', 'making image entries');
    ctx.reached('describe');
    describe(ctx, dumps);
    await pump.placed();
    writeImages(ctx);
    for (const { pid } of ctx.live)
      await ctx.hooks.ask('DUMP_DEVICES_LATE', { args: [pid], about: `task ${pid}`, pid });
    // The guard plans a restore from the images before the tasks end, whatever the purpose of the dump. Pages are still
    // being copied meanwhile.
    ctx.reached('guard');
    const inventory = encodeInventory(ctx, dumps, { packed: route.packed, plugins: plugins.listed });
    guard(ctx, resources, inventory, route.remote ? 'elsewhere' : 'coming');
    if (point !== 'copied') await pump.finished();
    ctx.images.writeInventory(inventory);
  } finally {
    await pump.settled();
    await held.end();
  }
  // The script of `post-dump` can copy files of the tasks while these are stopped, and can still cancel the dump after
  // it moved the images.
  if (point === 'complete' && notifier.wanted) priority[Symbol.dispose]();
  if (point !== 'copied') await notifier.tell('post-dump', { pid: options.pid });
  if (point === 'complete') {
    if (options.lazyPages) await handOut(ctx, later);
    await release();
  }
  writeStats(ctx);
  return { pid: options.pid, tasks: ctx.tasks.length, stats: dumpStats(ctx) };
}

/**
 * Forks each task so that its memory stays as it is. A task that cannot be forked is copied at once.
 * @returns jobs whose pages are to be copied later, from the forks
 */
async function holdAll(
  held: HeldMemory,
  tasks: readonly { readonly task: LiveTask; readonly job: PageJob }[],
  pump: PagePump,
): Promise<PageJob[]> {
  const jobs: PageJob[] = [];
  for (const { task, job } of tasks) {
    const holder = await held.hold(task, job.runs);
    if (holder === undefined) pump.add(job);
    else {
      // Copies of the pages that it shares with the task would count against the limits of the task.
      const fd = openShared(holder, jobs.length);
      jobs.push({ ...job, pid: holder, fd, holds: task.pid, done: () => held.release(holder) });
    }
  }
  return jobs;
}

/**
 * Lazy dump: serves memory that is not in the images. The tasks stay stopped until the lazy-pages daemon has fetched
 * all of it.
 */
async function handOut(ctx: DumpContext, pages: TaskPages): Promise<void> {
  const { options, log } = ctx;
  ctx.progress('write', 'waiting for who fetches the memory');
  ctx.reached('hand-out');
  const { signal, lazyServer, onLazyServer } = options;
  ctx.stats.pagesLazy = await serveOnDemand(pages, {
    ...lazyServer,
    log,
    ...(signal ? { signal } : {}),
    ...(onLazyServer ? { onListening: onLazyServer } : {}),
  });
  log.info(`${ctx.stats.pagesLazy} pages were fetched`);
}

function writeImages(ctx: DumpContext): void {
  ctx.progress('write', 'writing images');
  ctx.reached('write');
  ctx.images.write();
}
