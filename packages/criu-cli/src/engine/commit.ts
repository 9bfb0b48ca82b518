// Commit, the end of a restore: the tracer stops every thread, removes the agents, sets the final registers, and
// releases all tasks at once.
import type { SyscallDispatch, Tracer } from '@criu/compel';
import type { ThreadCoreEntry } from '@criu/images';
import { abi, addon, SYS } from '@criu/native';
import { rseq } from '@criu/native/uapi';
import { userRegs, xsaveArea, xsavePlaces } from '../arch/index.js';
import { asCriuError, CriuError } from '../errors.js';
import type { RestoreOptions } from '../options.js';
import { begin, fault } from './perform.js';
import type { BehindName } from './phases.js';
import type { TaskRun } from './plan.js';
import { detachStopped, stopTasks } from './stops.js';

/** Offset in bytes of a bare `syscall` instruction in the agent's text. */
const BARE_SYSCALL = 16;
/** Offset of rseq_cs in struct rseq. */
const RSEQ_CS = BigInt(rseq.rseq_cs);
/** What the commit works on: tasks whose agents have finished all phases of the plan. */
export interface Handover {
  readonly tracer: Tracer;
  readonly runs: readonly TaskRun[];
  readonly options: RestoreOptions;
}

/**
 * The steps between the last phase and the release, in order; each covers all tasks. No restored task executes an
 * instruction of its own before they are done.
 */
const STEPS: readonly {
  readonly phase: Exclude<BehindName, 'go'>;
  readonly what: string;
  act(handover: Handover): Promise<void>;
}[] = [
  { phase: 'arm', what: 'stop all threads', act: seize },
  {
    phase: 'arm',
    what: 'stop those that were stopped',
    act: ({ tracer, runs, options }) => stopTasks(tracer, runs, options.leaveStopped ?? false),
  },
  { phase: 'final-calls', what: 'do what would refuse calls of agents', act: lastWork },
  { phase: 'registers', what: 'take the agents out', act: endAgents },
  { phase: 'registers', what: 'set registers', act: setRegisters },
  { phase: 'registers', what: 'set what the kernel cleared of rseq', act: setCriticalSections },
];

/** Takes the agents out of the tasks and gives every thread its registers. No task runs yet. @throws CriuError */
export async function arm(handover: Handover): Promise<void> {
  for (const { phase, what, act } of STEPS) {
    begin(handover.options, 'commit', `${phase}: ${what}`);
    await act(handover);
  }
}

function seize({ tracer, runs }: Handover): Promise<void> {
  return tracer.seizeParked(
    runs.map(({ hostPid, hostTids, plan }) => ({
      pid: hostPid,
      tids: hostTids,
      suspendSeccomp: plan.suspendSeccomp,
    })),
  );
}

async function lastWork({ tracer, runs }: Handover): Promise<void> {
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
}

async function endAgents({ tracer, runs }: Handover): Promise<void> {
  await tracer.callsRemote(
    runs.map(({ plan, hostPid }) => ({
      tid: hostPid,
      at: bareSyscall(plan),
      calls: [
        { nr: SYS.close, args: [plan.controlFd] },
        { nr: SYS.munmap, args: [plan.place.base, plan.place.size] },
      ],
    })),
  );
  for (const { agent } of runs) agent.abandon();
}

/** Address in the task of a lone `syscall` instruction in the agent's text; valid until the agent is unmapped. */
function bareSyscall({ place }: TaskRun['plan']): bigint {
  return BigInt(place.region + abi.AGENT_TEXT_OFFSET + BARE_SYSCALL);
}

function setRegisters({ tracer, runs }: Handover): Promise<void> {
  const places = xsavePlaces();
  return tracer.setFinal(
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
}

/**
 * Writes rseq_cs of all threads: the kernel has cleared it, since the agent ran outside of the critical section
 * (rseq(2)).
 */
async function setCriticalSections({ runs }: Handover): Promise<void> {
  for (const { plan, hostPid } of runs) {
    for (const { tid, core } of plan.task.threads) {
      const rseq = core.thread_core.rseq_entry;
      if (!rseq?.rseq_cs_pointer) continue;
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(rseq.rseq_cs_pointer);
      const done = addon().vmWrite(hostPid, rseq.rseq_abi_pointer + RSEQ_CS, bytes);
      if (done !== 8) throw new CriuError('SYSCALL', `cannot set rseq_cs (errno ${-done})`, { pid: tid });
    }
  }
}

/**
 * Syscall user dispatch of a thread, prctl(2) PR_SET_SYSCALL_USER_DISPATCH. It must be set last: the agent's own system
 * calls would raise SIGSYS.
 */
function dispatchOf(thread: ThreadCoreEntry): SyscallDispatch | undefined {
  const { dispatch_mode: mode = 0n, dispatch_selector: selector = 0n } = thread;
  if (mode === 0n) return undefined;
  return { mode, selector, offset: thread.dispatch_offset ?? 0n, length: thread.dispatch_length ?? 0n };
}

/** Makes the final calls of a task. Their data is written to the agent's buffer, which is free by now. */
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
    try {
      await tracer.callsRemote([
        { tid: run.hostTid(tid), at: bareSyscall(plan), calls: [{ nr, args: words }] },
      ]);
    } catch (error) {
      throw asCriuError(error, `cannot restore ${label}`, { pid: tid });
    }
    at = end;
  }
}

/**
 * Releases all tasks; stopped tasks stay stopped. Until the tracer is closed, the tasks are killed if this process dies
 * (`endWithUs`): the caller has had no reply yet and will take the restore for failed.
 */
export async function go({ tracer, runs, options }: Handover): Promise<void> {
  fault(options, 'go');
  await tracer.endWithUs(runs.map((run) => run.hostPid));
  const running = await detachStopped(tracer, runs, options.leaveStopped ?? false);
  await tracer.detachAll(running.flatMap((run) => run.hostTids));
}
