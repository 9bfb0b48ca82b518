// Creates the process tree: every task starts as an agent, with its pid, in the right session and process group.
import { Agent, Program } from '@criu/compel';
import { close, SysError } from '@criu/native';
import { readFileSync } from '@criu/native/fs';
import { CLONE_PARENT, clone_args, SIGCHLD } from '@criu/native/uapi';
import { CriuError } from '../errors.js';
import type { ImageTask } from '../images/checkpoint.js';
import type { Notifier } from '../notify.js';
import { readChildren, readStat, readStatus } from '../proc/index.js';
import { CLONE_NEW } from '../proc/namespaces.js';
import { asHostPid, type HostPid } from '../proc/pids.js';
import { born, death, endHelper, seenDeath, session, spawnSharing, subreaper } from './birth-programs.js';
import { type Births, lostGroups, planBirths } from './births.js';
import { GONE_MS, inUse, onceFree, pause, pidError } from './free-pids.js';
import { BUFFER_BYTES } from './layout.js';
import { begin, runPhases } from './perform.js';
import { type PlanContext, TaskRun } from './plan.js';
import { hasten, type Priority } from './priority.js';
import { endShortLived, startShortLived } from './short-lived.js';

/** Number of pids to try for a helper, since other processes may have taken some. */
const HELPER_TRIES = 100;

/** Checks that every task can get into its session and process group. @throws CriuError */
export function validateTree(ctx: PlanContext): void {
  const { root } = ctx.checkpoint;
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
  }
  birthsOf(ctx);
}

/** For each task, the children that it creates, by its pid. @throws CriuError */
export function birthsOf(ctx: Pick<PlanContext, 'checkpoint'>): Map<number, Births> {
  const { root, tasks } = ctx.checkpoint;
  return planBirths(root, root.sid === root.pid ? 0 : root.sid, new Set(tasks.map((t) => t.pid)));
}

export class TreeSpawner {
  readonly runs = new Map<number, TaskRun>();
  rootAgent: Agent | undefined;
  /**
   * The agents have left their tasks, or are about to: a closed control connection no longer means that the task has
   * died.
   */
  armed = false;
  private killed = false;
  private readonly zombies = new Map<number, Agent>();
  /** Helpers that stand in for session leaders which have ended: by pid, the helper and its parent. */
  private readonly helpers = new Map<number, { agent: Agent; parent: Agent }>();
  private readonly births: Map<number, Births>;
  private readonly inOrder: boolean;
  /**
   * The pids of the images belong to another pid namespace than that of this process: a new one, or an existing one
   * that the root task is created in.
   */
  private readonly renumbered: boolean;

  constructor(
    private readonly ctx: PlanContext,
    private readonly notifier: Notifier,
    private readonly priority: Priority,
  ) {
    this.births = birthsOf(ctx);
    this.inOrder = [...this.births.values()].some(
      ({ orphaned, adopted }) => orphaned.size > 0 || adopted.length > 0,
    );
    const { birthFlags, birthPidNamespace } = ctx.root;
    this.renumbered = (birthFlags & BigInt(CLONE_NEW.pid)) !== 0n || birthPidNamespace !== undefined;
  }

  /** The steps of creating a tree, in order. */
  private readonly steps: readonly { readonly what: string; act(): Promise<void> }[] = [
    { what: 'make the root task', act: () => this.makeRoot() },
    { what: 'enter the namespaces of the root task', act: () => this.enterNamespaces() },
    { what: 'make all others', act: () => this.descend(this.ctx.checkpoint.root, this.needRoot()) },
    { what: 'join process groups', act: () => this.groups() },
    { what: 'end those that led sessions', act: () => this.dismiss() },
    { what: 'let zombies die', act: () => this.endZombies() },
  ];

  /** Creates all tasks. @returns the root's pid as this process sees it @throws CriuError */
  async spawn(): Promise<HostPid> {
    for (const { what, act } of this.steps) {
      begin(this.ctx.options, 'execute', `birth: ${what}`);
      await act();
    }
    return this.rootRun().hostPid;
  }

  private rootRun(): TaskRun {
    const { pid } = this.ctx.root;
    const run = this.runs.get(pid);
    if (!run) throw new CriuError('INTERNAL', 'the root task was not made', { pid });
    return run;
  }

