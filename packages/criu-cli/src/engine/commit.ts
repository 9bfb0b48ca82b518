// Commit: every task stands stopped before the first instruction of its own; then all go at once.
import type { SyscallDispatch, Tracer } from '@criu/compel';
import type { ThreadCoreEntry } from '@criu/images';
import { abi, addon, SYS } from '@criu/native';
import { userRegs, xsaveArea, xsavePlaces } from '../arch/index.js';
import { asCriuError, CriuError } from '../errors.js';
import type { TaskRun } from './plan.js';
import { stopTasks } from './stops.js';

/** Offset of a bare `syscall` instruction in the agent's text. */
const BARE_SYSCALL = 16;
/** Offset of rseq_cs in struct rseq. */
const RSEQ_CS = 8;

/** Takes the agents out of the tasks and gives every thread its registers. Nothing runs yet. */
export async function arm(tracer: Tracer, runs: readonly TaskRun[], leaveStopped: boolean): Promise<void> {
  await tracer.seizeParked(
    runs.map(({ hostPid, hostTids, plan }) => ({
      pid: hostPid,
      tids: hostTids,
      suspendSeccomp: plan.suspendSeccomp,
    })),
  );
  await stopTasks(tracer, runs, leaveStopped);
  for (const run of runs) {
    const { plan } = run;
    await finalCalls(tracer, run);
    for (const { tid, program } of [...plan.finalPrograms, ...plan.lastPrograms]) {
      try {
        await tracer.runParked(run.hostPid, run.hostTid(tid), BigInt(plan.place.region), program);
      } catch (error) {
        throw asCriuError(error, `cannot restore the thread (${program.title})`, { pid: tid });
      }
    }
  }
  await tracer.callsRemote(
    runs.map(({ plan, hostPid }) => ({
      tid: hostPid,
      at: BigInt(plan.place.region + abi.AGENT_TEXT_OFFSET + BARE_SYSCALL),
      calls: [
        { nr: SYS.close, args: [plan.controlFd] },
        { nr: SYS.munmap, args: [plan.place.base, plan.place.size] },
      ],
    })),
  );
  for (const { agent } of runs) agent.abandon();
  const places = xsavePlaces();
  await tracer.setFinal(
    runs.flatMap((run) =>
      run.plan.task.threads.map(({ tid, core }) => ({
        tid: run.hostTid(tid),
        regs: userRegs(core.thread_info, tid),
        xsave: xsaveArea(core.thread_info.fpregs, tid, places),
        sigmask: core.thread_core.blk_sigset ?? core.tc?.blk_sigset ?? 0n,
        dispatch: dispatchOf(core.thread_core),
      })),
    ),
  );
  for (const { plan, hostPid } of runs) {
    for (const { tid, core } of plan.task.threads) {
      const rseq = core.thread_core.rseq_entry;
      if (!rseq?.rseq_cs_pointer) continue;
      // The kernel cleared it when the agent ran outside of the critical section.
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(rseq.rseq_cs_pointer);
      const done = addon().vmWrite(hostPid, rseq.rseq_abi_pointer + BigInt(RSEQ_CS), bytes);
      if (done !== 8) throw new CriuError('SYSCALL', `cannot set rseq_cs (errno ${-done})`, { pid: tid });
    }
  }
}

/** Syscall user dispatch of a thread; nothing of the agent's may run once it is set. */
function dispatchOf(thread: ThreadCoreEntry): SyscallDispatch | undefined {
  const { dispatch_mode: mode = 0n, dispatch_selector: selector = 0n } = thread;
  if (mode === 0n) return undefined;
  return { mode, selector, offset: thread.dispatch_offset ?? 0n, length: thread.dispatch_length ?? 0n };
}

/** What they read lies in the agent's buffer, which nobody needs any more. */
async function finalCalls(tracer: Tracer, run: TaskRun): Promise<void> {
  const { plan } = run;
  const base = plan.place.region + abi.AGENT_BUFFER_OFFSET;
  const room = plan.place.region + plan.place.regionSize;
  let at = base;
  for (const { tid, label, nr, data, args } of plan.finalCalls) {
    const end = at + ((data.length + 15) & ~15);
    if (end > room)
      throw new CriuError('UNSUPPORTED', `${label}: too much for the agent's buffer`, { pid: tid });
    const words = args(BigInt(at), data);
    const written = data.length ? addon().vmWrite(run.hostPid, at, data) : 0;
    if (written !== data.length)
      throw new CriuError('SYSCALL', `${label}: cannot write to the task (errno ${-written})`, { pid: tid });
    const instruction = BigInt(plan.place.region + abi.AGENT_TEXT_OFFSET + BARE_SYSCALL);
    try {
      await tracer.callsRemote([{ tid: run.hostTid(tid), at: instruction, calls: [{ nr, args: words }] }]);
    } catch (error) {
      throw asCriuError(error, `cannot restore ${label}`, { pid: tid });
    }
    at = end;
  }
}

/**
 * Lets all go; those that were stopped stay so. Whoever asked has not heard of it yet, and hears of a failure if we are killed now: then
 * they end, until the tracer is closed.
 */
export async function go(tracer: Tracer, runs: readonly TaskRun[]): Promise<void> {
  await tracer.endWithUs(runs.map((run) => run.hostPid));
  await tracer.detachAll(runs.flatMap((run) => run.hostTids));
}
