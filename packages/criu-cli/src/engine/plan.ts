// The interface through which kinds of state plan a restore: the plans of all tasks, and the actions around them.
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
 * Something that must exist on this machine for the plan to work. A restore finds out when it runs; a survey
 * (survey.ts) looks at it beforehand.
 */
export interface Expectation {
  readonly kind: 'file' | 'mount' | 'port';
  /** A path, a mount point, or an address with port. */
  readonly name: string;
  /**
   * Looks without changing anything. `unseen`: the place cannot be looked at before the restore, for instance inside of
   * a new namespace.
   * @throws CriuError if the object is not as it has to be
   */
  look(): 'there' | 'unseen';
}

/** What kinds of state plan with. */
export interface PlanContext {
  /** What kinds of state keep for this restore. */
  readonly states: States<PlanContext>;
  readonly checkpoint: Checkpoint;
  /** Source of all memory pages. */
  readonly pages: PageSource;
  readonly options: RestoreOptions;
  /**
   * The plan is only checked for feasibility and will not be executed. What the machine must have, and options that the
   * caller must give, are assumed to be there.
   */
  readonly onPaper: boolean;
  readonly log: Logger;
  /**
   * Plugins, for objects that no kind of state here supports; undefined if the plan is not executed, so that plugins
   * are not called.
   */
  readonly hooks: Hooks | undefined;
  /** Refusals of kinds of state: reasons why the restore is not possible, reported together. */
  readonly refusals: Refusals;
  readonly tasks: readonly TaskPlan[];
  /** The plan of the root task. */
  readonly root: TaskPlan;
  taskOf(pid: number): TaskPlan | undefined;
  /** Records something that this machine must have. */
  expect(what: Expectation): void;
  /** Registers an action to run before the first task is created. Planning itself changes nothing. */
  prepare(what: string, action: () => void | Promise<void>): void;
  /** Registers an action that removes what must not stay behind when the restore fails. */
  cleanup(what: string, action: () => void | Promise<void>): void;
  /** Registers an action to run when all tasks have been created and none has started its first phase. */
  afterSpawn(what: string, action: (runs: readonly TaskRun[]) => void | Promise<void>): void;
  /** Makes all tasks wait for each other after a phase. */
  waitAfter(phase: PhaseName, why: string): void;
  /** Registers an action to run when all tasks have finished a phase. */
  afterPhase(phase: PhaseName, what: string, action: () => void | Promise<void>): void;
  /**
   * Registers an action to run when all tasks are ready to execute their first own instruction; actions run in the
   * order of registration.
   */
  beforeGo(what: string, action: () => void | Promise<void>): void;
  /** Registers an action to run when the tasks run. A failure is only logged: the restore can no longer be undone. */
  afterGo(what: string, action: () => void | Promise<void>): void;
  /**
   * Registers work that continues after the tasks run, such as serving lazy pages. `RestoreResult.complete` waits for
   * it.
   */
  goesOn(what: string, end: () => Promise<void>): void;
  /**
   * A slot for a descriptor that this process holds, opened before execution and closed at its end. Without `open`, a
   * preparation or an action of `afterSpawn` fills the slot.
   */
  openSlot(name: string, open?: () => number): Slot;
}
