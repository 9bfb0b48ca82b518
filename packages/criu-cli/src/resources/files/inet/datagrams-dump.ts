// The receive queue of a UDP socket: the datagrams with their senders, and with the control messages that the program
// has enabled.
import type { Encodable, SkPacketEntry } from '@criu/images';
import { close } from '@criu/native';
import {
  AF_INET,
  AF_INET6,
  IP_ORIGDSTADDR,
  IP_PKTINFO,
  IP_TOS,
  IP_TTL,
  IPV6_HOPLIMIT,
  IPV6_ORIGDSTADDR,
  IPV6_PKTINFO,
  IPV6_TCLASS,
  in_pktinfo,
  in6_pktinfo,
  SO_PEEK_OFF,
  SOL_IP,
  SOL_IPV6,
} from '@criu/native/uapi';
import { holds } from '../../../capabilities.js';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import type { OpenFile } from '../open-file.js';
import { hasError, isReadable, Look, type Queued } from '../sockets/look.js';
import { packetQueue } from '../sockets/packet-queue.js';
import type { ProtocolMessage } from '../sockets/peek.js';
import { aboutQueue, dumpQueue } from '../sockets/queue.js';
import { addressIn } from './address.js';

/** Index of the loopback device in every network namespace. */
const LOOPBACK = 1;
const MULTICAST = 0xe0;
const IPV6_MULTICAST = 0xff;

type Facts = Partial<Encodable<SkPacketEntry>>;

function refuse(what: string): never {
  throw new CriuError(
    'UNSUPPORTED',
    `datagrams in its queue ${what}, which cannot be sent again`,
    {},
    'let the program receive them before the dump',
  );
}

/**
 * The destination in IP_PKTINFO or IPV6_PKTINFO. Only datagrams of the loopback device can be restored, as they are
 * sent by that again.
 */
function destination(address: Buffer, device: number, multicast: number): Facts {
  if (device !== LOOPBACK) refuse('say by which device they came (IP_PKTINFO)');
  if ((address[0] ?? 0) >= multicast) refuse('were sent to many (IP_PKTINFO)');
  return { dst: Buffer.from(address) };
}

function factsOf({ level, type, body }: ProtocolMessage): Facts {
  if (level === SOL_IP && type === IP_PKTINFO)
    return destination(
      body.subarray(in_pktinfo.ipi_addr, in_pktinfo.ipi_addr + 4),
      body.readInt32LE(in_pktinfo.ipi_ifindex),
      MULTICAST,
    );
  if (level === SOL_IP && type === IP_TTL) return { ttl: body.readInt32LE(0) };
  if (level === SOL_IP && type === IP_TOS) return { tos: body.readUInt8(0) };
  if (level === SOL_IPV6 && type === IPV6_PKTINFO)
    return destination(
      body.subarray(in6_pktinfo.ipi6_addr, in6_pktinfo.ipi6_addr + 16),
      body.readInt32LE(in6_pktinfo.ipi6_ifindex),
      IPV6_MULTICAST,
    );
  if (level === SOL_IPV6 && type === IPV6_HOPLIMIT) return { ttl: body.readInt32LE(0) };
  if (level === SOL_IPV6 && type === IPV6_TCLASS) return { tos: body.readInt32LE(0) };
  if (level === SOL_IP && type === IP_ORIGDSTADDR) return { dst: Buffer.from(addressIn(AF_INET, body)) };
  if (level === SOL_IPV6 && type === IPV6_ORIGDSTADDR) return { dst: Buffer.from(addressIn(AF_INET6, body)) };
  return refuse(`carry control messages of level ${level}, type ${type}`);
}

/** A link-local sender includes a device, which would be another one after a restore. */
function checkSender({ address }: Queued, family: number): void {
  const [first, second = 0] = addressIn(family, address);
  if (family === AF_INET6 && first === 0xfe && (second & 0xc0) === 0x80)
    refuse('are from an address of the link');
}

/** Adds the receive queue of a UDP socket to the images, for file `id`. @throws SysError, CriuError */
export function dumpDatagrams(
  ctx: DumpContext,
  task: LiveTask,
  file: OpenFile,
  id: number,
  family: number,
): void {
  const fd = file.local;
  if (!ctx.ifStopped(() => isReadable(fd), false)) return;
  aboutQueue({ pid: file.pid, fd: file.fd }, () => {
    if (ctx.options.unprivileged && !holds('CAP_NET_ADMIN'))
      throw new CriuError(
        'NOT_PERMITTED',
        'datagrams wait in its queue, which only CAP_NET_ADMIN can put there again',
        {},
        'let the program receive them before the dump, give that capability to whoever runs criu, or run as root',
      );
    if (hasError(fd))
      throw new CriuError(
        'UNSUPPORTED',
        'an error waits to be told to its owner, before the datagrams in its queue',
        {},
        'let the program receive it before the dump',
      );
    using look = new Look(fd);
    const queue = packetQueue(look, false, undefined);
    checkHidden(look, queue);
    for (const datagram of queue) checkSender(datagram, family);
    const facts = ({ ofProtocol }: Queued): Facts => Object.assign({}, ...ofProtocol.map(factsOf));
    dumpQueue(ctx, task, queue, id, true, facts);
  });
}

/**
 * A datagram of length zero that was peeked at before is hidden from a peek with an offset (SO_PEEK_OFF), but not from
 * one without.
 */
function checkHidden(look: Look, queue: readonly Queued[]): void {
  look.set(SO_PEEK_OFF, -1);
  const first = look.packet();
  for (const fd of first?.fds ?? []) close(fd);
  if (first?.data.length === 0 && queue[0]?.data.length !== 0) refuse('are empty and were looked at before');
}
