// How a system call and a function are entered on x86_64 (syscall(2); System V ABI for AMD64, 3.2.3).
import { SYS } from '@criu/native';
import { type RegisterName, type Registers, register } from './registers.js';

/** The `syscall` instruction. */
export const SYSCALL_INSN: Buffer = Buffer.from([0x0f, 0x05]);

/** Registers with the arguments of a system call, and the one with its result. */
export const ARGUMENTS = ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'] as const satisfies RegisterName[];
export const RESULT = 'rax' satisfies RegisterName;

/** `orig_rax` of a thread that is in no system call: the kernel restarts none. */
const NO_SYSCALL = 0xffffffffffffffffn;
/** Interrupts on; the bit that is always 1. */
const EFLAGS = 0x202n;
/** Code segment of 64-bit code (arch/x86/include/asm/segment.h, __USER_CS). */
const USER_CODE_64 = 0x33n;

/** The register that tells 64-bit code from 32-bit code, and its value for the former. */
export const MODE = { register: 'cs', wide: USER_CODE_64 } as const satisfies {
  register: RegisterName;
  wide: bigint;
};

/** Changed registers of a thread that shall enter a function with one argument. */
export function functionRegisters(code: bigint, argument: bigint, stack: bigint): Partial<Registers> {
  return { rip: code, rdi: argument, rsp: stack, rax: 0n, orig_rax: NO_SYSCALL, eflags: EFLAGS };
}

/** Changed registers of a thread that shall make the system call `nr` by the instruction at `at`, without its arguments. */
export function syscallRegisters(at: bigint, nr: number): Partial<Registers> {
  return { rip: at, rax: BigInt(nr), orig_rax: NO_SYSCALL };
}

/** Address of the instruction by which a stopped thread is in a system call; `undefined` if it is in none. */
export function syscallBehind(regs: Buffer): bigint | undefined {
  if (register(regs, 'orig_rax') >> 63n !== 0n) return undefined;
  return register(regs, 'rip') - BigInt(SYSCALL_INSN.length);
}

/** System calls whose caller waits for its child with CLONE_VFORK: always, by the first argument, by the structure that it names. */
export const VFORKS = { always: SYS.vfork, byFlags: SYS.clone, byStruct: SYS.clone3 } as const;
