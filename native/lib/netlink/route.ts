// rtnetlink(7): links, addresses, routes and rules of a network namespace, as typed lists and as headers for requests.
import { type Attribute, Attributes, align, encodeAttributes, text } from './attributes.js';
import { NetlinkFormatError } from './errors.js';
import type { Message, ReceivedMessage } from './message.js';
import type { NetlinkSocket } from './socket.js';

/** <linux/rtnetlink.h>; requests that make, remove, get and change come in fours. */
export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNEIGH: 28,
  GETNEIGH: 30,
  NEWRULE: 32,
  DELRULE: 33,
  GETRULE: 34,
  NEWNSID: 88,
  GETNSID: 90,
  NEWNEXTHOP: 104,
  GETNEXTHOP: 106,
  NEWLINKPROP: 108,
} as const;

/** Attributes of links (<linux/if_link.h>). */
export const IFLA = {
  ADDRESS: 1,
  BROADCAST: 2,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  LINKINFO: 18,
  LINK_NETNSID: 37,
  TARGET_NETNSID: 46,
  NEW_IFINDEX: 49,
} as const;
/** Inside of IFLA_LINKINFO; the data's attributes are those of the kind. */
export const IFLA_INFO = { KIND: 1, DATA: 2 } as const;
/** Attributes of addresses (<linux/if_addr.h>). */
export const IFA = { ADDRESS: 1, LOCAL: 2, LABEL: 3, BROADCAST: 4, FLAGS: 8 } as const;
/** Attributes of routes (<linux/rtnetlink.h>). */
export const RTA = {
  DST: 1,
  SRC: 2,
  IIF: 3,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  PREFSRC: 7,
  MULTIPATH: 9,
  TABLE: 15,
  VIA: 18,
  ENCAP_TYPE: 21,
  ENCAP: 22,
  NH_ID: 30,
} as const;
/** Attributes of rules (<linux/fib_rules.h>). */
export const FRA = {
  DST: 1,
  SRC: 2,
  IIFNAME: 3,
  PRIORITY: 6,
  FWMARK: 10,
  TABLE: 15,
  FWMASK: 16,
  OIFNAME: 17,
} as const;
/** Attributes of RTM_GETNSID (<linux/net_namespace.h>). */
export const NETNSA = { NSID: 1, PID: 2, FD: 3 } as const;

/** Flags of a link (<linux/if.h>). */
export const IFF = { UP: 1, LOOPBACK: 8 } as const;

// ---- headers -------------------------------------------------------------------------------------------------------

/** struct ifinfomsg. `change` has the flags that are to become those of `flags`. */
export function linkHeader(
  link: { index?: number; family?: number; flags?: number; change?: number } = {},
): Buffer {
  const bytes = Buffer.alloc(16);
  bytes[0] = link.family ?? 0;
  bytes.writeInt32LE(link.index ?? 0, 4);
  bytes.writeUInt32LE((link.flags ?? 0) >>> 0, 8);
  bytes.writeUInt32LE((link.change ?? 0) >>> 0, 12);
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
  const bytes = Buffer.from([a.family, a.prefixLength ?? 0, a.flags ?? 0, a.scope ?? 0, 0, 0, 0, 0]);
  bytes.writeUInt32LE(a.index ?? 0, 4);
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
  const bytes = Buffer.alloc(12);
  const fields = [r.family, r.dstLength, r.srcLength, r.tos, r.table, r.protocol, r.scope, r.type];
  for (const [i, value] of fields.entries()) bytes[i] = value ?? 0;
  bytes.writeUInt32LE((r.flags ?? 0) >>> 0, 8);
  return bytes;
}

/** struct fib_rule_hdr: as that of routes, with the action in place of the type and two reserved bytes before it. */
export function ruleHeader(
  r: Omit<RouteNumbers, 'protocol' | 'scope' | 'type'> & { action?: number },
): Buffer {
  const { action, ...rest } = r;
  return routeHeader({ ...rest, ...(action === undefined ? {} : { type: action }) });
}

/** A request of rtnetlink: header of its kind, attributes behind. */
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

/** A network device. What has no field of its own is in `attributes` (IFLA_*). */
export interface Link {
  readonly index: number;
  /** ARPHRD_* of <linux/if_arp.h>: 1 Ethernet, 772 loopback. */
  readonly arpType: number;
  /** IFF_*. */
  readonly flags: number;
  readonly name: string;
  readonly mtu: number;
  /** Driver of one that was made by software: `veth`, `tun`; and what it tells of it (IFLA_INFO_DATA). */
  readonly kind: string | undefined;
  readonly data: Attributes | undefined;
  readonly attributes: Attributes;
}

