// Looks into namespaces from inside, with agents that enter them: the threads of Node must not call setns(2)
// themselves.

import { Agent, Program } from '@criu/compel';
import { close, sys } from '@criu/native';
import { F_DUPFD_CLOEXEC } from '@criu/native/uapi';
import type { DumpContext } from '../engine/dump-context.js';
import { shareWith } from '../engine/priority.js';
import { asCriuError, CriuError } from '../errors.js';
import { CLONE_NEW } from '../proc/namespaces.js';
import { stateKey } from '../states.js';
import type { Namespace } from './namespaces.js';

/** Agents that were started and have not entered a namespace yet. */
const idle = stateKey('idle visitors', (_: DumpContext): Agent[] => []);

function make(ctx: DumpContext): Agent {
  const agent = Agent.start({ name: 'visitor of namespaces' });
  ctx.onClose(() => agent.exit());
  return agent;
}

/** Starts an agent ahead, before the tasks are stopped. */
export function prepareVisitor(ctx: DumpContext): void {
  ctx.states.get(idle).push(make(ctx));
}

/**
 * A descriptor for setns(2): a pidfd of a task that is in all of the namespaces, or the holder of a namespace without
 * members.
 */
function wayInto(namespaces: readonly Namespace[]): { fd: number; pid?: number } {
  const [first] = namespaces;
  const member = first?.members.find((task) => namespaces.every((ns) => ns.members.includes(task)));
  if (member) return { fd: sys('pidfd_open', member.pid, 0), pid: member.pid };
  if (first?.holder !== undefined && namespaces.length === 1)
    return { fd: sys('fcntl', first.holder, F_DUPFD_CLOEXEC, 0) };
  throw new CriuError('INTERNAL', 'no task is in all of the namespaces that are to be visited');
}

/**
 * Lets an agent enter namespaces; otherwise it is in the same namespaces as the dumper. It lives until the dump ends.
 * @param namespaces a single one, or several that have a member task in common
 * @param visitor an agent in other namespaces of the same kinds, which has done its work there
 * @throws CriuError
 */
export async function enter(
  ctx: DumpContext,
  namespaces: readonly Namespace[],
  visitor?: Agent,
): Promise<Agent> {
  const agent = visitor ?? ctx.states.get(idle).pop() ?? make(ctx);
  shareWith(agent.pid);
  const flags = namespaces.reduce((sum, { kind }) => sum + CLONE_NEW[kind], 0);
  const { fd, pid } = wayInto(namespaces);
  const ofTask = pid === undefined ? '' : ` of task ${pid}`;
  try {
    const p = new Program('enter namespaces');
    p.syscall('setns', [p.fd(fd), flags], {
      label: `namespaces${ofTask}: ${namespaces.map(({ kind }) => kind).join(', ')}`,
    });
    await agent.run(p);
  } catch (error) {
    throw asCriuError(error, 'cannot look into its namespaces', pid === undefined ? {} : { pid });
  } finally {
    close(fd);
  }
  return agent;
}
