// Dumps receive queues: data, senders and descriptors in flight.
import type { Encodable, ScmEntry, SkPacketEntry } from '@criu/images';
import { close } from '@criu/native';
import { SCM_RIGHTS, SO_PASSCRED, SO_PASSPIDFD, SOCK_STREAM } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { asCriuError, CriuError, type CriuErrorObject } from '../../../errors.js';
import { eachOpenFile } from '../open-file.js';
import { openFiles } from '../table.js';
import { senderInside } from './credentials.js';
import { hasError, Look, type Queued } from './look.js';
import { packetQueue } from './packet-queue.js';
import { streamQueue } from './stream-queue.js';

const SOCKADDR_FAMILY = 2;
const IN_FLIGHT = 'a file in flight in its queue: ';

/** What is known of a Unix socket and its queue before peeking. */
export interface UnixQueue {
  readonly fd: number;
  /** SOCK_* of unix(7). */
  readonly type: number;
  /** Readable bytes of a stream. */
  readonly bytes: number;
  /** What the kernel charges for unread messages of the only possible sender; undefined if unknown. */
  readonly sent?: number;
}

/** The queue of a Unix socket. @throws SysError, CriuError */
export function unixQueue({ fd, type, bytes, sent }: UnixQueue): Queued[] {
  using look = new Look(fd);
  if (type !== SOCK_STREAM && hasError(fd))
    throw new CriuError(
      'UNSUPPORTED',
      'an error waits to be told to its owner, before what is in its queue',
      {},
      'let the program receive it before the dump',
    );
  // The kernel records the sender of a message if either side has requested it; only the receiver's option shows it.
  look.set(SO_PASSCRED, 1);
  look.setIfKnown(SO_PASSPIDFD, 0);
  return type === SOCK_STREAM
    ? streamQueue(look, bytes)
    : packetQueue(look, true, sent === undefined ? undefined : { bytes: sent, type });
}

/** Calls `work`; errors about messages and files in flight name the socket that has them. @throws CriuError */
export function aboutQueue<T>(about: CriuErrorObject, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const said = asCriuError(error, 'cannot look into its queue', about);
    if (said.object.pid !== undefined && said.object.pid !== process.pid) throw said;
    const deep = said.object.pid === process.pid && !said.message.startsWith(IN_FLIGHT);
    throw new CriuError(said.code, `${deep ? IN_FLIGHT : ''}${said.message}`, about, said.remedy, said.cause);
  }
}

/** Dumps descriptors in flight like other files; at this point they are descriptors of ours. */
function rights(ctx: DumpContext, task: LiveTask, fds: readonly number[]): Encodable<ScmEntry>[] {
  if (fds.length === 0) return [];
  const ids: number[] = [];
  eachOpenFile(ctx, process.pid, fds, (fileOf) => {
    const file = fileOf();
    if (file) ids.push(openFiles(ctx).describe(task, file, true).id);
  });
  return [{ type: SCM_RIGHTS, rights: ids }];
}

/**
 * Adds the queue of file `id` to the images.
 * @param named whether the address from which a message comes matters
 * @returns the addresses from which its messages come
 * @throws SysError, CriuError
 */
export function dumpQueue(
  ctx: DumpContext,
  task: LiveTask,
  queue: readonly Queued[],
  id: number,
  named: boolean,
  /** Returns further fields for a message. */
  more: (packet: Queued) => Partial<Encodable<SkPacketEntry>> = () => ({}),
): Buffer[] {
  const addresses: Buffer[] = [];
  // Kept open until the end, so that kcmp(2) still finds equal ones.
  for (const { fds } of queue) for (const own of fds) ctx.onClose(() => close(own));
  for (const packet of queue) {
    const [foreign] = packet.foreign;
    if (foreign)
      throw new CriuError(
        'UNSUPPORTED',
        `messages in its queue carry ${foreign}, which cannot be sent again`,
        {},
        'let the program receive them before the dump',
      );
    const from = packet.credentials && senderInside(ctx, packet.credentials);
    const address = packet.address.subarray(SOCKADDR_FAMILY);
    if (address.length > 0) addresses.push(address);
    const entry: Encodable<SkPacketEntry> = {
      id_for: id,
      length: packet.data.length,
      scm: rights(ctx, task, packet.fds),
      ...(from ? { ucred_pid: from.pid, ucred_uid: from.uid, ucred_gid: from.gid } : {}),
      ...(named || address.length > 0 ? { addr: address } : {}),
      ...(packet.oob ? { oob: true } : {}),
      ...more(packet),
    };
    ctx.images.add('SK_QUEUES', entry, { payload: packet.data });
  }
  return addresses;
}
