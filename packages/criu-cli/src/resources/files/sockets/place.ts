// Where the steps for a socket are added, and who executes those that need privileges.
import { sys } from '@criu/native';
import { SOL_SOCKET } from '@criu/native/uapi';
import { holds } from '../../../capabilities.js';
import type { PhaseName, PlanContext, TaskPlan } from '../../../engine/plan.js';
import { isConfined } from '../../../views/planned-users.js';

/** Where the steps for a socket are added. */
export interface Place {
  readonly ctx: PlanContext;
  readonly plan: TaskPlan;
  readonly phase: PhaseName;
}

/** Whether the restore is unprivileged, so that it exceeds no limits. */
export function isLimited(ctx: PlanContext): boolean {
  return !ctx.onPaper && ctx.options.unprivileged === true && !holds('CAP_NET_ADMIN');
}

/**
 * Whether options that need privileges are set by the restoring process: tasks in a user namespace of their own have none in the network
 * namespace of the host, nor those that the kernel asks of the host's root alone.
 */
export function callerSets(ctx: PlanContext): boolean {
  return isConfined(ctx) && !isLimited(ctx);
}

/** An option with its value as bytes. */
export interface OptionValue {
  readonly level: number;
  readonly name: number;
  readonly value: Buffer;
}

/** Sets an option of a socket of ours. @throws SysError */
export function setOwn(local: number, { level, name, value }: OptionValue): void {
  sys('setsockopt', local, level, name, value, value.length);
}

/** An option that is an int. */
export function intOption(name: number, value: number, level = SOL_SOCKET): OptionValue {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return { level, name, value: bytes };
}

/** Has the restoring process set options. */
export function setByCaller(
  { plan, phase }: Place,
  fd: number,
  title: string,
  options: readonly OptionValue[],
): void {
  plan.asCaller(phase, fd, title, (local) => {
    for (const option of options) setOwn(local, option);
  });
}
