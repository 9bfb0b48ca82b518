// The receive queue of a UDP socket: the datagrams with their senders, and with the control messages that the program
// has enabled.
import type { Encodable, SkPacketEntry } from '@criu/images';
import { close } from '@criu/native';
import type { DumpContext, LiveTask } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { OpenFile } from '../open-file.js';
import { hasError, isReadable, Look, type Queued } from '../sockets/look.js';
import { AF, SO } from '../sockets/options.js';
import { packetQueue } from '../sockets/packet-queue.js';
import type { ProtocolMessage } from '../sockets/peek.js';
import { aboutQueue, dumpQueue } from '../sockets/queue.js';
import { SOL } from './numbers.js';

/** Control messages of ip(7) and ipv6(7). */
const IP = { TOS: 1, TTL: 2, PKTINFO: 8, ORIGDSTADDR: 20 } as const;
const IPV6 = { PKTINFO: 50, HOPLIMIT: 52, TCLASS: 67, ORIGDSTADDR: 74 } as const;
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
  if (level === SOL.IP && type === IP.PKTINFO)
    return destination(body.subarray(8, 12), body.readInt32LE(0), MULTICAST);
  if (level === SOL.IP && type === IP.TTL) return { ttl: body.readInt32LE(0) };
  if (level === SOL.IP && type === IP.TOS) return { tos: body.readUInt8(0) };
  if (level === SOL.IPV6 && type === IPV6.PKTINFO)
    return destination(body.subarray(0, 16), body.readInt32LE(16), IPV6_MULTICAST);
  if (level === SOL.IPV6 && type === IPV6.HOPLIMIT) return { ttl: body.readInt32LE(0) };
  if (level === SOL.IPV6 && type === IPV6.TCLASS) return { tos: body.readInt32LE(0) };
  if (level === SOL.IP && type === IP.ORIGDSTADDR) return { dst: Buffer.from(body.subarray(4, 8)) };
  if (level === SOL.IPV6 && type === IPV6.ORIGDSTADDR) return { dst: Buffer.from(body.subarray(8, 24)) };
  return refuse(`carry control messages of level ${level}, type ${type}`);
}

/** A link-local sender includes a device, which would be another one after a restore. */
function checkSender({ address }: Queued, family: number): void {
  if (family === AF.INET6 && address[8] === 0xfe && ((address[9] ?? 0) & 0xc0) === 0x80)
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
  // A rehearsal does not touch the queue of a running program.
  if (ctx.rehearsing || !isReadable(fd)) return;
  aboutQueue({ pid: file.pid, fd: file.fd }, () => {
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
  look.set(SO.PEEK_OFF, -1);
  const first = look.packet();
  for (const fd of first?.fds ?? []) close(fd);
  if (first?.data.length === 0 && queue[0]?.data.length !== 0) refuse('are empty and were looked at before');
}
