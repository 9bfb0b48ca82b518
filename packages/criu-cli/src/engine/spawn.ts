// The process tree: every task is born as an agent, with its pid, in the right session and group.
import { existsSync, readFileSync } from 'node:fs';
import { Agent, type DataRef, type FdRef, Program, type StepRef } from '@criu/compel';
import { abi, close, SysError } from '@criu/native';
import { asCriuError, CriuError } from '../errors.js';
import type { ImageTask } from './checkpoint.js';
import { BUFFER_BYTES } from './layout.js';
import type { PlanContext, TaskPlan, TaskRun } from './plan.js';

const SIGCHLD = 17;
const SIGKILL = 9;
const CLONE_PARENT = 0x8000n;
const CLONE_FILES = 0x400;
const RLIMIT_CORE = 4;
const RLIMIT_NOFILE = 7;
const P_PID = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const PR_SET_NAME = 15;

/** A child that has its parent's earlier session must be born before the parent leaves that. */
function inheritsOld(parent: ImageTask, child: ImageTask): boolean {
  return parent.sid === parent.pid && child.sid !== parent.sid && child.sid !== child.pid;
}

/** Sessions and groups that nobody in the tree leads cannot be made. @throws CriuError */
export function validateTree(ctx: PlanContext): void {
  const { root } = ctx.checkpoint;
  const sessions = new Set(ctx.checkpoint.tasks.filter((t) => t.sid === t.pid).map((t) => t.pid));
  const groups = new Set(ctx.checkpoint.tasks.filter((t) => t.pgid === t.pid).map((t) => t.pid));
  for (const task of ctx.checkpoint.tasks) {
    const outside =
      (root.sid !== root.pid && task.sid === root.sid) || (root.pgid !== root.pid && task.pgid === root.pgid);
    if (outside && !ctx.options.shellJob && root.sid !== root.pid) {
      throw new CriuError(
        'BAD_OPTION',
        `session ${root.sid} is not led by a task of the checkpoint`,
        { pid: task.pid },
        'it was a shell job: restore it with --shell-job (-j)',
      );
    }
    if (!sessions.has(task.sid) && task.sid !== root.sid)
      throw new CriuError('UNSUPPORTED', `the leader of session ${task.sid} is gone`, { pid: task.pid });
    if (!groups.has(task.pgid) && task.pgid !== root.pgid)
      throw new CriuError('UNSUPPORTED', `the leader of process group ${task.pgid} is gone`, {
        pid: task.pid,
      });
  }
}

export class TreeSpawner {
  readonly runs = new Map<number, TaskRun>();
  rootAgent: Agent | undefined;
  /** The agents have left their tasks, or are about to: a connection that is closed says nothing any more. */
  armed = false;
  private killed = false;
  private readonly zombies = new Map<number, Agent>();

  constructor(private readonly ctx: PlanContext) {}

  async spawn(): Promise<void> {
    const { checkpoint, options } = this.ctx;
    const root = checkpoint.root;
    const plan = this.ctx.taskOf(root.pid)!;
    let agent: Agent;
    try {
      agent = await onceFree(root.pid, () =>
        Agent.start({
          name: `task ${root.pid}`,
          setTid: [root.pid],
          newSession: root.sid === root.pid,
          controlFd: Math.max(plan.controlFd, 3),
          bufferBytes: BUFFER_BYTES,
          flags: options.sibling ? CLONE_PARENT : 0n,
        }),
      );
    } catch (error) {
      throw pidError(error, root.pid);
    }
    this.rootAgent = agent;
    const run: TaskRun = { plan, agent };
    this.runs.set(root.pid, run);
    await agent.run(born(plan, undefined));
    await this.descend(root, agent);
    await this.groups();
    await this.bury();
  }

  private async descend(task: ImageTask, agent: Agent): Promise<void> {
    for (const child of task.children.filter((c) => !inheritsOld(task, c))) await this.child(agent, child);
  }

  private async child(parent: Agent, task: ImageTask): Promise<void> {
    const plan = this.ctx.taskOf(task.pid);
    const { agent, remote } = Agent.prepare(`task ${task.pid}`);
    const p = new Program(`make task ${task.pid}`);
    const A = abi.CloneArgs;
    const args = p.data(A.size);
    p.poke(p.at(args, A.exit_signal), SIGCHLD, 8);
    p.poke(p.at(args, A.set_tid), p.i32(task.pid), 8);
    p.poke(p.at(args, A.set_tid_size), 1, 8);
    const shares = plan?.table !== undefined && plan.table.index > 0;
    const pid = shares
      ? spawnSharing(p, args, p.fd(remote), task.pid)
      : p.spawn(args, p.fd(remote), { label: `make task ${task.pid}` });
    try {
      const copy = shares ? agent.expect(p) : undefined;
      copy?.catch(() => undefined);
      agent.pid = (await parent.run(p)).value(pid);
      if (agent.pid < 0) throw new SysError('clone3', -agent.pid, `task ${task.pid}`);
      await copy;
    } catch (error) {
      agent.abandon();
      throw pidError(error, task.pid);
    } finally {
      close(remote);
    }
    if (plan) this.runs.set(task.pid, { plan, agent });
    else this.zombies.set(task.pid, agent);
    if (plan) await agent.run(born(plan, plan.controlFd));
    for (const c of task.children.filter((c) => inheritsOld(task, c))) await this.child(agent, c);
    if (task.sid === task.pid) {
      const q = new Program('session');
      q.syscall('setsid', [], { label: `session ${task.pid}` });
      await agent.run(q);
    }
    await this.descend(task, agent);
  }

