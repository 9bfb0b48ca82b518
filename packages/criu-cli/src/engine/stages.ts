// Whether a plan comes to its end: which phases hold all tasks together, whether each descriptor that is waited for comes, and
// whether agents have room for their programs.
import { Program } from '@criu/compel';
import { RLIMIT_NOFILE } from '@criu/native/uapi';
import { CriuError } from '../errors.js';
import { RLIM_INFINITY, readLimits } from '../proc/index.js';
import { BUFFER_BYTES } from './layout.js';
import { PHASES, type PhaseName, type PlanStep, type Slot, type TaskPlan } from './plan.js';

/**
 * Phases in stages. Within one, tasks go at their own pace; before the next, all tasks wait for all.
 * @param held whether something is done between a phase and the one that follows it
 * @param alone there is nobody to wait for at a barrier
 */
export function stages(held: (phase: PhaseName) => boolean, alone = false): PhaseName[][] {
  const out: PhaseName[][] = [];
  let current: PhaseName[] | undefined;
  let before: PhaseName | undefined;
  for (const phase of PHASES) {
    // The spawner has seen to an early one.
    if ('early' in phase) continue;
    if (!current || (!alone && 'barrier' in phase) || (before !== undefined && held(before))) {
      current = [];
      out.push(current);
    }
    current.push(phase.name);
    before = phase.name;
  }
  return out;
}

const EARLY = PHASES.flatMap((phase) => ('early' in phase ? [phase.name] : []));

/**
 * Goes through the steps of all tasks as the restore will.
 * @param given slots that are filled before the first task exists
 * @throws CriuError BAD_IMAGE naming who would wait for what for ever
 */
export function checkOrder(
  tasks: readonly TaskPlan[],
  parts: readonly (readonly PhaseName[])[],
  given: readonly Slot[],
): void {
  const filled = new Set(given);
  for (const part of [EARLY, ...parts]) {
    let waiting = tasks.map((plan) => ({
      plan,
      steps: part.flatMap((phase) => [...plan.steps(phase)]),
      at: 0,
    }));
    for (let moved = true; moved; ) {
      moved = false;
      for (const one of waiting) {
        for (let step = one.steps[one.at]; step && ready(step, filled); step = one.steps[one.at]) {
          for (const slot of step.gives) filled.add(slot);
          one.at++;
          moved = true;
        }
      }
      waiting = waiting.filter(({ steps, at }) => at < steps.length);
    }
    const [stuck] = waiting;
    if (stuck) throw neverReady(tasks, stuck.plan, stuck.steps[stuck.at], filled);
  }
}

/** Whether this machine lets tasks have such descriptors; agents have what the hard limit allows. @throws CriuError */
export function checkDescriptors(tasks: readonly TaskPlan[]): void {
  const most = readLimits(process.pid)[RLIMIT_NOFILE]?.max ?? RLIM_INFINITY;
  for (const { pid, descriptors } of tasks)
    if (BigInt(descriptors) > most)
      throw new CriuError(
        'NOT_PERMITTED',
        `its restore takes descriptors up to ${descriptors - 1}, and the limit here is ${most} (RLIMIT_NOFILE)`,
        { pid },
        `raise the hard limit: ulimit -H -n ${descriptors}`,
      );
}

/** What an agent needs beside a program, its data and its results. */
const SPARE = 4096;

/** @throws CriuError UNSUPPORTED naming what is too much for a program */
export function checkSizes(tasks: readonly TaskPlan[]): void {
  for (const plan of tasks)
    for (const { name } of PHASES)
      for (const { program, title } of plan.steps(name)) {
        if (!(program instanceof Program) || program.size + SPARE <= BUFFER_BYTES) continue;
        throw new CriuError(
          'UNSUPPORTED',
          `a step of its restore (${title}) takes ${program.size} bytes, for which the agent has no room`,
          { pid: plan.pid },
        );
      }
}

function ready(step: PlanStep, filled: ReadonlySet<Slot>): boolean {
  return step.needs.every((slot) => filled.has(slot));
}

function neverReady(
  tasks: readonly TaskPlan[],
  plan: TaskPlan,
  step: PlanStep | undefined,
  filled: ReadonlySet<Slot>,
): CriuError {
  const slot = step?.needs.find((need) => !filled.has(need));
  const giver =
    slot &&
    tasks.find((t) => PHASES.some(({ name }) => [...t.steps(name)].some((s) => s.gives.includes(slot))));
  return new CriuError(
    'BAD_IMAGE',
    giver
      ? `it needs ${slot.name}, which task ${giver.pid} has only once it has something of others itself`
      : `it needs ${slot?.name ?? 'a descriptor'}, which no task makes`,
    { pid: plan.pid, file: 'files.img' },
  );
}
