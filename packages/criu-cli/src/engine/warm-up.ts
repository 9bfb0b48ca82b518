// What is done before the freeze, so that it does not have to be done in it: memory for pages, and code that has run once.
import { availableParallelism } from 'node:os';
import { Agent, Program, ProgramResult, type TaskState } from '@criu/compel';
import { sysRaw } from '@criu/native';
import { SCHED_OTHER } from '@criu/native/uapi';
import { ImageWriter } from '../images/writer.js';
import { readStat, readStatus, readTids } from '../proc/index.js';
import { Stopwatch } from '../stopwatch.js';
import { describe } from './describe.js';
import { DumpContext, LiveTask, type TaskHandle } from './dump-context.js';
import { guard } from './guard.js';
import { encodeInventory } from './inventory.js';
import type { Resources } from './resource.js';

/** SCHED_RR, which threads and children do not inherit. */
const SCHED_URGENT = 2 | 0x40000000;

/**
 * While tasks stand still, this thread and the tracer go before others: what they do is a matter of milliseconds, but
 * on a busy machine it would be waited for many times over. Threads that copy memory are not meant. Does nothing
 * where it is not permitted, or where nobody else would be left a CPU.
 */
export function hurry(tracerPid: number): Disposable {
  const set = (policy: number, priority: number) => {
    for (const pid of [0, tracerPid]) sysRaw('sched_setscheduler', pid, policy, new Int32Array([priority]));
  };
  const before = sysRaw('sched_getscheduler', 0);
  if (availableParallelism() < 2 || before !== SCHED_OTHER) return { [Symbol.dispose]: () => undefined };
  set(SCHED_URGENT, 1);
  return { [Symbol.dispose]: () => set(SCHED_OTHER, 0) };
}

/** Stands in for a stopped task while it still runs. */
export function standIn(pid: number): TaskHandle {
  const threads = readTids(pid).map((tid) => ({
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

/** After so many rounds the code is as fast as it soon gets. */
export const ROUNDS = 3;
/** A task that takes longer makes the code fast by itself. */
const REHEARSAL_US = 60_000;

/** Every thread gets some; so many make that code fast. */
const QUESTIONS = 8;
/** Copying more takes longer than all that code does beside it, be that as slow as it may. */
const REHEARSE_LIMIT = 128 << 20;

/** Everything that the freeze will do is done before, for nothing but the sake of having done it. */
export async function rehearse(ctx: DumpContext, resources: Resources): Promise<void> {
  const { rssAnon = 0 } = readStatus(ctx.options.pid);
  if (rssAnon > REHEARSE_LIMIT) return;
  const tracer = rehearseTracer(ctx);
  const watch = new Stopwatch();
  // Tasks that run on are let go before their images are planned.
  const plans = !ctx.options.leaveRunning || ctx.options.trackMem === true;
  let planned = 0;
  for (let round = 0; round < ROUNDS && watch.microseconds - planned < REHEARSAL_US; round++) {
    planned += rehearseRoot(ctx, resources, plans && planned < REHEARSAL_US);
    // The other rehearsal takes its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await tracer;
}

/** Stops, infects and releases an agent of our own. */
export async function rehearseTracer(ctx: DumpContext): Promise<void> {
  const agent = Agent.start({ name: 'rehearsal' });
  try {
    // The answer says that it is up and waits for more.
    await agent.run(new Program());
    for (let round = 0; round < ROUNDS; round++) {
      const task = await ctx.tracer.seize(agent.pid);
      await task.collect();
      const session = await task.infect();
      for (let i = 0; i < QUESTIONS; i++) {
        const program = new Program('question');
        program.syscall('prctl', [40, program.out(8), 0, 0, 0]);
        await session.runEach(new Map([[agent.pid, program]]));
      }
      await task.resume();
    }
  } catch (error) {
    ctx.log.debug(`rehearsal: ${(error as Error).message}`);
  } finally {
    await agent.exit();
  }
}

/**
 * Goes through the whole dump of the root while it still runs, into nowhere: the code is compiled then, and the
 * kernel has looked up all the names. What goes wrong here is said when it goes wrong in earnest.
 * @param plans whether its images are planned, too, as the guard will do
 * @returns microseconds that planning took
 */
function rehearseRoot(ctx: DumpContext, resources: Resources, plans: boolean): number {
  const { dumps } = resources;
  const dry = new DumpContext(
    { ...ctx.options, leaveRunning: false },
    ImageWriter.nowhere(),
    ctx.tracer,
    true,
  );
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
    ctx.images.reserve(dry.images.names);
    const watch = new Stopwatch();
    if (plans) guard(dry, resources, encodeInventory(dry, dumps), 'elsewhere');
    return watch.microseconds;
  } catch (error) {
    ctx.log.debug(`rehearsal: ${(error as Error).message}`);
    return 0;
  } finally {
    void dry.close();
  }
}
