// Collects the state of the stopped tasks: from /proc and ptrace, by kind of state, and by one agent program in each
// thread.
import { Program, type ProgramResult, type Session, type TaskState, type ThreadLook } from '@criu/compel';
import { CriuError } from '../errors.js';
import type { PageRuns } from '../pages/runs.js';
import { readStat, readStatus } from '../proc/index.js';
import type { DumpContext } from './dump-context.js';
import type { LiveTask } from './dump-task.js';
import { fromCompel } from './freeze.js';
import type { Answer, ResourceDump } from './resource.js';

const BUFFER_BYTES = 1 << 20;

/** Yields to the event loop, so that replies of the tracer are processed between two reads of /proc. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Injects the agent into a task as soon as ptrace has reported its state. The tracer process does this in parallel with
 * our reading of /proc.
 */
async function infect(task: LiveTask, state: Promise<TaskState>): Promise<Session> {
  try {
    task.state = await state;
    return await task.task.infect({ bufferBytes: BUFFER_BYTES });
  } catch (error) {
    throw fromCompel(error, task.pid);
  }
}

/** Callbacks that hand the results of a task's programs to the kinds of state that asked. */
interface Asked {
  readonly answers: readonly (() => void)[];
}

/** Runs one program in each thread of a task, with the questions of all kinds of state. */
async function ask(collector: Collector, task: LiveTask, session: Session): Promise<Asked> {
  const programs = new Map<number, Program>();
  const looks = new Map<number, ThreadLook>();
  const answers: { resource: ResourceDump; tid: number; answer: Answer }[] = [];
  for (const tid of task.tids) {
    const program = new Program(`state of ${tid}`);
    for (const resource of collector.dumps) {
      const answer = collector.attempt(resource, task, () => resource.ask(task, tid, program));
      if (answer) answers.push({ resource, tid, answer });
    }
    programs.set(tid, program);
    const { sigPnd, shdPnd, sigIgn, seccomp } = task.statusOf(tid);
    looks.set(tid, { pending: sigPnd | shdPnd, ignored: sigIgn, seccomp: (seccomp ?? 0) !== 0 });
  }
  const results = await session.runEach(programs, looks);
  return {
    answers: answers.map(
      ({ resource, tid, answer }) =>
        () =>
          collector.attempt(resource, task, () => answer(resultOf(results, task, tid))),
    ),
  };
}

function resultOf(results: ReadonlyMap<number, ProgramResult>, task: LiveTask, tid: number): ProgramResult {
  const result = results.get(tid);
  if (!result) throw new CriuError('TASK_DIED', `thread ${tid} did not answer`, { pid: task.pid });
  return result;
}

/**
 * Calls the kinds of state for each task. A kind that has refused a task is skipped for this task from then on; other
 * kinds go on, so that all refusals are reported together.
 */
class Collector {
  private readonly refused = new Set<string>();

  constructor(
    private readonly ctx: DumpContext,
    readonly dumps: readonly ResourceDump[],
  ) {}

  attempt<T>(resource: ResourceDump, task: LiveTask, work: () => T): T | undefined {
    const key = `${resource.name} ${task.pid}`;
    if (this.refused.has(key)) return undefined;
    const done = this.ctx.refusals.attempt(() => ({ value: work() }));
    if (!done) this.refused.add(key);
    return done?.value;
  }
}

/**
 * Collects the state of all live tasks.
 * @param pages is given the memory of each task that has to be copied
 * @throws what a kind of state, the tracer or a task has thrown, once no work is in progress any more; refusals of all
 * kinds are thrown as one error
 */
export async function collectTasks(
  ctx: DumpContext,
  dumps: readonly ResourceDump[],
  pages: (task: LiveTask, runs: PageRuns) => void,
): Promise<void> {
  const tasks = ctx.live;
  ctx.reached('infect');
  const collector = new Collector(ctx, dumps);
  const last = dumps.findLastIndex((resource) => resource.beforeInfect);
  const lastToAsk = Math.max(
    last,
    dumps.findLastIndex((resource) => resource.asks),
  );
  const sessions: Promise<Session>[] = [];
  const asked: Promise<Asked>[] = [];
  // Rejections are handled where the promise is awaited below; until then they must not count as unhandled.
  const later = <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => undefined);
    return promise;
  };
  const begun = tasks.map((task) => ({ task, state: later(task.task.collect()) }));
  try {
    for (const { task, state } of begun) {
      let session: Promise<Session> | undefined;
      task.stat = readStat(task.pid);
      for (const tid of task.tids) task.statuses.set(tid, readStatus(tid));
      for (const [i, resource] of dumps.entries()) {
        ctx.reached(`collect:${resource.name}`);
        collector.attempt(resource, task, () => {
          resource.collect(ctx, task);
          const runs = resource.pages(task);
          if (runs && !ctx.refusals.any) pages(task, runs);
        });
        if (i === last) {
          session = later(infect(task, state));
          sessions.push(session);
        }
        if (i === lastToAsk && session)
          asked.push(later(session.then((agent) => ask(collector, task, agent))));
        if (i >= last) await turn();
      }
    }
    for (const session of sessions) await ctx.refusals.attemptAsync(() => session);
    await turn();
    for (const task of tasks)
      for (const resource of dumps) collector.attempt(resource, task, () => resource.meanwhile(task));
    for (const one of asked) {
      const said = await ctx.refusals.attemptAsync(() => one);
      for (const answer of said?.answers ?? []) answer();
    }
    collectZombies(ctx);
    for (const resource of dumps) await ctx.refusals.attemptAsync(() => resource.afterCollect(ctx));
    ctx.refusals.settle();
  } finally {
    // A task cannot be released while the agent is being injected into it.
    await Promise.allSettled([...begun.map(({ state }) => state), ...sessions, ...asked]);
  }
  ctx.reached('infected');
}

/** Of a zombie, only stat and status can be read; the exit code is in stat. */
function collectZombies(ctx: DumpContext): void {
  for (const task of ctx.tasks) {
    if (task.kind !== 'zombie') continue;
    task.stat = readStat(task.pid);
    task.status = readStatus(task.pid);
  }
}
