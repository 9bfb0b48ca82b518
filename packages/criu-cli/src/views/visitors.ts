// Looking into namespaces from inside: agents of our own that enter them, as the threads of Node must not do themselves.
import { Agent, Program } from '@criu/compel';
import { close, sys } from '@criu/native';
import type { DumpContext } from '../engine/dump-context.js';
import { asCriuError, CriuError } from '../errors.js';
import { CLONE_NEW } from '../proc/namespaces.js';
import { stateKey } from '../states.js';
import type { Namespace } from './namespaces.js';

/** Agents that have been made and have not entered anything yet. */
const idle = stateKey('idle visitors', (_: DumpContext): Agent[] => []);

function make(ctx: DumpContext): Agent {
  const agent = Agent.start({ name: 'visitor of namespaces' });
  ctx.onClose(() => agent.exit());
  return agent;
}

/** Makes an agent for what will have to be looked at from inside: before the tasks stand still. */
export function prepareVisitor(ctx: DumpContext): void {
  ctx.states.get(idle).push(make(ctx));
}

/**
 * An agent that has entered these namespaces, all of which have a task of the tree in common, and that is the dumper's
 * equal for all else. It lives until the dump ends. @throws CriuError
 */
export async function enter(ctx: DumpContext, namespaces: readonly Namespace[]): Promise<Agent> {
  const member = namespaces[0]?.members.find((task) => namespaces.every((ns) => ns.members.includes(task)));
  if (!member) throw new CriuError('INTERNAL', 'no task is in all of the namespaces that are to be visited');
  const agent = ctx.states.get(idle).pop() ?? make(ctx);
  const flags = namespaces.reduce((sum, { kind }) => sum + CLONE_NEW[kind], 0);
  const pidfd = sys('pidfd_open', member.pid, 0);
  try {
    const p = new Program('enter namespaces');
    p.syscall('setns', [p.fd(pidfd), flags], {
      label: `namespaces of task ${member.pid}: ${namespaces.map(({ kind }) => kind).join(', ')}`,
    });
    await agent.run(p);
  } catch (error) {
    throw asCriuError(error, 'cannot look into its namespaces', { pid: member.pid });
  } finally {
    close(pidfd);
  }
  return agent;
}
