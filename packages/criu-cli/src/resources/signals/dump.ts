// Signals: actions of the process, masks of its threads, and pending signals with their siginfo.
import type { DataRef, TaskState } from '@criu/compel';
import type { SaEntry, SignalQueueEntry } from '@criu/images';
import { SIGKILL, SIGSTOP, SIGTRAP, sigaction, siginfo_t } from '@criu/native/uapi';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';

const LAST = 64;

interface Facts {
  actions: SaEntry[];
}

function isStop(siginfo: Buffer): boolean {
  return siginfo.readInt32LE(siginfo_t.si_signo) === SIGSTOP;
}

/** Whether a SIGSTOP is pending: it cannot be blocked, so the process counts as stopped. */
export function stopIsPending(state: TaskState): boolean {
  return state.sharedPending.some(isStop) || state.threads.some((thread) => thread.pending.some(isStop));
}

/**
 * Pending signals without SIGSTOP, which the state of the task represents: sent during a restore, it would stop the
 * restore itself.
 */
function queue(siginfos: readonly Buffer[]): SignalQueueEntry {
  return { signals: siginfos.filter((siginfo) => !isStop(siginfo)).map((siginfo) => ({ siginfo })) };
}

export const signalsDump: DumpPart<Facts> = {
  collect: () => ({ actions: [] }),

  ask(task, tid, p, facts) {
    if (tid !== task.pid) return () => {};
    const areas: DataRef[] = [];
    for (let signal = 1; signal <= LAST; signal++) {
      if (signal === SIGKILL || signal === SIGSTOP) continue;
      const area = p.out(sigaction.sizeof);
      areas.push(area);
      p.syscall('rt_sigaction', [signal, 0, area, 8], { label: `action of signal ${signal}` });
    }
    return (r) => {
      facts.actions = areas.map((area) => {
        const bytes = r.bytes(area);
        return {
          sigaction: bytes.readBigUInt64LE(sigaction.sa_handler),
          flags: bytes.readBigUInt64LE(sigaction.sa_flags),
          restorer: bytes.readBigUInt64LE(sigaction.sa_restorer),
          mask: bytes.readBigUInt64LE(sigaction.sa_mask),
          compat_sigaction: false,
        };
      });
    };
  },

  meanwhile({ pid, state }) {
    const queues = [state.sharedPending, ...state.threads.map((thread) => thread.pending)];
    if (!queues.some((infos) => infos.some((info) => info.readInt32LE(siginfo_t.si_signo) === SIGTRAP)))
      return;
    throw new CriuError(
      'NOT_DUMPABLE',
      'a SIGTRAP is pending, which CRIU would lose at restore: it stops tasks by that signal itself',
      { pid },
      'dump it when the signal has been taken',
    );
  },

  describe(_ctx, task, facts) {
    const tc = task.taskCore();
    tc.sigactions = facts.actions;
    tc.signals_s = queue(task.state.sharedPending);
    for (const thread of task.state.threads) {
      const core = task.threadCore(thread.tid);
      core.signals_p = queue(thread.pending);
      if (thread.tid === task.pid) tc.blk_sigset = thread.sigmask;
      else core.blk_sigset = thread.sigmask;
    }
  },
};
