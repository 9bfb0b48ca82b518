// Agent programs for building the process tree: creating a task, starting a session, ending a helper or a zombie.
import { type Agent, type DataRef, type FdRef, Mark, Program, type StepRef } from '@criu/compel';
import { abi } from '@criu/native';
import {
  __WALL,
  CLONE_FILES,
  clone_args,
  O_CLOEXEC,
  P_PID,
  PR_SET_CHILD_SUBREAPER,
  PR_SET_NAME,
  RLIMIT_CORE,
  RLIMIT_NOFILE,
  rlimit64,
  SIGCHLD,
  SIGKILL,
  sigaction,
  WEXITED,
  WNOWAIT,
} from '@criu/native/uapi';
import type { ImageTask } from '../images/checkpoint.js';
import type { TaskPlan } from './plan.js';

/**
 * Sets or clears PR_SET_CHILD_SUBREAPER (prctl(2)): while it is set, orphaned descendants become children of the task.
 */
export function subreaper(on: 0 | 1): Program {
  const p = new Program('orphans');
  p.syscall('prctl', [PR_SET_CHILD_SUBREAPER, on, 0, 0, 0]);
  return p;
}

/** Makes the calling task the leader of a new session, setsid(2). */
export function session(pid: number): Program {
  const p = new Program('session');
  p.syscall('setsid', [], { label: `session ${pid}` });
  return p;
}

/**
 * Creates a child that shares the descriptor table of its parent (clone3(2) with CLONE_FILES). `Program.spawn` does not
 * work here: it makes parent and child each close the other's control descriptor, and in a shared table that closes
 * both. Instead, the child, a copy of the agent, continues this program with result 0 and switches to its own control
 * descriptor.
 */
export function spawnSharing(p: Program, args: DataRef, control: FdRef, pid: number): StepRef {
  p.poke(p.at(args, clone_args.flags), CLONE_FILES, 8);
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

/**
 * First program of a new task: raises RLIMIT_NOFILE to the hard limit, moves the control socket to the number
 * `control`, and closes all other descriptors unless the table is shared.
 */
export function born(plan: TaskPlan, control: number | undefined): Program {
  const p = new Program('born');
  const hard = p.out(rlimit64.sizeof);
  p.syscall('prlimit64', [0, RLIMIT_NOFILE, null, hard]);
  p.poke(p.at(hard, rlimit64.rlim_cur), p.load64(p.at(hard, rlimit64.rlim_max)), 8);
  p.syscall('prlimit64', [0, RLIMIT_NOFILE, hard, null]);
  if (control !== undefined) {
    const now = p.peek(p.self(abi.AgentCtx.control), 4);
    p.syscall('dup3', [now, control, O_CLOEXEC], { label: 'control descriptor' });
    p.poke(p.self(abi.AgentCtx.control), control, 4);
    p.syscall('close', [now]);
    if (plan.table && plan.table.index > 0) return p;
    if (control > 0) p.syscall('close_range', [0, control - 1, 0]);
    p.syscall('close_range', [control + 1, 0xffffffff, 0]);
  }
  return p;
}

/** Ends a zombie with the user id, and the exit code or signal, recorded in its core image. */
export function death({ pid, core }: ImageTask): Program {
  const status = core.tc.exit_code;
  const p = new Program('die');
  p.syscall('prctl', [PR_SET_NAME, p.cstring(core.tc.comm), 0, 0, 0]);
  const { exit_uid: uid } = core.tc;
  if (uid) p.syscall('setresuid', [uid, uid, uid], { label: `user of ${pid}` });
  const signal = status & 0x7f;
  if (signal) {
    p.syscall('prlimit64', [0, RLIMIT_CORE, p.u64(0, 0), null]);
    if (signal !== SIGKILL) {
      p.syscall('rt_sigaction', [signal, p.data(sigaction.sizeof), null, 8], { expect: 'any' });
      p.syscall('rt_sigprocmask', [2, p.u64(0), null, 8]);
    }
    p.syscall('kill', [pid, signal]);
  } else p.syscall('exit_group', [(status >> 8) & 0xff]);
  return p;
}

/** Run by the zombie's parent: waits for its end without reaping it (WNOWAIT), and consumes its exit signal. */
export function seenDeath({ pid, core }: ImageTask): Program {
  const p = new Program('see it die');
  p.syscall('waitid', [P_PID, pid, null, WEXITED | WNOWAIT | __WALL, null], { label: `end of ${pid}` });
  const exitSignal = core.tc.exit_signal ?? SIGCHLD;
  if (exitSignal)
    p.syscall('rt_sigtimedwait', [p.u64(1n << BigInt(exitSignal - 1)), null, p.u64(0, 0), 8], {
      expect: 'any',
    });
  return p;
}

/** Ends a helper task and has its parent reap it and consume the SIGCHLD. */
export async function endHelper(pid: number, helper: Agent, parent: Agent): Promise<void> {
  const p = new Program('end');
  p.syscall('exit_group', [0]);
  await helper.run(p).catch(() => undefined);
  const q = new Program('see it end');
  q.syscall('wait4', [pid, null, __WALL, null], { label: `end of the helper ${pid}` });
  q.syscall('rt_sigtimedwait', [q.u64(1n << BigInt(SIGCHLD - 1)), null, q.u64(0, 0), 8], {
    expect: 'any',
  });
  await parent.run(q);
}
