// The interface of a kind of open file for dump and restore.
import type { Encodable, FileEntry } from '@criu/images';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { FileField, FileOf, Some } from '../../images/types.js';
import type { States } from '../../states.js';
import type { OpenFile } from './open-file.js';

/** The dump of a kind of open file. */
export interface FileDump {
  matches(file: OpenFile, ctx: DumpContext): boolean;
  /**
   * Called for an open file description that is met for the first time, while the task is stopped; may also add entries
   * to other images. Parts that do not need the stopped task are filled in by `ctx.later`.
   * @returns the entry of the description; undefined if the kind adds its entries itself
   */
  dump(
    ctx: DumpContext,
    task: LiveTask,
    file: OpenFile,
    id: number,
  ): Omit<Encodable<FileEntry>, 'type' | 'id'> | undefined;
  /** Called once if there are such files, when all tasks are collected and still stopped. */
  afterCollect?(ctx: DumpContext): void;
}

/** What a kind uses to create its files. */
export interface FileMaker {
  /** What the kind keeps for files that are created together. */
  readonly states: States<FileMaker>;
  readonly ctx: PlanContext;
  /** The task that creates them. */
  readonly plan: TaskPlan;
  /** Temporary descriptor number of a file in that task; allocated on the first call. */
  temp(id: number): number;
  /** Final descriptor numbers of a file in that task. */
  finalFds(id: number): number[];
}

/** The restore of a kind of open file. Its entries have the message of the kind's field. */
export interface FileRestore<F extends FileField = FileField> {
  /**
   * Key of the files that one task creates together, such as the ends of a pipe; undefined for a file that is created
   * alone.
   */
  group?(entry: FileOf<F>, ctx: PlanContext): string | undefined;
  /** Ids of files that the creating task needs from the phase `share` on, such as descriptors in flight. */
  carries?(entry: FileOf<F>, ctx: PlanContext): number[];
  /** Status flags of the file (F_GETFL), if the message of the kind has none. */
  statusFlags?(entry: FileOf<F>, ctx: PlanContext): number;
  /** Whether the file can only be opened when all others have their numbers. */
  late?(entry: FileOf<F>, ctx: PlanContext): boolean;
  /** Adds steps to the phase `fixup` that open a late file at its temporary number. */
  makeLate?(maker: FileMaker, entry: FileOf<F>): void;
  /** Adds steps to the phase `files` that open each file at its temporary number, except late ones. */
  make(maker: FileMaker, entries: Some<FileOf<F>>): void;
  /** Adds steps that run when all descriptors have their final numbers. */
  fixup?(maker: FileMaker, entries: Some<FileOf<F>>): void;
  /**
   * Everything but their temporary numbers on which the steps of files depend that are created together by one task; undefined if
   * these may be others than calls of the task that create and change these files. There may be thousands of a sort, of which two are planned.
   */
  sort?(maker: FileMaker, entries: Some<FileOf<F>>): string | undefined;
  /** Does what `make` does beside adding steps, for files of a sort. */
  note?(maker: FileMaker, entries: Some<FileOf<F>>): void;
}

export interface FileKind<F extends FileField = FileField> {
  /** Name for messages and fault points. */
  readonly name: string;
  /** FdTypes number of its entries. */
  readonly type: number;
  /** The field of `file_entry` with the data of this kind. */
  readonly field: F;
  readonly dump: FileDump;
  readonly restore: FileRestore<F>;
}

/** Makes a kind of open file for the list in `kinds.ts`. */
export function fileKind<F extends FileField>(kind: FileKind<F>): FileKind {
  // Only entries that have the message of `field` are passed to the kind.
  return kind as unknown as FileKind;
}
