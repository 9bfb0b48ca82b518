// State of a stopped task as ptrace reports it: registers, XSAVE areas, pending signals, seccomp filters; for all
// threads at once.

import {
  BPF_MAXINSNS,
  iovec,
  PTRACE_GETREGSET,
  PTRACE_PEEKSIGINFO,
  PTRACE_PEEKSIGINFO_SHARED,
  PTRACE_SECCOMP_GET_FILTER,
  PTRACE_SECCOMP_GET_METADATA,
  ptrace_peeksiginfo_args,
  seccomp_metadata,
  siginfo_t,
  sock_filter,
} from '@criu/native/uapi';
import { EXTENDED_SET } from './arch/index.js';
import type { SyscallDispatch } from './dispatch.js';
import type { DataRef, StepRef } from './operands.js';
import { xsaveBound } from './proc.js';
import { Program } from './program.js';
import type { ProgramResult } from './program-result.js';
import type { RseqConfig, ThreadStop } from './seize.js';
import type { Task, Thread } from './task.js';

export interface CollectOptions {
  /** Leave out the XSAVE areas. */
  readonly xsave?: boolean;
}

export interface SeccompFilter {
  /** The instructions, each a struct sock_filter. */
  readonly instructions: Buffer;
  /** SECCOMP_FILTER_FLAG_*. */
  readonly flags: bigint;
}

export interface ThreadState {
  readonly tid: number;
  readonly stopped: ThreadStop;
  readonly regs: Buffer;
  readonly xsave: Buffer | undefined;
  readonly sigmask: bigint;
  readonly rseq: RseqConfig;
  readonly dispatch: SyscallDispatch | undefined;
  /** Pending signals of this thread, each a siginfo_t. */
  readonly pending: Buffer[];
  /** Filters in the order of installation. Empty if reading them is not permitted (CAP_SYS_ADMIN). */
  readonly seccomp: SeccompFilter[];
}

export interface TaskState {
  readonly pid: number;
  readonly threads: ThreadState[];
  /** Pending signals of the process, each a siginfo_t. */
  readonly sharedPending: Buffer[];
}

const FEW = 4;
const MANY = 256;

interface Steps {
  readonly thread: Thread;
  readonly iov: DataRef | undefined;
  readonly xsave: DataRef | undefined;
  readonly pending: Peek;
  readonly filter: StepRef;
}

interface Peek {
  readonly step: StepRef;
  readonly area: DataRef;
}

function planPeek(p: Program, tid: number, shared: boolean, offset: number, count: number): Peek {
  const args = Buffer.alloc(ptrace_peeksiginfo_args.sizeof);
  args.writeBigUInt64LE(BigInt(offset), ptrace_peeksiginfo_args.off);
  args.writeUInt32LE(shared ? PTRACE_PEEKSIGINFO_SHARED : 0, ptrace_peeksiginfo_args.flags);
  args.writeInt32LE(count, ptrace_peeksiginfo_args.nr);
  const area = p.out(count * siginfo_t.sizeof);
  const step = p.syscall('ptrace', [PTRACE_PEEKSIGINFO, tid, p.data(args), area], { expect: 'any' });
  return { step, area };
}

function readPeek(r: ProgramResult, peek: Peek): Buffer[] {
  const out: Buffer[] = [];
  const bytes = r.bytes(peek.area);
  for (let i = 0; i < r.value(peek.step); i++)
    out.push(Buffer.from(bytes.subarray(i * siginfo_t.sizeof, (i + 1) * siginfo_t.sizeof)));
  return out;
}

function plan(p: Program, thread: Thread, xsaveBytes: number): Steps {
  const { tid } = thread;
  let iov: DataRef | undefined;
  let xsave: DataRef | undefined;
  if (xsaveBytes > 0) {
    // The iovec is returned as well, since the kernel writes the real length into it.
    iov = p.out(iovec.sizeof);
    xsave = p.out(xsaveBytes);
    p.poke(p.at(iov, iovec.iov_base), xsave, 8);
    p.poke(p.at(iov, iovec.iov_len), xsaveBytes, 8);
    p.syscall('ptrace', [PTRACE_GETREGSET, tid, EXTENDED_SET, iov], { label: `XSAVE area of ${tid}` });
  }
  const pending = planPeek(p, tid, false, 0, FEW);
  const filter = p.syscall('ptrace', [PTRACE_SECCOMP_GET_FILTER, tid, 0, 0], { expect: 'any' });
  return { thread, iov, xsave, pending, filter };
}

