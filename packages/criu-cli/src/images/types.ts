// The names of @criu/images that the restore side uses, and the one narrowed type it needs.
import type { CoreEntry, ThreadCoreEntry, ThreadInfoX86 } from '@criu/images';

export * from '@criu/images';

/** A thread's core with the parts that restore cannot do without. */
export type CoreImage = CoreEntry & { thread_info: ThreadInfoX86; thread_core: ThreadCoreEntry };
