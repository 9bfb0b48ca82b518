// What a resource of a task has to say to be dumped.
import type { Program, ProgramResult } from '@criu/compel';
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
  /** Turns facts into image entries; the task may run again. */
  describe(ctx: DumpContext, task: LiveTask, facts: Facts): void;
}

/** A module with its facts put away by task; the engine sees no difference between modules. */
export interface DumpModule {
  readonly name: string;
  readonly beforeInfect: boolean;
  collect(ctx: DumpContext, task: LiveTask): void;
  ask(task: LiveTask, tid: number, program: Program): Answer | undefined;
  describe(ctx: DumpContext, task: LiveTask): void;
}

export function dumpModule<Facts>(spec: DumpModuleSpec<Facts>): DumpModule {
  const facts = new WeakMap<LiveTask, { value: Facts }>();
  return {
    name: spec.name,
    beforeInfect: spec.beforeInfect ?? false,
    collect: (ctx, task) => void facts.set(task, { value: spec.collect(ctx, task) }),
    ask: (task, tid, program) => spec.ask?.(task, tid, program, facts.get(task)!.value),
    describe: (ctx, task) => spec.describe(ctx, task, facts.get(task)!.value),
  };
}
