// Everything that has to be learned while tasks stand still: /proc by the kinds of state, ptrace, and one program in each thread.
import { Program, type ProgramResult, type Session, type TaskState, type ThreadLook } from '@criu/compel';
import { CriuError } from '../errors.js';
import type { PageRuns } from '../pages/runs.js';
import { readStat, readStatus } from '../proc/index.js';
import type { DumpContext, LiveTask } from './dump-context.js';
import { fromCompel } from './freeze.js';
import type { Answer, ResourceDump } from './resource.js';

const BUFFER_BYTES = 1 << 20;

/** Lets answers of the tracer in, so that it goes on while we read. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Infects a task once ptrace has told of it; the tracer works on that while we go on reading /proc. */
async function infect(task: LiveTask, state: Promise<TaskState>): Promise<Session> {
  try {
    task.state = await state;
    return await task.task.infect({ bufferBytes: BUFFER_BYTES });
  } catch (error) {
    throw fromCompel(error, task.pid);
  }
}

/** What the threads of a task said, for the kinds that had asked. */
interface Asked {
  readonly answers: readonly (() => void)[];
}

/** One program in each thread of a task, with the questions of all kinds. */
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

/** Asks all kinds about all tasks. A kind that is refused for a task is asked nothing more about it; the others are. */
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
 * Learns everything about the live tasks. `pages` gets the memory of each that is to be copied.
 * @throws whatever a kind, the tracer or a task throws, when nothing is under way any more; all refusals in one
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
  // What fails in the background is awaited below, when /proc is read.
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
    // A task in the middle of being infected cannot be released.
    await Promise.allSettled([...begun.map(({ state }) => state), ...sessions, ...asked]);
  }
  ctx.reached('infected');
}

/** The zombies of the tree tell only how they ended. */
function collectZombies(ctx: DumpContext): void {
  for (const task of ctx.tasks) {
    if (task.kind !== 'zombie') continue;
    task.stat = readStat(task.pid);
    task.status = readStatus(task.pid);
  }
}
