// What one kind of open file has to say to be dumped and restored.
import type { Encodable, FileEntry } from '@criu/images';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { FileField, FileOf, Some } from '../../images/types.js';
import type { States } from '../../states.js';
import type { OpenFile } from './open-file.js';

/** How a kind of open file is dumped. */
export interface FileDump {
  matches(file: OpenFile, ctx: DumpContext): boolean;
  /**
   * The entry of a description met for the first time; more goes to the images by itself. The task is frozen. A part
   * that needs no frozen task is filled in by `ctx.later`. Undefined if the kind adds its entries itself.
   */
  dump(
    ctx: DumpContext,
    task: LiveTask,
    file: OpenFile,
    id: number,
  ): Omit<Encodable<FileEntry>, 'type' | 'id'> | undefined;
  /** Once, when all tasks are collected and still stand still. */
  afterCollect?(ctx: DumpContext): void;
}

/** What a kind makes its files with. */
export interface FileMaker {
  /** What the kind keeps about files that are made together. */
  readonly states: States<FileMaker>;
  readonly ctx: PlanContext;
  /** The task that makes them. */
  readonly plan: TaskPlan;
  /** Temporary descriptor number of a file in that task, allocated when asked for first. */
  temp(id: number): number;
  /** Final descriptor numbers of a file in that task. */
  finalFds(id: number): number[];
}

/** How a kind of open file is restored. Its entries have the message of the kind's field. */
export interface FileRestore<F extends FileField = FileField> {
  /** Files with the same key are made together by one task: the ends of a pipe. Undefined for one that is made by itself. */
  group?(entry: FileOf<F>, ctx: PlanContext): string | undefined;
  /** Ids of files that the maker must have too, from the phase `share` on: descriptors in flight. */
  carries?(entry: FileOf<F>, ctx: PlanContext): number[];
  /** Whether the file can only be opened once all others have their numbers. */
  late?(entry: FileOf<F>, ctx: PlanContext): boolean;
  /** Adds steps to the phase `fixup` that leave a late file at its temporary number. */
  makeLate?(maker: FileMaker, entry: FileOf<F>): void;
  /** Adds steps to the phase `files` that leave each file at its temporary number; late ones are not among them. */
  make(maker: FileMaker, entries: Some<FileOf<F>>): void;
  /** Adds steps after all descriptors have their final numbers. */
  fixup?(maker: FileMaker, entries: Some<FileOf<F>>): void;
}

export interface FileKind<F extends FileField = FileField> {
  /** Name for messages and fault points. */
  readonly name: string;
  /** FdTypes number of its entries. */
  readonly type: number;
  /** Where `file_entry` has what is particular to this kind. */
  readonly field: F;
  readonly dump: FileDump;
  readonly restore: FileRestore<F>;
}

/** A kind of open file, for the list `kinds.ts`. */
export function fileKind<F extends FileField>(kind: FileKind<F>): FileKind {
  // A file gets to its kind only with the message of `field`.
  return kind as unknown as FileKind;
}
