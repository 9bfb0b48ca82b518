// Restore, from the top: read → validate → plan → execute → commit. Nothing made by a failed one is left behind.
import { join } from 'node:path';
import { type Agent, Tracer } from '@criu/compel';
import { mkdirSync, writeFileSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../errors.js';
import { Checkpoint } from '../images/checkpoint.js';
import { encodeImage } from '../images/types.js';
import { silentLogger } from '../log.js';
import { Notifier } from '../notify.js';
import type { RestoreOptions, RestorePhase, RestoreResult, RestoreStats } from '../options.js';
import { freeRestored } from '../pages/dedup.js';
import { arm, go } from './commit.js';
import { fault, runPhase } from './perform.js';
import { PHASES, type PhaseName, type TaskRun } from './plan.js';
import type { Resources } from './resource.js';
import { RestorePlan } from './restore-plan.js';
import { TreeSpawner } from './spawn.js';

/** @throws CriuError; then no task exists and no file is left */
export async function restore(options: RestoreOptions, resources: Resources): Promise<RestoreResult> {
  const log = options.log ?? silentLogger;
  const tell = (phase: RestorePhase, message: string) => {
    log.info(message);
    options.onProgress?.({ phase, message });
  };
  const started = process.hrtime.bigint();
  tell('read', `Reading images in ${options.imagesDir}`);
  const checkpoint = new Checkpoint(options.imagesDir);
  tell('plan', `Planning ${checkpoint.tasks.length} tasks`);
  const notifier = new Notifier(options);
  const spawner: { current?: TreeSpawner } = {};
  let plan: RestorePlan | undefined;
  try {
    plan = new RestorePlan(checkpoint, options, resources);
    abortCheck(options);
    await notifier.tell('pre-restore');
    for (const { what, action } of plan.context.preparations) await attempt(what, action);
    for (const { slot, open } of plan.context.slots) slot.fill(open());
    tell('execute', 'Making tasks');
    spawner.current = new TreeSpawner(plan.context, notifier);
    const forking = process.hrtime.bigint();
    await spawner.current.spawn();
    const forkingTime = micros(forking);
    const runs = [...spawner.current.runs.values()];
    for (const { what, action } of plan.context.spawnActions) await attempt(what, () => action(runs));
    await execute(plan, runs, options);
    plan.dropSlots();
    await notifier.tell('post-restore', { pid: spawner.current.rootAgent!.pid });
    tell('commit', 'Handing over');
    const restored = await commit(plan, spawner.current, notifier, { started, forkingTime });
    await notifier.mention('post-resume', { pid: restored.pid });
    return restored;
  } catch (error) {
    await spawner.current?.destroy();
    for (const { what, action } of plan?.context.cleanups ?? []) {
      await Promise.resolve()
        .then(action)
        .catch((e: unknown) => log.error(`${what}: ${(e as Error).message}`));
    }
    throw asCriuError(error, 'restore failed');
  } finally {
    plan?.dropSlots();
  }
}

interface Times {
  readonly started: bigint;
  readonly forkingTime: number;
}

/** From agents to tasks of their own. What fails here ends the tasks before the tracer could let them go. */
async function commit(
  plan: RestorePlan,
  spawner: TreeSpawner,
  notifier: Notifier,
  { started, forkingTime }: Times,
): Promise<RestoreResult> {
  const { options } = plan;
  // For whoever asked, not as the task itself has it.
  const { pid } = spawner.rootAgent!;
  const runs = [...spawner.runs.values()];
  await using tracer = await Tracer.start();
  try {
    spawner.armed = true;
    await arm(tracer, runs);
    fault(options, 'commit');
    const stats: RestoreStats = {
      pagesCompared: 0,
      pagesSkippedCow: 0,
      forkingTime,
      restoreTime: micros(started),
      pagesRestored: pagesOf(plan),
    };
    writeStats(options, stats);
    if (options.pidfile) writePidfile(options, pid);
    abortCheck(options);
    for (const { what, action } of plan.context.lastActions) await attempt(what, action);
    await notifier.mention('pre-resume', { pid });
    await go(tracer, runs, options.leaveStopped ?? false);
    for (const { what, action } of plan.context.goneActions) {
      await attempt(what, action).catch((error: CriuError) => options.log?.error(error.explain()));
    }
    if (options.autoDedup) tidyImages(options);
    (options.log ?? silentLogger).info('Restore finished successfully. Tasks resumed.');
    return result(pid, stats, spawner.rootAgent!, options);
  } catch (error) {
    spawner.kill();
    throw error;
  }
}

/** Only now: images that nobody has come back from are worth more than room. A failure costs nothing else. */
function tidyImages({ imagesDir, log = silentLogger }: RestoreOptions): void {
  try {
    log.info(`Freed ${freeRestored(imagesDir)} bytes of images`);
  } catch (error) {
    log.warn(`cannot free the images: ${asCriuError(error, 'dedup').explain()}`);
  }
}

function result(pid: number, stats: RestoreStats, root: Agent, options: RestoreOptions): RestoreResult {
  if (options.leaveChild) return { pid, stats };
  if (options.detached || options.sibling) {
    // A caller that lives on must not be left with a zombie; one that does not is not held back.
    void root.reap(false);
    return { pid, stats };
  }
  const exit = root.reap();
  return exit === undefined ? { pid, stats } : { pid, stats, exit };
}

/** Runs all phases. Tasks go at their own pace; a barrier, or work of ours after a phase, holds them together. */
async function execute(plan: RestorePlan, runs: readonly TaskRun[], options: RestoreOptions): Promise<void> {
  const together: PhaseName[][] = [[]];
  for (const [i, phase] of PHASES.entries()) {
    // The spawner has seen to it.
    if ('early' in phase) continue;
    const before = PHASES[i - 1];
    const hold =
      ('barrier' in phase && phase.barrier) || (before && plan.context.phaseActions.has(before.name));
    if (hold) together.push([]);
    together.at(-1)!.push(phase.name);
  }
  for (const names of together) {
    abortCheck(options);
    await Promise.all(
      runs.map(async (run) => {
        for (const name of names) await runPhase(name, run, options);
      }),
    );
    for (const name of names) {
      for (const { what, action } of plan.context.phaseActions.get(name) ?? []) await attempt(what, action);
    }
  }
}

async function attempt(what: string, action: () => void | Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw asCriuError(error, `cannot ${what}`);
  }
}

