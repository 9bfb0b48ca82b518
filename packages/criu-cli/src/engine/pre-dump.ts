// The pre-dump: writes memory while the tasks run, so that the final dump only has to write what changed since.
import { IMAGES_VERSION } from '@criu/images';
import type { DumpOptions, DumpResult } from '../options.js';
import { uptime } from '../pages/changes.js';
import { PagePump } from '../pages/pipeline.js';
import { openShared, type PageJob } from '../pages/runs.js';
import { readStat, readStatus } from '../proc/index.js';
import { Stopwatch } from '../stopwatch.js';
import { CallOff } from './call-off.js';
import type { DumpContext } from './dump-context.js';
import { carryOut, type DumpLife } from './dump-life.js';
import { dumpStats, writeStats } from './dump-stats.js';
import { LiveTask } from './dump-task.js';
import { checkTarget, freezeTree } from './freeze.js';
import { Priority } from './priority.js';
import type { ResourceDump, Resources } from './resource.js';
import { tracked } from './tracking.js';
import { isSmall, Rehearsal, standIn } from './warm-up.js';

const MODES = { splice: 1, read: 2 } as const;

/**
 * Writes the memory of a process tree as a parent for a later dump. Tasks are stopped only while their page maps are
 * read and change tracking is started; the later dump finds what changes while pages are copied.
 * @throws CriuError
 */
export async function preDump(asked: DumpOptions, resources: Resources): Promise<DumpResult> {
  using calls = new CallOff(asked, 'pre-dump');
  const options: DumpOptions = {
    ...asked,
    leaveRunning: true,
    leaveStopped: false,
    trackMem: true,
    signal: calls.signal,
  };
  checkTarget(options.pid);
  const result = await carryOut(options, calls, {
    what: 'pre-dump',
    whileRunning: true,
    work: (life) => preDumpTree(life, resources.dumps),
  });
  options.log?.info('Pre-dumping finished successfully');
  return result;
}

/** The pages of a task that are to be copied. Those of its shared memory go to `ctx.addPages`. */
function pagesOf(ctx: DumpContext, dumps: readonly ResourceDump[], task: LiveTask, i: number): PageJob[] {
  task.stat = readStat(task.pid);
  for (const tid of task.tids) task.statuses.set(tid, readStatus(tid));
  return dumps.flatMap((resource) => {
    const runs = resource.preDump(ctx, task);
    if (!runs) return [];
    // Tasks of a family are to share as many pages as before.
    const fd = ctx.live.length > 1 ? openShared(task.pid, i) : -1;
    return [{ which: { pid: task.nsPid }, pid: task.pid, fd, runs, running: true }];
  });
}

async function preDumpTree({ ctx, route }: DumpLife, dumps: readonly ResourceDump[]): Promise<DumpResult> {
  const { options, stats, tracer } = ctx;
  await rehearse(ctx, dumps);
  await route.ready();
  const priority = new Priority();
  ctx.onClose(() => priority.drop());
  priority.raise(tracer.pid);
  const jobs: PageJob[] = [];
  ctx.addPages = (job) => jobs.push({ ...job, running: true });
  const watch = new Stopwatch();
  ctx.progress('freeze', 'stopping the tasks');
  ctx.reached('freeze');
  await freezeTree(ctx);
  stats.freezingTime = watch.microseconds;
  ctx.reached('frozen');
  // Tasks with a later start time are not part of this dump.
  ctx.frozenAt = uptime();
  const pump = new PagePump(ctx, route.sink, route.changes);
  try {
    for (const [i, task] of ctx.live.entries())
      jobs.push(...pagesOf(ctx, dumps, task, i).map((job) => route.looked(job)));
    ctx.reached('collect');
    await route.startTracking(ctx.live.map(tracked), ctx.runId);
    ctx.progress('release', 'letting the tasks go');
    await ctx.thaw();
    await tracer.releaseMany(tracer.seized);
    priority.drop();
    stats.frozenTime = watch.microseconds - stats.freezingTime;
  } catch (error) {
    for (const job of jobs) pump.drop(job);
    throw error;
  }
  try {
    for (const job of jobs) pump.add(job);
    await pump.finished();
  } finally {
    await pump.settled();
  }
  ctx.progress('write', 'writing images');
  ctx.reached('write');
  ctx.images.write('PAGEMAP');
  const { img_version, ...packed } = route.packed;
  ctx.images.writeNow('INVENTORY', {
    // A later dump has to know how the pages of its parent are compressed.
    ...(img_version === IMAGES_VERSION ? {} : { compress: 1, ...packed }),
    // The same as in CRIU: version 0 marks images that are no complete checkpoint.
    img_version: 0,
    dump_uptime: ctx.frozenAt,
    dump_criu_run_id: ctx.runId,
    pre_dump_mode: MODES[options.preDumpMode ?? 'splice'],
    plugins_entry: { plugins: [] },
  });
  writeStats(ctx);
  return { pid: options.pid, tasks: ctx.tasks.length, stats: dumpStats(ctx) };
}

/**
 * Runs the work of the freeze once beforehand on the root task, so that its code is compiled when tasks are stopped.
 */
async function rehearse(ctx: DumpContext, dumps: readonly ResourceDump[]): Promise<void> {
  if (!isSmall(ctx.options.pid)) return;
  const dry = new Rehearsal(ctx.options);
  try {
    pagesOf(dry, dumps, new LiveTask(standIn(ctx.options.pid), undefined), 0);
  } catch (error) {
    ctx.log.debug(`rehearsal: ${(error as Error).message}`);
  } finally {
    await dry.close();
  }
}