  private async makeRoot(): Promise<void> {
    const { checkpoint, options, root: plan } = this.ctx;
    const { root } = checkpoint;
    let agent: Agent;
    try {
      const start = () =>
        Agent.start({
          name: `task ${root.pid}`,
          setTid: [root.pid],
          newSession: root.sid === root.pid,
          controlFd: Math.max(plan.controlFd, 3),
          bufferBytes: BUFFER_BYTES,
          ...(plan.birthGroups ? { groups: plan.birthGroups } : {}),
          ...(plan.birthPidNamespace === undefined ? {} : { pidNamespace: plan.birthPidNamespace }),
          flags: plan.birthFlags | (options.sibling ? BigInt(CLONE_PARENT) : 0n),
        });
      agent = await this.priority.lowered(() => onceFree(root.pid, start));
    } catch (error) {
      throw pidError(error, root.pid);
    }
    this.rootAgent = agent;
    const run = new TaskRun(plan, agent, this.renumbered);
    this.runs.set(root.pid, run);
    // Until it makes others, which would inherit that: its last step in its namespaces takes it away.
    hasten(run.hostPid);
    for (const act of plan.atBirth) act(run.hostPid);
    await agent.run(born(plan, undefined));
  }

  private async enterNamespaces(): Promise<void> {
    const { options, root: plan } = this.ctx;
    const run = this.rootRun();
    const { pid } = run.agent;
    if (plan.ownNamespaces) await this.notifier.tell('setup-namespaces', { pid });
    await runPhases(['namespaces'], run, options);
    if (plan.ownNamespaces) await this.notifier.tell('post-setup-namespaces', { pid });
  }

  /** The root task's agent. @throws CriuError INTERNAL if it was not created */
  needRoot(): Agent {
    return this.needAgent(this.ctx.checkpoint.root);
  }

  private async descend(task: ImageTask, agent: Agent): Promise<void> {
    const { late, orphaned, adopted } = this.birthsOf(task);
    await this.each(late, (child) => this.child(agent, child));
    for (const [sid, children] of orphaned) {
      const helper = await this.fork(agent, sid, SIGCHLD);
      this.helpers.set(sid, { agent: helper, parent: agent });
      await helper.run(session(sid));
      for (const child of children) await this.child(helper, child, BigInt(CLONE_PARENT));
    }
    const left = [...adopted];
    while (left.length > 0) {
      // The session leader of an adopted task may be another adopted task, or a descendant of one.
      const next = left.findIndex(({ sid }) => this.agentOf(sid));
      const [child] = left.splice(Math.max(next, 0), 1);
      const leader = child && this.agentOf(child.sid);
      if (!leader)
        throw new CriuError('BAD_IMAGE', 'sessions whose members make each other', { pid: task.pid });
      await this.adopt(agent, child, leader);
    }
  }

  /**
   * Works on tasks that do not depend on each other, in parallel, so that waiting for the agents overlaps. If sessions
   * have lost their leaders, the order of births matters, and the tasks are handled one after the other.
   */
  private async each(tasks: readonly ImageTask[], work: (task: ImageTask) => Promise<void>): Promise<void> {
    if (this.inOrder) {
      for (const task of tasks) await work(task);
      return;
    }
    // All work has to end before an error is thrown, as the undo must not run beside it.
    const done = await Promise.allSettled(tasks.map(work));
    for (const one of done) if (one.status === 'rejected') throw one.reason;
  }

  private birthsOf(task: ImageTask): Births {
    return this.births.get(task.pid) ?? { early: [], late: [], orphaned: new Map(), adopted: [] };
  }

  private agentOf(pid: number): Agent | undefined {
    return this.runs.get(pid)?.agent ?? this.zombies.get(pid);
  }

  /** @throws CriuError */
  private needAgent(task: ImageTask): Agent {
    const agent = this.agentOf(task.pid);
    if (!agent) throw new CriuError('INTERNAL', 'the task is needed and was not made', { pid: task.pid });
    return agent;
  }

  /**
   * A helper below the session leader creates the child and ends; `parent`, as child subreaper, then becomes the parent
   * of the orphan.
   */
  private async adopt(parent: Agent, child: ImageTask, leader: Agent): Promise<void> {
    await parent.run(subreaper(1));
    const [pid, helper] = await this.helper(leader);
    await this.child(helper, child);
    await endHelper(pid, helper, leader);
    await parent.run(subreaper(0));
  }

