// Hardware breakpoints by the debug registers (arch/x86/include/uapi/asm/debugreg.h).
import type { RegisterName } from '@criu/compel';
import { user } from '@criu/native/uapi';

/** offsetof(struct user, u_debugreg[n]) in sys/user.h. */
const debugRegister = (n: number) => user.u_debugreg + 8 * n;
/** Bit of the control register DR7 that enables the breakpoint of DR0, on execution. */
const ENABLE_0 = 1n;

/** A function of two instructions, `nop` and `ret`. */
export const BREAKPOINT_CODE: Uint8Array = Uint8Array.of(0x90, 0xc3);
export const PROGRAM_COUNTER = 'rip' satisfies RegisterName;

/** Words for PTRACE_POKEUSER that set a breakpoint at an address: pairs of an offset in struct user and a word. */
export function breakAt(address: bigint): readonly (readonly [offset: number, word: bigint])[] {
  return [
    [debugRegister(0), address],
    [debugRegister(7), ENABLE_0],
  ];
}
