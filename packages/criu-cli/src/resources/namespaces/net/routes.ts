// Routes and rules of a network namespace, as the kernel lists them and in the form of requests.

import {
  type Attribute,
  Attributes,
  encodeAttributes,
  type LinkAddress,
  type Message,
  type NamedRequest,
  type NetlinkSocket,
  routeHeader,
  routeMessage,
  ruleHeader,
  u32,
} from '@criu/native/netlink';
import {
  AF_INET6,
  EEXIST,
  EHOSTUNREACH,
  ENETUNREACH,
  ESRCH,
  FRA_PRIORITY,
  NLM_F_CREATE,
  RTA_DST,
  RTA_ENCAP,
  RTA_ENCAP_TYPE,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PRIORITY,
  RTA_TABLE,
  RTA_VIA,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_GETRULE,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';

const ROUTE_HEADER = 12;
/** Offsets of rtm_protocol and rtm_flags in struct rtmsg (linux/rtnetlink.h). */
const PROTOCOL_AT = 5;
const ROUTE_FLAGS_AT = 8;
/** struct rtnexthop: its size, and the offset of rtnh_flags. */
const NEXT_HOP = { size: 8, flags: 2 } as const;
/** RTNH_F_* that the kernel sets itself and requests must not have: DEAD, OFFLOAD, LINKDOWN, UNRESOLVED, TRAP. */
const FOUND_OUT = 0x01 | 0x08 | 0x10 | 0x20 | 0x40;

const OF_NEXTHOP: ReadonlySet<number> = new Set([
  RTA_OIF,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_VIA,
  RTA_ENCAP_TYPE,
  RTA_ENCAP,
]);

/** An address with prefix length, as text. */
function prefix(family: number | undefined, address: Buffer | undefined, length: number | undefined): string {
  if (!address) return 'default';
  if (family !== AF_INET6) return `${[...address].join('.')}/${length}`;
  const words = Array.from({ length: address.length >> 1 }, (_, i) =>
    address.readUInt16BE(i * 2).toString(16),
  );
  return `${words.join(':')}/${length}`;
}

/** Name of a route for messages. */
function nameOf(body: Uint8Array): string {
  const attributes = Attributes.parse(Buffer.from(body.subarray(ROUTE_HEADER)), 'route');
  const table = attributes.u32(RTA_TABLE) ?? body[4];
  return `${prefix(body[0], attributes.bytes(RTA_DST), body[1])} of table ${table}`;
}

/** Name of a rule for messages. */
function ruleName(body: Uint8Array): string {
  const priority = Attributes.parse(Buffer.from(body.subarray(ROUTE_HEADER)), 'rule').u32(FRA_PRIORITY);
  return `rule ${priority ?? 0}`;
}

/**
 * RTA_CACHEINFO, whose third word (signed) is the remaining lifetime of a route in hundredths of a second; RTA_EXPIRES,
 * in seconds.
 */
const [CACHEINFO, EXPIRES, LIFE_AT, TICKS] = [12, 23, 8, 100];

/**
 * The remaining lifetime of a route; empty for a permanent one. The kernel reports it in one attribute and takes it in
 * another.
 */
function lifeOf(attributes: Attributes): Attribute[] {
  const info = attributes.bytes(CACHEINFO);
  const left = info && info.length >= LIFE_AT + 4 ? info.readInt32LE(LIFE_AT) : 0;
  if (left === 0 || attributes.has(EXPIRES)) return [];
  return [[EXPIRES, u32(Math.max(1, Math.ceil(left / TICKS)))]];
}

/** A route as a request. */
function routeRequest(body: Uint8Array): Buffer {
  const header = Buffer.from(body.subarray(0, ROUTE_HEADER));
  header.writeUInt32LE((header.readUInt32LE(ROUTE_FLAGS_AT) & ~FOUND_OUT) >>> 0, ROUTE_FLAGS_AT);
  const attributes = Attributes.parse(Buffer.from(body.subarray(ROUTE_HEADER)), 'route');
  // A nexthop object says all of that.
  const kept = attributes.entries.filter(([type]) => !(attributes.has(RTA_NH_ID) && OF_NEXTHOP.has(type)));
  for (const [type, value] of kept)
    if (type === RTA_MULTIPATH)
      for (let at = 0, size = 0; at + NEXT_HOP.size <= value.length; at += (size + 3) & ~3) {
        size = value.readUInt16LE(at);
        if (size < NEXT_HOP.size) break;
        value.writeUInt8(value.readUInt8(at + NEXT_HOP.flags) & ~FOUND_OUT & 0xff, at + NEXT_HOP.flags);
      }
  return Buffer.concat([header, encodeAttributes([...kept, ...lifeOf(attributes)])]);
}

/** Errors for a route whose gateway is only reachable by another route, which may follow in the list. */
const NOT_YET: ReadonlySet<number> = new Set([ENETUNREACH, EHOSTUNREACH, ESRCH]);

/** Adds routes in as many rounds as necessary, since one may be reachable only by another. @throws NetlinkError */
export function makeRoutes(socket: NetlinkSocket, routes: readonly Message[]): void {
  let left = routes.map(({ body }): NamedRequest => {
    const what = `route ${nameOf(body)}`;
    return { type: RTM_NEWROUTE, flags: NLM_F_CREATE, body: routeRequest(body), what };
  });
  while (left.length > 0) {
    const outcomes = socket.each(left);
    const fatal = outcomes.find((error) => error && error.errno !== EEXIST && !NOT_YET.has(error.errno));
    if (fatal) throw fatal;
    const failed = left.filter((_, i) => NOT_YET.has(outcomes[i]?.errno ?? 0));
    if (failed.length === left.length) throw outcomes.find((error) => NOT_YET.has(error?.errno ?? 0));
    left = failed;
  }
}

/** IFA_F_NOPREFIXROUTE of <linux/if_addr.h>, and IFA_RT_PRIORITY. */
const [NOPREFIXROUTE, RT_PRIORITY] = [0x200, 9];
/** RT_TABLE_MAIN, RTPROT_KERNEL, RTN_UNICAST. */
const [MAIN, KERNEL, UNICAST] = [254, 2, 1];
/** RT_SCOPE_NOWHERE: a request that matches any scope. */
const NOWHERE = 255;

/** The network of an address: all bits after the prefix cleared. */
function network(address: Buffer, length: number): Buffer {
  const out = Buffer.from(address);
  for (const [i, byte] of out.entries()) {
    const bits = Math.max(0, Math.min(8, length - i * 8));
    out[i] = byte & (0xff << (8 - bits));
  }
  return out;
}

/**
 * Routes that the kernel adds for addresses and that users have removed, as requests that remove them again.
 * @param routes all routes of both families
 * @param up indexes of devices that are up: others have no such routes
 */
export function removedRoutes(
  addresses: readonly LinkAddress[],
  routes: readonly Buffer[],
  up: ReadonlySet<number>,
): NetlinkObject[] {
  const key = (family: number, length: number, to: Buffer, device: number) =>
    `${family} ${to.toString('hex')}/${length} ${device}`;
  const there = new Set(
    routes.flatMap((body) => {
      if (body[PROTOCOL_AT] !== KERNEL) return [];
      const attributes = Attributes.parse(body.subarray(ROUTE_HEADER), 'route');
      const [to, device] = [attributes.bytes(RTA_DST), attributes.u32(RTA_OIF)];
      return to && device !== undefined ? [key(body[0] ?? 0, body[1] ?? 0, to, device)] : [];
    }),
  );
  return addresses.flatMap(({ family, prefixLength, flags, index, address, local, attributes }) => {
    // A single address has no network; on a point-to-point link the route leads to the peer.
    const whole = prefixLength === (family === AF_INET6 ? 128 : 32);
    if (!address || !local?.equals(address) || whole || flags & NOPREFIXROUTE || !up.has(index)) return [];
    const to = network(address, prefixLength);
    // Link-local networks and the loopback network are handled differently.
    if (to[0] === 0xfe || to[0] === 127 || there.has(key(family, prefixLength, to, index))) return [];
    const header = routeHeader({
      family,
      dstLength: prefixLength,
      table: MAIN,
      protocol: KERNEL,
      scope: NOWHERE,
      type: UNICAST,
    });
    const priority = attributes.bytes(RT_PRIORITY);
    const { body } = routeMessage(RTM_DELROUTE, 0, header, [
      [RTA_DST, to],
      [RTA_OIF, u32(index)],
      ...(priority ? [[RTA_PRIORITY, priority] as const] : []),
    ]);
    return [{ type: RTM_DELROUTE, body: Buffer.from(body) }];
  });
}

/** Removes such routes again. @throws NetlinkError */
export function removeRoutes(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const removed = objects.filter(({ type }) => type === RTM_DELROUTE);
  const outcomes = socket.each(removed.map((one) => ({ ...one, flags: 0, what: 'remove a route' })));
  // Several addresses may share a route.
  const failed = outcomes.find((error) => error && error.errno !== ESRCH);
  if (failed) throw failed;
}

/** Replaces the rules of those families of which there are any. @throws NetlinkError */
export function makeRules(socket: NetlinkSocket, rules: readonly Message[]): void {
  for (const family of new Set(rules.map(({ body }) => body[0] ?? 0))) {
    const listed = routeMessage(RTM_GETRULE, 0, ruleHeader({ family }));
    const there = socket.dump(listed, 'list rules');
    socket.all(there.map(({ body }) => ({ type: RTM_DELRULE, flags: 0, body, what: 'remove a rule' })));
  }
  socket.all(
    rules.map(({ body }) => ({ type: RTM_NEWRULE, flags: NLM_F_CREATE, body, what: ruleName(body) })),
  );
}
