// Stops all threads of processes with PTRACE_SEIZE and PTRACE_INTERRUPT, repeatedly, until there are no new threads.
import { abi, errnoName } from '@criu/native';
import {
  EACCES,
  EPERM,
  ETIMEDOUT,
  PTRACE_GET_RSEQ_CONFIGURATION,
  PTRACE_GETSIGMASK,
  PTRACE_INTERRUPT,
  PTRACE_SEIZE,
  ptrace_rseq_configuration,
  ptrace_sud_config,
  SIGTRAP,
} from '@criu/native/uapi';
import { planGetRegisters, planSetRegisters, REGS_SIZE, waitingRegisters } from './arch/index.js';
import { planGetDispatch, readDispatch, type SyscallDispatch } from './dispatch.js';
import { StopError } from './errors.js';
import { type DataRef, Mark, type StepRef } from './operands.js';
import { taskStatus, threadCount, threadIds, waitsInVfork } from './proc.js';
import { Program } from './program.js';
import type { ProgramResult } from './program-result.js';
import { SEIZE_OPTIONS } from './ptrace.js';

/** The state of a thread when it was stopped. */
export type ThreadStop =
  | { readonly kind: 'running' }
  /** In a job-control stop by this signal: it stays stopped when it is released. */
  | { readonly kind: 'stopped'; readonly signal: number }
  /** Waiting for its vfork(2) child: it executes no code of its own, and its registers cannot be read. */
  | { readonly kind: 'vfork' };

export interface RseqConfig {
  /** Address of struct rseq; 0 if the thread has none. */
  readonly pointer: bigint;
  readonly size: number;
  readonly signature: number;
  readonly flags: number;
}

/** A seized thread. */
export interface SeizedThread {
  readonly tid: number;
  readonly stop: ThreadStop;
  regs: Buffer;
  readonly sigmask: bigint;
  readonly rseq: RseqConfig;
  readonly dispatch: SyscallDispatch | undefined;
}

interface Steps {
  readonly tid: number;
  readonly stop: StepRef;
  readonly status: DataRef;
  readonly regs: DataRef;
  readonly mask: DataRef;
  readonly rseq: DataRef;
  readonly dispatch: DataRef;
}

/** Milliseconds for the first stop of a thread, before the reason for a delay is examined. */
const FIRST_LOOK_MS = 30;

function planStop(p: Program, tid: number, timeoutMs: number): Steps {
  const steps = {
    tid,
    status: p.out(8),
    regs: p.out(REGS_SIZE),
    mask: p.out(8),
    rseq: p.out(ptrace_rseq_configuration.sizeof),
    dispatch: p.out(ptrace_sud_config.sizeof),
  };
  const runs = new Mark();
  const stop = p.stop(tid, timeoutMs, steps.status, abi.AGENT_STOP_SEIZED, { orGoTo: runs });
  planGetRegisters(p, tid, steps.regs, { expect: 'any' });
  p.syscall('ptrace', [PTRACE_GETSIGMASK, tid, 8, steps.mask], { expect: 'any' });
  p.syscall('ptrace', [PTRACE_GET_RSEQ_CONFIGURATION, tid, ptrace_rseq_configuration.sizeof, steps.rseq], {
    expect: 'any',
  });
  planGetDispatch(p, tid, steps.dispatch);
  p.here(runs);
  return { ...steps, stop };
}

function readStop(r: ProgramResult, s: Steps): SeizedThread {
  const status = r.bytes(s.status).readInt32LE(0);
  const signal = (status >> 8) & 0xff;
  const rseq = r.bytes(s.rseq);
  return {
    tid: s.tid,
    stop: signal === SIGTRAP ? { kind: 'running' } : { kind: 'stopped', signal },
    regs: Buffer.from(r.bytes(s.regs)),
    sigmask: r.bytes(s.mask).readBigUInt64LE(0),
    rseq: {
      pointer: rseq.readBigUInt64LE(ptrace_rseq_configuration.rseq_abi_pointer),
      size: rseq.readUInt32LE(ptrace_rseq_configuration.rseq_abi_size),
      signature: rseq.readUInt32LE(ptrace_rseq_configuration.signature),
      flags: rseq.readUInt32LE(ptrace_rseq_configuration.flags),
    },
    dispatch: readDispatch(r.bytes(s.dispatch)),
  };
}

