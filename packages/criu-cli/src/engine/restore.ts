// The restore: read, validate, plan, execute, commit. A failed restore leaves nothing behind.
import { type Agent, Tracer } from '@criu/compel';
import { totalPages } from '@criu/images';
import { mkdirSync, resolvePath, rmSync } from '@criu/native/fs';
import { asCriuError, type CriuError } from '../errors.js';
import { Checkpoint, type ImageTask } from '../images/checkpoint.js';
import { writeImageFile } from '../images/writer.js';
import { silentLogger } from '../log.js';
import { Notifier } from '../notify.js';
import type { RestoreOptions, RestorePhase, RestoreResult, RestoreStats } from '../options.js';
import { freeRestored } from '../pages/dedup.js';
import { checkPidFile, writePidFile } from '../pid-file.js';
import { type Hooks, type ListedPlugin, Plugins } from '../plugins/index.js';
import { CallOff } from './call-off.js';
import { arm, go } from './commit.js';
import { showFilling } from './fill-progress.js';
import { NetworkLock } from './network-lock.js';
import { fault, runPhases } from './perform.js';
import type { TaskRun } from './plan.js';
import { hasten, isHandedDown, Priority } from './priority.js';
import type { Resources } from './resource.js';
import { RestorePlan } from './restore-plan.js';
import { TreeSpawner } from './spawn.js';

/** Restores a process tree. @throws CriuError; then no task exists any more and no file of the restore is left */
export async function restore(options: RestoreOptions, resources: Resources): Promise<RestoreResult> {
  const log = options.log ?? silentLogger;
  const tell = (phase: RestorePhase, message: string) => {
    log.info(message);
    options.onProgress?.({ phase, message });
  };
  const started = process.hrtime.bigint();
  using calls = new CallOff(options, 'restore');
  using priority = new Priority();
  tell('read', `Reading images in ${options.imagesDir}`);
  const checkpoint = Checkpoint.of(options.imagesDir);
  tell('plan', `Planning ${checkpoint.tasks.length} tasks`);
  const notifier = new Notifier({ ...options, signal: calls.signal });
  const spawner: { current?: TreeSpawner } = {};
  let plan: RestorePlan | undefined;
  let plugins: Plugins | undefined;
  try {
    const hooks = await Plugins.start('restore', options, pluginsOf(checkpoint));
    plugins = hooks;
    const planned = new RestorePlan(checkpoint, options, resources, { hooks });
    plan = planned;
    priority.raise();
    calls.check();
    const pidfile = pidFileOf(options);
    if (pidfile !== undefined) checkPidFile(pidfile);
    await notifier.tell('pre-restore');
    await hooks.ask('RESTORE_INIT', { about: 'the images' });
    for (const { what, action } of plan.context.preparations) await attempt(what, action, calls);
    for (const { slot, open } of plan.context.slots) if (open) slot.fill(open());
    tell('execute', 'Making tasks');
    const tree = new TreeSpawner(plan.context, notifier, priority);
    spawner.current = tree;
    // Everything in progress waits for an agent or for a slot: failing the slots and killing the tasks ends it.
    calls.listen((error) => {
      planned.failSlots(error);
      tree.kill();
    });
    const forking = process.hrtime.bigint();
    const pid = await tree.spawn();
    const forkingTime = micros(forking);
    const runs = [...tree.runs.values()];
    await hooks.ask('POST_FORKING', { about: 'the tasks' });
    for (const { what, action } of plan.context.spawnActions) await attempt(what, () => action(runs), calls);
    await execute(plan, runs, calls);
    plan.dropSlots();
    await notifier.tell('post-restore', { pid });
    tell('commit', 'Handing over');
    const tracer = await Tracer.start();
    let held = false;
    try {
      priority.raise(tracer.pid);
      const restored = await commit(plan, tree, tracer, { notifier, calls, hooks, started, forkingTime });
      // The tasks run: from here on, errors cannot undo the restore.
      await hooks.finish(true, true).catch(() => undefined);
      await notifier.inform('post-resume', { pid: restored.pid });
      // Until the tracer has ended, the tasks are killed if this process is (`go` in commit.ts).
      await options.onRestored?.(restored);
      options.atExit?.(() => tracer.dismiss());
      held = options.atExit !== undefined;
      return restored;
    } finally {
      if (!held) await tracer.close();
    }
  } catch (error) {
    await spawner.current?.destroy();
    for (const { what, action } of plan?.context.cleanups ?? []) {
      await Promise.resolve()
        .then(action)
        .catch((e: unknown) => log.error(`${what}: ${(e as Error).message}`));
    }
    await plugins?.finish(false, false);
    throw calls.error ?? asCriuError(error, 'restore failed');
  } finally {
    plan?.dropSlots();
  }
}

function pluginsOf({ inventory: { plugins_entry: entry } }: Checkpoint): ListedPlugin[] {
  return (entry?.plugins ?? []).map((name, index) => ({
    name,
    version: entry?.versions[index] || undefined,
  }));
}

interface Circumstances {
  readonly notifier: Notifier;
  readonly calls: CallOff;
  readonly hooks: Hooks;
  readonly started: bigint;
  readonly forkingTime: number;
}

/**
 * Removes the agents and lets the tasks run. On a failure the tasks are killed before closing the tracer could release
 * them.
 */
