// The plan of a restore: the plans of its tasks, and what is done around them.
import type { Checkpoint } from '../images/checkpoint.js';
import type { Logger } from '../log.js';
import type { RestoreOptions } from '../options.js';
import type { PageSource } from '../pages/sources/source.js';
import type { Hooks } from '../plugins/index.js';
import type { Refusals } from '../refusals.js';
import type { States } from '../states.js';
import type { PhaseName } from './phases.js';
import type { Slot } from './slot.js';
import type { TaskPlan, TaskRun } from './task-plan.js';

export { PHASES, type PhaseName } from './phases.js';
export { Slot } from './slot.js';
export {
  type Check,
  type FinalCall,
  type Meanwhile,
  type PlanStep,
  type SharedTable,
  TaskPlan,
  TaskRun,
  withDescriptor,
} from './task-plan.js';

/**
 * Something that this machine has to have for a plan to work. A restore finds out by doing it; whoever only wants to know
 * looks beforehand (survey.ts).
 */
export interface Expectation {
  readonly kind: 'file' | 'mount' | 'port';
  /** A path, where it is to be seen, or an address. */
  readonly name: string;
  /** Changes nothing. `unseen`: it is where nobody can look before the restore. @throws CriuError if it is not as it has to be */
  look(): 'there' | 'unseen';
}

/** What resource modules plan with. */
export interface PlanContext {
  /** What modules keep for the time of this restore. */
  readonly states: States<PlanContext>;
  readonly checkpoint: Checkpoint;
  /** The pages of all memory. */
  readonly pages: PageSource;
  readonly options: RestoreOptions;
  /**
   * Nothing will be done: the plan only shows that one can be made. What this machine would have to have, and what whoever
   * restores would have to give, is taken to be there.
   */
  readonly onPaper: boolean;
  readonly log: Logger;
  /** Those who may handle what nobody here can; undefined where nothing is made, so that they are not asked. */
  readonly hooks: Hooks | undefined;
  /** What is in the way of the restore, told all at once. */
  readonly refusals: Refusals;
  readonly tasks: readonly TaskPlan[];
  /** The plan of the root task. */
  readonly root: TaskPlan;
  taskOf(pid: number): TaskPlan | undefined;
  /** Says what this machine has to have. */
  expect(what: Expectation): void;
  /** Runs before the first task is made: planning itself changes nothing. */
  prepare(what: string, action: () => void | Promise<void>): void;
  /** Runs when the restore has failed, or is complete: what must not stay behind. */
  cleanup(what: string, action: () => void | Promise<void>): void;
  /** Runs when all tasks are made and none has begun with its first phase. */
  afterSpawn(what: string, action: (runs: readonly TaskRun[]) => void | Promise<void>): void;
  /** No task goes on before all are through with a phase. */
  waitAfter(phase: PhaseName, why: string): void;
  /** Runs once all tasks are through with a phase. */
  afterPhase(phase: PhaseName, what: string, action: () => void | Promise<void>): void;
  /** Runs when all tasks stand before the first instruction of their own; in the order they are added. */
  beforeGo(what: string, action: () => void | Promise<void>): void;
  /** Runs when the tasks run; a failure is logged, since there is no way back. */
  afterGo(what: string, action: () => void | Promise<void>): void;
  /** Goes on when the tasks run already; waited for by whoever asks for the end of the restore. */
  goesOn(what: string, end: () => Promise<void>): void;
  /**
   * A descriptor of the brain's own, as a slot; opened before execution, closed at its end. One without `open` is filled by
   * a preparation, or by work after the spawn.
   */
  openSlot(name: string, open?: () => number): Slot;
}