function vforkThread(tid: number): SeizedThread {
  return {
    tid,
    stop: { kind: 'vfork' },
    regs: Buffer.alloc(0),
    sigmask: 0n,
    rseq: { pointer: 0n, size: 0, signature: 0, flags: 0 },
    dispatch: undefined,
  };
}

/** The reason why PTRACE_SEIZE has failed, as far as /proc tells. */
function diagnose(pid: number, errno: number): StopError {
  const status = taskStatus(pid);
  if (!status) return new StopError(pid, 'NO_SUCH_TASK', 'there is no such task');
  const others = threadIds(pid).length > 1;
  if (status.get('State')?.startsWith('Z'))
    return others
      ? new StopError(pid, 'DEAD_LEADER', 'its main thread has exited while other threads run')
      : new StopError(pid, 'ZOMBIE', 'it has exited and is waited for by its parent');
  const tracer = status.get('TracerPid') ?? '0';
  if (tracer !== '0') return new StopError(pid, 'TRACED', `it is traced by process ${tracer} already`);
  // A kernel thread has no memory of its own.
  if (status.get('Kthread') === '1' || status.get('VmSize') === undefined)
    return new StopError(pid, 'KERNEL_THREAD', 'it is a kernel thread');
  if (errno === EPERM)
    return new StopError(
      pid,
      'PERMISSION',
      'not permitted: that needs CAP_SYS_PTRACE, or the same user and what /proc/sys/kernel/yama/ptrace_scope allows',
    );
  // Only security modules answer so (ptrace_access_check).
  if (errno === EACCES)
    return new StopError(pid, 'PERMISSION', 'its security module does not permit that it is traced');
  return new StopError(pid, 'PTRACE', `PTRACE_SEIZE: ${errnoName(errno)}`);
}

/** A process on its way to a full stop. */
class Gathering {
  readonly threads = new Map<number, SeizedThread>();
  /** Threads that are seized and interrupted, but not yet stopped. */
  readonly late: Set<number>;
  readonly gone = new Set<number>();
  error: StopError | undefined;
  done = false;

  constructor(
    readonly pid: number,
    announced: readonly number[] = [],
  ) {
    this.late = new Set(announced);
  }

  /** Threads that have not been seized yet. */
  fresh(): number[] {
    // If the number of threads equals that of stopped ones, there are no new ones: a stopped thread cannot exit.
    const count = threadCount(this.pid);
    if (count === this.threads.size && this.late.size === 0) return [];
    return threadIds(this.pid).filter(
      (tid) => !this.threads.has(tid) && !this.gone.has(tid) && !this.late.has(tid),
    );
  }
}

/** @internal Result for one process: its threads, or the error with the threads that are still to be released. */
export interface GatheringResult {
  readonly pid: number;
  readonly threads: SeizedThread[];
  readonly error: StopError | undefined;
  /** Threads that are traced, but not stopped. */
  readonly late: number[];
}

/**
 * @internal Seizes and interrupts all threads of processes.
 * @returns the threads for which that has worked, by process
 */
export async function announce(
  run: (p: Program) => Promise<ProgramResult>,
  pids: readonly number[],
): Promise<Map<number, number[]>> {
  const p = new Program('announce stops');
  const steps = pids.flatMap((pid) =>
    threadIds(pid).map((tid) => {
      const refused = new Mark();
      const seized = p.syscall('ptrace', [PTRACE_SEIZE, tid, 0, SEIZE_OPTIONS], { orGoTo: refused });
      p.syscall('ptrace', [PTRACE_INTERRUPT, tid, 0, 0], { expect: 'any' });
      p.here(refused);
      return { pid, tid, seized };
    }),
  );
  const seizedTids = new Map<number, number[]>();
  if (steps.length === 0) return seizedTids;
  const result = await run(p);
  for (const { pid, tid, seized } of steps)
    if (result.value(seized) === 0) seizedTids.set(pid, [...(seizedTids.get(pid) ?? []), tid]);
  return seizedTids;
}

/** @internal Options for stopping processes. */
export interface GatherOptions {
  readonly seizeOptions?: number;
  /** Threads that are already seized and interrupted, by process. */
  readonly announced?: ReadonlyMap<number, readonly number[]>;
}

