// Where the steps for a socket are added, and who executes those that need privileges.
import { sys } from '@criu/native';
import { SOL_SOCKET } from '@criu/native/uapi';
import type { PhaseName, PlanContext, TaskPlan } from '../../../engine/plan.js';

/** Where the steps for a socket are added. */
export interface Place {
  readonly ctx: PlanContext;
  readonly plan: TaskPlan;
  readonly phase: PhaseName;
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
