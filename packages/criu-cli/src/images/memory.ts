// Identifies an address space or shared memory object in an image set, and opens its pages.
import type { ImageSet, PageMemory } from '@criu/images';
import type { NsPid } from '../proc/pids.js';

/**
 * Identifies memory by the number in the names of its images: the address space of a task (pid), or a shared memory
 * object (shmid).
 */
export type WhichMemory = { readonly pid: NsPid } | { readonly shmid: bigint | number };

/**
 * The pages of an address space or a shared memory object; undefined if the images have none of it.
 * @throws ImageError
 */
export function openMemory(set: ImageSet, which: WhichMemory): PageMemory | undefined {
  return 'pid' in which ? set.memory(which.pid) : set.sharedMemory(which.shmid);
}
