// The mutable state of a restore plan under construction: what kinds of state add to it, apart from the steps of tasks.
import type { Checkpoint } from '../images/checkpoint.js';
import type { Some } from '../images/types.js';
import { type Logger, silentLogger } from '../log.js';
import type { RestoreOptions } from '../options.js';
import { ImagePages } from '../pages/sources/images.js';
import type { PageSource } from '../pages/sources/source.js';
import type { Hooks } from '../plugins/index.js';
import { Refusals } from '../refusals.js';
import { States } from '../states.js';
import {
  type Expectation,
  type PhaseName,
  type PlanContext,
  Slot,
  type TaskPlan,
  type TaskRun,
} from './plan.js';

interface Action {
  readonly what: string;
  readonly action: () => void | Promise<void>;
}

interface SpawnAction {
  readonly what: string;
  readonly action: (runs: readonly TaskRun[]) => void | Promise<void>;
}

export class Draft implements PlanContext {
  readonly states: States<PlanContext> = new States<PlanContext>(this);
  readonly log: Logger;
  readonly refusals = new Refusals();
  readonly root: TaskPlan;
  readonly pages: PageSource;
  readonly expectations: Expectation[] = [];
  readonly preparations: Action[] = [];
  readonly cleanups: Action[] = [];
  readonly spawnActions: SpawnAction[] = [];
  readonly lastActions: Action[] = [];
  readonly goneActions: Action[] = [];
  readonly lasting: { readonly what: string; readonly end: () => Promise<void> }[] = [];
  readonly phaseActions = new Map<PhaseName, Action[]>();
  /** Phases followed by a barrier, at which all tasks wait for each other, with the reason for it. */
  readonly barriers = new Map<PhaseName, string>();
  readonly slots: { slot: Slot; open: (() => number) | undefined }[] = [];
  private readonly byPid: ReadonlyMap<number, TaskPlan>;

  constructor(
    readonly checkpoint: Checkpoint,
    readonly options: RestoreOptions,
    readonly tasks: Some<TaskPlan>,
    readonly onPaper: boolean,
    readonly hooks: Hooks | undefined,
  ) {
    this.root = tasks[0];
    this.pages = new ImagePages(checkpoint.images, {
      readable: checkpoint.source.pages === 'there',
      later: options.lazyPages ?? false,
    });
    this.log = options.log ?? silentLogger;
    this.byPid = new Map(tasks.map((plan) => [plan.pid, plan]));
  }

  taskOf(pid: number): TaskPlan | undefined {
    return this.byPid.get(pid);
  }

  expect(what: Expectation): void {
    this.expectations.push(what);
  }

  prepare(what: string, action: Action['action']): void {
    this.preparations.push({ what, action });
  }

  cleanup(what: string, action: Action['action']): void {
    this.cleanups.push({ what, action });
  }

  afterSpawn(what: string, action: SpawnAction['action']): void {
    this.spawnActions.push({ what, action });
  }

  waitAfter(phase: PhaseName, why: string): void {
    this.barriers.set(phase, why);
  }

  afterPhase(phase: PhaseName, what: string, action: Action['action']): void {
    const list = this.phaseActions.get(phase) ?? [];
    list.push({ what, action });
    this.phaseActions.set(phase, list);
  }

  beforeGo(what: string, action: Action['action']): void {
    this.lastActions.push({ what, action });
  }

  afterGo(what: string, action: Action['action']): void {
    this.goneActions.push({ what, action });
  }

  goesOn(what: string, end: () => Promise<void>): void {
    this.lasting.push({ what, end });
  }

  openSlot(name: string, open?: () => number): Slot {
    const slot = new Slot(name);
    this.slots.push({ slot, open });
    return slot;
  }
}
