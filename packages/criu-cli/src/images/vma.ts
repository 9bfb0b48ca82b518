// Helpers for VMA entries.
import type { VmaEntry } from '@criu/images';
import { MADV_DONTFORK, MADV_WIPEONFORK } from '@criu/native/uapi';

export { VMA } from '@criu/images';

/** Flags of mmap(2). */
export const MAP = {
  SHARED: 1,
  PRIVATE: 2,
  DROPPABLE: 8,
  FIXED: 0x10,
  ANONYMOUS: 0x20,
  GROWSDOWN: 0x100,
  LOCKED: 0x2000,
  NORESERVE: 0x4000,
  HUGETLB: 0x40000,
  FIXED_NOREPLACE: 0x100000,
} as const;

export const PROT = { READ: 1, WRITE: 2, EXEC: 4 } as const;

/** Size of a VMA in bytes. */
export function vmaSize({ start, end }: VmaEntry): number {
  return Number(end - start);
}

/** Whether an advice of madvise(2) is set for a VMA; bit N of `madv` is advice N. */
export function isAdvised({ madv = 0n }: Pick<VmaEntry, 'madv'>, advice: number): boolean {
  // Most VMAs have no advice.
  return madv !== 0n && ((madv >> BigInt(advice)) & 1n) === 1n;
}

/** Whether a fork inherits the contents of a VMA: neither MADV_DONTFORK nor MADV_WIPEONFORK is set. */
export function isInherited(vma: Pick<VmaEntry, 'madv'>): boolean {
  return !isAdvised(vma, MADV_DONTFORK) && !isAdvised(vma, MADV_WIPEONFORK);
}

/** An address as text for messages. */
export function hex(address: number | bigint): string {
  return `0x${address.toString(16)}`;
}
