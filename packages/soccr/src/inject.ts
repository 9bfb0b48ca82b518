// TCP segments in the name of the peer, sent to the own kernel to bring a restored socket into a closing state.
import { sys } from '@criu/native';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
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

  const family = source.length === 4 ? 4 : 6;
  return { family, bytes: Buffer.concat([ipHeader(source, target, IPPROTO_TCP, tcp.length), tcp]) };
}

/** The addresses of a connection, or of a datagram. */
export type Ends = Pick<TcpState, 'family' | 'local' | 'remote'>;

/** Why a peer is unreachable: its port (ECONNREFUSED), or its host (EHOSTUNREACH). */
export type Unreachable = 'port' | 'host';

/** Types and codes of "destination unreachable": RFC 792 and RFC 4443. */
const UNREACHABLE = { 4: { type: 3, port: 3, host: 1 }, 6: { type: 1, port: 4, host: 3 } } as const;

function ipHeader(source: Uint8Array, target: Uint8Array, protocol: number, length: number): Uint8Array {
  const v4 = source.length === 4;
  const header = new Uint8Array(v4 ? iphdr.sizeof : ip6_hdr.sizeof);
  const view = new DataView(header.buffer);
  header[0] = v4 ? (4 << 4) | (iphdr.sizeof / 4) : 6 << 4;
  if (v4) view.setUint16(iphdr.tot_len, header.length + length);
  else view.setUint16(ip6_hdr.ip6_plen, length);
  header[v4 ? iphdr.protocol : ip6_hdr.ip6_nxt] = protocol;
  header[v4 ? iphdr.ttl : ip6_hdr.ip6_hlim] = HOPS;
  header.set(source, v4 ? iphdr.saddr : ip6_hdr.ip6_src);
  header.set(target, v4 ? iphdr.daddr : ip6_hdr.ip6_dst);
  if (v4) view.setUint16(iphdr.check, checksum(header));
  return header;
}

/**
 * The ICMP message "destination unreachable" about a packet from the local to the remote end.
 * @param about protocol of that packet and the first 8 bytes behind its IP header
 */
export function buildUnreachable(
  ends: Ends,
  what: Unreachable,
  about: { readonly protocol: number; readonly head: Uint8Array },
): { family: 4 | 6; bytes: Uint8Array } {
  const remote = wireBytes(ends.remote, ends.family);
  const own = wireBytes(ends.local, ends.family);
  const family = own.length === 4 ? 4 : 6;
  const codes = UNREACHABLE[family];
  const icmp = Buffer.concat([
    Uint8Array.of(codes.type, codes[what], 0, 0, 0, 0, 0, 0),
    ipHeader(own, remote, about.protocol, about.head.length),
    about.head,
  ]);
  const pseudo = Buffer.from([0, 0, 0, icmp.length, 0, 0, 0, IPPROTO_ICMPV6]);
  icmp.writeUInt16BE(family === 4 ? checksum(icmp) : checksum(remote, own, pseudo, icmp), 2);
  const protocol = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  return { family, bytes: Buffer.concat([ipHeader(remote, own, protocol, icmp.length), icmp]) };
}

/**
 * Sends the answer through the loopback device of a network namespace, by default the caller's. Needs CAP_NET_RAW.
 * @throws SysError
 */
export function injectUnreachable(
  netns: number | undefined,
  ends: Ends,
  what: Unreachable,
  about: { readonly protocol: number; readonly head: Uint8Array },
): void {
  sendRaw(netns, ends, buildUnreachable(ends, what, about));
}

/** Sends it through the loopback of a network namespace, or of the caller's. Needs CAP_NET_RAW. @throws SysError */
export function inject(netns: number | undefined, connection: Ends, segment: Segment): void {
  sendRaw(netns, connection, buildPacket(connection, segment));
}

function sendRaw(
  netns: number | undefined,
  connection: Ends,
  { family, bytes }: { family: 4 | 6; bytes: Uint8Array },
): void {
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
