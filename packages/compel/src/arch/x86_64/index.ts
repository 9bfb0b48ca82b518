// x86_64: registers, system calls, and properties of ELF files.
import { EM_X86_64 } from '@criu/native/uapi';

/** Relocation type that adds the load address (elf.h), the only one supported in a parasite. */
export { R_X86_64_RELATIVE as RELATIVE } from '@criu/native/uapi';
export * from './calls.js';
export * from './ptrace.js';
export * from './registers.js';
export { waitingRegisters } from './waits.js';
/** `e_machine` of ELF files, and name of the processor. */
export const MACHINE = { number: EM_X86_64, name: 'x86_64' } as const;
