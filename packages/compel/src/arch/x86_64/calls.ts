// Calling conventions of x86_64 for system calls and functions (syscall(2); System V ABI for AMD64, 3.2.3).
import { SYS } from '@criu/native';
import { type RegisterName, type Registers, register } from './registers.js';

/** The `syscall` instruction. */
export const SYSCALL_INSN: Buffer = Buffer.from([0x0f, 0x05]);

/** Registers for the arguments of a system call, and for its result. */
export const ARGUMENTS = ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'] as const satisfies RegisterName[];
export const RESULT = 'rax' satisfies RegisterName;

/** `orig_rax` of a thread that is not in a system call, so that the kernel restarts none. */
const NO_SYSCALL = 0xffffffffffffffffn;
/** EFLAGS with interrupts enabled, and the bit that is always set. */
const EFLAGS = 0x202n;
/** Code segment of 64-bit code (__USER_CS in arch/x86/include/asm/segment.h). */
const USER_CODE_64 = 0x33n;

/** The register that distinguishes 64-bit from 32-bit code, and its value for 64-bit code. */
export const MODE = { register: 'cs', wide: USER_CODE_64 } as const satisfies {
  register: RegisterName;
  wide: bigint;
};

/** Register changes for entering a function with one argument. */
export function functionRegisters(code: bigint, argument: bigint, stack: bigint): Partial<Registers> {
  return { rip: code, rdi: argument, rsp: stack, rax: 0n, orig_rax: NO_SYSCALL, eflags: EFLAGS };
}

/** Register changes for making the system call `nr` with the instruction at `at`, without its arguments. */
export function syscallRegisters(at: bigint, nr: number): Partial<Registers> {
  return { rip: at, rax: BigInt(nr), orig_rax: NO_SYSCALL };
}

/**
 * Address of the instruction with which a stopped thread has entered a system call; `undefined` if it is not in one.
 */
export function syscallBehind(regs: Buffer): bigint | undefined {
  if (register(regs, 'orig_rax') >> 63n !== 0n) return undefined;
  return register(regs, 'rip') - BigInt(SYSCALL_INSN.length);
}

/**
 * System calls that wait for the child with CLONE_VFORK: always; depending on the first argument; depending on the
 * struct that it points to.
 */
export const VFORKS = { always: SYS.vfork, byFlags: SYS.clone, byStruct: SYS.clone3 } as const;
