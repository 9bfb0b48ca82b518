// Puts a process whose threads are all in ptrace stops into a job-control stop. It stays stopped when it is detached,
// without having executed an instruction or handled another signal.
import { abi } from '@criu/native';
import { PTRACE_CONT, PTRACE_EVENT_STOP, PTRACE_SETSIGMASK, SIGSTOP } from '@criu/native/uapi';
import { Program } from './program.js';
import type { ProgramResult } from './program-result.js';
import { signalBit } from './ptrace.js';

const ALL_SIGNALS = 0xffffffffffffffffn;
const TIME_LIMIT_MS = 10_000;
/** Milliseconds to wait for the stop; an ignored signal has no effect. */
const IGNORED_MS = 300;

/** The wait status of a task stopped by a signal, with a ptrace event. */
function stoppedBy(signal: number, event = 0): number {
  return (event << 16) | (signal << 8) | 0x7f;
}

/**
 * Steps that stop a process. All other signals are blocked, so that this one is delivered first; the caller restores
 * the signal masks of the threads afterwards.
 */
function planGroupStop(p: Program, pid: number, tids: readonly number[], signal: number): void {
  const [leader = pid, ...others] = tids;
  const mask = p.u64(ALL_SIGNALS & ~signalBit(signal));
  for (const tid of tids)
    p.syscall('ptrace', [PTRACE_SETSIGMASK, tid, 8, mask], { label: `signals of ${tid}` });
  const goOn = (tid: number, inject: number, status: number, timeoutMs: number) => {
    const area = p.out(8);
    const label = `stop of ${tid}`;
    p.syscall('ptrace', [PTRACE_CONT, tid, 0, inject], { label });
    p.wait(tid, timeoutMs, area, { label });
    p.addOf(p.load32(area), 0, { expect: status, label });
  };
  // SIGSTOP cannot be blocked or ignored, and is not queued twice. The tracer decides which signal the thread gets
  // instead.
  p.syscall('tgkill', [pid, leader, SIGSTOP], { label: `stop of ${pid}` });
  goOn(leader, 0, stoppedBy(SIGSTOP), TIME_LIMIT_MS);
  goOn(leader, signal, stoppedBy(signal, PTRACE_EVENT_STOP), signal === SIGSTOP ? TIME_LIMIT_MS : IGNORED_MS);
  for (const tid of others) goOn(tid, 0, stoppedBy(signal, PTRACE_EVENT_STOP), TIME_LIMIT_MS);
}

/** Stops a process by a signal; by SIGSTOP if the signal has no effect, as in orphaned process groups. */
export async function stopByJobControl(
  run: (p: Program) => Promise<ProgramResult>,
  pid: number,
  tids: readonly number[],
  signal: number,
): Promise<void> {
  const stop = async (by: number, first: (p: Program) => void = () => undefined) => {
    const p = new Program(`stop ${pid}`);
    first(p);
    planGroupStop(p, pid, tids, by);
    await run(p);
  };
  if (signal === SIGSTOP) return stop(signal);
  try {
    await stop(signal);
  } catch {
    await stop(SIGSTOP, (p) => {
      for (const tid of tids) p.stop(tid, TIME_LIMIT_MS, p.out(8), abi.AGENT_STOP_ANY);
    });
  }
}
