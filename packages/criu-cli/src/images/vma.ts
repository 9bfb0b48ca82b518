// Helpers for VMA entries.
import type { VmaEntry } from '@criu/images';
import { MADV_DONTFORK, MADV_WIPEONFORK } from '@criu/native/uapi';

export { VMA } from '@criu/images';

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
