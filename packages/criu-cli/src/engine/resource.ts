// What a kind of state has to say to be dumped and restored. Each kind is one value; the engine is given the list of them,
// and names none.
import type { Program, ProgramResult } from '@criu/compel';
import type { Encodable, InventoryEntry } from '@criu/images';
import { CriuError } from '../errors.js';
import type { Repeated } from '../images/writer.js';
import type { PageRuns } from '../pages/runs.js';
import { stateKey } from '../states.js';
import type { DumpContext, LiveTask } from './dump-context.js';
import { type Need, sortByNeeds } from './order.js';
import type { PlanContext } from './plan.js';

/** Reads the results of the steps that a kind has put into a thread's program. */
export type Answer = (result: ProgramResult) => void;

/** The dump of a kind of state, in the order in which its parts are called. All of them are optional. */
export interface DumpPart<Facts> {
  /** Kinds that have to be collected before, for the same task. */
  readonly needs?: readonly Need[];
  /** It has to see the task as it is, before the agent is mapped into it. */
  readonly beforeInfect?: boolean;
  /** Once, before anything is stopped. */
  beforeFreeze?(ctx: DumpContext): void | Promise<void>;
  /** Once, when nothing else is left to do before tasks are stopped: waits for what `beforeFreeze` has begun. */
  ready?(ctx: DumpContext): void;
  /** For each task: reads from outside what stands still only while the task is frozen. */
  collect?(ctx: DumpContext, task: LiveTask): Facts;
  /** Memory to be copied, as soon as it is collected. */
  pages?(facts: Facts): PageRuns;
  /** For each thread: adds steps to the one program that runs in it. */
  ask?(task: LiveTask, tid: number, program: Program, facts: Facts): Answer;
  /** For each task: work on what ptrace and /proc told, while the threads run their programs. */
  meanwhile?(task: LiveTask, facts: Facts): void;
  /** Once, when all tasks are collected and still stand still. */
  afterCollect?(ctx: DumpContext): void | Promise<void>;
  /** For each task: turns facts into image entries; the task may run again. */
  describe?(ctx: DumpContext, task: LiveTask, facts: Facts): void;
  /** Once, when all tasks are described; they may run again. */
  afterDescribe?(ctx: DumpContext): void;
  /** Which entries say nothing but what others say, under numbers of their own: the guard plans without them. */
  repeated?(ctx: DumpContext): Repeated;
  /** Its part of the inventory. */
  inventory?(ctx: DumpContext): Partial<Encodable<InventoryEntry>>;
  /** For each task of a pre-dump: its memory, and nothing else of it. */
  preDump?(ctx: DumpContext, task: LiveTask): PageRuns;
}

/** The restore of a kind of state. */
export interface RestorePart {
  /** Kinds that have to be planned before. What the steps of a plan need of each other, phases say. */
  readonly needs?: readonly Need[];
  /** Adds steps to the plan; nothing runs yet. @throws CriuError for images that do not fit */
  plan(ctx: PlanContext): void;
}

export interface ResourceSpec<Facts> {
  readonly name: string;
  readonly dump?: DumpPart<Facts>;
  /** Missing where another kind restores it along with its own. */
  readonly restore?: RestorePart;
}

/** The dump of a kind with its facts put away by task: the engine sees no difference between kinds. */
export interface ResourceDump {
  readonly name: string;
  readonly needs: readonly Need[];
  readonly beforeInfect: boolean;
  /** It has questions that only the task itself can answer. */
  readonly asks: boolean;
  beforeFreeze(ctx: DumpContext): void | Promise<void>;
  ready(ctx: DumpContext): void;
  collect(ctx: DumpContext, task: LiveTask): void;
  pages(task: LiveTask): PageRuns | undefined;
  ask(task: LiveTask, tid: number, program: Program): Answer | undefined;
  meanwhile(task: LiveTask): void;
  afterCollect(ctx: DumpContext): void | Promise<void>;
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
    describe: (ctx, task) => part.describe?.(ctx, task, task.states.get(facts)),
    afterDescribe: (ctx) => part.afterDescribe?.(ctx),
    repeated: (ctx) => part.repeated?.(ctx) ?? {},
    inventory: (ctx) => part.inventory?.(ctx) ?? {},
    preDump: (ctx, task) => part.preDump?.(ctx, task),
  };
}

/** A kind of state, for the list that the engine is given. */
export function resource<Facts = undefined>(spec: ResourceSpec<Facts>): Resource {
  return {
    name: spec.name,
    dump: spec.dump && bind(spec.name, spec.dump),
    restore: spec.restore,
  };
}

/** All kinds of state, in the orders that their needs make. */
export class Resources {
  /** In the order in which a task is collected: who looks before the infection, then who asks, then the others. */
  readonly dumps: readonly ResourceDump[];
  /** In the order in which they plan. */
  readonly restores: readonly (RestorePart & { readonly name: string })[];

  /** @throws CriuError INTERNAL for needs that cannot be met */
  constructor(readonly all: readonly Resource[]) {
    this.dumps = sortByNeeds(
      all.flatMap(({ dump }) => (dump ? [dump] : [])),
      ({ needs }) => needs,
      ({ beforeInfect, asks }) => (beforeInfect ? 0 : asks ? 1 : 2),
    );
    this.restores = sortByNeeds(
      all.flatMap(({ name, restore }) => (restore ? [{ ...restore, name }] : [])),
      ({ needs }) => needs ?? [],
    );
  }
}
