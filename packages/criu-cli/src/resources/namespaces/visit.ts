// Looking into the namespaces of the tasks: an agent of our own that enters them, as Node must not do itself.
import { Agent, Program } from '@criu/compel';
import { close, sys } from '@criu/native';
import type { DumpContext } from '../../engine/dump-context.js';
import { asCriuError } from '../../errors.js';
import { CLONE_NEW, type NamespaceName } from '../../proc/namespaces.js';
import { stateKey } from '../../states.js';

const visitors = stateKey('visitor of namespaces', (ctx: DumpContext): Agent => {
  const agent = Agent.start({ name: 'visitor of namespaces' });
  ctx.onClose(() => agent.exit());
  return agent;
});

/** The agent that will visit namespaces of the tasks; better made before they stand still. */
export function visitor(ctx: DumpContext): Agent {
  return ctx.states.get(visitors);
}

/** The visitor, having entered these namespaces of a task. @throws CriuError */
export async function enterNamespaces(
  ctx: DumpContext,
  pid: number,
  names: readonly NamespaceName[],
): Promise<Agent> {
  const agent = visitor(ctx);
  const flags = names.reduce((sum, name) => sum + CLONE_NEW[name], 0);
  const pidfd = sys('pidfd_open', pid, 0);
  try {
    const p = new Program('enter namespaces');
    p.syscall('setns', [p.fd(pidfd), flags], { label: `namespaces of task ${pid}: ${names.join(', ')}` });
    await agent.run(p);
  } catch (error) {
    throw asCriuError(error, 'cannot look into its namespaces', { pid });
  } finally {
    close(pidfd);
  }
  return agent;
}
