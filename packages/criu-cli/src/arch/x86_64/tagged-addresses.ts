// Addresses with bits of the task's own in them (linear address masking; arch_prctl(2), ARCH_ENABLE_TAGGED_ADDR).
import type { Program, ProgramResult } from '@criu/compel';

/** asm/prctl.h since Linux 6.4: a word with the bits that belong to an address. */
const ARCH_GET_UNTAG_MASK = 0x4001;

/** Asks the task that runs the program whether it has them. */
export function askTaggedAddresses(p: Program): (r: ProgramResult) => boolean {
  const untag = p.out(8);
  const asked = p.syscall('arch_prctl', [ARCH_GET_UNTAG_MASK, untag], { expect: 'any' });
  return (r) => {
    const mask = r.bytes(untag).readBigInt64LE(0);
    return r.value(asked) === 0 && mask !== 0n && mask !== -1n;
  };
}