async function commit(
  plan: RestorePlan,
  spawner: TreeSpawner,
  tracer: Tracer,
  { notifier, calls, hooks, started, forkingTime }: Circumstances,
): Promise<RestoreResult> {
  const { options } = plan;
  const root = spawner.needRoot();
  // The pid as seen by this process, which the caller needs; not the one in the task's own pid namespace.
  const { pid } = root;
  const runs = [...spawner.runs.values()];
  const handover = { tracer, runs, options };
  const pidfile = pidFileOf(options);
  let written: string | undefined;
  try {
    spawner.armed = true;
    await arm(handover);
    fault(options, 'commit');
    const stats: RestoreStats = {
      pagesCompared: 0,
      pagesSkippedCow: 0,
      forkingTime,
      restoreTime: micros(started),
      pagesRestored: pagesOf(plan),
    };
    writeStats(options, stats);
    if (pidfile !== undefined) {
      writePidFile(pidfile, pid);
      written = pidfile;
    }
    for (const run of runs) {
      const task = run.hostPid;
      await hooks.ask('RESUME_DEVICES_LATE', { args: [task], about: `task ${task}`, pid: task });
    }
    for (const { what, action } of plan.context.lastActions) await attempt(what, action, calls);
    await NetworkLock.unlockRestored(notifier, pid);
    await notifier.inform('pre-resume', { pid });
    calls.check();
    calls[Symbol.dispose]();
    await go(handover);
    for (const { what, action } of plan.context.goneActions) {
      await attempt(what, action).catch((error: CriuError) => options.log?.error(error.explain()));
    }
    if (options.autoDedup && !options.lazy && !options.lazyPages) tidyImages(options);
    (options.log ?? silentLogger).info('Restore finished successfully. Tasks resumed.');
    return { ...result(pid, stats, root, options), ...lasting(plan) };
  } catch (error) {
    spawner.kill();
    if (written !== undefined) rmSync(written, { force: true });
    throw error;
  }
}

/**
 * Frees the pages of the images (`--auto-dedup`), only after the tasks run: until then the images are the only copy. A
 * failure is only logged.
 */
function tidyImages({ imagesDir, log = silentLogger }: RestoreOptions): void {
  try {
    log.info(`Freed ${freeRestored(imagesDir)} bytes of images`);
  } catch (error) {
    log.warn(`cannot free the images: ${asCriuError(error, 'dedup').explain()}`);
  }
}

/** Work that continues while the tasks run. The caller may wait for it with `complete`. */
function lasting({ context }: RestorePlan): Pick<RestoreResult, 'complete'> {
  if (context.lasting.length === 0) return {};
  return {
    async complete() {
      for (const { end } of context.lasting) await end();
    },
  };
}

function result(pid: number, stats: RestoreStats, root: Agent, options: RestoreOptions): RestoreResult {
  if (options.leaveChild) return { pid, stats };
  if (options.detached || options.sibling) {
    // The zombie of the root task is reaped in the background if the caller lives on; one that exits (`atExit`) does not
    // have to wait for it, nor start a thread that does.
    if (options.atExit === undefined) void root.reap(false);
    return { pid, stats };
  }
  const exit = root.reap();
  return exit === undefined ? { pid, stats } : { pid, stats, exit };
}

/** Runs all phases. Tasks proceed at their own pace between barriers; actions of `afterPhase` also hold all tasks. */
async function execute(plan: RestorePlan, runs: readonly TaskRun[], calls: CallOff): Promise<void> {
  using _shown = showFilling(plan.options, plan.context.pages, runs);
  const all = isHandedDown();
  for (const { plan: of, hostPid } of runs) if (all || pagesIn(of.task) < MANY_PAGES) hasten(hostPid);
  for (const phases of plan.stages) {
    calls.check();
    await Promise.all(runs.map((run) => runPhases(phases, run, plan.options)));
    for (const phase of phases)
      for (const { what, action } of plan.context.phaseActions.get(phase) ?? [])
        await attempt(what, action, calls);
  }
}

async function attempt(what: string, action: () => void | Promise<void>, calls?: CallOff): Promise<void> {
  calls?.check();
  try {
    await action();
  } catch (error) {
    throw asCriuError(error, `cannot ${what}`);
  }
}

function micros(since: bigint): number {
  return Number((process.hrtime.bigint() - since) / 1000n);
}

/**
 * Memory from which on a task is not hastened (64 MiB): copying it at real-time priority would keep others waiting. Whoever starts
 * the restore with such a priority wants that.
 */
const MANY_PAGES = 1 << 14;

function pagesIn({ pagemap }: ImageTask): number {
  return pagemap ? totalPages(pagemap) : 0;
}

function pagesOf(plan: RestorePlan): number {
  return plan.tasks.reduce((sum, { task }) => sum + pagesIn(task), 0);
}

function pidFileOf({ pidfile, workDir, imagesDir }: RestoreOptions): string | undefined {
  return pidfile === undefined ? undefined : resolvePath(workDir ?? imagesDir, pidfile);
}

/** Writes `stats-restore`. A failure is only logged. */
function writeStats(options: RestoreOptions, stats: RestoreStats): void {
  const dir = options.workDir ?? options.imagesDir;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeImageFile(dir, 'stats-restore', 'STATS', {
      restore: {
        pages_compared: BigInt(stats.pagesCompared),
        pages_skipped_cow: BigInt(stats.pagesSkippedCow),
        forking_time: stats.forkingTime,
        restore_time: stats.restoreTime,
        pages_restored: BigInt(stats.pagesRestored),
      },
    });
  } catch (error) {
    options.log?.warn(`no statistics: ${asCriuError(error, 'cannot write them').explain()}`);
  }
}
