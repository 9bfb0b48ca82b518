// How a mapping is made anew: flags of mmap(2) and of the file behind it, and the protection that it has while its contents come.
import { O_RDONLY, O_RDWR } from '@criu/native/uapi';
import type { VmaEntry } from '../../images/types.js';
import { MAP, PROT, VMA } from '../../images/vma.js';

/** Flags of mmap(2), at an address where nothing is. Locked memory is locked once it has its contents; they fit the limit then. */
export function mapFlags(flags: number, hasFile: boolean): number {
  const not = MAP.LOCKED | MAP.FIXED | (hasFile ? MAP.ANONYMOUS : 0);
  return (flags & ~not) | MAP.FIXED_NOREPLACE;
}

/** Flags with which the file of a mapping is opened: those of the images, or the least that it takes. */
export function fileFlags({ fdflags, status, prot }: VmaEntry): number {
  return fdflags ?? (status & VMA.FILE_SHARED && prot & PROT.WRITE ? O_RDWR : O_RDONLY);
}

/** The protection that a mapping has while its contents come. */
export function openProtection({ flags, prot }: VmaEntry, written: boolean): number {
  return flags & MAP.PRIVATE && written ? prot | PROT.WRITE | PROT.READ : prot;
}
