// The dump, from top to bottom: freeze, collect, describe, write, release.
import { Tracer } from '@criu/compel';
import { PagemapFlags } from '@criu/images';
import { asCriuError } from '../errors.js';
import { ImageWriter } from '../images/writer.js';
import { type Logger, silentLogger } from '../log.js';
import { Notifier, NotifyError } from '../notify.js';
import type { DumpOptions, DumpResult } from '../options.js';
import { uptime } from '../pages/changes.js';
import { dedupParents } from '../pages/dedup.js';
import { TaskPages } from '../pages/lazy/found.js';
import { serveOnDemand } from '../pages/lazy/serve.js';
import { PagePump } from '../pages/pipeline.js';
import { PageRoute } from '../pages/route.js';
import type { PageJob } from '../pages/runs.js';
import { Plugins } from '../plugins/index.js';
import { readStat, TaskGoneError } from '../proc/index.js';
import { Stopwatch } from '../stopwatch.js';
import { CallOff } from './call-off.js';
import { collectTasks } from './collect.js';
import { describe } from './describe.js';
import { DumpContext, type LiveTask } from './dump-context.js';
import { dumpStats, writeStats } from './dump-stats.js';
import { checkOptions, checkTarget, freezeTree, fromCompel } from './freeze.js';
import { guard } from './guard.js';
import { HeldMemory } from './held-memory.js';
import { encodeInventory } from './inventory.js';
import { NetworkLock } from './network-lock.js';
import type { Resources } from './resource.js';
import { tracked } from './tracking.js';
import { raisePriority, rehearse } from './warm-up.js';

const STOP_MS = 1000;

/**
 * Writes the state of a process tree to the images directory. Whatever fails, the tasks run on as if nothing had
 * happened and the directory has no inventory. @throws CriuError
 */
export async function dump(asked: DumpOptions, resources: Resources): Promise<DumpResult> {
  checkOptions(asked);
  checkTarget(asked.pid);
  using calls = new CallOff(asked, 'dump');
  const options: DumpOptions = { ...asked, signal: calls.signal };
  const notifier = new Notifier(options);
  const network = new NetworkLock(notifier, options.pid);
  // May prepare the directory, and may say no while nothing has been touched.
  await notifier.tell('pre-dump', { pid: options.pid });
  const images = ImageWriter.claim(options.imagesDir);
  const log = options.log ?? silentLogger;
  let route: PageRoute | undefined;
  let tracer: Tracer | undefined;
  const ctx = new DumpContext(options, images);
  let plugins: Plugins | undefined;
  let result: DumpResult | undefined;
  try {
    await Promise.all(resources.dumps.map(async (resource) => resource.beforeFreeze(ctx)));
    plugins = await Plugins.start('dump', options);
    ctx.hooks = plugins;
    tracer = await Tracer.start();
    ctx.tracer = tracer;
    route = await PageRoute.open({ options, images, log, unhurried: options.live ?? false });
    const { callOff } = route;
    calls.listen(() => callOff());
    route.begin(options.pid);
    result = await dumpTree(ctx, resources, { route, notifier, network, calls, plugins });
  } catch (error) {
    ctx.undo();
    await ctx.thaw();
    await network.unlock();
    // Scripts may have the images somewhere else already: that the tasks run on does not make them wrong.
    if (!(error instanceof NotifyError && error.action === 'post-dump')) images.discard();
    throw calls.error ?? fromCompel(error, options.pid);
  } finally {
    // Releases every task that is still stopped.
    await tracer?.close();
    await ctx.close();
    await route?.close();
    images.release();
    // With tasks that run again, as devices of theirs may need to be let go.
    if (!result) await plugins?.finish(false, true);
  }
  await plugins.finish(true, options.leaveRunning ?? false);
  if (route.tidiesParents) tidyParents(options, log);
  log.info('Dumping finished successfully');
  return result;
}

/** A failure costs room, nothing else: the dump is there. */
export function tidyParents({ imagesDir }: DumpOptions, log: Logger): void {
  try {
    const bytes = dedupParents(imagesDir);
    log.info(`Freed ${bytes} bytes of earlier dumps`);
  } catch (error) {
    log.warn(`cannot free the pages of earlier dumps: ${asCriuError(error, 'dedup').explain()}`);
  }
}

