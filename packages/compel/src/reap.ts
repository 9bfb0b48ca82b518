// Reaping a fork through its parent, so that the parent does not notice it.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  __WALL,
  P_ALL,
  SIGCHLD,
  siginfo_t,
  timespec,
  WCONTINUED,
  WEXITED,
  WNOHANG,
  WNOWAIT,
  WSTOPPED,
} from '@criu/native/uapi';
import { StopError, VictimError } from './errors.js';
import type { DataRef } from './operands.js';
import { taskStatus } from './proc.js';
import { Program } from './program.js';
import type { Task } from './task.js';
import type { Tracer } from './tracer.js';

/** Milliseconds for a parent that cannot be stopped at once: it waits in vfork(2), or a debugger has it. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 20;
/**
 * Why a thread cannot be stopped that somebody traces, or this tracer itself since the last try. Where that ends between
 * the refusal and the question who it is, it looks like a lack of permission.
 */
const REFUSALS: readonly StopError['code'][] = ['TRACED', 'PERMISSION'];

const SIGCHLD_BIT = 1n << BigInt(SIGCHLD - 1);

/** Pid of the parent; undefined if the process is gone. */
export function parentOf(pid: number): number | undefined {
  const parent = taskStatus(pid)?.get('PPid');
  return parent === undefined ? undefined : Number(parent);
}

/**
 * Stops a process of which a thread can make system calls.
 * @returns undefined if it has ended
 * @throws VictimError, StopError if that is not possible for too long
 */
export async function stopReaper(tracer: Tracer, pid: number): Promise<Task | undefined> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(AGAIN_MS)) {
    try {
      const task = await tracer.seize(pid);
      if (task.threads.some(({ usable }) => usable)) return task;
      await task.resume();
      if (Date.now() > deadline) throw new VictimError(pid, 'NO_THREAD', 'all threads wait in vfork()');
    } catch (error) {
      if (!(error instanceof StopError)) throw error;
      if (!REFUSALS.includes(error.code)) return undefined;
      if (Date.now() > deadline) throw error;
    }
  }
}

/**
 * Reaps a child that tells its end by SIGCHLD. Only one SIGCHLD is ever pending: if that of the child is, it is taken
 * back, and sent again in the name of another child that has ended or stopped meanwhile.
 * @param parent a stopped task
 * @param child pid in the pid namespace of the parent
 * @param kill kills it, and returns when its parent can reap it
 */
export async function reapOrphan(parent: Task, child: number, kill: () => Promise<void>): Promise<boolean> {
  const session = await parent.infect();
  const pending = BigInt(`0x${taskStatus(parent.pid)?.get('ShdPnd') ?? '0'}`);
  const look = new Program('who waits to be reaped');
  const before = planWaiting(look);
  const known = (await session.run(look)).bytes(before);
  await kill();
  const p = new Program(`reap ${child}`);
  const reaped = p.syscall('wait4', [child, 0, __WALL, 0], { expect: 'any' });
  const taken = p.out(siginfo_t.sizeof);
  const signal =
    pending & SIGCHLD_BIT
      ? undefined
      : p.syscall('rt_sigtimedwait', [p.u64(SIGCHLD_BIT), taken, p.data(timespec.sizeof), 8], {
          expect: 'any',
        });
  const waiting = planWaiting(p);
  const result = await session.run(p);
  if (signal !== undefined && result.value(signal) === SIGCHLD) {
    const [got, now] = [result.bytes(taken), result.bytes(waiting)];
    if (pidIn(got) !== child) await sendToItself(parent, got);
    else if (pidIn(now) && !now.equals(known)) await sendToItself(parent, now);
  }
  return result.value(reaped) === child;
}

const pidIn = (info: Buffer) => info.readInt32LE(siginfo_t.si_pid);

/** Adds a step that tells a child with something to tell, and leaves it so. @returns struct siginfo_t, zero if there is none */
function planWaiting(p: Program): DataRef {
  const info = p.out(siginfo_t.sizeof);
  const options = WEXITED | WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT;
  p.syscall('waitid', [P_ALL, 0, info, options, 0], { expect: 'any' });
  return info;
}

/** Only a process itself may send a signal with the siginfo_t of the kernel. */
async function sendToItself(task: Task, info: Buffer): Promise<void> {
  const own = Number(taskStatus(task.pid)?.get('NSpid')?.split(/\s+/).at(-1) ?? task.pid);
  const p = new Program('SIGCHLD of another child');
  p.syscall('rt_sigqueueinfo', [own, SIGCHLD, p.data(info)], { expect: 'any' });
  await task.session?.run(p);
}