  /** Creates a helper process with a pid that no task of the checkpoint needs. */
  private async helper(parent: Agent): Promise<[pid: number, agent: Agent]> {
    const { tasks } = this.ctx.checkpoint;
    const used = tasks.flatMap((t) => [t.pid, t.sid, t.pgid, ...t.threads.map(({ tid }) => tid)]);
    const first = used.reduce((max, pid) => Math.max(max, pid), 1) + 1;
    for (let pid = first; ; pid++) {
      try {
        return [pid, await this.fork(parent, pid, SIGCHLD)];
      } catch (error) {
        if (!(error instanceof CriuError) || error.code !== 'PID_IN_USE' || pid > first + HELPER_TRIES)
          throw error;
      }
    }
  }

  /** Starts an agent in a new child of `parent`, or in a sibling of it if `flags` has CLONE_PARENT. */
  private async fork(parent: Agent, pid: number, exitSignal: number, flags = 0n): Promise<Agent> {
    const make = () => this.forkNow(parent, pid, exitSignal, flags);
    try {
      return await (this.renumbered ? make() : onceFree(pid, make));
    } catch (error) {
      throw pidError(error, pid);
    }
  }

  /** @throws SysError EEXIST when the pid is taken */
  private async forkNow(parent: Agent, pid: number, exitSignal: number, flags: bigint): Promise<Agent> {
    const plan = this.ctx.taskOf(pid);
    const { agent, remote } = Agent.prepare(`task ${pid}`);
    const p = new Program(`make task ${pid}`);
    const args = p.data(clone_args.sizeof);
    p.poke(p.at(args, clone_args.flags), flags, 8);
    p.poke(p.at(args, clone_args.exit_signal), exitSignal, 8);
    p.poke(p.at(args, clone_args.set_tid), p.i32(pid), 8);
    p.poke(p.at(args, clone_args.set_tid_size), 1, 8);
    const shares = plan?.table !== undefined && plan.table.index > 0;
    const made = shares
      ? spawnSharing(p, args, p.fd(remote), pid)
      : p.spawn(args, p.fd(remote), { label: `make task ${pid}` });
    try {
      const copy = shares ? agent.expect(p) : undefined;
      copy?.catch(() => undefined);
      const got = (await parent.run(p)).value(made);
      if (got < 0) throw new SysError('clone3', -got, `task ${pid}`);
      await copy;
      agent.pid = this.renumbered ? this.find(parent, pid, flags) : got;
      // The restore may have been cancelled before the reply with the new pid arrived: then `kill` has not seen this
      // agent.
      if (this.killed) this.end(agent);
      return agent;
    } catch (error) {
      agent.abandon();
      throw error;
    } finally {
      close(remote);
    }
  }

  /** Pid, as this process sees it, of the latest child with the given pid in its own pid namespace. */
  private find(parent: Agent, pid: number, flags: bigint): HostPid {
    const maker = flags & BigInt(CLONE_PARENT) ? readStat(parent.pid).ppid : parent.pid;
    for (const child of readChildren(maker).reverse())
      if (readStatus(child).nsPid.at(-1) === pid) return asHostPid(child);
    throw new CriuError('TASK_DIED', 'the task was made and is not there', { pid });
  }

  private async child(parent: Agent, task: ImageTask, flags = 0n): Promise<void> {
    const plan = this.ctx.taskOf(task.pid);
    // With CLONE_PARENT the kernel gives the child the exit signal of the process that calls clone.
    const { exit_signal: signal = SIGCHLD } = task.core.tc;
    if (flags !== 0n && signal !== SIGCHLD)
      this.ctx.log.warn(`task ${task.pid} sends SIGCHLD when it ends, not signal ${signal}`);
    const agent = await this.fork(parent, task.pid, flags === 0n ? signal : 0, flags);
    const births = this.birthsOf(task);
    const makesNobody = births.early.length + births.late.length === 0 && !this.inOrder;
    if (plan) this.runs.set(task.pid, new TaskRun(plan, agent, this.renumbered));
    else this.zombies.set(task.pid, agent);
    if (plan && makesNobody) hasten(agent.pid);
    // Programs of an agent run in order, so their results are awaited only before another task can see the effect.
    const pending: Promise<unknown>[] = [];
    const send = (program: Program) => {
      const answer = agent.run(program);
      answer.catch(() => undefined);
      pending.push(answer);
    };
    if (plan) send(born(plan, plan.controlFd));
    const run = this.runs.get(task.pid);
    if (plan && run && plan.steps('namespaces').length > 0) {
      await Promise.all(pending.splice(0));
      await runPhases(['namespaces'], run, this.ctx.options);
    }
    await this.each(births.early, (c) => this.child(agent, c));
    if (task.sid === task.pid) send(session(task.pid));
    await Promise.all(pending);
    await this.descend(task, agent);
  }

