// Checks that a plan can be completed: that every slot gets filled before it is waited for, that descriptors are within
// RLIMIT_NOFILE, and that programs fit into the agents' buffers. Also divides the phases by barriers.
import { Program } from '@criu/compel';
import { RLIMIT_NOFILE } from '@criu/native/uapi';
import { CriuError } from '../errors.js';
import { RLIM_INFINITY, readLimits } from '../proc/index.js';
import { BUFFER_BYTES } from './layout.js';
import { PHASES, type PhaseName, type PlanStep, type Slot, type TaskPlan } from './plan.js';

/**
 * Divides the phases into stages. Within a stage, tasks proceed at their own pace; before the next one, all wait for
 * all.
 * @param held whether an action or a barrier comes between a phase and the next one
 * @param alone there is a single task, so barriers are not needed
 */
export function stages(held: (phase: PhaseName) => boolean, alone = false): PhaseName[][] {
  const out: PhaseName[][] = [];
  let current: PhaseName[] | undefined;
  let before: PhaseName | undefined;
  for (const phase of PHASES) {
    // The spawner has run the early phases.
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
 * Simulates the steps of all tasks in the order in which the restore executes them.
 * @param given slots that are filled before the first task exists
 * @throws CriuError BAD_IMAGE naming the task and the slot that it would wait for without end
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

/**
 * Checks the descriptor numbers of tasks against the hard limit, to which agents raise RLIMIT_NOFILE.
 * @throws CriuError NOT_PERMITTED
 */
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

/** Bytes that an agent needs beside a program, its data and its results. */
const SPARE = 4096;

/** Checks that each program fits into the agent's buffer. @throws CriuError UNSUPPORTED naming the step */
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
