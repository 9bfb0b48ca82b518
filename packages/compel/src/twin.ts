// A copy of a stopped task, made by a fork in it: its memory as it is at this moment, kept by the kernel copy-on-write. It never
// runs code of the task, holds none of its files, and is killed when the tracer ends.
import { readFileSync } from 'node:fs';
import { abi, SYS } from '@criu/native';
import {
  CLONE_FILES,
  CLONE_FS,
  CLOSE_RANGE_UNSHARE,
  PTRACE_O_SUSPEND_SECCOMP,
  PTRACE_O_TRACECLONE,
} from '@criu/native/uapi';
import { VictimError } from './errors.js';
import type { RemoteCall } from './parked.js';
import { threadIds } from './proc.js';
import { Mark, Program } from './program.js';
import { PTRACE, PTRACE_O_EXITKILL, SEIZE_OPTIONS, SIG } from './ptrace.js';
import type { Session } from './session.js';
import type { Task } from './task.js';
import type { Tracer } from './tracer.js';

const WALL = 0x40000000;
const STOP_MS = 10_000;
const DEATH_MS = 10_000;

export class Twin {
  private constructor(
    private readonly tracer: Tracer,
    /** The task that it is a copy of, and still a child of. */
    readonly of: number,
    readonly pid: number,
    /** Its number in the pid namespace of the task. */
    private readonly number: number,
    private readonly at: bigint,
  ) {}

  /** @internal @throws VictimError, ProgramError where the task cannot fork (RLIMIT_NPROC, pids.max, memory) */
  static async make(session: Session): Promise<Twin> {
    const { task, host } = session;
    const { tid } = host.thread;
    const options = SEIZE_OPTIONS | (host.suspendSeccomp ? PTRACE_O_SUSPEND_SECCOMP : 0);
    // The kernel attaches us to it before it runs.
    await setOptions(task, tid, options | PTRACE_O_TRACECLONE);
    let number: number;
    try {
      number = await fork(session);
    } finally {
      await setOptions(task, tid, options);
    }
    const pid = childOf(task.pid, number);
    const p = new Program(`hold the copy of ${task.pid}`);
    p.stop(pid, STOP_MS, p.out(8), abi.AGENT_STOP_SEIZED, { label: `copy ${pid}` });
    p.syscall('ptrace', [PTRACE.SETOPTIONS, pid, 0, options | PTRACE_O_EXITKILL]);
    await task.tracer.run(p);
    const twin = new Twin(task.tracer, task.pid, pid, number, session.agentSyscall);
    // Its own table of files, with none in it; and out of the reach of what is sent to the process group.
    await twin.calls([
      { nr: SYS.close_range, args: [0, 0xffffffff, CLOSE_RANGE_UNSHARE] },
      { nr: SYS.setsid, args: [], expect: 'any' },
    ]);
    return twin;
  }

  /** System calls in it. @throws ProgramError */
  async calls(calls: readonly RemoteCall[]): Promise<void> {
    await this.tracer.callsRemote([{ tid: this.pid, at: this.at, calls }]);
  }

  /**
   * Ends it. Its parent is stopped for a moment to take note of that, as nobody else could: it leaves a zombie until then.
   * @returns whether that was possible; the parent may have ended
   */
  async end(): Promise<boolean> {
    const p = new Program(`end the copy of ${this.of}`);
    p.syscall('kill', [this.pid, SIG.KILL], { expect: 'any' });
    p.wait(this.pid, DEATH_MS, p.out(8), { expect: 'any' });
    await this.tracer.run(p);
    let parent: Task;
    try {
      parent = await this.tracer.seize(this.of);
    } catch {
      return false;
    }
    try {
      return (await parent.syscall('wait4', [this.number, 0, WALL, 0])) === BigInt(this.number);
    } finally {
      await parent.resume();
    }
  }
}

async function setOptions(task: Task, tid: number, options: number): Promise<void> {
  const p = new Program(`options of ${tid}`);
  p.syscall('ptrace', [PTRACE.SETOPTIONS, tid, 0, options]);
  await task.drive(p);
}

/** Number of the child. No signal tells of its end, and only who asks for such children hears of it. */
async function fork(session: Session): Promise<number> {
  const p = new Program('copy the memory');
  // The parent goes on behind the next step; should the copy ever run by itself, that is the step that it takes.
  const parent = new Mark();
  const child = p.syscall('clone', [CLONE_FILES | CLONE_FS, 0, 0, 0, 0], { expect: 0, orGoTo: parent });
  p.syscall('exit_group', [0]);
  p.here(parent);
  const number = (await session.run(p)).value(child);
  if (number > 0) return number;
  throw new VictimError(session.task.pid, 'MEMORY', `cannot fork (errno ${-number})`);
}

/** Pid of a child by its number in its own pid namespace. */
function childOf(parent: number, number: number): number {
  for (const tid of threadIds(parent))
    for (const child of text(`/proc/${parent}/task/${tid}/children`).split(' ').filter(Boolean)) {
      const numbers = /^NSpid:\s+(.*)$/m.exec(text(`/proc/${child}/status`))?.[1];
      if (Number(numbers?.split(/\s+/).at(-1)) === number) return Number(child);
    }
  throw new VictimError(parent, 'MEMORY', `its copy ${number} is not there`);
}

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
