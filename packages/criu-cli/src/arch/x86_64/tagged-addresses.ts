// Tagged addresses (linear address masking): upper bits of a pointer are free for the program; arch_prctl(2),
// ARCH_ENABLE_TAGGED_ADDR.
import type { Program, ProgramResult } from '@criu/compel';
import { ARCH_GET_UNTAG_MASK } from '@criu/native/uapi';

/**
 * Asks the executing task whether it uses tagged addresses. ARCH_GET_UNTAG_MASK (since Linux 6.4) returns the mask of
 * address bits.
 */
export function askTaggedAddresses(p: Program): (r: ProgramResult) => boolean {
  const untag = p.out(8);
  const asked = p.syscall('arch_prctl', [ARCH_GET_UNTAG_MASK, untag], { expect: 'any' });
  return (r) => {
    const mask = r.bytes(untag).readBigInt64LE(0);
    return r.value(asked) === 0 && mask !== 0n && mask !== -1n;
  };
}
