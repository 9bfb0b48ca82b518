// What one kind of open file has to say to be dumped.
import type { Encodable, FileEntry } from '@criu/images';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import type { OpenFile } from './open-file.js';

export interface FileKind {
  /** Name for messages and fault points. */
  readonly name: string;
  /** FdTypes number of its entries. */
  readonly type: number;
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
}
