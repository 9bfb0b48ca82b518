// What is done before the freeze, so that it does not have to be done in it: memory for pages, and code that has run once.
import { availableParallelism } from 'node:os';
import { Program, ProgramResult, type TaskState } from '@criu/compel';
import { sysRaw } from '@criu/native';
import { statSync } from '@criu/native/fs';
import { SCHED_OTHER } from '@criu/native/uapi';
import { ImageWriter } from '../images/writer.js';
import { ProcError, readChildren, readStat, readStatus, readTids } from '../proc/index.js';
import { readText } from '../proc/io.js';
import { describe } from './describe.js';
import { DumpContext, LiveTask, type TaskHandle } from './dump-context.js';
import { guard } from './guard.js';
import { encodeInventory } from './inventory.js';
import type { Resources } from './resource.js';

/** SCHED_RR | SCHED_RESET_ON_FORK: threads and children do not inherit it. */
const REALTIME = 2 | 0x40000000;

/**
 * While tasks stand still, this thread and the tracer go before others: what they do is a matter of milliseconds, but
 * on a busy machine it would be waited for many times over. Threads that copy memory are not meant. Does nothing
 * where it is not permitted, or where nobody else would be left a CPU.
 */
export function raisePriority(tracerPid: number): Disposable {
  const set = (policy: number, priority: number) => {
    for (const pid of [0, tracerPid]) sysRaw('sched_setscheduler', pid, policy, new Int32Array([priority]));
  };
  const before = sysRaw('sched_getscheduler', 0);
  if (availableParallelism() < 2 || before !== SCHED_OTHER) return { [Symbol.dispose]: () => undefined };
  set(REALTIME, 1);
  return { [Symbol.dispose]: () => set(SCHED_OTHER, 0) };
}

/** Stands in for a stopped task while it still runs. */
export function standIn(pid: number): TaskHandle {
  const tids = [pid, ...readTids(pid).filter((tid) => tid !== pid)].slice(0, SMALL_CROWD);
  const threads = tids.map((tid) => ({
    tid,
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

/** Words of all magnitudes: code that has only seen small ones is thrown away when it meets a large one. */
function mixture(bytes: number): Buffer {
  const words = new BigUint64Array(bytes / 8);
  for (let i = 0; i < words.length; i++) words[i] = BigInt.asUintN(16 * (i % 5), -1n);
  return Buffer.from(words.buffer);
}

/** With components that every CPU has: others would be refused. */
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
      regs: mixture(216),
      xsave: standInXsave(),
      sigmask: 0n,
      rseq: { pointer: 0n, size: 32, signature: 0, flags: 0 },
      dispatch: undefined,
      pending: [],
      seccomp: [],
    })),
  };
}

/** Copying more takes longer than all that code does beside it, be that as slow as it may. */
const SMALL_MEMORY = 128 << 20;
/** Of mappings, as text, and of descriptors: more than these make the code fast by themselves. */
const SMALL_MAPS = 64 << 10;
const SMALL_TABLE = 256;
/** More images are not made ahead. */
const MOST_NAMES = 512;
/** Threads are alike. */
const SMALL_CROWD = 4;

/** Whether a task is read in less time than it takes V8 to learn how. */
export function isSmall(pid: number): boolean {
  const { rssAnon = 0 } = readStatus(pid);
  // The size of that folder is the number of descriptors (Linux 6.2; before, it is 0).
  return (
    rssAnon <= SMALL_MEMORY &&
    statSync(`/proc/${pid}/fd`).size <= SMALL_TABLE &&
    readText(pid, 'maps').length <= SMALL_MAPS
  );
}

/** What the freeze will do is done once before: the first time takes several times as long as the second. */
export function rehearse(ctx: DumpContext, resources: Resources): void {
  if (!isSmall(ctx.options.pid)) return;
  // Tasks that run on are let go before their images are planned.
  rehearseRoot(ctx, resources, !ctx.options.leaveRunning || ctx.options.trackMem === true);
}

/** The names of the root's images, and those that its descendants will have if they have the same kinds. */
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
  try {
    descend(root);
  } catch (error) {
    // One has ended; the freeze will tell.
    if (!(error instanceof ProcError)) throw error;
  }
  return all;
}

/**
 * Goes through the whole dump of the root while it still runs, into nowhere: the code is compiled then, and the
 * kernel has looked up all the names. What goes wrong here is said when it goes wrong in earnest.
 * @param plans whether its images are planned, too, as the guard will do
 */
function rehearseRoot(ctx: DumpContext, resources: Resources, plans: boolean): void {
  const { dumps } = resources;
  const dry = new DumpContext({ ...ctx.options, leaveRunning: false }, ImageWriter.nowhere(), true);
  try {
    const task = new LiveTask(standIn(ctx.options.pid), undefined);
    dry.tasks.push(task);
    task.stat = readStat(task.pid);
    for (const tid of task.tids) task.statuses.set(tid, readStatus(tid));
    task.state = standInState(task);
    const answered = new ProgramResult(Buffer.alloc(1 << 16), Buffer.alloc(1 << 16), [], 0);
    for (const resource of dumps) {
      resource.collect(dry, task);
      for (const tid of task.tids) resource.ask(task, tid, new Program())?.(answered);
      resource.meanwhile(task);
    }
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
