// What sockets have received and not read comes back by sending it again, with the descriptors in flight.

import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { ImageItem, SkPacketEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { SOCK, SOL_SOCKET } from './options.js';
import { enlargeSendBuffer } from './restore.js';

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SCM_RIGHTS = 1;
const MSGHDR = 56;
const CHUNK = 64 << 10;

export type Packet = ImageItem<SkPacketEntry>;

const queues = stateKey('queues of sockets', (ctx: PlanContext): Map<number, Packet[]> => {
  const all = new Map<number, Packet[]>();
  for (const item of ctx.checkpoint.optional('SK_QUEUES', 'sk-queues.img')) {
    const list = all.get(item.entry.id_for) ?? [];
    list.push(item);
    all.set(item.entry.id_for, list);
  }
  return all;
});

/** The packets in the queue of a file, oldest first. */
export function queueOf(ctx: PlanContext, id: number): readonly Packet[] {
  return ctx.states.get(queues).get(id) ?? [];
}

/** Ids of the files that are in flight to a file. @throws CriuError BAD_IMAGE */
export function filesInFlight(ctx: PlanContext, id: number): number[] {
  return queueOf(ctx, id).flatMap(({ entry }) =>
    entry.scm.flatMap((scm) => {
      if (scm.type !== SCM_RIGHTS)
        throw new CriuError('UNSUPPORTED', `control message ${scm.type} in the queue of file ${id}`, {
          file: 'sk-queues.img',
        });
      return scm.rights;
    }),
  );
}

/** Sends the queue of file `id` from the socket `from`; `fdOf` gives the sender's numbers of files in flight. */
export function sendQueue(
  ctx: PlanContext,
  plan: TaskPlan,
  id: number,
  type: number,
  from: number,
  fdOf: (id: number) => number,
): void {
  const packets = queueOf(ctx, id);
  if (packets.length === 0) return;
  const total = packets.reduce((sum, { payload }) => sum + (payload?.length ?? 0) + 1024, 0);
  enlargeSendBuffer(plan.program('fixup'), from, total);
  for (const { entry, payload } of packets) {
    const bytes = payload ?? Buffer.alloc(0);
    let rights = entry.scm.flatMap((scm) => scm.rights.map(fdOf));
    // Only a stream may be cut; its descriptors go with the first part.
    const size = type === SOCK.STREAM ? CHUNK : Math.max(bytes.length, 1);
    for (let at = 0; at === 0 || at < bytes.length; at += size) {
      send(plan, from, bytes.subarray(at, at + size), rights, `queue of file ${id}`);
      rights = [];
    }
  }
}

function send(plan: TaskPlan, from: number, bytes: Buffer, rights: readonly number[], label: string): void {
  const p = plan.program('fixup');
  const iov = p.data(16);
  if (bytes.length > 0) p.poke(iov, p.data(bytes), 8);
  p.poke(p.at(iov, 8), bytes.length, 8);
  const message = p.data(MSGHDR);
  p.poke(p.at(message, 16), iov, 8);
  p.poke(p.at(message, 24), 1, 8);
  if (rights.length > 0) {
    const length = 16 + rights.length * 4;
    const control = Buffer.alloc((length + 7) & ~7);
    control.writeBigUInt64LE(BigInt(length), 0);
    control.writeInt32LE(SOL_SOCKET, 8);
    control.writeInt32LE(SCM_RIGHTS, 12);
    for (const [i, fd] of rights.entries()) control.writeInt32LE(fd, 16 + i * 4);
    p.poke(p.at(message, 32), p.data(control), 8);
    p.poke(p.at(message, 40), control.length, 8);
  }
  p.syscall('sendmsg', [from, message, MSG_DONTWAIT | MSG_NOSIGNAL], { expect: bytes.length, label });
}
