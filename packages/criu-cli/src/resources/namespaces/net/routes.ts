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
  fib_rule_hdr,
  IFA_F_NOPREFIXROUTE,
  IFA_RT_PRIORITY,
  NLM_F_CREATE,
  RT_SCOPE_NOWHERE,
  RT_TABLE_MAIN,
  RTA_CACHEINFO,
  RTA_DST,
  RTA_ENCAP,
  RTA_ENCAP_TYPE,
  RTA_EXPIRES,
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
  RTN_UNICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_OFFLOAD,
  RTNH_F_TRAP,
  RTNH_F_UNRESOLVED,
  RTPROT_KERNEL,
  rta_cacheinfo,
  rtmsg,
  rtnexthop,
} from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';

/** What the kernel finds out itself and takes from nobody. */
const FOUND_OUT = RTNH_F_DEAD | RTNH_F_OFFLOAD | RTNH_F_LINKDOWN | RTNH_F_UNRESOLVED | RTNH_F_TRAP;

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
  const attributes = Attributes.parse(Buffer.from(body.subarray(rtmsg.sizeof)), 'route');
  const table = attributes.u32(RTA_TABLE) ?? body[rtmsg.rtm_table];
  return `${prefix(body[rtmsg.rtm_family], attributes.bytes(RTA_DST), body[rtmsg.rtm_dst_len])} of table ${table}`;
}

/** Name of a rule for messages. */
function ruleName(body: Uint8Array): string {
  const priority = Attributes.parse(Buffer.from(body.subarray(fib_rule_hdr.sizeof)), 'rule').u32(
    FRA_PRIORITY,
  );
  return `rule ${priority ?? 0}`;
}

/** In a second: RTA_CACHEINFO tells in those how long a route still lives, RTA_EXPIRES in seconds. */
const TICKS = 100;

/**
 * The remaining lifetime of a route; empty for a permanent one. The kernel reports it in one attribute and takes it in
 * another.
 */
function lifeOf(attributes: Attributes): Attribute[] {
  const info = attributes.bytes(RTA_CACHEINFO);
  const left =
    info && info.length >= rta_cacheinfo.rta_expires + 4 ? info.readInt32LE(rta_cacheinfo.rta_expires) : 0;
  if (left === 0 || attributes.has(RTA_EXPIRES)) return [];
  return [[RTA_EXPIRES, u32(Math.max(1, Math.ceil(left / TICKS)))]];
}

/** A route as a request. */
function routeRequest(body: Uint8Array): Buffer {
  const header = Buffer.from(body.subarray(0, rtmsg.sizeof));
  header.writeUInt32LE((header.readUInt32LE(rtmsg.rtm_flags) & ~FOUND_OUT) >>> 0, rtmsg.rtm_flags);
  const attributes = Attributes.parse(Buffer.from(body.subarray(rtmsg.sizeof)), 'route');
  // A nexthop object says all of that.
  const kept = attributes.entries.filter(([type]) => !(attributes.has(RTA_NH_ID) && OF_NEXTHOP.has(type)));
  for (const [type, value] of kept)
    if (type === RTA_MULTIPATH)
      for (let at = 0, size = 0; at + rtnexthop.sizeof <= value.length; at += (size + 3) & ~3) {
        size = value.readUInt16LE(at + rtnexthop.rtnh_len);
        if (size < rtnexthop.sizeof) break;
        value.writeUInt8(
          value.readUInt8(at + rtnexthop.rtnh_flags) & ~FOUND_OUT & 0xff,
          at + rtnexthop.rtnh_flags,
        );
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
      if (body[rtmsg.rtm_protocol] !== RTPROT_KERNEL) return [];
      const attributes = Attributes.parse(body.subarray(rtmsg.sizeof), 'route');
      const [to, device] = [attributes.bytes(RTA_DST), attributes.u32(RTA_OIF)];
      return to && device !== undefined
        ? [key(body[rtmsg.rtm_family] ?? 0, body[rtmsg.rtm_dst_len] ?? 0, to, device)]
        : [];
    }),
  );
  return addresses.flatMap(({ family, prefixLength, flags, index, address, local, attributes }) => {
    // A single address has no network; on a point-to-point link the route leads to the peer.
    const whole = prefixLength === (family === AF_INET6 ? 128 : 32);
    if (!address || !local?.equals(address) || whole || flags & IFA_F_NOPREFIXROUTE || !up.has(index))
      return [];
    const to = network(address, prefixLength);
    // Link-local networks and the loopback network are handled differently.
    if (to[0] === 0xfe || to[0] === 127 || there.has(key(family, prefixLength, to, index))) return [];
    const header = routeHeader({
      family,
      dstLength: prefixLength,
      table: RT_TABLE_MAIN,
      protocol: RTPROT_KERNEL,
      scope: RT_SCOPE_NOWHERE,
      type: RTN_UNICAST,
    });
    const priority = attributes.bytes(IFA_RT_PRIORITY);
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
  for (const family of new Set(rules.map(({ body }) => body[fib_rule_hdr.family] ?? 0))) {
    const listed = routeMessage(RTM_GETRULE, 0, ruleHeader({ family }));
    const there = socket.dump(listed, 'list rules');
    socket.all(there.map(({ body }) => ({ type: RTM_DELRULE, flags: 0, body, what: 'remove a rule' })));
  }
  socket.all(
    rules.map(({ body }) => ({ type: RTM_NEWRULE, flags: NLM_F_CREATE, body, what: ruleName(body) })),
  );
}
