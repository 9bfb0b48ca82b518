// The interface of a kind of state for dump and restore. Each kind is one value; the engine gets the list of kinds and
// does not know any of them by name.
import type { Program, ProgramResult } from '@criu/compel';
import type { Encodable, InventoryEntry } from '@criu/images';
import { CriuError } from '../errors.js';
import type { Repeated } from '../images/writer.js';
import type { PageRuns } from '../pages/runs.js';
import { stateKey } from '../states.js';
import type { DumpContext } from './dump-context.js';
import type { LiveTask } from './dump-task.js';
import { type Need, sortByNeeds } from './order.js';
import type { PlanContext } from './plan.js';

/** Reads the results of the steps that a kind has added to a thread's program. */
export type Answer = (result: ProgramResult) => void;

/** The dump of a kind of state; the methods are listed in the order in which they are called. All are optional. */
export interface DumpPart<Facts> {
  /** Kinds that have to be collected first for the same task. */
  readonly needs?: readonly Need[];
  /** The kind has to see the task before the agent is mapped into it. */
  readonly beforeInfect?: boolean;
  /** Called once, before any task is stopped. */
  beforeFreeze?(ctx: DumpContext): void | Promise<void>;
  /** Called once, as the last thing before tasks are stopped: waits for what `beforeFreeze` has started. */
  ready?(ctx: DumpContext): void;
  /**
   * Called for each stopped task: reads its state from outside. The result is kept as the facts of this kind about the
   * task.
   */
  collect?(ctx: DumpContext, task: LiveTask): Facts;
  /** Memory to be copied; called right after `collect`. */
  pages?(facts: Facts): PageRuns;
  /**
   * Called for each thread: adds steps to the one program that runs in it.
   * @returns a function that reads the results
   */
  ask?(task: LiveTask, tid: number, program: Program, facts: Facts): Answer;
  /** Called for each task: processes what was read so far, while the threads run their programs. */
  meanwhile?(task: LiveTask, facts: Facts): void;
  /** Called once, when all tasks are collected and still stopped. */
  afterCollect?(ctx: DumpContext): void | Promise<void>;
  /**
   * Called in a rehearsal in place of `afterCollect`, while the tasks run: adds the entries without which no restore can
   * be planned, as far as they can be had without waiting and without a trace.
   */
  rehearse?(ctx: DumpContext): void;
  /** Called for each task: turns facts into image entries. The task may run again. */
  describe?(ctx: DumpContext, task: LiveTask, facts: Facts): void;
  /** Called once, when all tasks are described. They may run again. */
  afterDescribe?(ctx: DumpContext): void;
  /** Entries that only repeat other entries under ids of their own; the guard plans without them. */
  repeated?(ctx: DumpContext): Repeated;
  /** Fields that the kind adds to the inventory. */
  inventory?(ctx: DumpContext): Partial<Encodable<InventoryEntry>>;
  /** Called for each task of a pre-dump: the memory to be copied. */
  preDump?(ctx: DumpContext, task: LiveTask): PageRuns;
}

/** The restore of a kind of state. */
export interface RestorePart {
  /** Kinds that have to be planned first. The order of steps within the plan is given by the phases. */
  readonly needs?: readonly Need[];
  /** Adds steps to the plan; nothing runs yet. @throws CriuError for images that do not fit */
  plan(ctx: PlanContext): void;
}

export interface ResourceSpec<Facts> {
  readonly name: string;
  readonly dump?: DumpPart<Facts>;
  /** Undefined if another kind restores this state along with its own. */
  readonly restore?: RestorePart;
}

