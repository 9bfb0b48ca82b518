// The network namespaces of a restore: descriptors of those that are made, and steps of a task inside another one than its own.

import type { Operand, Program } from '@criu/compel';
import { openSync } from '@criu/native/fs';
import { AF_UNIX, O_CLOEXEC, SIOCGSKNS, SOCK_CLOEXEC } from '@criu/native/uapi';
import { type PhaseName, type PlanContext, Slot, type TaskPlan } from '../engine/plan.js';
import { CriuError } from '../errors.js';
import { CLONE_NEW } from '../proc/namespaces.js';
import { stateKey } from '../states.js';
import { type PlannedNamespace, plannedNamespaces } from './planned.js';

const SOCK_DGRAM = 2;

/** Adds calls that get a descriptor of the network namespace that the task is in; there need be no /proc where it is. */
function ownNetwork(p: Program): Operand {
  const socket = p.syscall('socket', [AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0], {
    label: 'a socket in its network namespace',
  });
  const netns = p.syscall('ioctl', [socket, SIOCGSKNS], { label: 'its network namespace' });
  p.syscall('close', [socket]);
  return netns;
}

/** The same at a number that is the task's own to choose. */
function ownNetworkAt(p: Program, fd: number): void {
  const own = ownNetwork(p);
  p.syscall('dup3', [own, fd, O_CLOEXEC]);
  p.syscall('close', [own]);
}

function to(p: Program, netns: Operand, label: string): void {
  p.syscall('setns', [netns, CLONE_NEW.net], { label });
}

/** Whether the tree is put into a network namespace that is there (`--join-ns`). */
export function joinsNetwork(ctx: PlanContext): boolean {
  return ctx.options.joinNamespaces?.some((value) => value.startsWith('net:')) ?? false;
}

/** Whether it is that of this process. */
export function isCallers(ctx: PlanContext, { host, members }: PlannedNamespace): boolean {
  return host && !(joinsNetwork(ctx) && members.includes(ctx.root));
}

const slots = stateKey('network namespaces', (_: PlanContext) => new Map<PlannedNamespace, Slot>());

/** Adds the steps of `first` that hand a descriptor of the namespace it is in to the brain. */
function give(first: TaskPlan, slot: Slot): void {
  const fd = first.tempFd();
  ownNetworkAt(first.program('namespaces'), fd);
  first.give('namespaces', fd, slot);
}

/**
 * The descriptor of a network namespace. With one that is made it is there when its first task is through with the phase
 * `namespaces`, of which that task has to have the steps that make it already.
 */
export function networkSlot(ctx: PlanContext, namespace: PlannedNamespace): Slot {
  const known = ctx.states.get(slots);
  const found = known.get(namespace);
  if (found) return found;
  const { host, number, members } = namespace;
  const [first] = members;
  const name = `network namespace ${number}`;
  let slot: Slot;
  // The root task may have been put into another one than that of this process.
  if (host && first !== ctx.root) {
    slot = ctx.openSlot(name, () => openSync('/proc/thread-self/ns/net', 'r'));
  } else if (first) {
    slot = new Slot(name);
    give(first, slot);
  } else throw new CriuError('INTERNAL', `nobody makes network namespace ${number}`);
  known.set(namespace, slot);
  return slot;
}

/** Has a task make a network namespace that no task is in. It is in its own again afterwards. */
export function makeNetwork(ctx: PlanContext, maker: TaskPlan, namespace: PlannedNamespace): Slot {
  const slot = new Slot(`network namespace ${namespace.number}`);
  const back = maker.tempFd();
  const p = maker.program('namespaces');
  ownNetworkAt(p, back);
  p.syscall('unshare', [CLONE_NEW.net], { label: `network namespace ${namespace.number}` });
  give(maker, slot);
  to(maker.program('namespaces'), back, 'back in its network namespace');
  ctx.states.get(slots).set(namespace, slot);
  return slot;
}

/**
 * The descriptor of the network namespace that a socket belongs to, if that is another one than a task's.
 * @param number as entries of files have it
 * @throws CriuError BAD_IMAGE for one that the images do not have
 */
export function otherNetwork(ctx: PlanContext, plan: TaskPlan, number: number | undefined): Slot | undefined {
  const planned = plannedNamespaces(ctx);
  const own = planned.of(plan, 'net');
  const wanted = planned.network(number);
  if (own === undefined || wanted === own) return undefined;
  if (!wanted)
    throw new CriuError('BAD_IMAGE', `network namespace ${number} is not in the images`, {
      pid: plan.pid,
      file: 'files.img',
    });
  return networkSlot(ctx, wanted);
}

/** Adds calls that do something in a network namespace; the process is in its own again afterwards. */
export function within<T>(p: Program, netns: Operand, work: () => T): T {
  const own = ownNetwork(p);
  to(p, netns, 'into the network namespace of a socket');
  const done = work();
  to(p, own, 'back in its network namespace');
  p.syscall('close', [own]);
  return done;
}

/**
 * Has steps of a task done in the network namespace of a number of images. A socket belongs to the one in which it was made,
 * whatever is done with it afterwards.
 */
export function inNetwork(
  ctx: PlanContext,
  plan: TaskPlan,
  phase: PhaseName,
  number: number | undefined,
  work: (p: Program) => void,
): void {
  const slot = otherNetwork(ctx, plan, number);
  if (!slot) {
    work(plan.program(phase));
    return;
  }
  const [fd, back] = [plan.tempFd(), plan.tempFd()];
  plan.take(phase, slot, fd);
  const p = plan.program(phase);
  ownNetworkAt(p, back);
  to(p, fd, 'into the network namespace of a socket');
  work(p);
  // What was done may have begun other programs.
  const q = plan.program(phase);
  to(q, back, 'back in its network namespace');
  for (const number of [fd, back]) q.syscall('close', [number]);
}
