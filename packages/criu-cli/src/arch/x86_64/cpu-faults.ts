// Whether CPUID ends a thread with SIGSEGV (arch_prctl(2), ARCH_SET_CPUID).
import type { Program, StepRef } from '@criu/compel';
import { ARCH_GET_CPUID, ARCH_SET_CPUID } from '@criu/native/uapi';

/** Asks the thread that runs the program: 0 means that it faults. Not every processor can. */
export function askCpuFaults(p: Program): StepRef {
  return p.syscall('arch_prctl', [ARCH_GET_CPUID, 0], { expect: 'any' });
}

/** Has CPUID fault from now on. */
export function setCpuFaults(p: Program, tid: number): void {
  p.syscall('arch_prctl', [ARCH_SET_CPUID, 0], { label: `CPUID of ${tid}` });
}
