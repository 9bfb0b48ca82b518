// Refills the queues of datagram sockets: a receiver sees the address of the sender, and accepts messages from all
// senders only until it is connected itself.
import { AF_UNIX, SOCK_DGRAM } from '@criu/native/uapi';
import type { UnixSkEntry } from '../../../images/types.js';
import type { FileMaker } from '../kind.js';
import { makeSocket } from '../sockets/make.js';
import { makeRoom, type Packet, queueOf, type Route, sendPacket } from '../sockets/queue-restore.js';
import { address, bindForAMoment, enterFolder } from './bind.js';
import type { Cluster } from './cluster.js';
import { sameNetwork, USK } from './graph.js';

/**
 * Descriptor numbers of substitutes for ended senders, by network namespace and address; closed when the queues are
 * full.
 */
export type GoneSenders = Map<string, number>;

function keyOf({ entry }: Packet, { ns_id }: UnixSkEntry): string {
  return `${ns_id ?? 0}:${(entry.addr ?? Buffer.alloc(0)).toString('latin1')}`;
}

function isNamed(socket: UnixSkEntry, address: Uint8Array): boolean {
  return Buffer.compare(socket.name, address) === 0;
}

/** Whether an address of a message means this socket. */
function isMeant(socket: UnixSkEntry, address: Uint8Array, receiver: UnixSkEntry): boolean {
  return isNamed(socket, address) && (address[0] !== 0 || sameNetwork(socket, receiver));
}

const NONE: readonly Packet[] = [];

/** The packets to send one by one before the sockets are connected. */
export function unconnectedPackets(
  maker: FileMaker,
  socket: UnixSkEntry,
  pair: UnixSkEntry | undefined,
): readonly Packet[] {
  if (socket.type !== SOCK_DGRAM || socket.name.length === 0) return NONE;
  const packets = queueOf(maker.ctx, socket.id);
  if (!pair) return packets;
  // Messages of other senders came before the two were connected with each other.
  const last = packets.findLastIndex(({ entry }) => entry.addr && !isNamed(pair, entry.addr));
  return packets.slice(0, last + 1);
}

/** The socket in the checkpoint that has sent a packet, if it still exists. */
function senderOf(receiver: UnixSkEntry, { entry }: Packet, cluster: Cluster): UnixSkEntry | undefined {
  const of = (s: UnixSkEntry) => s.type === SOCK_DGRAM && !(s.uflags & USK.EXTERN);
  const { addr } = entry;
  // Checkpoints of CRIU do not record the sender.
  if (!addr) return cluster.clientsOf(receiver).find(of);
  if (addr.length === 0) return cluster.clientsOf(receiver).find((s) => of(s) && s.name.length === 0);
  const named = cluster.at(addr).filter(of);
  return named.find((s) => cluster.peerOf(s) === receiver) ?? named.find((s) => isMeant(s, addr, receiver));
}

/** Creates substitutes for ended senders, in the phase `files`, when all other sockets have their names. */
export function makeGoneSenders(
  maker: FileMaker,
  gone: GoneSenders,
  receiver: UnixSkEntry,
  packets: readonly Packet[],
  cluster: Cluster,
): void {
  for (const packet of packets) {
    const key = keyOf(packet, receiver);
    if (gone.has(key) || senderOf(receiver, packet, cluster)) continue;
    const number = maker.plan.tempFd();
    const label = `who sent to Unix socket ${receiver.id}`;
    makeSocket(
      { ctx: maker.ctx, plan: maker.plan, network: receiver.ns_id, label },
      { family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 },
      number,
    );
    const { addr } = packet.entry;
    if (addr && addr.length > 0) bindForAMoment(maker, number, addr);
    gone.set(key, number);
  }
}

/** Sends packets to an unconnected socket, each from its original address. */
export function sendUnconnected(
  maker: FileMaker,
  gone: GoneSenders,
  receiver: UnixSkEntry,
  packets: readonly Packet[],
  cluster: Cluster,
  /** Number of a descriptor of the receiver's file, if its name was deleted. */
  ghost: number | undefined,
): void {
  if (packets.length === 0) return;
  const { ctx, plan } = maker;
  const to: NonNullable<Route['to']> = (p) => {
    if (ghost !== undefined) return address(p, Buffer.from(`/proc/self/fd/${ghost}\0`));
    enterFolder(p, receiver);
    return address(p, receiver.name);
  };
  const roomy = new Set<number>();
  for (const packet of packets) {
    const sender = senderOf(receiver, packet, cluster);
    const from = sender ? maker.temp(sender.id) : gone.get(keyOf(packet, receiver));
    if (from === undefined) continue;
    if (!roomy.has(from)) makeRoom(maker.ctx, { plan, from }, packets);
    roomy.add(from);
    sendPacket(ctx, packet, receiver.type, { plan, from, to, fdOf: maker.temp });
  }
}

export function closeGoneSenders({ plan }: FileMaker, gone: GoneSenders): void {
  if (gone.size === 0) return;
  const p = plan.program('fixup');
  for (const fd of gone.values()) p.syscall('close', [fd]);
}
