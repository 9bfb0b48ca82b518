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
import {
  AF_INET6,
  IFLA_AF_SPEC,
  IFLA_INET6_TOKEN,
  ifaddrlblmsg,
  ifinfomsg,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_DELADDRLABEL,
  RTM_GETADDRLABEL,
  RTM_NEWADDRLABEL,
  RTM_SETLINK,
} from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';
import { listKnown } from './lists.js';

/** Labels as requests, without the sequence number of the list. */
function labels(socket: NetlinkSocket): Buffer[] {
  const header = Buffer.alloc(ifaddrlblmsg.sizeof);
  header[ifaddrlblmsg.ifal_family] = AF_INET6;
  return listKnown(socket, RTM_GETADDRLABEL, header, 'address labels').map((body) => {
    body.writeUInt32LE(0, ifaddrlblmsg.ifal_seq);
    return body;
  });
}

function tokenOf({ index, attributes }: Link): NetlinkObject[] {
  const token = attributes.nested(IFLA_AF_SPEC)?.nested(AF_INET6)?.bytes(IFLA_INET6_TOKEN);
  if (!token?.some((byte) => byte !== 0)) return [];
  const spec = [[IFLA_AF_SPEC, [[AF_INET6, [[IFLA_INET6_TOKEN, token]]]]]] as const;
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
    ...labels(socket).map((body) => ({ type: RTM_NEWADDRLABEL, body })),
    ...links.flatMap(tokenOf),
    ...links.flatMap(sizesOf),
  ];
}

/**
 * Adds missing labels and removes others, and restores settings. Devices and their sysctls are in place.
 * @throws NetlinkError
 */
export function makeIpv6(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const wanted = objects.filter(({ type }) => type === RTM_NEWADDRLABEL).map(({ body }) => Buffer.from(body));
  const flags = NLM_F_CREATE | NLM_F_EXCL;
  if (wanted.length > 0) {
    const there = labels(socket);
    const has = (list: readonly Buffer[], one: Buffer) => list.some((other) => other.equals(one));
    socket.all([
      ...there
        .filter((one) => !has(wanted, one))
        .map((body) => ({ type: RTM_DELADDRLABEL, flags: 0, body, what: 'remove an address label' })),
      ...wanted
        .filter((one) => !has(there, one))
        .map((body) => ({ type: RTM_NEWADDRLABEL, flags, body, what: 'address label' })),
    ]);
  }
  const tokens = objects.filter(({ type }) => type === RTM_SETLINK);
  const device = (body: Uint8Array) => Buffer.from(body).readInt32LE(ifinfomsg.ifi_index);
  socket.all(
    tokens.map(({ type, body }) => ({ type, flags: 0, body, what: `settings of device ${device(body)}` })),
  );
}
