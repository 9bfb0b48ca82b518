// Work done before the freeze to keep the freeze short: running its code once, so that V8 has compiled it.
import { Program, ProgramResult, type TaskState } from '@criu/compel';
import { abi } from '@criu/native';
import { ImageWriter } from '../images/writer.js';
import { loadLater } from '../later.js';
import type { DumpOptions } from '../options.js';
import { ProcError, readChildren, readFdNumbers, readStat, readStatus, readTids } from '../proc/index.js';
import { describe } from './describe.js';
import { DumpContext } from './dump-context.js';
import { LiveTask, type TaskHandle } from './dump-task.js';
import { guard } from './guard.js';
import { encodeInventory } from './inventory.js';
import type { Resources } from './resource.js';

/** A stand-in for a stopped task, for a rehearsal while it runs. */
export function standIn(pid: number): TaskHandle {
  const tids = [pid, ...readTids(pid).filter((tid) => tid !== pid)].slice(0, SMALL_CROWD);
  const threads = tids.map((tid) => ({
    tid,
    regs: mixture(abi.UserRegs.size),
    rseq: { pointer: 0n, size: 32, signature: 0, flags: 0 },
    stopped: { kind: 'running' as const },
  }));
  const part: Pick<TaskHandle, 'pid'> & { threads: unknown; thread: unknown } = {
    pid,
    threads,
    thread: () => threads[0],
  };
  return part as unknown as TaskHandle;
}

/** Words of all magnitudes: V8 discards code optimised for small integers when it meets a large one. */
function mixture(bytes: number): Buffer {
  const words = new BigUint64Array(bytes / 8);
  for (let i = 0; i < words.length; i++) words[i] = BigInt.asUintN(16 * (i % 5), -1n);
  return Buffer.from(words.buffer);
}

/** An XSAVE area that has only components which every CPU supports; others would be refused. */
function standInXsave(): Buffer {
  const area = mixture(4096);
  area.writeBigUInt64LE(0xe7n, 512);
  return area;
}

function standInState(task: LiveTask): TaskState {
  return {
    pid: task.pid,
    sharedPending: [],
    threads: task.tids.map((tid) => ({
      tid,
      stopped: { kind: 'running' },
      regs: mixture(abi.UserRegs.size),
      xsave: standInXsave(),
      sigmask: 0n,
      rseq: { pointer: 0n, size: 32, signature: 0, flags: 0 },
      dispatch: undefined,
      pending: [],
      seccomp: [],
    })),
  };
}

/** Bytes. For tasks with more memory, copying takes longer than running unoptimised code. */
const SMALL_MEMORY = 128 << 20;
/**
 * Limit in bytes of page tables. The kernel walks all of them for each read of /proc/pid/smaps, in 26 ms for 100 MiB.
 */
const SMALL_TABLES = 16 << 20;
/** Number of mappings and of descriptors to rehearse with: further ones run the same code. */
const SMALL_TABLE = 128;
/** Number of image files that are created ahead at most. */
const MOST_NAMES = 2048;
/** Number of threads to rehearse with: further ones run the same code. */
const SMALL_CROWD = 4;

/** Whether a task has so little memory that running uncompiled code dominates the time of the freeze. */
export function isSmall(pid: number): boolean {
  const { rssAnon = 0, vmPte = 0 } = readStatus(pid);
  return rssAnon <= SMALL_MEMORY && vmPte <= SMALL_TABLES;
}

/** Limit in bytes of what is looked through for pages: a scan of much memory would take as long as that of the dump. */
const SCANNED = 256n << 20n;

/** A dump of running tasks to nowhere: it changes nothing but its own objects, copies no pages and tells nobody. */
export class Rehearsal extends DumpContext {
  constructor({
    log: _log,
    onProgress: _progress,
    signal: _signal,
    faults: _faults,
    ...options
  }: DumpOptions) {
    super(options, ImageWriter.nowhere());
  }

