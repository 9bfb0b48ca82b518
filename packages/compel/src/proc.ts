// Reads what stopping and infecting need to know from /proc.
import { closeSync, openSync, readdirSync, readFileSync, readSync, writeSync } from 'node:fs';
import { addon, cstring, sysRaw } from '@criu/native';
import { AT_MINSIGSTKSZ, AT_SYSINFO_EHDR, CLONE_VFORK, clone_args, stat } from '@criu/native/uapi';
import { SYSCALL_INSN, VFORKS } from './arch/index.js';

/** The text of a file of /proc; undefined if it cannot be read. */
function readSmall(path: string): string | undefined {
  const text = addon().readText(path);
  return typeof text === 'string' ? text : undefined;
}

/** Number of threads, from the link count of /proc/PID/task; 0 if the process has ended. */
export function threadCount(pid: number): number {
  const status = Buffer.allocUnsafe(stat.sizeof);
  if (sysRaw('stat', cstring(`/proc/${pid}/task`), status) < 0) return 0;
  return status.readUInt32LE(stat.st_nlink) - 2;
}

/** Thread ids of a process, the leader first; empty if there is no such process. */
export function threadIds(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** Fields of /proc/PID/status by name (proc_pid_status(5)). */
export class TaskStatus {
  constructor(private readonly text: string) {}

  get(name: string): string | undefined {
    const at = this.text.indexOf(`\n${name}:`);
    if (at < 0) return undefined;
    const start = at + name.length + 2;
    const end = this.text.indexOf('\n', start);
    return this.text.slice(start, end < 0 ? undefined : end).trim();
  }
}

/** /proc/PID/status; undefined if the task has ended. */
export function taskStatus(pid: number, tid = pid): TaskStatus | undefined {
  const text = readSmall(`/proc/${pid}/task/${tid}/status`);
  return text === undefined || text === '' ? undefined : new TaskStatus(text);
}

/** Whether a thread has ended, reaped or not. */
export function isDead(pid: number, tid: number): boolean {
  const state = taskStatus(pid, tid)?.get('State');
  return state === undefined || state.startsWith('Z') || state.startsWith('X');
}

export interface MapLine {
  readonly start: bigint;
  readonly end: bigint;
  readonly perms: string;
  readonly name: string;
}

export function maps(pid: number): MapLine[] {
  return readFileSync(`/proc/${pid}/maps`, 'latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const m = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$/.exec(line);
      if (!m) throw new Error(`/proc/${pid}/maps: cannot read "${line}"`);
      const [, start, end, perms = '', name = ''] = m;
      return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), perms, name };
    });
}

function auxiliary(pid: number | 'self', wanted: number): bigint | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(`/proc/${pid}/auxv`);
  } catch {
    return undefined;
  }
  for (let i = 0; i + 16 <= bytes.length; i += 16)
    if (bytes.readBigUInt64LE(i) === BigInt(wanted)) return bytes.readBigUInt64LE(i + 8);
  return undefined;
}

/** An upper bound in bytes for the XSAVE area: a signal frame has to hold it. */
export function xsaveBound(): number {
  return Number(auxiliary('self', AT_MINSIGSTKSZ) ?? 16384n) + 64;
}

function findSyscall(pid: number, start: bigint, bytes: number): bigint | undefined {
  const text = Buffer.alloc(bytes);
  const n = addon().vmRead(pid, start, text);
  const at = n > 0 ? text.subarray(0, n).indexOf(SYSCALL_INSN) : -1;
  return at < 0 ? undefined : start + BigInt(at);
}

/** Whether there is a `syscall` instruction at an address. */
export function isSyscall(pid: number, address: bigint): boolean {
  return findSyscall(pid, address, SYSCALL_INSN.length) === address;
}

/**
 * Address of a `syscall` instruction in the task: in its vDSO, else in any code. So the task's text need not be
 * modified.
 * @param known offset in an earlier task's vDSO, which is tried first
 */
export function syscallAddress(
  pid: number,
  known?: bigint,
): { address: bigint; vdsoOffset?: bigint } | undefined {
  const vdso = auxiliary(pid, AT_SYSINFO_EHDR) ?? 0n;
  if (vdso !== 0n) {
    if (known !== undefined && findSyscall(pid, vdso + known, SYSCALL_INSN.length) !== undefined)
      return { address: vdso + known, vdsoOffset: known };
    const address = findSyscall(pid, vdso, 8192);
    if (address !== undefined) return { address, vdsoOffset: address - vdso };
  }
  for (const map of maps(pid)) {
    if (map.perms[2] !== 'x' || map.name === '[vsyscall]') continue;
    for (let at = map.start; at < map.end; at += 1n << 20n) {
      const left = map.end - at;
      const address = findSyscall(pid, at, Number(left < 1n << 20n ? left : 1n << 20n));
      if (address !== undefined) return { address };
    }
  }
  return undefined;
}

/**
 * Whether a thread waits for the child of its vfork(2): it cannot be stopped before the child has continued. Undefined
 * for a thread that is on a CPU or about to be, of which the kernel tells no system call.
 */
export function vforkWait(pid: number, tid: number): boolean | undefined {
  try {
    const [nr, first = '0'] = readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'latin1').trim().split(' ');
    if (nr === 'running') return undefined;
    if (Number(nr) === VFORKS.always) return true;
    if (Number(nr) === VFORKS.byFlags) return (BigInt(first) & BigInt(CLONE_VFORK)) !== 0n;
    if (Number(nr) !== VFORKS.byStruct) return false;
    const flags = Buffer.alloc(8);
    return (
      addon().vmRead(pid, BigInt(first) + BigInt(clone_args.flags), flags) === 8 &&
      (flags.readBigUInt64LE() & BigInt(CLONE_VFORK)) !== 0n
    );
  } catch {
    return false;
  }
}

/** Whether a thread waits for the child of its vfork(2), as far as can be told. */
export function waitsInVfork(pid: number, tid: number): boolean {
  return vforkWait(pid, tid) ?? false;
}

/** Reads or writes memory of a task, whatever its protection (proc_pid_mem(5)). @returns number of bytes */
export function accessMem(pid: number, address: bigint, bytes: Uint8Array, write: boolean): number {
  const fd = openSync(`/proc/${pid}/mem`, write ? 'r+' : 'r');
  try {
    // Only bigint positions reach addresses above 2^53; the write call takes numbers, which suffices for user space.
    return write
      ? writeSync(fd, bytes, 0, bytes.byteLength, Number(address))
      : readSync(fd, bytes, 0, bytes.byteLength, address);
  } finally {
    closeSync(fd);
  }
}
