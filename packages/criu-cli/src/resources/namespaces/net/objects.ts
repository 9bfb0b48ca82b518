// What rtnetlink lists of a network namespace and iproute2's saved lists do not have: nexthop objects, permanent neighbours and
// proxies, static entries of the forwarding databases of bridges and VXLANs.
import { Attributes, encodeAttributes, type Link, type NetlinkSocket } from '@criu/native/netlink';
import {
  AF_INET,
  AF_INET6,
  EEXIST,
  IFLA_ADDRESS,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_REPLACE,
  RTM_GETNEIGH,
  RTM_GETNEXTHOP,
  RTM_NEWNEIGH,
  RTM_NEWNEXTHOP,
} from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';
import { listKnown } from './lists.js';

const AF_BRIDGE = 7;
/** struct ndmsg of <linux/neighbour.h>: its size, and the offsets of device, state and flags. */
const NEIGHBOUR = { size: 12, device: 4, state: 8, flags: 10 } as const;
const NUD = { NOARP: 0x40, PERMANENT: 0x80 } as const;
const NTF = { SELF: 2, PROXY: 8 } as const;
/** NDA_*: addresses of an entry, and attributes that only the kernel sets. */
const NDA = { DST: 1, LINK_ADDRESS: 2, CACHEINFO: 3, PROBES: 4 } as const;
/** struct nhmsg of <linux/nexthop.h>: its size, and the offsets of scope and flags. */
const NEXTHOP = { size: 8, scope: 1, flags: 4 } as const;
/** RTNH_F_ONLINK, the only flag that requests may have. */
const ONLINK = 4;
/** NHA_* that only describe a nexthop: use in hardware, statistics. */
const NEXTHOP_FACTS: ReadonlySet<number> = new Set([14, 15, 17]);

function neighbourHeader(family: number, flags = 0): Buffer {
  const header = Buffer.alloc(NEIGHBOUR.size);
  header[0] = family;
  header[NEIGHBOUR.flags] = flags;
  return header;
}

/** A message without attributes that requests must not have. */
function without(body: Buffer, header: number, types: ReadonlySet<number>): Buffer {
  const attributes = Attributes.parse(body.subarray(header), 'object');
  const kept = attributes.entries.filter(([type]) => !types.has(type));
  return Buffer.concat([body.subarray(0, header), encodeAttributes(kept)]);
}

/** A nexthop without the header fields that the kernel determines itself. */
function askedFor(body: Buffer): Buffer {
  body[NEXTHOP.scope] = 0;
  body.writeUInt32LE(body.readUInt32LE(NEXTHOP.flags) & ONLINK, NEXTHOP.flags);
  return body;
}

/** Whether an entry is permanent and was added by a user. @param own link-layer addresses of devices, in hexadecimal */
function isKept(body: Buffer, own: ReadonlySet<string>): boolean {
  const state = body.readUInt16LE(NEIGHBOUR.state);
  const flags = body[NEIGHBOUR.flags] ?? 0;
  if (body[0] !== AF_BRIDGE) return (flags & NTF.PROXY) !== 0 || (state & NUD.PERMANENT) !== 0;
  const entry = Attributes.parse(body.subarray(NEIGHBOUR.size), 'entry');
  // Entries of a VXLAN have a remote destination.
  if (flags & NTF.SELF && entry.has(NDA.DST)) return true;
  if (state & NUD.NOARP) return (flags & NTF.SELF) === 0;
  // Permanent entries are local addresses: mostly those of the device and of devices on top of it. Multicast addresses
  // are stored with the other ones set by users (`link-addresses.ts`).
  const address = entry.bytes(NDA.LINK_ADDRESS);
  if (!address || (state & NUD.PERMANENT) === 0 || (address[0] ?? 0) & 1) return false;
  return !own.has(address.toString('hex'));
}

/** The entry as a request: the kernel does not mark entries of the bridge itself. */
function entryAsked(body: Buffer, bridges: ReadonlySet<number>): Buffer {
  const facts = new Set<number>([NDA.CACHEINFO, NDA.PROBES]);
  const out = without(body, NEIGHBOUR.size, facts);
  if (out[0] === AF_BRIDGE && bridges.has(out.readInt32LE(NEIGHBOUR.device)))
    out[NEIGHBOUR.flags] = (out[NEIGHBOUR.flags] ?? 0) | NTF.SELF;
  return out;
}

/** Lists the objects of a namespace. @throws NetlinkError */
export function listObjects(socket: NetlinkSocket, links: readonly Link[]): NetlinkObject[] {
  const nexthops = listKnown(socket, RTM_GETNEXTHOP, Buffer.alloc(NEXTHOP.size), 'nexthops').map((body) => ({
    type: RTM_NEWNEXTHOP,
    body: askedFor(without(body, NEXTHOP.size, NEXTHOP_FACTS)),
  }));
  // Groups refer to existing nexthops, so they come last.
  const isGroup = ({ body }: NetlinkObject) =>
    Attributes.parse(Buffer.from(body.subarray(NEXTHOP.size)), 'nexthop').has(2);
  const sorted = [...nexthops.filter((one) => !isGroup(one)), ...nexthops.filter(isGroup)];
  const headers = [
    neighbourHeader(AF_INET),
    neighbourHeader(AF_INET6),
    neighbourHeader(AF_INET, NTF.PROXY),
    neighbourHeader(AF_INET6, NTF.PROXY),
    neighbourHeader(AF_BRIDGE),
  ];
  const own = new Set(links.map(({ attributes }) => attributes.bytes(IFLA_ADDRESS)?.toString('hex') ?? ''));
  const bridges = new Set(links.filter(({ kind }) => kind === 'bridge').map(({ index }) => index));
  const neighbours = headers
    .flatMap((header) => listKnown(socket, RTM_GETNEIGH, header, 'neighbours'))
    .filter((body) => isKept(body, own))
    .map((body) => ({ type: RTM_NEWNEIGH, body: entryAsked(body, bridges) }));
  return [...sorted, ...neighbours];
}

/** Creates nexthops, which routes refer to. @throws NetlinkError */
export function makeNexthops(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const nexthops = objects.filter(({ type }) => type === RTM_NEWNEXTHOP);
  const flags = NLM_F_CREATE | NLM_F_REPLACE;
  socket.all(nexthops.map(({ type, body }) => ({ type, flags, body, what: 'nexthop' })));
}

/** Creates neighbours, when devices are up. @throws NetlinkError */
export function makeNeighbours(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const neighbours = objects.filter(({ type }) => type === RTM_NEWNEIGH);
  const flags = NLM_F_CREATE | NLM_F_APPEND;
  const outcomes = socket.each(
    neighbours.map(({ type, body }) => ({ type, flags, body, what: 'neighbour' })),
  );
  const failed = outcomes.find((error) => error && error.errno !== EEXIST);
  if (failed) throw failed;
}
