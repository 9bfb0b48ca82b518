// rtnetlink(7): headers of requests, and typed lists of the links, addresses, routes and rules of a network namespace.
import {
  FRA_PRIORITY,
  FRA_TABLE,
  fib_rule_hdr,
  IFA_ADDRESS,
  IFA_FLAGS,
  IFA_LOCAL,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_MTU,
  ifaddrmsg,
  ifinfomsg,
  RTA_DST,
  RTA_GATEWAY,
  RTA_OIF,
  RTA_TABLE,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETROUTE,
  RTM_GETRULE,
  rtmsg,
} from '../uapi.generated.js';
import { type Attribute, Attributes, align, encodeAttributes, text } from './attributes.js';
import { NetlinkFormatError } from './errors.js';
import type { Message, ReceivedMessage } from './message.js';
import type { NetlinkSocket } from './socket.js';

// ---- headers -------------------------------------------------------------------------------------------------------

/** struct ifinfomsg. `change` is the mask of the bits to take over from `flags`. */
export function linkHeader(
  link: { index?: number; family?: number; flags?: number; change?: number } = {},
): Buffer {
  const bytes = Buffer.alloc(ifinfomsg.sizeof);
  bytes[ifinfomsg.ifi_family] = link.family ?? 0;
  bytes.writeInt32LE(link.index ?? 0, ifinfomsg.ifi_index);
  bytes.writeUInt32LE((link.flags ?? 0) >>> 0, ifinfomsg.ifi_flags);
  bytes.writeUInt32LE((link.change ?? 0) >>> 0, ifinfomsg.ifi_change);
  return bytes;
}

/** struct ifaddrmsg. */
export function addressHeader(a: {
  family: number;
  prefixLength?: number;
  flags?: number;
  scope?: number;
  index?: number;
}): Buffer {
  const bytes = Buffer.alloc(ifaddrmsg.sizeof);
  bytes[ifaddrmsg.ifa_family] = a.family;
  bytes[ifaddrmsg.ifa_prefixlen] = a.prefixLength ?? 0;
  bytes[ifaddrmsg.ifa_flags] = a.flags ?? 0;
  bytes[ifaddrmsg.ifa_scope] = a.scope ?? 0;
  bytes.writeUInt32LE(a.index ?? 0, ifaddrmsg.ifa_index);
  return bytes;
}

interface RouteNumbers {
  readonly family: number;
  readonly dstLength?: number;
  readonly srcLength?: number;
  readonly tos?: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly scope?: number;
  readonly type?: number;
  readonly flags?: number;
}

/** struct rtmsg. */
export function routeHeader(r: RouteNumbers): Buffer {
  const bytes = Buffer.alloc(rtmsg.sizeof);
  bytes[rtmsg.rtm_family] = r.family;
  bytes[rtmsg.rtm_dst_len] = r.dstLength ?? 0;
  bytes[rtmsg.rtm_src_len] = r.srcLength ?? 0;
  bytes[rtmsg.rtm_tos] = r.tos ?? 0;
  bytes[rtmsg.rtm_table] = r.table ?? 0;
  bytes[rtmsg.rtm_protocol] = r.protocol ?? 0;
  bytes[rtmsg.rtm_scope] = r.scope ?? 0;
  bytes[rtmsg.rtm_type] = r.type ?? 0;
  bytes.writeUInt32LE((r.flags ?? 0) >>> 0, rtmsg.rtm_flags);
  return bytes;
}

/** struct fib_rule_hdr: as struct rtmsg, with the action in place of the type and two reserved bytes before it. */
export function ruleHeader(
  r: Omit<RouteNumbers, 'protocol' | 'scope' | 'type'> & { action?: number },
): Buffer {
  const { action, ...rest } = r;
  return routeHeader({ ...rest, ...(action === undefined ? {} : { type: action }) });
}

/** A request of rtnetlink: the header of its kind followed by attributes. */
export function routeMessage(
  type: number,
  flags: number,
  header: Uint8Array,
  attributes: readonly Attribute[] = [],
): Message {
  const padded = Buffer.alloc(align(header.length));
  padded.set(header);
  return { type, flags, body: Buffer.concat([padded, encodeAttributes(attributes)]) };
}

// ---- lists ---------------------------------------------------------------------------------------------------------

function parts(message: ReceivedMessage, header: number, what: string): [Buffer, Attributes] {
  const { body } = message;
  if (body.length < header) throw new NetlinkFormatError(what, `${body.length} bytes are too few`);
  return [body.subarray(0, header), Attributes.parse(body.subarray(align(header)), what)];
}

/** A network device. `attributes` (IFLA_*) has the values without a field. */
export interface Link {
  readonly index: number;
  /** ARPHRD_* of <linux/if_arp.h>: 1 Ethernet, 772 loopback. */
  readonly arpType: number;
  /** IFF_*. */
  readonly flags: number;
  readonly name: string;
  readonly mtu: number;
  /** Driver of a virtual device, such as `veth` or `tun`, and its data (IFLA_INFO_DATA). */
  readonly kind: string | undefined;
  readonly data: Attributes | undefined;
  readonly attributes: Attributes;
}

export function decodeLink(message: ReceivedMessage): Link {
  const [head, attributes] = parts(message, ifinfomsg.sizeof, 'link');
  const info = attributes.nested(IFLA_LINKINFO);
  return {
    index: head.readInt32LE(ifinfomsg.ifi_index),
    arpType: head.readUInt16LE(ifinfomsg.ifi_type),
    flags: head.readUInt32LE(ifinfomsg.ifi_flags),
    name: attributes.text(IFLA_IFNAME) ?? '',
    mtu: attributes.u32(IFLA_MTU) ?? 0,
    kind: info?.text(IFLA_INFO_KIND),
    data: info?.nested(IFLA_INFO_DATA),
    attributes,
  };
}

