// The network namespaces of a restore: their descriptors, and steps that a task executes in another network namespace
// than its own.

import type { Operand, Program } from '@criu/compel';
import { openSync } from '@criu/native/fs';
import { AF_UNIX, O_CLOEXEC, SIOCGSKNS, SOCK_CLOEXEC, SOCK_DGRAM } from '@criu/native/uapi';
import { type PhaseName, type PlanContext, Slot, type TaskPlan } from '../engine/plan.js';
import { CriuError } from '../errors.js';
import { CLONE_NEW } from '../proc/namespaces.js';
import { stateKey } from '../states.js';
import { type PlannedNamespace, plannedNamespaces } from './planned.js';
import { isConfined } from './planned-users.js';

/** Adds calls that open the network namespace of the task with SIOCGSKNS, which does not need /proc. */
function ownNetwork(p: Program): Operand {
  const socket = p.syscall('socket', [AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0], {
    label: 'a socket in its network namespace',
  });
  const netns = p.syscall('ioctl', [socket, SIOCGSKNS], { label: 'its network namespace' });
  p.syscall('close', [socket]);
  return netns;
}

/** Opens the network namespace of the task at the descriptor number `fd`. */
function ownNetworkAt(p: Program, fd: number): void {
  const own = ownNetwork(p);
  p.syscall('dup3', [own, fd, O_CLOEXEC]);
  p.syscall('close', [own]);
}

function to(p: Program, netns: Operand, label: string): void {
  p.syscall('setns', [netns, CLONE_NEW.net], { label });
}

/** Whether the tree joins an existing network namespace (`--join-ns`). */
export function joinsNetwork(ctx: PlanContext): boolean {
  return ctx.options.joinNamespaces?.some((value) => value.startsWith('net:')) ?? false;
}

/** Whether a namespace is that of this process. */
export function isCallers(ctx: PlanContext, { host, members }: PlannedNamespace): boolean {
  return host && !(joinsNetwork(ctx) && members.includes(ctx.root));
}

/**
 * Whether the network namespace with this id is that of this process, while the tasks get a user namespace of their own: they have no
 * privileges in it, and those that are not in it cannot enter it.
 */
export function isBeyond(ctx: PlanContext, number: number | undefined): boolean {
  if (!isConfined(ctx)) return false;
  const network = plannedNamespaces(ctx).network(number);
  return network !== undefined && isCallers(ctx, network);
}

const slots = stateKey('network namespaces', (_: PlanContext) => new Map<PlannedNamespace, Slot>());

/** Adds steps to the task `first` that send a descriptor of its network namespace to this process. */
function give(first: TaskPlan, slot: Slot): void {
  const fd = first.tempFd();
  ownNetworkAt(first.program('namespaces'), fd);
  first.give('namespaces', fd, slot);
}

/**
 * The slot for the descriptor of a network namespace. For a namespace that is created, the slot is filled when its
 * first task finishes the phase `namespaces`; the steps of that task which create the namespace must have been added
 * before.
 */
export function networkSlot(ctx: PlanContext, namespace: PlannedNamespace): Slot {
  const known = ctx.states.get(slots);
  const found = known.get(namespace);
  if (found) return found;
  const { host, number, members } = namespace;
  const [first] = members;
  const name = `network namespace ${number}`;
  let slot: Slot;
  // The root task may have joined another namespace than that of this process.
  if (host && first !== ctx.root) {
    slot = ctx.openSlot(name, () => openSync('/proc/thread-self/ns/net', 'r'));
  } else if (first) {
    slot = new Slot(name);
    give(first, slot);
  } else throw new CriuError('INTERNAL', `nobody makes network namespace ${number}`);
  known.set(namespace, slot);
  return slot;
}

/** Has a task create a network namespace that will have no members. The task returns to its own namespace. */
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
 * The slot for the network namespace of a socket, if it is not the task's own.
 * @param number namespace id of the socket's entry
 * @throws CriuError BAD_IMAGE if the images do not have that namespace
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

/** @throws CriuError UNSUPPORTED for a namespace that a task cannot enter to create something there */
export function mayEnter(ctx: PlanContext, { pid }: TaskPlan, number: number | undefined): void {
  if (!isBeyond(ctx, number)) return;
  throw new CriuError(
    'UNSUPPORTED',
    'it has a file that was made in the network namespace of the host, which tasks with a user namespace of their own cannot enter',
    { pid },
    'have the file made in the network namespace of the task, or closed before the dump',
  );
}

/** Adds calls that are executed in a network namespace; the process returns to its own afterwards. */
export function within<T>(p: Program, netns: Operand, work: () => T): T {
  const own = ownNetwork(p);
  to(p, netns, 'into the network namespace of a socket');
  const done = work();
  to(p, own, 'back in its network namespace');
  p.syscall('close', [own]);
  return done;
}

/**
 * Adds steps that a task executes in the network namespace with this id. A socket belongs to the namespace in which it
 * was created, wherever it is used later.
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
  mayEnter(ctx, plan, number);
  const [fd, back] = [plan.tempFd(), plan.tempFd()];
  plan.take(phase, slot, fd);
  const p = plan.program(phase);
  ownNetworkAt(p, back);
  to(p, fd, 'into the network namespace of a socket');
  work(p);
  // `work` may have started another program of the phase.
  const q = plan.program(phase);
  to(q, back, 'back in its network namespace');
  for (const number of [fd, back]) q.syscall('close', [number]);
}
