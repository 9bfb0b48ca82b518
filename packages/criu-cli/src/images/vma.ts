// Numbers of vma_entry, and what is said of a mapping.
import type { VmaEntry } from '@criu/images';
import { MADV_DONTFORK, MADV_WIPEONFORK } from '@criu/native/uapi';

/** The bits of its status: what kind of mapping it is. */
export const VMA = {
  REGULAR: 1 << 0,
  STACK: 1 << 1,
  VSYSCALL: 1 << 2,
  VDSO: 1 << 3,
  HEAP: 1 << 5,
  FILE_PRIVATE: 1 << 6,
  FILE_SHARED: 1 << 7,
  ANON_SHARED: 1 << 8,
  ANON_PRIVATE: 1 << 9,
  SYSVIPC: 1 << 10,
  SOCKET: 1 << 11,
  VVAR: 1 << 12,
  AIORING: 1 << 13,
  MEMFD: 1 << 14,
  SHSTK: 1 << 15,
  GUARD: 1 << 16,
  UPROBES: 1 << 17,
  EXT_PLUGIN: 1 << 27,
} as const;

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

/** Bytes of a mapping. */
export function vmaSize({ start, end }: VmaEntry): number {
  return Number(end - start);
}

/** Whether a mapping has an advice: bits in images are numbered as madvise(2) has them. */
export function isAdvised({ madv = 0n }: Pick<VmaEntry, 'madv'>, advice: number): boolean {
  // Few have any.
  return madv !== 0n && ((madv >> BigInt(advice)) & 1n) === 1n;
}

/** Whether a child would have what a mapping has in it (MADV_DONTFORK, MADV_WIPEONFORK). */
export function isInherited(vma: Pick<VmaEntry, 'madv'>): boolean {
  return !isAdvised(vma, MADV_DONTFORK) && !isAdvised(vma, MADV_WIPEONFORK);
}

/** An address for messages. */
export function hex(address: number | bigint): string {
  return `0x${address.toString(16)}`;
}
