// Memory of an image set: whose it is, and its pages.
import type { ImageSet, PageMemory } from '@criu/images';
import type { NsPid } from '../proc/pids.js';

/** Memory of an image set, of a task or of a shared memory object, by the number that names of images have. */
export type WhichMemory = { readonly pid: NsPid } | { readonly shmid: bigint | number };

/** The pages of a task or a shared memory object; undefined where the images have none of it. @throws ImageError */
export function openMemory(set: ImageSet, which: WhichMemory): PageMemory | undefined {
  return 'pid' in which ? set.memory(which.pid) : set.sharedMemory(which.shmid);
}
