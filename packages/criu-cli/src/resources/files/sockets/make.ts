// Creates a socket in its network namespace, and binds it there. Tasks that get a user namespace of their own have no privileges in the
// network namespace of the restoring process, and cannot enter it.
import type { Program } from '@criu/compel';
import { sys } from '@criu/native';
import { AF_INET, AF_INET6, AF_PACKET, SOCK_CLOEXEC, SOCK_RAW } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { inNetwork, isBeyond, otherNetwork } from '../../../views/planned-networks.js';
import { moveTo } from '../common.js';

/** Arguments of socket(2). */
export interface Making {
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
}

/** What is created, for whom. */
interface About {
  readonly ctx: PlanContext;
  /** The task that creates it. */
  readonly plan: TaskPlan;
  /** Id of the socket's network namespace. */
  readonly network: number | undefined;
  readonly label: string;
}

/** Sockets that only CAP_NET_RAW creates (packet(7), raw(7)). */
function needsRaw({ family, type }: Making): boolean {
  return family === AF_PACKET || (type === SOCK_RAW && (family === AF_INET || family === AF_INET6));
}

/**
 * Adds steps to the phase `files` that create a socket at the descriptor number `fd`.
 * @param around adds the call, with what has to precede and follow it
 */
export function makeSocket(
  { ctx, plan, network, label }: About,
  making: Making,
  fd: number,
  around: (p: Program, call: () => void) => void = (_, call) => call(),
): void {
  const { family, type, protocol } = making;
  const all = [family, type | SOCK_CLOEXEC, protocol] as const;
  const member = () => otherNetwork(ctx, plan, network) === undefined;
  if (isBeyond(ctx, network) && (needsRaw(making) || !member())) {
    const slot = ctx.openSlot(label, () => sys('socket', ...all));
    plan.take('files', slot, fd);
    return;
  }
  inNetwork(ctx, plan, 'files', network, (p) =>
    around(p, () => moveTo(p, p.syscall('socket', all, { label }), fd)),
  );
}

/** Adds the step that binds an internet socket; ports below net.ipv4.ip_unprivileged_port_start need CAP_NET_BIND_SERVICE. */
export function bindSocket({ ctx, plan, network, label }: About, fd: number, address: Buffer): void {
  if (isBeyond(ctx, network)) {
    plan.asCaller('files', fd, label, (local) => void sys('bind', local, address, address.length));
    return;
  }
  const p = plan.program('files');
  p.syscall('bind', [fd, p.data(address), address.length], { label });
}
