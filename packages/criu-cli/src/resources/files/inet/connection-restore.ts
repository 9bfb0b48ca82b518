// Restores TCP connections (--tcp-established): this process creates each in repair mode, and resumes it when all tasks
// run.

import { close, sys } from '@criu/native';
import { AF_INET, F_DUPFD_CLOEXEC } from '@criu/native/uapi';
import { addressText, freshSocket, restoreTcp, resume, type TcpState } from '@criu/soccr';
import { fromImages, tcpStreamFile } from '@criu/soccr/image';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { InetSkEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { plannedNamespaces } from '../../../views/planned.js';
import { isCallers, networkSlot } from '../../../views/planned-networks.js';
import type { End } from './iptables.js';
import { type LockedConnection, LockMethod, lockRunId, unlock } from './lock.js';

/** Converts the words of an image, which are in host byte order. */
function endOf(family: number, words: readonly number[], port: number): End {
  const used = words.slice(0, family === AF_INET ? 1 : 4);
  const bytes = Buffer.alloc(used.length * 4);
  for (const [i, word] of used.entries()) bytes.writeUInt32LE(word >>> 0, i * 4);
  return { address: addressText(bytes), port };
}

/**
 * Connections that the dump has locked. All are unlocked before the first one is resumed, since two of them may be
 * connected to each other.
 */
const locked = stateKey('locked TCP connections', (ctx: PlanContext): LockedConnection[] => {
  const list: LockedConnection[] = [];
  const { checkpoint, log } = ctx;
  const { network_lock_method: method = LockMethod.IPTABLES } = checkpoint.inventory;
  ctx.beforeGo('unlock the network', () => unlock(method, lockRunId(checkpoint), list, log));
  return list;
});

/**
 * Unlocks a connection when all tasks exist. This includes a connection that is restored closed, so that its peer gets
 * a reset; and a connection that was closed already, since CRIU locks these, too, and its rules also block the peer if
 * that is on this machine.
 */
export function unlockBeforeGo(ctx: PlanContext, socket: InetSkEntry): void {
  const { family, src_addr, src_port, dst_addr, dst_port } = socket;
  // Other network namespaces are locked as a whole.
  if (plannedNamespaces(ctx).network(socket.ns_id)?.host === false) return;
  const connection = { local: endOf(family, src_addr, src_port), remote: endOf(family, dst_addr, dst_port) };
  ctx.states.get(locked).push(connection);
}

/** The slot for the socket, which is created before tasks are, or as soon as its network namespace exists. */
function slotOf(ctx: PlanContext, { id, ns_id }: InetSkEntry, make: (netns?: number) => number): Slot {
  const name = `TCP connection ${id}`;
  const network = plannedNamespaces(ctx).network(ns_id);
  if (!network || isCallers(ctx, network)) return ctx.openSlot(name, make);
  const slot = ctx.openSlot(name);
  const netns = networkSlot(ctx, network);
  ctx.afterSpawn(`restore ${name}`, () => slot.fill(make(netns.value)));
  return slot;
}

/** The slot for the restored socket, still in repair mode. @throws CriuError for invalid images */
export function connectionSlot(ctx: PlanContext, socket: InetSkEntry): Slot {
  const image = tcpStreamFile(socket.ino);
  const [stream] = ctx.checkpoint.images.items('TCP_STREAM', socket.ino);
  if (!stream) throw new CriuError('BAD_IMAGE', 'the image has no entry', { file: image });
  let state: TcpState;
  try {
    state = fromImages(socket, stream);
  } catch (error) {
    throw new CriuError(
      'BAD_IMAGE',
      `internet socket ${socket.id}: not a connection`,
      { file: image },
      undefined,
      error,
    );
  }
  unlockBeforeGo(ctx, socket);
  /** Our copy of the descriptor, besides that of the task; -1 if there is none. */
  let own = -1;
  const drop = () => {
    if (own >= 0) close(own);
    own = -1;
  };
  const make = (netns?: number): number => {
    const made = freshSocket(state.family, netns);
    try {
      restoreTcp(made, state);
      own = sys('fcntl', made, F_DUPFD_CLOEXEC, 0);
    } catch (error) {
      close(made);
      throw new CriuError(
        'SYSCALL',
        `cannot restore TCP connection ${socket.id}`,
        { file: image },
        undefined,
        error,
      );
    }
    return made;
  };
  const slot = slotOf(ctx, socket, make);
  ctx.beforeGo(`resume TCP connection ${socket.id}`, () => {
    resume(own, state.options);
    drop();
  });
  // In repair mode, closing the socket sends nothing to the peer.
  ctx.cleanup(`drop TCP connection ${socket.id}`, drop);
  return slot;
}