/** @internal Stops processes with programs of a tracer's agent. */
export async function gather(
  run: (p: Program) => Promise<ProgramResult>,
  pids: readonly number[],
  timeoutMs: number,
  { seizeOptions = SEIZE_OPTIONS, announced }: GatherOptions = {},
): Promise<GatheringResult[]> {
  const all = pids.map((pid) => new Gathering(pid, announced?.get(pid)));
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const open = all.filter((g) => !g.done && !g.error);
    if (open.length === 0) break;
    await pass(run, open, deadline, seizeOptions);
  }
  await waitOn(
    run,
    all.flatMap(({ threads }) => [...threads.values()]),
  );
  return all.map((g) => ({
    pid: g.pid,
    threads: [...g.threads.values()].sort((a, b) => Number(b.tid === g.pid) - Number(a.tid === g.pid)),
    error: g.error,
    late: [...g.late],
  }));
}

/** Lets waits without a limit, which the kernel ends with EINTR when a thread is stopped, go on when it runs again. */
async function waitOn(
  run: (p: Program) => Promise<ProgramResult>,
  threads: readonly SeizedThread[],
): Promise<void> {
  const p = new Program('let waits go on');
  for (const thread of threads) {
    // A signal that stops a thread ends these waits whoever else is there.
    const regs = thread.stop.kind === 'running' ? waitingRegisters(thread.regs) : undefined;
    if (!regs) continue;
    planSetRegisters(p, thread.tid, p.data(regs), { expect: 'any' });
    thread.regs = regs;
  }
  if (p.length > 0) await run(p);
}

async function pass(
  run: (p: Program) => Promise<ProgramResult>,
  open: Gathering[],
  deadline: number,
  seizeOptions: number,
): Promise<void> {
  const p = new Program('seize');
  const seized: { g: Gathering; tid: number; step: StepRef }[] = [];
  const stops: { g: Gathering; steps: Steps }[] = [];
  for (const g of open) {
    const fresh = g.fresh();
    if (fresh.length === 0 && g.late.size === 0) {
      if (g.threads.size > 0) g.done = true;
      else g.error = new StopError(g.pid, 'NO_SUCH_TASK', 'there is no such task');
    }
    for (const tid of fresh) {
      const refused = new Mark();
      const step = p.syscall('ptrace', [PTRACE_SEIZE, tid, 0, seizeOptions], { orGoTo: refused });
      seized.push({ g, tid, step });
      p.syscall('ptrace', [PTRACE_INTERRUPT, tid, 0, 0], { expect: 'any' });
      p.here(refused);
    }
  }
  for (const { g, tid, step } of seized) {
    // A thread that this tracer has let go, but that has not stopped yet, is refused, and would stop here for nobody.
    const refused = new Mark();
    p.skipIf(step, refused);
    stops.push({ g, steps: planStop(p, tid, FIRST_LOOK_MS) });
    p.here(refused);
  }
  for (const g of open) for (const tid of g.late) stops.push({ g, steps: planStop(p, tid, FIRST_LOOK_MS) });
  if (p.length === 0) return;
  const result = await run(p);
  for (const { g, tid, step } of seized) {
    const errno = -result.value(step);
    if (errno === 0) continue;
    g.gone.add(tid);
    // PTRACE_SEIZE also fails for an exiting thread; for the process as a whole only its leader counts.
    if (tid === g.pid) g.error = diagnose(g.pid, errno);
  }
  for (const { g, steps } of stops) {
    const { tid } = steps;
    if (g.gone.has(tid)) continue;
    const value = result.value(steps.stop);
    g.late.delete(tid);
    if (value === 0) g.threads.set(tid, readStop(result, steps));
    else if (value === -ETIMEDOUT) {
      if (waitsInVfork(g.pid, tid)) g.threads.set(tid, vforkThread(tid));
      else g.late.add(tid);
      if (g.late.has(tid) && Date.now() > deadline)
        g.error = new StopError(g.pid, 'TIMEOUT', `thread ${tid} did not stop in time (state D?)`);
    } else {
      g.gone.add(tid);
      if (tid === g.pid)
        g.error = new StopError(g.pid, 'NO_SUCH_TASK', 'it exited while it was being stopped');
    }
  }
}