interface Circumstances {
  readonly route: PageRoute;
  readonly notifier: Notifier;
  readonly network: NetworkLock;
  readonly calls: CallOff;
  readonly plugins: Plugins;
}

async function dumpTree(
  ctx: DumpContext,
  resources: Resources,
  { route, notifier, network, calls, plugins }: Circumstances,
): Promise<DumpResult> {
  const { options, stats } = ctx;
  const { dumps } = resources;
  rehearse(ctx, resources);
  await route.ready();
  for (const resource of dumps) resource.ready(ctx);
  const priority = raisePriority(ctx.tracer.pid);
  ctx.onClose(() => priority[Symbol.dispose]());
  const watch = new Stopwatch();

  ctx.progress('freeze', 'stopping the tasks');
  ctx.reached('freeze');
  await freezeTree(ctx);
  stats.freezingTime = watch.microseconds;
  // Tasks that are born from here on are not those of this dump.
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
  const toHold: { readonly task: LiveTask; readonly job: PageJob }[] = [];
  let released = false;
  const release = async () => {
    released = true;
    ctx.reached('cure');
    // Tasks that run on do so whatever becomes of the images; others cannot be had back.
    if (options.leaveRunning) await network.unlock();
    else calls[Symbol.dispose]();
    if (options.leaveRunning || options.leaveStopped)
      await route.startTracking(ctx.live.map(tracked), ctx.runId);
    await releaseTasks(ctx);
    stats.frozenTime = watch.microseconds - stats.freezingTime;
    priority[Symbol.dispose]();
  };
  try {
    // Memory is copied natively while the rest is still being read, and written.
    await collectTasks(ctx, dumps, (task, runs) => {
      const { pid, nsPid } = task;
      if (options.live) {
        toHold.push({ task, job: route.looked({ which: { pid: nsPid }, pid, fd: -1, runs }) });
        return;
      }
      later.add(
        nsPid,
        pid,
        runs.pages.filter(({ flags }) => flags === PagemapFlags.LAZY),
      );
      pump.add(route.looked({ which: { pid: nsPid }, pid, fd: -1, runs }));
    });
    // Tasks that run on are not kept waiting for files; but what they change counts once there is a dump to count from.
    const early =
      options.leaveRunning && (options.live || (!route.tracks && !notifier.wanted && !options.lazyPages));
    if (options.live) {
      const jobs = await holdAll(held, toHold, pump);
      await pump.copied();
      await release();
      for (const job of jobs) pump.add(job);
    } else if (early) {
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
    // Whatever the dump is for: nobody has anything of one that cannot be restored. Pages are being copied meanwhile.
    ctx.reached('guard');
    const inventory = encodeInventory(ctx, dumps, { packs: route.packs, plugins: plugins.listed });
    guard(ctx, resources, inventory, route.remote ? 'elsewhere' : 'coming');
    if (!early || options.live) await pump.finished();
    ctx.images.writeInventory(inventory);
  } finally {
    await pump.settled();
    await held.end();
  }
  if (options.live && notifier.wanted) await notifier.tell('post-dump', { pid: options.pid });
  if (!released) {
    if (notifier.wanted) priority[Symbol.dispose]();
    // Files of the tasks can be kept as they are now, and whoever moves the images can still call all of it off.
    await notifier.tell('post-dump', { pid: options.pid });
    if (options.lazyPages) await handOut(ctx, later);
    await release();
  }
  writeStats(ctx);
  return { pid: options.pid, tasks: ctx.tasks.length, stats: dumpStats(ctx) };
}

/** Has the memory of all tasks held; where that cannot be, it is copied at once. @returns what is to be copied later */
async function holdAll(
  held: HeldMemory,
  tasks: readonly { readonly task: LiveTask; readonly job: PageJob }[],
  pump: PagePump,
): Promise<PageJob[]> {
  const jobs: PageJob[] = [];
  for (const { task, job } of tasks) {
    const holder = await held.hold(task, job.runs);
    if (holder === undefined) pump.add(job);
    else jobs.push({ ...job, pid: holder });
  }
  return jobs;
}

/** Memory that is not in the images: the tasks stand still until somebody has all of it. */
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

/** Lets the tasks go as it was asked for. From here on there is no way back. */
async function releaseTasks(ctx: DumpContext): Promise<void> {
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
