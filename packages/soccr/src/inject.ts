// Segments that we hand to our own stack in the peer's name, to bring a restored socket into a closing state.
import { sys } from '@criu/native';
import { toSockaddr, wireBytes } from './address.js';
import { AF_INET, AF_INET6, SO, SOCK_RAW, SOL_SOCKET, setInt } from './kernel.js';
import { makeSocket } from './netns.js';
import type { TcpState } from './state.js';

/** Packets with this mark pass our locks. CRIU uses the same number, so its locks let them pass too. */
export const SOCCR_MARK = 0xc114;

export const FLAG = { fin: 1, rst: 4, ack: 0x10 } as const;

/** RFC 1071 sum over several pieces, each of even length. */
export function checksum(...pieces: Uint8Array[]): number {
  let sum = 0;
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i += 2) sum += ((piece[i] ?? 0) << 8) | (piece[i + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export interface Segment {
  seq: number;
  ack: number;
  flags: number;
  /** As in the header, that is already scaled down. */
  window: number;
}

/** IP packet from the connection's peer to its own end. */
export function buildPacket(
  connection: Pick<TcpState, 'family' | 'local' | 'remote'>,
  segment: Segment,
): { family: 4 | 6; bytes: Uint8Array } {
  const source = wireBytes(connection.remote, connection.family);
  const target = wireBytes(connection.local, connection.family);
  const tcp = new Uint8Array(20);
  const view = new DataView(tcp.buffer);
  view.setUint16(0, connection.remote.port);
  view.setUint16(2, connection.local.port);
  view.setUint32(4, segment.seq >>> 0);
  view.setUint32(8, segment.ack >>> 0);
  view.setUint16(12, (5 << 12) | segment.flags);
  view.setUint16(14, segment.window);
  const pseudo = new Uint8Array(4);
  pseudo[1] = 6;
  pseudo[3] = tcp.length;
  view.setUint16(16, checksum(source, target, pseudo, tcp));

  if (source.length === 4) {
    const packet = new Uint8Array(40);
    const ip = new DataView(packet.buffer);
    packet[0] = 0x45;
    ip.setUint16(2, packet.length);
    packet[8] = 64;
    packet[9] = 6;
    packet.set(source, 12);
    packet.set(target, 16);
    ip.setUint16(10, checksum(packet.subarray(0, 20)));
    packet.set(tcp, 20);
    return { family: 4, bytes: packet };
  }
  const packet = new Uint8Array(60);
  const ip = new DataView(packet.buffer);
  packet[0] = 0x60;
  ip.setUint16(4, tcp.length);
  packet[6] = 6;
  packet[7] = 64;
  packet.set(source, 8);
  packet.set(target, 24);
  packet.set(tcp, 40);
  return { family: 6, bytes: packet };
}

/** Sends it through the loopback of a network namespace, or of the caller's. Needs CAP_NET_RAW. @throws SysError */
export function inject(
  netns: number | undefined,
  connection: Pick<TcpState, 'family' | 'local' | 'remote'>,
  segment: Segment,
): void {
  const { family, bytes } = buildPacket(connection, segment);
  const fd = makeSocket(netns, family === 4 ? AF_INET : AF_INET6, SOCK_RAW, 255 /* IPPROTO_RAW */);
  try {
    setInt(fd, SOL_SOCKET, SO.MARK, SOCCR_MARK, 'SO_MARK');
    const own = connection.local.address.replace(/^::ffff:(?=\d+\.)/i, '');
    // A raw IPv6 socket takes the port for a protocol number.
    const to = toSockaddr(
      { ...connection.local, address: family === 4 ? own : connection.local.address, port: 0 },
      family,
    );
    sys('sendto', fd, bytes, bytes.length, 0, to, to.length);
  } finally {
    sys('close', fd);
  }
}
