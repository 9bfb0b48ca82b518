// CPUID faulting: the instruction raises SIGSEGV in a thread (arch_prctl(2), ARCH_SET_CPUID).
import type { Program, StepRef } from '@criu/compel';
import { ARCH_GET_CPUID, ARCH_SET_CPUID } from '@criu/native/uapi';

/** Asks the executing thread: result 0 means that CPUID faults. Not all CPUs support it. */
export function askCpuFaults(p: Program): StepRef {
  return p.syscall('arch_prctl', [ARCH_GET_CPUID, 0], { expect: 'any' });
}

/** Makes CPUID fault in the executing thread. */
export function setCpuFaults(p: Program, tid: number): void {
  p.syscall('arch_prctl', [ARCH_SET_CPUID, 0], { label: `CPUID of ${tid}` });
}