/** All links of the socket's network namespace. @throws NetlinkError */
export function listLinks(socket: NetlinkSocket): Link[] {
  return socket.dump(routeMessage(RTM_GETLINK, 0, linkHeader()), 'list links').map(decodeLink);
}

/** A link by name. @throws NetlinkError ENODEV */
export function getLink(socket: NetlinkSocket, name: string): Link {
  const message = routeMessage(RTM_GETLINK, 0, linkHeader(), [[IFLA_IFNAME, text(name)]]);
  const [answer] = socket.request(message, `get link ${name}`);
  if (!answer) throw new NetlinkFormatError(`link ${name}`, 'the answer is empty');
  return decodeLink(answer);
}

/** An address of a link. Addresses are four or sixteen bytes. */
export interface LinkAddress {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  readonly prefixLength: number;
  /** IFA_F_*, all 32 bits. */
  readonly flags: number;
  readonly scope: number;
  /** Index of the link. */
  readonly index: number;
  /** The local address. On a point-to-point link `address` is that of the peer. */
  readonly local: Buffer | undefined;
  readonly address: Buffer | undefined;
  readonly attributes: Attributes;
}

/** @throws NetlinkFormatError */
export function decodeAddress(message: ReceivedMessage): LinkAddress {
  const [head, attributes] = parts(message, ifaddrmsg.sizeof, 'address');
  const address = attributes.bytes(IFA_ADDRESS);
  return {
    family: head.readUInt8(ifaddrmsg.ifa_family),
    prefixLength: head.readUInt8(ifaddrmsg.ifa_prefixlen),
    flags: attributes.u32(IFA_FLAGS) ?? head.readUInt8(ifaddrmsg.ifa_flags),
    scope: head.readUInt8(ifaddrmsg.ifa_scope),
    index: head.readUInt32LE(ifaddrmsg.ifa_index),
    local: attributes.bytes(IFA_LOCAL) ?? address,
    address,
    attributes,
  };
}

/** All addresses of a family, or of all families for 0. @throws NetlinkError */
export function listAddresses(socket: NetlinkSocket, family = 0): LinkAddress[] {
  return socket
    .dump(routeMessage(RTM_GETADDR, 0, addressHeader({ family })), 'list addresses')
    .map(decodeAddress);
}

/** A route. `attributes` (RTA_*) has metrics, next hops and other values without a field. */
export interface Route {
  readonly family: number;
  readonly dstLength: number;
  readonly srcLength: number;
  readonly tos: number;
  /** All 32 bits of the table number. */
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly type: number;
  readonly flags: number;
  readonly destination: Buffer | undefined;
  readonly gateway: Buffer | undefined;
  readonly outgoingLink: number | undefined;
  readonly attributes: Attributes;
}

function decodeRoute(message: ReceivedMessage): Route {
  const [head, attributes] = parts(message, rtmsg.sizeof, 'route');
  return {
    family: head.readUInt8(rtmsg.rtm_family),
    dstLength: head.readUInt8(rtmsg.rtm_dst_len),
    srcLength: head.readUInt8(rtmsg.rtm_src_len),
    tos: head.readUInt8(rtmsg.rtm_tos),
    table: attributes.u32(RTA_TABLE) ?? head.readUInt8(rtmsg.rtm_table),
    protocol: head.readUInt8(rtmsg.rtm_protocol),
    scope: head.readUInt8(rtmsg.rtm_scope),
    type: head.readUInt8(rtmsg.rtm_type),
    flags: head.readUInt32LE(rtmsg.rtm_flags),
    destination: attributes.bytes(RTA_DST),
    gateway: attributes.bytes(RTA_GATEWAY),
    outgoingLink: attributes.u32(RTA_OIF),
    attributes,
  };
}

/** All routes of a family (AF_INET, AF_INET6) in all tables. @throws NetlinkError */
export function listRoutes(socket: NetlinkSocket, family: number): Route[] {
  return socket.dump(routeMessage(RTM_GETROUTE, 0, routeHeader({ family })), 'list routes').map(decodeRoute);
}

/** A rule of the routing policy, which selects a table. `attributes` (FRA_*) has the conditions. */
export interface Rule {
  readonly family: number;
  readonly dstLength: number;
  readonly srcLength: number;
  readonly tos: number;
  readonly table: number;
  /** FR_ACT_*. */
  readonly action: number;
  /** FIB_RULE_*: permanent, inverted, … */
  readonly flags: number;
  readonly priority: number;
  readonly attributes: Attributes;
}

function decodeRule(message: ReceivedMessage): Rule {
  const [head, attributes] = parts(message, fib_rule_hdr.sizeof, 'rule');
  return {
    family: head.readUInt8(fib_rule_hdr.family),
    dstLength: head.readUInt8(fib_rule_hdr.dst_len),
    srcLength: head.readUInt8(fib_rule_hdr.src_len),
    tos: head.readUInt8(fib_rule_hdr.tos),
    table: attributes.u32(FRA_TABLE) ?? head.readUInt8(fib_rule_hdr.table),
    action: head.readUInt8(fib_rule_hdr.action),
    flags: head.readUInt32LE(fib_rule_hdr.flags),
    priority: attributes.u32(FRA_PRIORITY) ?? 0,
    attributes,
  };
}

/** All rules of a family. @throws NetlinkError */
export function listRules(socket: NetlinkSocket, family: number): Rule[] {
  return socket.dump(routeMessage(RTM_GETRULE, 0, ruleHeader({ family })), 'list rules').map(decodeRule);
}
