// Re-exports @criu/images, with narrowed types for the restore.
import type { CoreEntry, FileEntry, TaskCoreEntry, ThreadCoreEntry, ThreadInfoX86 } from '@criu/images';

export * from '@criu/images';

/** A thread's core entry with the parts that a restore needs. */
export type CoreImage = CoreEntry & { thread_info: ThreadInfoX86; thread_core: ThreadCoreEntry };

/** The core entry of a thread group leader, with the parts that concern the whole task. */
export type TaskCore = CoreEntry & { tc: TaskCoreEntry };

/** The field of `file_entry` that has the data of one kind of file. */
export type FileField = Exclude<keyof FileEntry, 'type' | 'id'>;

/** A file entry that has the data of its kind. */
export type FileOf<F extends FileField> = FileEntry & { readonly [K in F]-?: NonNullable<FileEntry[K]> };

/** A list that is not empty. */
export type Some<T> = readonly [T, ...T[]];

export function some<T>(list: readonly T[]): list is Some<T> {
  return list.length > 0;
}