/** @internal */
export async function collect(task: Task, options: CollectOptions): Promise<TaskState> {
  const xsaveBytes = options.xsave === false ? 0 : xsaveBound();
  const usable = task.threads.filter((t) => t.usable);
  const [first] = usable;
  const perProgram = Math.max(1, Math.floor(task.tracer.batchBytes / (xsaveBytes + 2048)));
  const states: ThreadState[] = [];
  let sharedPending: Buffer[] = [];
  for (let from = 0; from < usable.length; from += perProgram) {
    const p = new Program(`collect ${task.pid}`);
    const steps = usable.slice(from, from + perProgram).map((t) => plan(p, t, xsaveBytes));
    const shared = first && from === 0 ? planPeek(p, first.tid, true, 0, 4 * FEW) : undefined;
    const r = await task.drive(p);
    if (first && shared) {
      sharedPending = readPeek(r, shared);
      if (sharedPending.length === 4 * FEW)
        sharedPending.push(...(await peekRest(task, first.tid, true, 4 * FEW)));
    }
    for (const s of steps) states.push(await finish(task, r, s));
  }
  for (const t of task.threads)
    if (!t.usable)
      states.push({
        tid: t.tid,
        stopped: t.stopped,
        regs: t.regs,
        xsave: undefined,
        sigmask: t.sigmask,
        rseq: t.rseq,
        dispatch: t.dispatch,
        pending: [],
        seccomp: [],
      });
  return { pid: task.pid, threads: states, sharedPending };
}

async function finish(task: Task, r: ProgramResult, s: Steps): Promise<ThreadState> {
  const { thread } = s;
  if (s.xsave && s.iov)
    thread.xsave = Buffer.from(
      r.bytes(s.xsave).subarray(0, Number(r.bytes(s.iov).readBigUInt64LE(iovec.iov_len))),
    );
  const pending = readPeek(r, s.pending);
  if (pending.length === FEW) pending.push(...(await peekRest(task, thread.tid, false, FEW)));
  const seccomp = r.value(s.filter) > 0 ? await seccompFilters(task, thread.tid) : [];
  return {
    tid: thread.tid,
    stopped: thread.stopped,
    regs: thread.regs,
    xsave: thread.xsave,
    sigmask: thread.sigmask,
    rseq: thread.rseq,
    dispatch: thread.dispatch,
    pending,
    seccomp,
  };
}

async function peekRest(task: Task, tid: number, shared: boolean, from: number): Promise<Buffer[]> {
  const out: Buffer[] = [];
  for (;;) {
    const p = new Program(`pending signals of ${tid}`);
    const peek = planPeek(p, tid, shared, from + out.length, MANY);
    const got = readPeek(await task.drive(p), peek);
    out.push(...got);
    if (got.length < MANY) return out;
  }
}

async function seccompFilters(task: Task, tid: number): Promise<SeccompFilter[]> {
  const out: SeccompFilter[] = [];
  for (;;) {
    const p = new Program(`seccomp filter ${out.length} of ${tid}`);
    const area = p.out(BPF_MAXINSNS * sock_filter.sizeof);
    const meta = p.data(seccomp_metadata.sizeof);
    const flags = p.out(8);
    p.poke(p.at(meta, seccomp_metadata.filter_off), out.length, 8);
    const got = p.syscall('ptrace', [PTRACE_SECCOMP_GET_FILTER, tid, out.length, area], { expect: 'any' });
    p.syscall('ptrace', [PTRACE_SECCOMP_GET_METADATA, tid, seccomp_metadata.sizeof, meta], { expect: 'any' });
    p.copy(flags, p.at(meta, seccomp_metadata.flags), 8);
    const r = await task.drive(p);
    const count = r.value(got);
    if (count <= 0) return out;
    out.push({
      instructions: Buffer.from(r.bytes(area).subarray(0, count * sock_filter.sizeof)),
      flags: r.bytes(flags).readBigUInt64LE(0),
    });
  }
}
