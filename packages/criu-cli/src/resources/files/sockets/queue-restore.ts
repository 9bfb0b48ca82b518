// Restores receive queues by sending their messages again, with their original senders and descriptors.
import type { DataRef, Program } from '@criu/compel';
import {
  cmsghdr,
  iovec,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_OOB,
  msghdr,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SOCK_STREAM,
  SOL_SOCKET,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { ImageItem, SkPacketEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { enlargeSendBuffer } from './restore.js';
import { standInFor } from './stand-ins.js';

const CHUNK = 64 << 10;
/** An upper bound in bytes for what the kernel charges for a message beside its data. */
const OVERHEAD = 1024;

export type Packet = ImageItem<SkPacketEntry>;

const queues = stateKey('queues of sockets', (ctx: PlanContext): Map<number, Packet[]> => {
  const all = new Map<number, Packet[]>();
  for (const item of ctx.checkpoint.images.optional('SK_QUEUES')) {
    const list = all.get(item.entry.id_for) ?? [];
    list.push(item);
    all.set(item.entry.id_for, list);
  }
  return all;
});

const NONE: readonly Packet[] = [];

/** The packets in the queue of a file, oldest first. */
export function queueOf(ctx: PlanContext, id: number): readonly Packet[] {
  return ctx.states.get(queues).get(id) ?? NONE;
}

/** Ids of the files that are in flight to a file. @throws CriuError BAD_IMAGE */
export function filesInFlight(ctx: PlanContext, id: number): number[] {
  const packets = queueOf(ctx, id);
  if (packets.length === 0) return [];
  return packets.flatMap(({ entry }) =>
    entry.scm.flatMap((scm) => {
      if (scm.type !== SCM_RIGHTS)
        throw new CriuError('UNSUPPORTED', `control message ${scm.type} in the queue of file ${id}`, {
          file: 'sk-queues.img',
        });
      return scm.rights;
    }),
  );
}

/** The sender of a message, and its way to the receiver. */
export interface Route {
  readonly plan: TaskPlan;
  /** Descriptor of the sending socket. */
  readonly from: number;
  /** Adds the receiver's struct sockaddr to a program; undefined if `from` is connected to the receiver. */
  readonly to?: (p: Program) => readonly [DataRef, number];
  /** Descriptor numbers, in the sender, of files in flight. */
  readonly fdOf: (id: number) => number;
}

/** Enlarges the send buffer for packets that are not read meanwhile. The options of the image are set afterwards. */
export function makeRoom(
  ctx: PlanContext,
  { plan, from }: Pick<Route, 'plan' | 'from'>,
  packets: readonly Packet[],
): void {
  const total = packets.reduce((sum, { payload }) => sum + (payload?.length ?? 0) + OVERHEAD, 0);
  enlargeSendBuffer({ ctx, plan, phase: 'fixup' }, from, total);
}

/** Sends one packet in the phase `fixup`. @throws CriuError BAD_IMAGE */
export function sendPacket(ctx: PlanContext, { entry, payload }: Packet, type: number, route: Route): void {
  const bytes = payload ?? Buffer.alloc(0);
  if (entry.oob && (bytes.length !== 1 || type !== SOCK_STREAM))
    throw new CriuError(
      'BAD_IMAGE',
      `out-of-band data of ${bytes.length} bytes in the queue of file ${entry.id_for}`,
      {
        file: 'sk-queues.img',
      },
    );
  if (entry.ucred_pid) standInFor(ctx, entry.ucred_pid);
  let rights = entry.scm.flatMap((scm) => scm.rights.map(route.fdOf));
  // Only a stream may be split; descriptors go with the first part.
  const size = type === SOCK_STREAM ? CHUNK : Math.max(bytes.length, 1);
  for (let at = 0; at === 0 || at < bytes.length; at += size) {
    send(route, bytes.subarray(at, at + size), entry, rights);
    rights = [];
  }
}

/** A struct cmsghdr with its data, padded for the next one. */
function controlMessage(type: number, words: readonly number[]): Buffer {
  const length = cmsghdr.sizeof + words.length * 4;
  const bytes = Buffer.alloc((length + 7) & ~7);
  bytes.writeBigUInt64LE(BigInt(length), cmsghdr.cmsg_len);
  bytes.writeInt32LE(SOL_SOCKET, cmsghdr.cmsg_level);
  bytes.writeInt32LE(type, cmsghdr.cmsg_type);
  for (const [i, word] of words.entries()) bytes.writeInt32LE(word | 0, cmsghdr.sizeof + i * 4);
  return bytes;
}

function controlOf(entry: SkPacketEntry, rights: readonly number[]): Buffer {
  const { ucred_pid: pid, ucred_uid: uid, ucred_gid: gid } = entry;
  const known = pid !== undefined && uid !== undefined && gid !== undefined;
  return Buffer.concat([
    ...(rights.length > 0 ? [controlMessage(SCM_RIGHTS, rights)] : []),
    ...(known ? [controlMessage(SCM_CREDENTIALS, [pid, uid, gid])] : []),
  ]);
}

function send(
  { plan, from, to }: Route,
  bytes: Buffer,
  entry: SkPacketEntry,
  rights: readonly number[],
): void {
  const p = plan.program('fixup');
  const iov = p.data(iovec.sizeof);
  if (bytes.length > 0) p.poke(p.at(iov, iovec.iov_base), p.data(bytes), 8);
  p.poke(p.at(iov, iovec.iov_len), bytes.length, 8);
  const message = p.data(msghdr.sizeof);
  if (to) {
    const [address, length] = to(p);
    p.poke(p.at(message, msghdr.msg_name), address, 8);
    p.poke(p.at(message, msghdr.msg_namelen), length, 4);
  }
  p.poke(p.at(message, msghdr.msg_iov), iov, 8);
  p.poke(p.at(message, msghdr.msg_iovlen), 1, 8);
  const control = controlOf(entry, rights);
  if (control.length > 0) {
    p.poke(p.at(message, msghdr.msg_control), p.data(control), 8);
    p.poke(p.at(message, msghdr.msg_controllen), control.length, 8);
  }
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL | (entry.oob ? MSG_OOB : 0);
  const by = entry.ucred_pid ? `, from process ${entry.ucred_pid}` : '';
  p.syscall('sendmsg', [from, message, flags], {
    expect: bytes.length,
    label: `queue of file ${entry.id_for}${by}`,
  });
}