export function decodeLink(message: ReceivedMessage): Link {
  const [head, attributes] = parts(message, 16, 'link');
  const info = attributes.nested(IFLA.LINKINFO);
  return {
    index: head.readInt32LE(4),
    arpType: head.readUInt16LE(2),
    flags: head.readUInt32LE(8),
    name: attributes.text(IFLA.IFNAME) ?? '',
    mtu: attributes.u32(IFLA.MTU) ?? 0,
    kind: info?.text(IFLA_INFO.KIND),
    data: info?.nested(IFLA_INFO.DATA),
    attributes,
  };
}

/** All links of the socket's network namespace. @throws NetlinkError */
export function listLinks(socket: NetlinkSocket): Link[] {
  return socket.dump(routeMessage(RTM.GETLINK, 0, linkHeader()), 'list links').map(decodeLink);
}

/** One link by its name. @throws NetlinkError ENODEV */
export function getLink(socket: NetlinkSocket, name: string): Link {
  const message = routeMessage(RTM.GETLINK, 0, linkHeader(), [[IFLA.IFNAME, text(name)]]);
  const [answer] = socket.request(message, `get link ${name}`);
  if (!answer) throw new NetlinkFormatError(`link ${name}`, 'the answer is empty');
  return decodeLink(answer);
}

/** An address of a link; addresses as four or sixteen bytes. */
export interface LinkAddress {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  readonly prefixLength: number;
  /** IFA_F_*: all 32 bits. */
  readonly flags: number;
  readonly scope: number;
  /** Of the link. */
  readonly index: number;
  /** The own address; on a link between two, that of the other end is in `address`. */
  readonly local: Buffer | undefined;
  readonly address: Buffer | undefined;
  readonly attributes: Attributes;
}

function decodeAddress(message: ReceivedMessage): LinkAddress {
  const [head, attributes] = parts(message, 8, 'address');
  const address = attributes.bytes(IFA.ADDRESS);
  return {
    family: head.readUInt8(0),
    prefixLength: head.readUInt8(1),
    flags: attributes.u32(IFA.FLAGS) ?? head.readUInt8(2),
    scope: head.readUInt8(3),
    index: head.readUInt32LE(4),
    local: attributes.bytes(IFA.LOCAL) ?? address,
    address,
    attributes,
  };
}

/** All addresses of a family, 0: of all. @throws NetlinkError */
export function listAddresses(socket: NetlinkSocket, family = 0): LinkAddress[] {
  return socket
    .dump(routeMessage(RTM.GETADDR, 0, addressHeader({ family })), 'list addresses')
    .map(decodeAddress);
}

/** A route. Metrics, next hops and the like are in `attributes` (RTA_*). */
export interface Route {
  readonly family: number;
  readonly dstLength: number;
  readonly srcLength: number;
  readonly tos: number;
  /** All 32 bits of it. */
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
  const [head, attributes] = parts(message, 12, 'route');
  return {
    family: head.readUInt8(0),
    dstLength: head.readUInt8(1),
    srcLength: head.readUInt8(2),
    tos: head.readUInt8(3),
    table: attributes.u32(RTA.TABLE) ?? head.readUInt8(4),
    protocol: head.readUInt8(5),
    scope: head.readUInt8(6),
    type: head.readUInt8(7),
    flags: head.readUInt32LE(8),
    destination: attributes.bytes(RTA.DST),
    gateway: attributes.bytes(RTA.GATEWAY),
    outgoingLink: attributes.u32(RTA.OIF),
    attributes,
  };
}

/** All routes of a family (AF_INET, AF_INET6), of all tables. @throws NetlinkError */
export function listRoutes(socket: NetlinkSocket, family: number): Route[] {
  return socket.dump(routeMessage(RTM.GETROUTE, 0, routeHeader({ family })), 'list routes').map(decodeRoute);
}

/** A rule that chooses the routing table. What it matches is in `attributes` (FRA_*). */
export interface Rule {
  readonly family: number;
  readonly dstLength: number;
  readonly srcLength: number;
  readonly tos: number;
  readonly table: number;
  /** FR_ACT_*. */
  readonly action: number;
  /** FIB_RULE_*: permanent, inverted … */
  readonly flags: number;
  readonly priority: number;
  readonly attributes: Attributes;
}

function decodeRule(message: ReceivedMessage): Rule {
  const [head, attributes] = parts(message, 12, 'rule');
  return {
    family: head.readUInt8(0),
    dstLength: head.readUInt8(1),
    srcLength: head.readUInt8(2),
    tos: head.readUInt8(3),
    table: attributes.u32(FRA.TABLE) ?? head.readUInt8(4),
    action: head.readUInt8(7),
    flags: head.readUInt32LE(8),
    priority: attributes.u32(FRA.PRIORITY) ?? 0,
    attributes,
  };
}

/** All rules of a family. @throws NetlinkError */
export function listRules(socket: NetlinkSocket, family: number): Rule[] {
  return socket.dump(routeMessage(RTM.GETRULE, 0, ruleHeader({ family })), 'list rules').map(decodeRule);
}
