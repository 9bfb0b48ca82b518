// Job control as parents see it. Only the parent itself can find out whether it has waited for the stop of a child
// (WUNTRACED), or for its continuation (WCONTINUED).
import type { Program } from '@criu/compel';
import {
  __WALL,
  CLD_CONTINUED,
  CLD_STOPPED,
  P_PID,
  siginfo_t,
  WCONTINUED,
  WNOHANG,
  WNOWAIT,
  WSTOPPED,
} from '@criu/native/uapi';
import type { LiveTask } from '../../engine/dump-task.js';
import type { Answer } from '../../engine/resource.js';
import { readStatus } from '../../proc/index.js';
import { stateKey } from '../../states.js';

/** The event for which the parent of a task could still wait: CLD_*; 0 for none. */
const waitable = stateKey('stops that can be waited for', (_: LiveTask) => ({ code: CLD_STOPPED }));

/** Asks a parent which events of its children it could wait for, without consuming them (WNOWAIT). */
export function askStops(parent: LiveTask, p: Program): Answer {
  const asked = parent.children
    .filter((child): child is LiveTask => child.kind === 'alive')
    .map((child) => {
      const info = p.out(siginfo_t.sizeof);
      // The child may not have been collected yet.
      const { nsPid } = child.statuses.get(child.pid) ?? readStatus(child.pid);
      const how = WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT | __WALL;
      const step = p.syscall('waitid', [P_PID, nsPid.at(-1) ?? child.pid, info, how, null], {
        expect: 'any',
      });
      return { child, info, step };
    });
  return (r) => {
    for (const { child, info, step } of asked)
      if (r.value(step) === 0)
        child.states.get(waitable).code = r.bytes(info).readInt32LE(siginfo_t.si_signo)
          ? r.bytes(info).readInt32LE(siginfo_t.si_code)
          : 0;
  };
}

/** Whether the parent of a stopped task has waited for the stop. */
export function hasParentSeenStop(task: LiveTask): boolean {
  return task.states.get(waitable).code !== CLD_STOPPED;
}

/** Whether the parent of a task could wait for its continuation. */
export function isContinued(task: LiveTask): boolean {
  return task.states.get(waitable).code === CLD_CONTINUED;
}
