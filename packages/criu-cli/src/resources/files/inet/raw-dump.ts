// raw(7) and ICMP datagram sockets (icmp(7)): special options, and peers that getpeername(2) does not return.

import type { Encodable, IpOptsRawEntry } from '@criu/images';
import {
  AF_INET6,
  ICMP_FILTER,
  ICMPV6_FILTER,
  IP_HDRINCL,
  IP_NODEFRAG,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPV6_HDRINCL,
  SOCK_RAW,
  SOL_ICMPV6,
  SOL_IP,
  SOL_IPV6,
  SOL_RAW,
  TCP_CLOSE,
  TCP_ESTABLISHED,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { type NetSocket, parseNetSockets } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import type { Namespace } from '../../../views/namespaces.js';
import { networkText } from '../../../views/networks.js';
import type { OpenFile } from '../open-file.js';
import { option, optionBytes } from '../sockets/options.js';

/** Options that only raw sockets have. */
export function rawOptions(fd: number, family: number, proto: number): Encodable<IpOptsRawEntry> {
  const words = (level: number, name: number, size: number) => {
    const bytes = optionBytes(fd, level, name, size);
    return Array.from({ length: size / 4 }, (_, i) => bytes.readUInt32LE(i * 4));
  };
  if (family === AF_INET6)
    return {
      ...(option(fd, IPV6_HDRINCL, SOL_IPV6) ? { hdrincl: true } : {}),
      ...(proto === IPPROTO_ICMPV6 ? { icmpv_filter: words(SOL_ICMPV6, ICMPV6_FILTER, 32) } : {}),
    };
  return {
    ...(option(fd, IP_HDRINCL, SOL_IP) ? { hdrincl: true } : {}),
    ...(option(fd, IP_NODEFRAG, SOL_IP) ? { nodefrag: true } : {}),
    ...(proto === IPPROTO_ICMP ? { icmpv_filter: words(SOL_RAW, ICMP_FILTER, 4) } : {}),
  };
}

const tables = stateKey(
  'raw sockets',
  (_: DumpContext): Map<string, Map<bigint, NetSocket>> => new Map<string, Map<bigint, NetSocket>>(),
);

/** State and peer of a raw or ICMP socket; the peer may have no port. */
export function connectionOf(
  ctx: DumpContext,
  file: OpenFile,
  network: Namespace,
  family: number,
  type: number,
): { state: number; words?: readonly number[] } {
  const known = ctx.states.get(tables);
  const table = `${type === SOCK_RAW ? 'raw' : 'icmp'}${family === AF_INET6 ? '6' : ''}` as const;
  const key = `${network.inode} ${table}`;
  let sockets = known.get(key);
  if (!sockets) {
    sockets = new Map(parseNetSockets(networkText(network, table)).map((s) => [s.ino, s]));
    known.set(key, sockets);
  }
  const found = sockets.get(file.stat.ino);
  return found?.state === TCP_ESTABLISHED
    ? { state: TCP_ESTABLISHED, words: found.remote }
    : { state: TCP_CLOSE };
}
