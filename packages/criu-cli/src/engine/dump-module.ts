// What a resource of a task has to say to be dumped.
import type { Program, ProgramResult } from '@criu/compel';
import type { Encodable, InventoryEntry } from '@criu/images';
import { CriuError } from '../errors.js';
import type { PagePlan } from '../resources/memory/pages-dump.js';
import { stateKey } from '../states.js';
import type { DumpContext, LiveTask } from './dump-context.js';

/** Reads the results of the steps that a module has put into a thread's program. */
export type Answer = (result: ProgramResult) => void;

export interface DumpModuleSpec<Facts> {
  readonly name: string;
  /** It has to see the task as it is, before the agent is mapped into it. */
  readonly beforeInfect?: boolean;
  /** Reads from outside what stands still only while the task is frozen. */
  collect(ctx: DumpContext, task: LiveTask): Facts;
  /** Adds steps to the one program that runs in a thread of the task. */
  ask?(task: LiveTask, tid: number, program: Program, facts: Facts): Answer;
  /** Work on what ptrace and /proc told, while the threads run their programs. */
  meanwhile?(task: LiveTask, facts: Facts): void;
  /** Turns facts into image entries; the task may run again. */
  describe(ctx: DumpContext, task: LiveTask, facts: Facts): void;
  /** Memory to be copied, as soon as it is collected. */
  pages?(facts: Facts): PagePlan;
}

/** A module with its facts put away by task; the engine sees no difference between modules. */
export interface DumpModule {
  readonly name: string;
  readonly beforeInfect: boolean;
  /** It has questions that only the task itself can answer. */
  readonly asks: boolean;
  collect(ctx: DumpContext, task: LiveTask): void;
  ask(task: LiveTask, tid: number, program: Program): Answer | undefined;
  meanwhile(task: LiveTask): void;
  describe(ctx: DumpContext, task: LiveTask): void;
  pages(task: LiveTask): PagePlan | undefined;
}

/** What a resource has to say about the tree as a whole. */
export interface TreeDump {
  readonly name: string;
  /** Before anything is stopped. */
  beforeFreeze?(ctx: DumpContext): void | Promise<void>;
  /** When all tasks are collected and still stand still. */
  afterCollect?(ctx: DumpContext): void | Promise<void>;
  /** When all tasks are described; they may run again. */
  afterDescribe?(ctx: DumpContext): void;
  /** Its part of the inventory. */
  inventory?(ctx: DumpContext): Partial<Encodable<InventoryEntry>>;
}

export function dumpModule<Facts>(spec: DumpModuleSpec<Facts>): DumpModule {
  const facts = stateKey(`facts of ${spec.name}`, (task: LiveTask): Facts => {
    throw new CriuError('INTERNAL', `${spec.name} was not collected`, { pid: task.pid });
  });
  return {
    name: spec.name,
    beforeInfect: spec.beforeInfect ?? false,
    asks: spec.ask !== undefined,
    collect: (ctx, task) => task.states.set(facts, spec.collect(ctx, task)),
    ask: (task, tid, program) => spec.ask?.(task, tid, program, task.states.get(facts)),
    meanwhile: (task) => spec.meanwhile?.(task, task.states.get(facts)),
    describe: (ctx, task) => spec.describe(ctx, task, task.states.get(facts)),
    pages: (task) => spec.pages?.(task.states.get(facts)),
  };
}
