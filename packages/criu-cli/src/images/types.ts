// The names of @criu/images that the restore side uses, and the narrowed types it needs.
import type { CoreEntry, FileEntry, TaskCoreEntry, ThreadCoreEntry, ThreadInfoX86 } from '@criu/images';

export * from '@criu/images';

/** A thread's core with the parts that restore cannot do without. */
export type CoreImage = CoreEntry & { thread_info: ThreadInfoX86; thread_core: ThreadCoreEntry };

/** The core of a task's leader, with what belongs to the task as a whole. */
export type TaskCore = CoreEntry & { tc: TaskCoreEntry };

/** Where `file_entry` has what is particular to one kind of file. */
export type FileField = Exclude<keyof FileEntry, 'type' | 'id'>;

/** A file that has the message of its kind. */
export type FileOf<F extends FileField> = FileEntry & { readonly [K in F]-?: NonNullable<FileEntry[K]> };

/** A list that is not empty. */
export type Some<T> = readonly [T, ...T[]];

export function some<T>(list: readonly T[]): list is Some<T> {
  return list.length > 0;
}
