// How a mapping is created: flags of mmap(2), flags of its file, and its protection while contents are filled in.
import { O_RDONLY, O_RDWR } from '@criu/native/uapi';
import type { VmaEntry } from '../../images/types.js';
import { MAP, PROT, VMA } from '../../images/vma.js';

/**
 * Flags of mmap(2) for an unused address. Locked memory is locked when it has its contents, and fits into the limit
 * then.
 */
export function mapFlags(flags: number, hasFile: boolean): number {
  const not = MAP.LOCKED | MAP.FIXED | (hasFile ? MAP.ANONYMOUS : 0);
  return (flags & ~not) | MAP.FIXED_NOREPLACE;
}

/** Flags with which the file of a mapping is opened: those of the images, or the minimum that the mapping needs. */
export function fileFlags({ fdflags, status, prot }: VmaEntry): number {
  return fdflags ?? (status & VMA.FILE_SHARED && prot & PROT.WRITE ? O_RDWR : O_RDONLY);
}

/** The protection of a mapping while its contents are filled in. */
export function openProtection({ flags, prot }: VmaEntry, written: boolean): number {
  return flags & MAP.PRIVATE && written ? prot | PROT.WRITE | PROT.READ : prot;
}
