// Takes a task through the phases of its plan. Programs are sent to its agent without waiting for results, as far as no
// step depends on the result of an earlier one; once one program of a task has failed, its later ones do not run.
// Descriptors that other tasks need are put into their slots as soon as they arrive.
import { ChainBrokenError, Program, ProgramError, type ProgramResult } from '@criu/compel';
import { asCriuError, CriuError } from '../errors.js';
import type { RestoreOptions, RestorePhase } from '../options.js';
import type { PhaseName, PlanStep, TaskRun } from './plan.js';

/** A named point at which tests can make the restore fail. @throws CriuError INTERNAL */
export function fault(options: RestoreOptions, point: string): void {
  if (options.faults?.includes(point)) throw new CriuError('INTERNAL', `fault injected at ${point}`);
}

/**
 * Reports the start of a step that is not part of a task's plan; tests can make it fail by its name.
 * @throws CriuError
 */
export function begin(options: RestoreOptions, phase: RestorePhase, what: string): void {
  options.onProgress?.({ phase, message: what });
  fault(options, what);
}

/** Takes a task through the given phases in order. @throws CriuError */
export async function runPhases(
  names: readonly PhaseName[],
  run: TaskRun,
  options: RestoreOptions,
): Promise<void> {
  const line = new Line(run);
  for (const name of names) {
    options.onProgress?.({ phase: 'execute', message: `${name} of task ${run.plan.pid}` });
    fault(options, name);
    if (options.faults?.includes(`stall:${name}`)) await stall(line, run);
    for (const [i, step] of run.plan.steps(name).entries()) {
      fault(options, `${name}:${i}`);
      // Awaiting only where necessary lets several programs go out in one write, which wakes the agent once.
      if (step.needs.some((slot) => !slot.filled)) await line.slots(step);
      const program = typeof step.program === 'function' ? await line.build(step) : step.program;
      if (program.length === 0) continue;
      line.send(step, program);
      if (step.after || step.checks?.length) await line.settle();
    }
  }
  await line.settle();
}

/** For tests: makes an agent wait for ever. */
async function stall(line: Line, { agent }: TaskRun): Promise<void> {
  await line.settle();
  const p = new Program('stall');
  p.syscall('pause', []);
  await agent.run(p);
}

/** The programs that were sent to the agent of a task and not answered yet. */
class Line {
  private open: Promise<void>[] = [];
  private lastIsQuiet = false;
  private error: unknown;
  private tellBroken: (error: unknown) => void = () => undefined;
  private readonly broken: Promise<never>;

  constructor(private readonly run: TaskRun) {
    this.broken = new Promise((_, reject) => {
      this.tellBroken = reject;
    });
    this.broken.catch(() => undefined);
  }

  /** Waits until all slots that a step needs are filled. */
  async slots({ needs }: PlanStep): Promise<void> {
    for (const slot of needs) if (!slot.filled) await Promise.race([slot.ready(), this.broken]);
  }

  /**
   * The program of a step. If it is built late, all earlier steps are waited for first, unless the step is marked
   * `ahead`.
   */
  async build({ program, ahead }: PlanStep): Promise<Program> {
    if (typeof program !== 'function') return program;
    if (!ahead) await this.settle();
    try {
      return await program(this.run);
    } finally {
      // Replies are tracked even if the program could not be built: their errors must not go unhandled.
      for (const answer of this.run.answers.splice(0)) this.add(answer);
    }
  }

  send(step: PlanStep, program: Program): void {
    const { agent, chain } = this.run;
    this.lastIsQuiet = !program.sends && !step.after && !step.checks?.length;
    this.add(
      agent.follow(chain, program, this.lastIsQuiet).then(
        (result) => (result ? this.done(step, result) : undefined),
        (error: unknown) => {
          throw this.named(step, error);
        },
      ),
    );
  }

  /** Waits until all programs sent so far have run. @throws the error of the first step that has failed */
  async settle(): Promise<void> {
    if (this.open.length === 0) return;
    const { agent, chain } = this.run;
    if (this.lastIsQuiet) this.add(agent.follow(chain, new Program('all of it')).then(() => undefined));
    this.lastIsQuiet = false;
    await Promise.all(this.open.splice(0)).catch((error: unknown) => {
      throw this.error ?? error;
    });
  }

  private add(answer: Promise<void>): void {
    this.open.push(answer);
    answer.catch((error: unknown) => {
      // A program that was skipped because an earlier one failed has no error of its own.
      if (error instanceof ChainBrokenError) return;
      this.error ??= error;
      this.tellBroken(this.error);
    });
  }

  private named({ title, meanings }: PlanStep, error: unknown): unknown {
    if (error instanceof ChainBrokenError) return error;
    const label = error instanceof ProgramError ? error.label : undefined;
    const meaning = label === undefined ? undefined : meanings?.get(label);
    return (
      meaning?.(error) ?? asCriuError(error, `cannot restore the task: ${title}`, { pid: this.run.plan.pid })
    );
  }

  private async done(step: PlanStep, result: ProgramResult): Promise<void> {
    const { run } = this;
    for (const [i, slot] of step.gives.entries()) {
      const fd = result.fds[i];
      if (fd === undefined)
        throw new CriuError('INTERNAL', `no descriptor came for ${slot.name}`, { pid: run.plan.pid });
      slot.fill(fd);
    }
    for (const check of step.checks ?? []) await check(run);
    await step.after?.(result, run);
  }
}
