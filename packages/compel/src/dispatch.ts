// Syscall user dispatch (prctl(PR_SET_SYSCALL_USER_DISPATCH)): system calls from outside of a range of addresses raise
// SIGSYS while a selector byte of the program says so. It must be off while injected code runs in such a thread.
import {
  PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG,
  PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG,
  ptrace_sud_config,
} from '@criu/native/uapi';
import type { DataRef } from './operands.js';
import type { Program } from './program.js';

export interface SyscallDispatch {
  /** PR_SYS_DISPATCH_*; never PR_SYS_DISPATCH_OFF. */
  readonly mode: bigint;
  /** Address of the byte that enables and disables it. */
  readonly selector: bigint;
  /** Start and length of the address range. */
  readonly offset: bigint;
  readonly length: bigint;
}

/** Reads the configuration; not supported by kernels before 6.4. */
export function planGetDispatch(p: Program, tid: number, area: DataRef): void {
  p.syscall('ptrace', [PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, tid, ptrace_sud_config.sizeof, area], {
    expect: 'any',
  });
}

/** Parses the result; undefined if the dispatch is off. */
export function readDispatch(bytes: Buffer): SyscallDispatch | undefined {
  const mode = bytes.readBigUInt64LE(ptrace_sud_config.mode);
  if (mode === 0n) return undefined;
  return {
    mode,
    selector: bytes.readBigUInt64LE(ptrace_sud_config.selector),
    offset: bytes.readBigUInt64LE(ptrace_sud_config.offset),
    length: bytes.readBigUInt64LE(ptrace_sud_config.len),
  };
}

/** Sets the configuration; undefined switches the dispatch off. */
export function planSetDispatch(
  p: Program,
  tid: number,
  dispatch: SyscallDispatch | undefined,
  expect: 'ok' | 'any' = 'ok',
): void {
  const { mode = 0n, selector = 0n, offset = 0n, length = 0n } = dispatch ?? {};
  const area = p.u64(mode, selector, offset, length);
  p.syscall('ptrace', [PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG, tid, ptrace_sud_config.sizeof, area], {
    expect,
    label: `syscall user dispatch of ${tid}`,
  });
}