  /** Puts tasks into their process groups, leaders first. A session leader leads its group already. */
  private async groups(): Promise<void> {
    const all = this.ctx.checkpoint.tasks;
    const join = async (task: ImageTask) => {
      const p = new Program('process group');
      p.syscall('setpgid', [0, task.pgid], { label: `process group ${task.pgid} of ${task.pid}` });
      await this.agentOf(task.pid)?.run(p);
    };
    const leaders = all.filter(({ pid, pgid, sid }) => pgid === pid && sid !== pid);
    await this.each(leaders, join);
    const lost = [...lostGroups(all)].filter(([pgid]) => !this.helpers.has(pgid));
    for (const [pgid, maker] of lost) {
      const p = new Program(`process group ${pgid}`);
      const leader = startShortLived(p, pgid);
      p.syscall('setpgid', [leader, leader], { label: `process group ${pgid}, whose leader is gone` });
      await this.needAgent(maker).run(p);
    }
    const there = new Set([
      ...all.map(({ pid }) => pid),
      ...this.helpers.keys(),
      ...lost.map(([pgid]) => pgid),
    ]);
    const members = all.filter(({ pid, pgid }) => pgid !== pid && there.has(pgid));
    await this.each(members, join);
    for (const [pgid, maker] of lost) {
      const p = new Program(`process group ${pgid}`);
      endShortLived(p, pgid);
      await this.needAgent(maker).run(p);
    }
  }

  /** Ends the helpers; their parents consume the SIGCHLD. */
  private async dismiss(): Promise<void> {
    for (const [pid, { agent, parent }] of this.helpers) {
      await endHelper(pid, agent, parent);
    }
    this.helpers.clear();
  }

  /** Ends zombies as their images say; the parent consumes the signal and leaves the zombie unreaped. */
  private async endZombies(): Promise<void> {
    for (const task of this.ctx.checkpoint.tasks) {
      const { pid } = task;
      const agent = this.zombies.get(pid);
      if (!agent) continue;
      await agent.run(death(task)).catch(() => undefined);
      const parent = this.runs.get(task.ppid)?.agent ?? this.zombies.get(task.ppid);
      if (!parent?.alive) continue;
      await parent.run(seenDeath(task));
    }
  }

  /** Kills all tasks created so far and waits until they are gone. No tracer may be attached to them. */
  async destroy(): Promise<void> {
    this.kill();
    await this.rootAgent?.reap();
    // Descendants of the root task are reaped by init. Until then their pids, and those of their sessions, stay taken.
    const below =
      this.ctx.root.birthFlags & BigInt(CLONE_NEW.pid)
        ? []
        : [...this.runs.values()].map(({ agent }) => agent.pid);
    await pause(() => !below.some(inUse), GONE_MS);
  }

  kill(): void {
    if (this.killed) return;
    this.killed = true;
    const helpers = [...this.helpers.values()].map((h) => h.agent);
    const tasks = [...this.runs.values()].map((r) => r.agent);
    for (const agent of [...tasks, ...this.zombies.values(), ...helpers]) this.end(agent);
  }

  private end(agent: Agent): void {
    if (!agent.pid || !(this.armed || ours(agent))) return;
    try {
      process.kill(agent.pid, 'SIGKILL');
    } catch {
      // The task has died meanwhile, which is what is wanted.
    }
  }
}

/** Whether the pid still belongs to the agent: after its end the pid may have been reused. */
function ours(agent: Agent): boolean {
  if (agent.alive) return true;
  try {
    return readFileSync(`/proc/${agent.pid}/stat`, 'latin1').includes('(criu-agent)');
  } catch {
    return false;
  }
}
