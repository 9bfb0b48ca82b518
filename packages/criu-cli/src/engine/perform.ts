// The phases of a task, step by step: each waits for the descriptors it needs, runs, and hands on what it gives.
import { type Agent, Program, ProgramError } from '@criu/compel';
import { asCriuError, CriuError } from '../errors.js';
import type { RestoreOptions } from '../options.js';
import type { PhaseName, PlanStep, TaskRun } from './plan.js';

/** A point where a test can have the restore fail. @throws CriuError */
export function fault(options: RestoreOptions, point: string): void {
  if (options.faults?.includes(point)) throw new CriuError('INTERNAL', `fault injected at ${point}`);
}

/** A point where a test can have an agent wait for ever. */
async function stall({ faults }: RestoreOptions, phase: PhaseName, { agent }: TaskRun): Promise<void> {
  if (!faults?.includes(`stall:${phase}`)) return;
  const p = new Program('stall');
  p.syscall('pause', []);
  await agent.run(p);
}

/** Takes a task through a phase. @throws CriuError */
export async function runPhase(name: PhaseName, run: TaskRun, options: RestoreOptions): Promise<void> {
  options.onProgress?.({ phase: 'execute', message: `${name} of task ${run.plan.pid}` });
  fault(options, name);
  await stall(options, name, run);
  for (const [i, step] of run.plan.steps(name).entries()) {
    fault(options, `${name}:${i}`);
    await perform(step, run);
  }
}

async function perform(step: PlanStep, run: TaskRun): Promise<void> {
  for (const slot of step.needs) await slot.ready();
  const program = typeof step.program === 'function' ? await step.program(run) : step.program;
  if (program.length === 0) return;
  let result: Awaited<ReturnType<Agent['run']>>;
  try {
    result = await run.agent.run(program);
  } catch (error) {
    const label = error instanceof ProgramError ? error.label : undefined;
    const meaning = label === undefined ? undefined : step.meanings?.get(label);
    throw (
      meaning?.(error) ?? asCriuError(error, `cannot restore the task: ${step.title}`, { pid: run.plan.pid })
    );
  }
  for (const [i, slot] of step.gives.entries()) {
    const fd = result.fds[i];
    if (fd === undefined)
      throw new CriuError('INTERNAL', `no descriptor came for ${slot.name}`, { pid: run.plan.pid });
    slot.fill(fd);
  }
  for (const check of step.checks ?? []) await check(run);
  await step.after?.(result, run);
}
