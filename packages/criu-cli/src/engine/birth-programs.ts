// Programs that agents run while the tree is made: to be born, to enter sessions, to end.
import { type Agent, type DataRef, type FdRef, Mark, Program, type StepRef } from '@criu/compel';
import { abi } from '@criu/native';
import {
  CLONE_FILES,
  P_PID,
  PR_SET_CHILD_SUBREAPER,
  PR_SET_NAME,
  RLIMIT_CORE,
  RLIMIT_NOFILE,
  SIGCHLD,
  SIGKILL,
  WEXITED,
  WNOWAIT,
} from '@criu/native/uapi';
import type { ImageTask } from '../images/checkpoint.js';
import type { TaskPlan } from './plan.js';

const WALL = 0x40000000;

/** Whether orphans below a task become its own. */
export function subreaper(on: 0 | 1): Program {
  const p = new Program('orphans');
  p.syscall('prctl', [PR_SET_CHILD_SUBREAPER, on, 0, 0, 0]);
  return p;
}

export function session(pid: number): Program {
  const p = new Program('session');
  p.syscall('setsid', [], { label: `session ${pid}` });
  return p;
}

/**
 * A child with the same descriptor table. The agent's own way to make children has each close the other's control
 * descriptor, which would be gone for both; here a copy of the agent goes on with the program, and gets 0.
 */
export function spawnSharing(p: Program, args: DataRef, control: FdRef, pid: number): StepRef {
  p.poke(p.at(args, abi.CloneArgs.flags), CLONE_FILES, 8);
  const inParent = new Mark();
  const made = p.syscall('clone3', [args, args.size], {
    expect: 0,
    orGoTo: inParent,
    label: `make task ${pid}`,
  });
  p.poke(p.self(abi.AgentCtx.control), control, 4);
  p.here(inParent);
  return made;
}

/** First program of a task: all descriptor numbers free but the control socket, which is out of the way. */
export function born(plan: TaskPlan, control: number | undefined): Program {
  const p = new Program('born');
  const hard = p.out(16);
  p.syscall('prlimit64', [0, RLIMIT_NOFILE, null, hard]);
  p.poke(hard, p.load64(p.at(hard, 8)), 8);
  p.syscall('prlimit64', [0, RLIMIT_NOFILE, hard, null]);
  if (control !== undefined) {
    const now = p.peek(p.self(abi.AgentCtx.control), 4);
    p.syscall('dup3', [now, control, 0o2000000], { label: 'control descriptor' });
    p.poke(p.self(abi.AgentCtx.control), control, 4);
    p.syscall('close', [now]);
    if (plan.table && plan.table.index > 0) return p;
    if (control > 0) p.syscall('close_range', [0, control - 1, 0]);
    p.syscall('close_range', [control + 1, 0xffffffff, 0]);
  }
  return p;
}

/** A zombie ends as its image says. */
export function death({ pid, core }: ImageTask): Program {
  const status = core.tc.exit_code;
  const p = new Program('die');
  p.syscall('prctl', [PR_SET_NAME, p.cstring(core.tc.comm), 0, 0, 0]);
  const signal = status & 0x7f;
  if (signal) {
    p.syscall('prlimit64', [0, RLIMIT_CORE, p.u64(0, 0), null]);
    if (signal !== SIGKILL) {
      p.syscall('rt_sigaction', [signal, p.data(32), null, 8], { expect: 'any' });
      p.syscall('rt_sigprocmask', [2, p.u64(0), null, 8]);
    }
    p.syscall('kill', [pid, signal]);
  } else p.syscall('exit_group', [(status >> 8) & 0xff]);
  return p;
}

/** Its parent waits for the end without reaping it, and takes the signal that tells of it. */
export function seenDeath({ pid, core }: ImageTask): Program {
  const p = new Program('see it die');
  p.syscall('waitid', [P_PID, pid, null, WEXITED | WNOWAIT | WALL, null], { label: `end of ${pid}` });
  const told = core.tc.exit_signal ?? SIGCHLD;
  if (told)
    p.syscall('rt_sigtimedwait', [p.u64(1n << BigInt(told - 1)), null, p.u64(0, 0), 8], { expect: 'any' });
  return p;
}

export async function endHelper(pid: number, helper: Agent, parent: Agent): Promise<void> {
  const p = new Program('end');
  p.syscall('exit_group', [0]);
  await helper.run(p).catch(() => undefined);
  const q = new Program('see it end');
  q.syscall('wait4', [pid, null, WALL, null], { label: `end of the helper ${pid}` });
  q.syscall('rt_sigtimedwait', [q.u64(1n << BigInt(SIGCHLD - 1)), null, q.u64(0, 0), 8], {
    expect: 'any',
  });
  await parent.run(q);
}
