// Internet addresses as text, bytes and struct sockaddr (ip(7), ipv6(7)).
import { isIPv4, isIPv6 } from 'node:net';
import { AF_INET, AF_INET6, sockaddr, sockaddr_in, sockaddr_in6 } from '@criu/native/uapi';
import { SoccrError } from './errors.js';

/** One end of a connection. `address` of a v4-mapped address has the form `::ffff:1.2.3.4`. */
export interface Endpoint {
  address: string;
  port: number;
  /** Interface index, for a link-local IPv6 address. */
  scopeId?: number;
}

function bad(text: string): SoccrError {
  return new SoccrError('BAD_STATE', `not an address of this family: ${JSON.stringify(text)}`);
}

/** An address as four or sixteen bytes in network byte order. @throws SoccrError BAD_STATE */
export function addressBytes(text: string, family: 4 | 6): Uint8Array {
  if (family === 4) {
    if (!isIPv4(text)) throw bad(text);
    return Uint8Array.from(text.split('.'), Number);
  }
  if (!isIPv6(text) || text.includes('%')) throw bad(text);
  const bytes = new Uint8Array(16);
  // A dotted tail is the last two groups of an IPv6 address.
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  let plain = text;
  if (dotted) {
    const [before, ...parts] = dotted.slice(1);
    const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
    plain = `${before}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [head, tail] = plain.split('::') as [string, string | undefined];
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((g) => Number.parseInt(g, 16)));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  all.forEach((group, i) => {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group & 0xff;
  });
  return bytes;
}

export function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 &&
    bytes.subarray(0, 10).every((b) => b === 0) &&
    bytes[10] === 255 &&
    bytes[11] === 255
  );
}

/** An address of four or sixteen bytes as text. The longest run of zero groups is abbreviated (RFC 5952). */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i));
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (groups[i + length] === 0) length++;
    if (length > best.length) best = { at: i, length };
  }
  const hex = (part: number[]) => part.map((g) => g.toString(16)).join(':');
  if (best.at < 0) return hex(groups);
  return `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}

/** struct sockaddr_in or sockaddr_in6. */
export function toSockaddr(end: Endpoint, family: 4 | 6): Uint8Array {
  const bytes = new Uint8Array(family === 4 ? sockaddr_in.sizeof : sockaddr_in6.sizeof);
  const view = new DataView(bytes.buffer);
  const address = addressBytes(end.address, family);
  view.setUint16(sockaddr.sa_family, family === 4 ? AF_INET : AF_INET6, true);
  if (family === 4) {
    view.setUint16(sockaddr_in.sin_port, end.port);
    bytes.set(address, sockaddr_in.sin_addr);
  } else {
    view.setUint16(sockaddr_in6.sin6_port, end.port);
    bytes.set(address, sockaddr_in6.sin6_addr);
    view.setUint32(sockaddr_in6.sin6_scope_id, end.scopeId ?? 0, true);
  }
  return bytes;
}

export function fromSockaddr(bytes: Uint8Array): Endpoint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const address = (at: number, size: number) => addressText(bytes.subarray(at, at + size));
  if (view.getUint16(sockaddr.sa_family, true) === AF_INET)
    return { address: address(sockaddr_in.sin_addr, 4), port: view.getUint16(sockaddr_in.sin_port) };
  const port = view.getUint16(sockaddr_in6.sin6_port);
  const scopeId = view.getUint32(sockaddr_in6.sin6_scope_id, true);
  return { address: address(sockaddr_in6.sin6_addr, 16), port, ...(scopeId ? { scopeId } : {}) };
}

export function endpointText(end: Endpoint): string {
  return end.address.includes(':') ? `[${end.address}]:${end.port}` : `${end.address}:${end.port}`;
}

/** The address as in IP headers: v4-mapped addresses become four bytes. */
export function wireBytes(end: Endpoint, family: 4 | 6): Uint8Array {
  const bytes = addressBytes(end.address, family);
  return isMapped(bytes) ? bytes.subarray(12) : bytes;
}
