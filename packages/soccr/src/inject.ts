// TCP segments in the name of the peer, sent to the own kernel to bring a restored socket into a closing state.
import { sys } from '@criu/native';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_RAW,
  IPPROTO_TCP,
  ip6_hdr,
  iphdr,
  SO_MARK,
  SOCK_RAW,
  SOL_SOCKET,
  tcphdr,
} from '@criu/native/uapi';
import { toSockaddr, wireBytes } from './address.js';
import { setInt } from './kernel.js';
import { makeSocket } from './netns.js';
import type { TcpState } from './state.js';

/** Packets with this mark pass the locks. CRIU uses the same number, so its locks let them pass, too. */
export const SOCCR_MARK = 0xc114;

/** IP time-to-live of the packets. */
const HOPS = 64;

/** Internet checksum (RFC 1071) over several pieces, each of even length. */
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
  /** TH_*. */
  flags: number;
  /** Window field of the header, that is after scaling. */
  window: number;
}

/** An IP packet from the peer of a connection to its local end. */
export function buildPacket(
  connection: Pick<TcpState, 'family' | 'local' | 'remote'>,
  segment: Segment,
): { family: 4 | 6; bytes: Uint8Array } {
  const source = wireBytes(connection.remote, connection.family);
  const target = wireBytes(connection.local, connection.family);
  const tcp = new Uint8Array(tcphdr.sizeof);
  const view = new DataView(tcp.buffer);
  view.setUint16(tcphdr.source, connection.remote.port);
  view.setUint16(tcphdr.dest, connection.local.port);
  view.setUint32(tcphdr.seq, segment.seq >>> 0);
  view.setUint32(tcphdr.ack_seq, segment.ack >>> 0);
  // The upper four bits are the size of the header in 32-bit words.
  view.setUint8(tcphdr.doff, (tcphdr.sizeof / 4) << 4);
  view.setUint8(tcphdr.th_flags, segment.flags);
  view.setUint16(tcphdr.window, segment.window);
  const pseudo = new Uint8Array(4);
  pseudo[1] = IPPROTO_TCP;
  pseudo[3] = tcp.length;
  view.setUint16(tcphdr.check, checksum(source, target, pseudo, tcp));

  if (source.length === 4) {
    const packet = new Uint8Array(iphdr.sizeof + tcp.length);
    const ip = new DataView(packet.buffer);
    packet[0] = (4 << 4) | (iphdr.sizeof / 4);
    ip.setUint16(iphdr.tot_len, packet.length);
    packet[iphdr.ttl] = HOPS;
    packet[iphdr.protocol] = IPPROTO_TCP;
    packet.set(source, iphdr.saddr);
    packet.set(target, iphdr.daddr);
    ip.setUint16(iphdr.check, checksum(packet.subarray(0, iphdr.sizeof)));
    packet.set(tcp, iphdr.sizeof);
    return { family: 4, bytes: packet };
  }
  const packet = new Uint8Array(ip6_hdr.sizeof + tcp.length);
  const ip = new DataView(packet.buffer);
  packet[0] = 6 << 4;
  ip.setUint16(ip6_hdr.ip6_plen, tcp.length);
  packet[ip6_hdr.ip6_nxt] = IPPROTO_TCP;
  packet[ip6_hdr.ip6_hlim] = HOPS;
  packet.set(source, ip6_hdr.ip6_src);
  packet.set(target, ip6_hdr.ip6_dst);
  packet.set(tcp, ip6_hdr.sizeof);
  return { family: 6, bytes: packet };
}

/**
 * Sends the packet through the loopback device of a network namespace, by default the caller's. Needs CAP_NET_RAW.
 * @throws SysError
 */
export function inject(
  netns: number | undefined,
  connection: Pick<TcpState, 'family' | 'local' | 'remote'>,
  segment: Segment,
): void {
  const { family, bytes } = buildPacket(connection, segment);
  const fd = makeSocket(netns, family === 4 ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_RAW);
  try {
    setInt(fd, SOL_SOCKET, SO_MARK, SOCCR_MARK, 'SO_MARK');
    const own = connection.local.address.replace(/^::ffff:(?=\d+\.)/i, '');
    // A raw IPv6 socket interprets the port as a protocol number.
    const to = toSockaddr(
      { ...connection.local, address: family === 4 ? own : connection.local.address, port: 0 },
      family,
    );
    sys('sendto', fd, bytes, bytes.length, 0, to, to.length);
  } finally {
    sys('close', fd);
  }
}
