// How a mapping is created: flags of mmap(2), flags of its file, and its protection while contents are filled in.
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_LOCKED,
  MAP_PRIVATE,
  O_RDONLY,
  O_RDWR,
  PROT_READ,
  PROT_WRITE,
} from '@criu/native/uapi';
import type { VmaAttributes } from '../../images/types.js';
import { VMA } from '../../images/vma.js';

/**
 * Flags of mmap(2) for an unused address. Locked memory is locked when it has its contents, and fits into the limit
 * then.
 */
export function mapFlags(flags: number, hasFile: boolean): number {
  const not = MAP_LOCKED | MAP_FIXED | (hasFile ? MAP_ANONYMOUS : 0);
  return (flags & ~not) | MAP_FIXED_NOREPLACE;
}

/** Flags with which the file of a mapping is opened: those of the images, or the minimum that the mapping needs. */
export function fileFlags({ fdflags, status, prot }: VmaAttributes): number {
  return fdflags ?? (status & VMA.FILE_SHARED && prot & PROT_WRITE ? O_RDWR : O_RDONLY);
}

/** The protection of a mapping while its contents are filled in. */
export function openProtection({ flags, prot }: VmaAttributes, written: boolean): number {
  return flags & MAP_PRIVATE && written ? prot | PROT_WRITE | PROT_READ : prot;
}