/** The dump of a kind of state with its facts stored by task, so that the engine handles all kinds alike. */
export interface ResourceDump {
  readonly name: string;
  readonly needs: readonly Need[];
  readonly beforeInfect: boolean;
  /** The kind adds steps to the programs of threads. */
  readonly asks: boolean;
  beforeFreeze(ctx: DumpContext): void | Promise<void>;
  ready(ctx: DumpContext): void;
  collect(ctx: DumpContext, task: LiveTask): void;
  pages(task: LiveTask): PageRuns | undefined;
  ask(task: LiveTask, tid: number, program: Program): Answer | undefined;
  meanwhile(task: LiveTask): void;
  afterCollect(ctx: DumpContext): void | Promise<void>;
  rehearse(ctx: DumpContext): void;
  describe(ctx: DumpContext, task: LiveTask): void;
  afterDescribe(ctx: DumpContext): void;
  repeated(ctx: DumpContext): Repeated;
  inventory(ctx: DumpContext): Partial<Encodable<InventoryEntry>>;
  preDump(ctx: DumpContext, task: LiveTask): PageRuns | undefined;
}

export interface Resource {
  readonly name: string;
  readonly dump: ResourceDump | undefined;
  readonly restore: RestorePart | undefined;
}

function bind<Facts>(name: string, part: DumpPart<Facts>): ResourceDump {
  const facts = stateKey(`facts of ${name}`, (task: LiveTask): Facts => {
    throw new CriuError('INTERNAL', `${name} was not collected`, { pid: task.pid });
  });
  const { collect } = part;
  return {
    name,
    needs: part.needs ?? [],
    beforeInfect: part.beforeInfect ?? false,
    asks: part.ask !== undefined,
    beforeFreeze: (ctx) => part.beforeFreeze?.(ctx),
    ready: (ctx) => part.ready?.(ctx),
    collect: (ctx, task) => {
      if (collect) task.states.set(facts, collect.call(part, ctx, task));
    },
    pages: (task) => part.pages?.(task.states.get(facts)),
    ask: (task, tid, program) => part.ask?.(task, tid, program, task.states.get(facts)),
    meanwhile: (task) => part.meanwhile?.(task, task.states.get(facts)),
    afterCollect: (ctx) => part.afterCollect?.(ctx),
    rehearse: (ctx) => part.rehearse?.(ctx),
    describe: (ctx, task) => part.describe?.(ctx, task, task.states.get(facts)),
    afterDescribe: (ctx) => part.afterDescribe?.(ctx),
    repeated: (ctx) => part.repeated?.(ctx) ?? {},
    inventory: (ctx) => part.inventory?.(ctx) ?? {},
    preDump: (ctx, task) => part.preDump?.(ctx, task),
  };
}

/** Makes a kind of state for the list that is given to the engine. */
export function resource<Facts = undefined>({ name, dump, restore }: ResourceSpec<Facts>): Resource {
  let bound: ResourceDump | undefined;
  return {
    name,
    // A restore does not even look at what there is for dumps: it may not be loaded.
    get dump() {
      if (dump) bound ??= bind(name, dump);
      return bound;
    },
    restore,
  };
}

/** All kinds of state, sorted by their needs. */
export class Resources {
  private sortedDumps: readonly ResourceDump[] | undefined;
  /** In the order of planning. */
  readonly restores: readonly (RestorePart & { readonly name: string })[];

  /** @throws CriuError INTERNAL for needs that cannot be met */
  constructor(readonly all: readonly Resource[]) {
    this.restores = sortByNeeds(
      all.flatMap(({ name, restore }) => (restore ? [{ ...restore, name }] : [])),
      ({ needs }) => needs ?? [],
    );
  }
  /**
   * In the order of collection: kinds that look before the infection, then kinds that ask the task, then the others.
   * @throws CriuError INTERNAL for needs that cannot be met
   */
  get dumps(): readonly ResourceDump[] {
    this.sortedDumps ??= sortByNeeds(
      this.all.flatMap(({ dump }) => (dump ? [dump] : [])),
      ({ needs }) => needs,
      ({ beforeInfect, asks }) => (beforeInfect ? 0 : asks ? 1 : 2),
    );
    return this.sortedDumps;
  }
}