  /** Groups, leaders first; a session leader is in its own already. */
  private async groups(): Promise<void> {
    const all = this.ctx.checkpoint.tasks;
    const agentOf = (pid: number) => this.runs.get(pid)?.agent ?? this.zombies.get(pid);
    const join = async (task: ImageTask) => {
      const p = new Program('process group');
      p.syscall('setpgid', [0, task.pgid], { label: `process group ${task.pgid} of ${task.pid}` });
      await agentOf(task.pid)?.run(p);
    };
    for (const task of all) if (task.pgid === task.pid && task.sid !== task.pid) await join(task);
    for (const task of all) {
      if (task.pgid === task.pid || !all.some((t) => t.pid === task.pgid)) continue;
      await join(task);
    }
  }

  /** Zombies die as their images say; nobody hears of it. */
  private async bury(): Promise<void> {
    for (const [pid, agent] of this.zombies) {
      const task = this.ctx.checkpoint.tasks.find((t) => t.pid === pid)!;
      const status = task.core.tc!.exit_code;
      const p = new Program('die');
      p.syscall('prctl', [PR_SET_NAME, p.cstring(task.core.tc!.comm), 0, 0, 0]);
      const signal = status & 0x7f;
      if (signal) {
        p.syscall('prlimit64', [0, RLIMIT_CORE, p.u64(0, 0), null]);
        if (signal !== SIGKILL) {
          p.syscall('rt_sigaction', [signal, p.data(32), null, 8], { expect: 'any' });
          p.syscall('rt_sigprocmask', [2, p.u64(0), null, 8]);
        }
        p.syscall('kill', [pid, signal]);
      } else p.syscall('exit_group', [(status >> 8) & 0xff]);
      await agent.run(p).catch(() => undefined);
      const parent = this.runs.get(task.ppid)?.agent ?? this.zombies.get(task.ppid);
      if (!parent?.alive) continue;
      const q = new Program('see it die');
      q.syscall('waitid', [P_PID, pid, null, WEXITED | WNOWAIT, null], { label: `end of ${pid}` });
      q.syscall('rt_sigtimedwait', [q.u64(1n << BigInt(SIGCHLD - 1)), null, q.u64(0, 0), 8], {
        expect: 'any',
      });
      await parent.run(q);
    }
  }

  /** Kills whatever has been made, and waits until it is gone. No tracer may hold the tasks. */
  async destroy(): Promise<void> {
    this.kill();
    await this.rootAgent?.reap();
  }

  kill(): void {
    if (this.killed) return;
    this.killed = true;
    for (const agent of [...[...this.runs.values()].map((r) => r.agent), ...this.zombies.values()]) {
      if (!agent.pid || !(this.armed || ours(agent))) continue;
      try {
        process.kill(agent.pid, 'SIGKILL');
      } catch {
        // It died meanwhile, which is what is wanted.
      }
    }
  }
}

/** A pid may belong to somebody else by now if the agent was already gone. */
function ours(agent: Agent): boolean {
  if (agent.alive) return true;
  try {
    return readFileSync(`/proc/${agent.pid}/stat`, 'latin1').includes('(criu-agent)');
  } catch {
    return false;
  }
}

function pidError(error: unknown, pid: number): CriuError {
  if ((error as NodeJS.ErrnoException).code === 'EEXIST')
    return new CriuError(
      'PID_IN_USE',
      'the pid is taken by another task',
      { pid },
      'end that task, or restore in a pid namespace of its own',
      error,
    );
  return asCriuError(error, 'cannot make the task', { pid });
}

/** A task that has ended is out of /proc a moment before its pid is free. */
async function onceFree<T>(pid: number, make: () => T | Promise<T>): Promise<T> {
  for (let tries = 50; ; tries--) {
    try {
      return await make();
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EEXIST';
      if (!taken || tries === 0 || existsSync(`/proc/${pid}`)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}

/**
 * A child with the same descriptor table. The agent's own way to make children has each close the other's control
 * descriptor, which would be gone for both; here a copy of the agent goes on with the program, and gets 0.
 */
function spawnSharing(p: Program, args: DataRef, control: FdRef, pid: number): StepRef {
  p.poke(p.at(args, abi.CloneArgs.flags), CLONE_FILES, 8);
  const made = p.syscall('clone3', [args, args.size], { expect: 0, skip: 2, label: `make task ${pid}` });
  p.poke(p.self(abi.AgentCtx.control), control, 4);
  return made;
}

/** First program of a task: all descriptor numbers free but the control socket, which is out of the way. */
function born(plan: TaskPlan, control: number | undefined): Program {
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
