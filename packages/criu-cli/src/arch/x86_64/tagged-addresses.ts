// Tagged addresses (linear address masking): upper bits of a pointer are free for the program; arch_prctl(2),
// ARCH_ENABLE_TAGGED_ADDR.
import type { Program, ProgramResult } from '@criu/compel';

/** asm/prctl.h since Linux 6.4: reads the mask of bits that belong to an address. */
const ARCH_GET_UNTAG_MASK = 0x4001;

/** Asks the executing task whether it uses tagged addresses. */
export function askTaggedAddresses(p: Program): (r: ProgramResult) => boolean {
  const untag = p.out(8);
  const asked = p.syscall('arch_prctl', [ARCH_GET_UNTAG_MASK, untag], { expect: 'any' });
  return (r) => {
    const mask = r.bytes(untag).readBigInt64LE(0);
    return r.value(asked) === 0 && mask !== 0n && mask !== -1n;
  };
}
