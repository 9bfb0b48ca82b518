// Peer credentials (SO_PEERCRED of unix(7)) are those of the process that makes the connection: so the system calls
// that make it are executed by the right process with the right ids.

import { type Agent, type Operand, Program } from '@criu/compel';
import { close } from '@criu/native';
import { O_CLOEXEC } from '@criu/native/uapi';
import type { PlanContext, TaskPlan, TaskRun } from '../../../engine/plan.js';
import { type AgentIds, agentIds } from '../../../views/planned-users.js';
import { moveTo } from '../common.js';
import { standInFor } from '../sockets/stand-ins.js';

const SAME = -1;
/** First descriptor number in a stand-in process. */
const FIRST_FD = 500;

type Phase = 'files' | 'fixup';

/** Adds calls on sockets; returns the descriptors that they create. */
export type Work = (p: Program, fds: readonly number[]) => readonly Operand[];

export interface Act {
  readonly phase: Phase;
  readonly label: string;
  /** Descriptor numbers, in the maker, of sockets that the calls need. */
  readonly takes: readonly number[];
  /** Descriptor numbers, in the maker, for the sockets that the calls create. */
  readonly gives: readonly number[];
  readonly work: Work;
}

interface Identity {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

function identityOf(credentials: readonly number[], plan: TaskPlan): Identity | undefined {
  const pid = credentials[0];
  const uid = credentials[1];
  const gid = credentials[2];
  if (pid === undefined || uid === undefined || gid === undefined) return undefined;
  return { pid: pid || plan.pid, uid, gid, groups: credentials.slice(3) };
}

function sameIds(a: Omit<Identity, 'pid'>, b: AgentIds): boolean {
  return a.uid === b.uid && a.gid === b.gid && (b.groupsFixed || sameGroups(a.groups, b.groups));
}

/** Whether two lists contain the same groups, in any order and with any repetitions. */
function sameGroups(a: readonly number[], b: readonly number[]): boolean {
  if (a.length === b.length && a.every((group, i) => group === b[i])) return true;
  const sorted = (groups: readonly number[]) => [...new Set(groups)].sort((x, y) => x - y).join();
  return sorted(a) === sorted(b);
}

function setIds(p: Program, own: AgentIds, { uid, gid, groups }: Identity, label: string): void {
  if (!own.groupsFixed)
    p.syscall('setgroups', [groups.length, p.i32(...groups)], { label: `groups: ${label}` });
  p.syscall('setresgid', [SAME, gid, SAME], { label: `group: ${label}` });
  p.syscall('setresuid', [SAME, uid, SAME], { label: `user: ${label}` });
  // Access to the file system stays that of the agent.
  p.syscall('setfsuid', [own.uid]);
}

/** Adds calls with other ids, and restores the agent's own ids. */
function withIds(
  own: AgentIds,
  p: Program,
  who: Identity,
  { label, work }: Act,
  fds: readonly number[],
): readonly Operand[] {
  if (sameIds(who, own)) return work(p, fds);
  setIds(p, own, who, label);
  const made = work(p, fds);
  // In reverse order: without user id 0, groups cannot be set.
  const { uid, gid, groups } = own;
  p.syscall('setresuid', [SAME, uid, SAME]);
  p.syscall('setresgid', [SAME, gid, SAME]);
  if (!own.groupsFixed) p.syscall('setgroups', [groups.length, p.i32(...groups)]);
  return made;
}

function take(p: Program, fds: readonly number[], numbers: readonly number[]): void {
  for (const [i, fd] of fds.entries()) {
    const got = p.fd(fd);
    p.syscall('dup3', [got, numbers[i] ?? 0, O_CLOEXEC]);
    p.syscall('close', [got]);
  }
}

/** Free descriptor numbers in the acting process. */
interface Numbers {
  readonly takes: readonly number[];
  readonly gives: readonly number[];
}

/** Passes descriptors of the maker to another process, has the calls executed there, and passes the results back. */
async function elsewhere(
  own: AgentIds,
  agent: Agent,
  run: TaskRun,
  who: Identity,
  act: Act,
  numbers: Numbers,
): Promise<readonly number[]> {
  const bring = new Program(act.label);
  for (const fd of act.takes) bring.sendFd(fd);
  const sent = act.takes.length > 0 ? (await run.agent.run(bring)).fds : [];
  const p = new Program(act.label);
  try {
    take(p, sent, numbers.takes);
    for (const [i, fd] of withIds(own, p, who, act, numbers.takes).entries())
      moveTo(p, fd, numbers.gives[i] ?? 0);
    for (const fd of numbers.gives) p.sendFd(fd);
    const { fds } = await agent.run(p);
    // Descriptors are sent when a program has ended, so they are closed by another one.
    const tidy = new Program(act.label);
    for (const fd of [...numbers.takes, ...numbers.gives]) tidy.syscall('close', [fd]);
    await agent.run(tidy);
    return fds;
  } finally {
    for (const fd of sent) close(fd);
  }
}

/** Has calls executed by the process that the credentials name; by the maker if they name none. */
export function actAs(ctx: PlanContext, plan: TaskPlan, credentials: readonly number[], act: Act): void {
  const who = identityOf(credentials, plan);
  const own = agentIds(ctx);
  const mine = !who || who.pid === plan.pid;
  if (mine) {
    const p = plan.program(act.phase);
    const made = who ? withIds(own, p, who, act, act.takes) : act.work(p, act.takes);
    for (let i = 0; i < made.length; i++) moveTo(p, made[i] ?? 0, act.gives[i] ?? 0);
    return;
  }
  const others = standInFor(ctx, who.pid);
  const task = ctx.taskOf(who.pid);
  let next = FIRST_FD;
  const number = () => task?.tempFd() ?? next++;
  const numbers = { takes: act.takes.map(number), gives: act.gives.map(number) };
  let made: number[] = [];
  plan.step(act.phase, {
    title: act.label,
    does: [`done by pid ${who.pid}, which gives ${act.gives.length} descriptors back`],
    program: async (run) => {
      const agent = others.find(who.pid);
      const p = new Program(act.label);
      if (!agent) {
        ctx.log.warn(`pid ${who.pid} is taken: who had it and made Unix sockets is not named any more`);
        const there = withIds(own, p, who, act, act.takes);
        for (const [i, fd] of there.entries()) moveTo(p, fd, act.gives[i] ?? 0);
        return p;
      }
      made = [...(await elsewhere(own, agent, run, who, act, numbers))];
      take(p, made, act.gives);
      return p;
    },
    after: () => {
      for (const fd of made.splice(0)) close(fd);
    },
  });
}
