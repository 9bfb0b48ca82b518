// Stopped children: whether their parent has waited for the stop (WUNTRACED) only the parent can tell.
import type { Program } from '@criu/compel';
import type { LiveTask } from '../../engine/dump-context.js';
import type { Answer } from '../../engine/resource.js';
import { readStatus } from '../../proc/index.js';
import { stateKey } from '../../states.js';

const P_PID = 1;
const WNOHANG = 1;
const WSTOPPED = 2;
const WNOWAIT = 0x1000000;
const WALL = 0x40000000;
const SIGINFO_SIZE = 128;

const told = stateKey('stop that the parent has waited for', (_: LiveTask) => ({ told: false }));

function isStopped({ task }: LiveTask): boolean {
  return task.threads.some(({ tid, stopped }) => tid === task.pid && stopped.kind === 'stopped');
}

/** Asks a parent whether it could still wait for the stops of its children. Nothing is taken from it. */
export function askStops(parent: LiveTask, p: Program): Answer {
  const asked = parent.children
    .filter((child): child is LiveTask => child.kind === 'alive' && isStopped(child))
    .map((child) => {
      const info = p.out(SIGINFO_SIZE);
      // It may not have been collected yet.
      const pid = readStatus(child.pid).nsPid.at(-1) ?? child.pid;
      const how = WSTOPPED | WNOHANG | WNOWAIT | WALL;
      const step = p.syscall('waitid', [P_PID, pid, info, how, null], { expect: 'any' });
      return { child, info, step };
    });
  return (r) => {
    // A signal number is there only if there is something to wait for.
    for (const { child, info, step } of asked)
      child.states.get(told).told = r.value(step) === 0 && r.bytes(info).readInt32LE(0) === 0;
  };
}

export function stopTold(task: LiveTask): boolean {
  return task.states.get(told).told;
}
