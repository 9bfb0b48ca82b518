// Processes that stand in for senders which have ended: a message can only be from a pid that somebody has.
import { Program } from '@criu/compel';
import { abi } from '@criu/native';
import type { PlanContext, TaskRun } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import { O_CLOEXEC } from '../common.js';

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const CLONE_PIDFD = 0x1000;
const P_PIDFD = 3;
const WEXITED = 4;
const WALL = 0x40000000;

/** Pids, and the number of the pidfd of each in the root task. */
const standIns = stateKey('stand-ins for senders', (_: PlanContext): Map<number, number> => new Map());

/** Makes a process of this pid that waits for its end, unless somebody has it: then it is named as it is. */
function begin(p: Program, pid: number, pidfd: number): void {
  const A = abi.CloneArgs;
  const args = p.data(A.size);
  const made = p.i32(-1);
  p.poke(p.at(args, A.flags), CLONE_PIDFD, 8);
  p.poke(p.at(args, A.pidfd), made, 8);
  p.poke(p.at(args, A.set_tid), p.i32(pid), 8);
  p.poke(p.at(args, A.set_tid_size), 1, 8);
  p.syscall('clone3', [args, A.size], { expect: 0, skip: 3, label: `a process ${pid} to send as` });
  // The child goes on with this program too and gets 0; these steps are for it alone.
  p.syscall('prctl', [PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0], { expect: 'any' });
  p.syscall('pause', []);
  p.syscall('dup3', [p.load32(made), pidfd, O_CLOEXEC], { expect: 'any' });
  p.syscall('close', [p.load32(made)], { expect: 'any' });
}

function end(p: Program, pid: number, pidfd: number): void {
  p.syscall('pidfd_send_signal', [pidfd, SIGKILL, null, 0], { expect: 'any' });
  p.syscall('waitid', [P_PIDFD, pidfd, null, WEXITED | WALL, null], {
    expect: 'any',
    label: `end of ${pid}`,
  });
  p.syscall('close', [pidfd], { expect: 'any' });
}

function program(title: string, pids: ReadonlyMap<number, number>, step: typeof begin): Program {
  const p = new Program(title);
  for (const [pid, pidfd] of pids) step(p, pid, pidfd);
  return p;
}

/** Sees to it that in the phase `fixup` somebody has the pid. A task of the checkpoint has it anyway. */
export function standInFor(ctx: PlanContext, pid: number): void {
  const pids = ctx.states.get(standIns);
  if (pids.has(pid) || ctx.checkpoint.tasks.some((task) => task.pid === pid)) return;
  const [holder] = ctx.tasks;
  if (!holder) throw new CriuError('INTERNAL', 'a message is sent, but by no task');
  if (pids.size === 0) {
    let root: TaskRun | undefined;
    ctx.afterSpawn('make processes in place of senders that have ended', async (runs) => {
      root = runs.find((run) => run.plan === holder);
      await root?.agent.run(program('stand-ins', pids, begin));
    });
    ctx.afterPhase('fixup', 'end the processes in place of senders', async () => {
      await root?.agent.run(program('end of stand-ins', pids, end));
    });
  }
  pids.set(pid, holder.tempFd());
}
