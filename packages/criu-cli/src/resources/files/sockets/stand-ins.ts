// Stand-ins: processes that take the pids of ended ones. A message can only be sent from an existing pid, and only the
// process with that pid can make a connection as that process.
import { Agent, Program } from '@criu/compel';
import { close } from '@criu/native';
import { __WALL, clone_args } from '@criu/native/uapi';
import type { PlanContext, TaskRun } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';

class StandIns {
  private runs: readonly TaskRun[] = [];
  private readonly pids = new Set<number>();
  private readonly agents = new Map<number, Agent>();

  constructor(ctx: PlanContext) {
    ctx.afterSpawn('make processes in place of some that have ended', async (runs) => {
      this.runs = runs;
      for (const pid of this.pids) await this.make(pid);
    });
    ctx.afterPhase('fixup', 'end the processes in place of others', () => this.dismiss());
    ctx.cleanup('end the processes in place of others', () => {
      for (const agent of this.agents.values()) agent.abandon();
    });
  }

  reserve(pid: number): void {
    this.pids.add(pid);
  }

  /** The agent with a pid: a task of the checkpoint, or a stand-in. Undefined if the pid belongs to another process. */
  find(pid: number): Agent | undefined {
    return this.runs.find((run) => run.plan.pid === pid)?.agent ?? this.agents.get(pid);
  }

  private get root(): Agent {
    const [root] = this.runs;
    if (!root) throw new CriuError('INTERNAL', 'a process is to be made, but by no task');
    return root.agent;
  }

  private async make(pid: number): Promise<void> {
    const { agent, remote } = Agent.prepare(`stand-in ${pid}`);
    const p = new Program(`a process ${pid} for a short time`);
    const args = p.data(clone_args.sizeof);
    p.poke(p.at(args, clone_args.set_tid), p.i32(pid), 8);
    p.poke(p.at(args, clone_args.set_tid_size), 1, 8);
    const made = p.spawn(args, p.fd(remote), { expect: 'any', label: `a process ${pid}` });
    try {
      if ((await this.root.run(p)).value(made) > 0) this.agents.set(pid, agent);
      else agent.abandon();
    } finally {
      close(remote);
    }
  }

  private async dismiss(): Promise<void> {
    for (const [pid, agent] of this.agents) {
      this.agents.delete(pid);
      await agent.exit();
      const p = new Program(`end of ${pid}`);
      p.syscall('wait4', [pid, null, __WALL, null], { label: `end of the process ${pid}` });
      await this.root.run(p);
    }
  }
}

const standIns = stateKey('stand-ins', (ctx: PlanContext) => new StandIns(ctx));

/** Reserves a pid until the phase `fixup`, unless it belongs to a task of the checkpoint. */
export function standInFor(ctx: PlanContext, pid: number): StandIns {
  const all = ctx.states.get(standIns);
  if (!ctx.checkpoint.tasks.some((task) => task.pid === pid)) all.reserve(pid);
  return all;
}
