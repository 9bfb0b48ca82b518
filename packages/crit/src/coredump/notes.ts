// The notes of a core file: struct elf_prpsinfo, elf_prstatus (linux/elfcore.h), siginfo_t, the auxiliary vector and
// the mapped files.
import { Buffer } from 'node:buffer';
import {
  type CoreEntry,
  encodeName,
  fxsaveArea,
  type MmEntry,
  PAGE_SIZE,
  type PstreeEntry,
} from '@criu/images';
import {
  type Note,
  NT_AUXV,
  NT_FILE,
  NT_FPREGSET,
  NT_PRPSINFO,
  NT_PRSTATUS,
  NT_SIGINFO,
  NT_X86_XSTATE,
} from './elf.js';
import { CoreDumpError } from './errors.js';
import { extendedState, generalRegisters } from './registers.js';

/** `core_entry.mtype` and `user_x86_regs_entry.mode`. */
const X86_64 = 1;
const COMPAT = 2;
/** `task_core_entry.task_state`. */
const DEAD = 2;
const STOPPED = 3;

const PRPSINFO_SIZE = 136;
const PRSTATUS_SIZE = 336;
const SIGINFO_SIZE = 128;
const NAME_BYTES = 16;
const ARGUMENTS_BYTES = 80;

export interface MappedFile {
  readonly start: bigint;
  readonly end: bigint;
  /** Offset in the file in bytes. */
  readonly offset: bigint;
  readonly name: string;
}

export interface ProcessFacts {
  readonly task: PstreeEntry;
  readonly mm: MmEntry;
  /** All threads, the leader first. */
  readonly threads: readonly { readonly tid: number; readonly core: CoreEntry }[];
  /** The command line as in memory, with zero bytes. */
  readonly commandLine: Uint8Array;
  readonly files: readonly MappedFile[];
}

/**
 * The notes in the order of gdb's gcore.
 * @throws CoreDumpError for a thread of another architecture
 */
export function processNotes(facts: ProcessFacts): Note[] {
  return [
    { owner: 'CORE', type: NT_PRPSINFO, data: processInfo(facts) },
    ...facts.threads.flatMap(({ tid, core }) => threadNotes(facts.task, tid, core)),
    { owner: 'CORE', type: NT_AUXV, data: auxiliaryVector(facts.mm) },
    { owner: 'CORE', type: NT_FILE, data: mappedFiles(facts.files) },
  ];
}

function threadNotes(task: PstreeEntry, tid: number, core: CoreEntry): Note[] {
  const { thread_info: info } = core;
  if (core.mtype !== X86_64 || info === undefined)
    throw new CoreDumpError(
      task.pid,
      'it is of another architecture; core files are made of x86-64 processes',
    );
  if (info.gpregs.mode === COMPAT)
    throw new CoreDumpError(task.pid, 'it is a 32-bit process; core files are made of 64-bit ones');
  const extended = extendedState(info.fpregs);
  return [
    { owner: 'CORE', type: NT_PRSTATUS, data: threadStatus(task, tid, core, generalRegisters(info.gpregs)) },
    { owner: 'CORE', type: NT_FPREGSET, data: fxsaveArea(info.fpregs) },
    ...(extended ? [{ owner: 'LINUX', type: NT_X86_XSTATE, data: extended } as const] : []),
    // The signal number is 0: no signal has ended the process.
    { owner: 'CORE', type: NT_SIGINFO, data: Buffer.alloc(SIGINFO_SIZE) },
  ];
}

function processInfo({ task, threads, commandLine }: ProcessFacts): Buffer {
  const out = Buffer.alloc(PRPSINFO_SIZE);
  const core = threads[0]?.core;
  const state = core?.tc?.task_state;
  // Numbers and letters of the kernel's task states. Images do not distinguish running from sleeping tasks.
  const [number, letter] = state === STOPPED ? [3, 'T'] : state === DEAD ? [4, 'Z'] : [0, 'R'];
  out.writeUInt8(number, 0);
  out.write(letter, 1, 'latin1');
  out.writeUInt8(state === DEAD ? 1 : 0, 2);
  out.writeInt8(core?.thread_core?.sched_nice ?? 0, 3);
  out.writeBigUInt64LE(BigInt(core?.tc?.flags ?? 0), 8);
  out.writeUInt32LE(core?.thread_core?.creds?.uid ?? 0, 16);
  out.writeUInt32LE(core?.thread_core?.creds?.gid ?? 0, 20);
  writeIds(out, 24, task.pid, task);
  // Both texts end with a zero byte.
  out.set(encodeName(core?.tc?.comm ?? '').subarray(0, NAME_BYTES - 1), 40);
  const words = commandLine.subarray(0, ARGUMENTS_BYTES - 1).map((byte) => byte || 0x20);
  out.set(words, 56);
  return out;
}

function threadStatus(task: PstreeEntry, tid: number, core: CoreEntry, registers: Buffer): Buffer {
  const out = Buffer.alloc(PRSTATUS_SIZE);
  const own = pendingSignals(core.thread_core?.signals_p?.signals);
  out.writeBigUInt64LE(own | pendingSignals(core.tc?.signals_s?.signals), 16);
  out.writeBigUInt64LE(core.thread_core?.blk_sigset ?? core.tc?.blk_sigset ?? 0n, 24);
  writeIds(out, 32, tid, task);
  out.set(registers, 112);
  return out;
}

function writeIds(out: Buffer, at: number, id: number, { ppid, pgid, sid }: PstreeEntry): void {
  [id, ppid, pgid, sid].forEach((value, index) => {
    out.writeInt32LE(value | 0, at + index * 4);
  });
}

/** The signals as a bit mask. Each entry is a siginfo_t, which begins with the signal number. */
function pendingSignals(signals: readonly { readonly siginfo: Uint8Array }[] = []): bigint {
  let mask = 0n;
  for (const { siginfo } of signals) {
    if (siginfo.length < 4) continue;
    const number = Buffer.from(siginfo.buffer, siginfo.byteOffset, 4).readInt32LE();
    if (number >= 1 && number <= 64) mask |= 1n << BigInt(number - 1);
  }
  return mask;
}

/** Pairs of type and value, including that of AT_NULL. */
function auxiliaryVector({ mm_saved_auxv: words }: MmEntry): Buffer {
  let count = 0;
  while (count + 1 < words.length && words[count] !== 0n) count += 2;
  const out = Buffer.alloc((count + 2) * 8);
  words.slice(0, count).forEach((word, index) => {
    out.writeBigUInt64LE(BigInt.asUintN(64, word), index * 8);
  });
  return out;
}

/**
 * Number of files and page size; then start, end and offset in pages of each file; then the names with terminating zero
 * bytes.
 */
function mappedFiles(files: readonly MappedFile[]): Buffer {
  const numbers = Buffer.alloc(16 + files.length * 24);
  numbers.writeBigUInt64LE(BigInt(files.length), 0);
  numbers.writeBigUInt64LE(BigInt(PAGE_SIZE), 8);
  files.forEach(({ start, end, offset }, index) => {
    numbers.writeBigUInt64LE(start, 16 + index * 24);
    numbers.writeBigUInt64LE(end, 24 + index * 24);
    numbers.writeBigUInt64LE(offset / BigInt(PAGE_SIZE), 32 + index * 24);
  });
  const zero = Buffer.alloc(1);
  return Buffer.concat([numbers, ...files.flatMap(({ name }) => [encodeName(name), zero])]);
}
