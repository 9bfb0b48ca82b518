// IPv6 address labels for source address selection (ip-addrlabel(8)), and device settings that need their sysctls to be
// set first: tokens (ip-token(8)) and limits of offloads.
import {
  type Attribute,
  type Link,
  linkHeader,
  type NetlinkSocket,
  routeMessage,
  u32,
} from '@criu/native/netlink';
import { AF_INET6, NLM_F_CREATE, NLM_F_EXCL, RTM_SETLINK } from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';
import { listKnown } from './lists.js';

/** RTM_NEWADDRLABEL and related requests of <linux/rtnetlink.h>; links are changed by RTM_SETLINK. */
const RTM_LABEL = { NEW: 72, DEL: 73, GET: 74 } as const;
/** struct ifaddrlblmsg of <linux/if_addrlabel.h>: its size, and the offset of the sequence number. */
const LABEL = { size: 12, sequence: 8 } as const;
/** IFLA_AF_SPEC, IFLA_INET6_TOKEN. */
const [AF_SPEC, TOKEN] = [26, 7];

/** Labels as requests, without the sequence number of the list. */
function labels(socket: NetlinkSocket): Buffer[] {
  const header = Buffer.alloc(LABEL.size);
  header[0] = AF_INET6;
  return listKnown(socket, RTM_LABEL.GET, header, 'address labels').map((body) => {
    body.writeUInt32LE(0, LABEL.sequence);
    return body;
  });
}

function tokenOf({ index, attributes }: Link): NetlinkObject[] {
  const token = attributes.nested(AF_SPEC)?.nested(AF_INET6)?.bytes(TOKEN);
  if (!token?.some((byte) => byte !== 0)) return [];
  const spec = [[AF_SPEC, [[AF_INET6, [[TOKEN, token]]]]]] as const;
  const { body } = routeMessage(RTM_SETLINK, 0, linkHeader({ index }), spec);
  return [{ type: RTM_SETLINK, body: Buffer.from(body) }];
}

/**
 * IFLA_GSO_MAX_SEGS, IFLA_GSO_MAX_SIZE, IFLA_GRO_MAX_SIZE, IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE, with their
 * defaults.
 */
const SIZES = new Map([
  [40, 65535],
  [41, 65536],
  [58, 65536],
  [63, 65536],
  [64, 65536],
]);

/** Offload limits that differ from the defaults. */
function sizesOf({ index, attributes }: Link): NetlinkObject[] {
  const changed = [...SIZES].flatMap(([type, usual]): Attribute[] => {
    const value = attributes.u32(type);
    return value === undefined || value === usual ? [] : [[type, u32(value)]];
  });
  if (changed.length === 0) return [];
  const { body } = routeMessage(RTM_SETLINK, 0, linkHeader({ index }), changed);
  return [{ type: RTM_SETLINK, body: Buffer.from(body) }];
}

/** Lists labels and settings of a namespace. @throws NetlinkError */
export function listIpv6(socket: NetlinkSocket, links: readonly Link[]): NetlinkObject[] {
  return [
    ...labels(socket).map((body) => ({ type: RTM_LABEL.NEW, body })),
    ...links.flatMap(tokenOf),
    ...links.flatMap(sizesOf),
  ];
}

/**
 * Adds missing labels and removes others, and restores settings. Devices and their sysctls are in place.
 * @throws NetlinkError
 */
export function makeIpv6(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const wanted = objects.filter(({ type }) => type === RTM_LABEL.NEW).map(({ body }) => Buffer.from(body));
  const flags = NLM_F_CREATE | NLM_F_EXCL;
  if (wanted.length > 0) {
    const there = labels(socket);
    const has = (list: readonly Buffer[], one: Buffer) => list.some((other) => other.equals(one));
    socket.all([
      ...there
        .filter((one) => !has(wanted, one))
        .map((body) => ({ type: RTM_LABEL.DEL, flags: 0, body, what: 'remove an address label' })),
      ...wanted
        .filter((one) => !has(there, one))
        .map((body) => ({ type: RTM_LABEL.NEW, flags, body, what: 'address label' })),
    ]);
  }
  const tokens = objects.filter(({ type }) => type === RTM_SETLINK);
  const device = (body: Uint8Array) => Buffer.from(body).readInt32LE(4);
  socket.all(
    tokens.map(({ type, body }) => ({ type, flags: 0, body, what: `settings of device ${device(body)}` })),
  );
}