  override ifStopped<T>(_work: () => T, otherwise: T): T {
    return otherwise;
  }

  override get scanLimit(): bigint {
    return SCANNED;
  }

  override get tableLimit(): number {
    return SMALL_TABLE;
  }
}

/** Whether there may be more than a rehearsal of the root task meets. */
function hasMore(pid: number): boolean {
  try {
    return (
      readTids(pid).length > SMALL_CROWD ||
      readChildren(pid).length > 0 ||
      readFdNumbers(pid).length > SMALL_TABLE
    );
  } catch {
    // It has ended, or may not be looked at: the freeze will notice.
    return true;
  }
}

/** Runs the code of the freeze once beforehand: the first run takes several times as long as the second. */
export function rehearse(ctx: DumpContext, resources: Resources): void {
  const { pid, leaveRunning, trackMem } = ctx.options;
  const small = isSmall(pid);
  // Tasks that run on are released before the guard plans their images, so that planning costs no frozen time.
  if (small) rehearseRoot(ctx, resources, !leaveRunning || trackMem === true);
  // Code for what has not been met is not to be loaded while tasks stand still.
  if (!small || hasMore(pid)) loadLater();
}

/** Image names of the root task, and those that its descendants will have if they have the same kinds of images. */
function namesOfTree(names: readonly string[], root: number): string[] {
  const suffix = (pid: number) => `-${readStatus(pid).nsPid.at(-1)}.img`;
  const ofRoot = suffix(root);
  const kinds = names.filter((name) => name.endsWith(ofRoot)).map((name) => name.slice(0, -ofRoot.length));
  const all = [...names];
  const descend = (pid: number) => {
    for (const child of readChildren(pid)) {
      if (all.length > MOST_NAMES) return;
      const own = suffix(child);
      all.push(...kinds.map((kind) => `${kind}${own}`));
      descend(child);
    }
  };
  const addThreads = () => {
    const nested = readStatus(root).nsPid.length > 1;
    for (const tid of readTids(root).slice(0, MOST_NAMES))
      if (tid !== root) all.push(`core-${nested ? readStatus(tid).nsPid.at(-1) : tid}.img`);
  };
  try {
    // The kernel takes longer to create a file than to write it, and each thread has one.
    addThreads();
    descend(root);
  } catch (error) {
    // A task has ended meanwhile; the freeze will notice.
    if (!(error instanceof ProcError)) throw error;
  }
  return all;
}

/**
 * Dumps the running root task to nowhere: the code is compiled afterwards, and the kernel has the path names in its
 * dentry cache. Errors are ignored here, as the real dump reports them.
 * @param plans whether to plan a restore too, as the guard will do
 */
function rehearseRoot(ctx: DumpContext, resources: Resources, plans: boolean): void {
  const { dumps } = resources;
  const dry = new Rehearsal({ ...ctx.options, leaveRunning: false });
  try {
    const task = new LiveTask(standIn(ctx.options.pid), undefined);
    dry.tasks.push(task);
    task.stat = readStat(task.pid);
    for (const tid of task.tids) task.statuses.set(tid, readStatus(tid));
    for (const resource of dumps) resource.collect(dry, task);
    task.state = standInState(task);
    const answered = new ProgramResult(Buffer.alloc(1 << 16), Buffer.alloc(1 << 16), [], 0);
    for (const resource of dumps) {
      for (const tid of task.tids) resource.ask(task, tid, new Program())?.(answered);
      resource.meanwhile(task);
    }
    for (const resource of dumps) resource.rehearse(dry);
    describe(dry, dumps);
    dry.images.write();
    ctx.images.reserve(namesOfTree(dry.images.names, task.pid));
    if (plans) guard(dry, resources, encodeInventory(dry, dumps), 'elsewhere');
  } catch (error) {
    ctx.log.debug(`rehearsal: ${(error as Error).message}`);
  } finally {
    void dry.close();
  }
}