function micros(since: bigint): number {
  return Number((process.hrtime.bigint() - since) / 1000n);
}

function abortCheck(options: RestoreOptions): void {
  if (options.signal?.aborted) throw new CriuError('ABORTED', 'the restore was called off');
}

function pagesOf(plan: RestorePlan): number {
  let pages = 0n;
  for (const { task } of plan.tasks) {
    for (const e of task.pagemap?.entries ?? []) pages += e.nr_pages ?? BigInt(e.compat_nr_pages);
  }
  return Number(pages);
}

function writePidfile(options: RestoreOptions, pid: number): void {
  const path = join(options.workDir ?? options.imagesDir, options.pidfile!);
  const target = options.pidfile!.startsWith('/') ? options.pidfile! : path;
  try {
    writeFileSync(target, String(pid), { flag: 'wx' });
  } catch (error) {
    throw asCriuError(error, 'cannot write the pid file', { file: target });
  }
}

function writeStats(options: RestoreOptions, stats: RestoreStats): void {
  const dir = options.workDir ?? options.imagesDir;
  mkdirSync(dir, { recursive: true });
  const entry = {
    restore: {
      pages_compared: BigInt(stats.pagesCompared),
      pages_skipped_cow: BigInt(stats.pagesSkippedCow),
      forking_time: stats.forkingTime,
      restore_time: stats.restoreTime,
      pages_restored: BigInt(stats.pagesRestored),
    },
  };
  writeFileSync(join(dir, 'stats-restore'), encodeImage('STATS', [{ entry }]));
}
