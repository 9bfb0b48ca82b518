// Connections in TIME_WAIT: for a minute they keep a listening socket without SO_REUSEADDR from binding to their port.
// The restored listener was bound before there were connections.
import {
  destroyInetSocket,
  type InetSocket,
  listInetSockets,
  NetlinkError,
  NetlinkSocket,
} from '@criu/native/netlink';
import {
  AF_INET,
  AF_INET6,
  ENOENT,
  EOPNOTSUPP,
  EPERM,
  IPPROTO_TCP,
  NETLINK_SOCK_DIAG,
  TCP_FIN_WAIT2,
  TCP_TIME_WAIT,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import type { InetSkEntry } from '../../../images/types.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { stateKey } from '../../../states.js';
import { joinsNetwork } from '../../../views/planned-networks.js';

const ports = stateKey('ports of listening sockets', (_: TaskPlan): Set<number> => new Set());

/** The connection has no owner any more, and its peer has acknowledged everything. */
function isLeft({ state, inode }: InetSocket): boolean {
  return inode === 0 && (state === TCP_TIME_WAIT || state === TCP_FIN_WAIT2);
}

function end(socket: NetlinkSocket, left: InetSocket): void {
  try {
    destroyInetSocket(socket, left.family, IPPROTO_TCP, left);
  } catch (error) {
    // It has ended by itself; or neither the kernel nor the rights of who restores allow this, and bind(2) says EADDRINUSE.
    if (error instanceof NetlinkError && [ENOENT, EOPNOTSUPP, EPERM].includes(error.errno)) return;
    throw error;
  }
}

/** Frees the port of a listening socket before the task binds it. A new network namespace has no such leftovers. */
export function freeOfLeftovers(
  ctx: PlanContext,
  plan: TaskPlan,
  { src_port: port, opts }: InetSkEntry,
): void {
  if (opts.reuseaddr || joinsNetwork(ctx) || ctx.root.birthFlags & BigInt(CLONE_NEW.net)) return;
  const wanted = plan.states.get(ports);
  const first = wanted.size === 0;
  wanted.add(port);
  if (!first) return;
  plan.meanwhile('files', { title: 'ports free of closed connections', failure: 'cannot free ports' }, () => {
    using socket = NetlinkSocket.open(NETLINK_SOCK_DIAG);
    for (const family of [AF_INET, AF_INET6])
      for (const one of listInetSockets(socket, family, IPPROTO_TCP))
        if (isLeft(one) && wanted.has(one.localPort)) end(socket, one);
  });
}
