// Objects of rtnetlink that the saved lists of iproute2 lack: nexthop objects, permanent neighbours and proxies, static
// entries of the forwarding databases of bridges and VXLANs.
import { Attributes, encodeAttributes, type Link, type NetlinkSocket } from '@criu/native/netlink';
import {
  AF_BRIDGE,
  AF_INET,
  AF_INET6,
  EEXIST,
  IFLA_ADDRESS,
  NDA_CACHEINFO,
  NDA_DST,
  NDA_LLADDR,
  NDA_PROBES,
  NHA_GROUP,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_REPLACE,
  NTF_PROXY,
  NTF_SELF,
  NUD_NOARP,
  NUD_PERMANENT,
  ndmsg,
  nhmsg,
  RTM_GETNEIGH,
  RTM_GETNEXTHOP,
  RTM_NEWNEIGH,
  RTM_NEWNEXTHOP,
  RTNH_F_ONLINK,
} from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';
import { listKnown } from './lists.js';

/** NHA_* that only describe a nexthop: use in hardware, statistics. */
const NEXTHOP_FACTS: ReadonlySet<number> = new Set([14, 15, 17]);

function neighbourHeader(family: number, flags = 0): Buffer {
  const header = Buffer.alloc(ndmsg.sizeof);
  header[ndmsg.ndm_family] = family;
  header[ndmsg.ndm_flags] = flags;
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
  body[nhmsg.nh_scope] = 0;
  body.writeUInt32LE(body.readUInt32LE(nhmsg.nh_flags) & RTNH_F_ONLINK, nhmsg.nh_flags);
  return body;
}

/** Whether an entry is permanent and was added by a user. @param own link-layer addresses of devices, in hexadecimal */
function isKept(body: Buffer, own: ReadonlySet<string>): boolean {
  const state = body.readUInt16LE(ndmsg.ndm_state);
  const flags = body[ndmsg.ndm_flags] ?? 0;
  if (body[ndmsg.ndm_family] !== AF_BRIDGE) return (flags & NTF_PROXY) !== 0 || (state & NUD_PERMANENT) !== 0;
  const entry = Attributes.parse(body.subarray(ndmsg.sizeof), 'entry');
  // Entries of a VXLAN have a remote destination.
  if (flags & NTF_SELF && entry.has(NDA_DST)) return true;
  if (state & NUD_NOARP) return (flags & NTF_SELF) === 0;
  // Permanent entries are local addresses: mostly those of the device and of devices on top of it. Multicast addresses
  // are stored with the other ones set by users (`link-addresses.ts`).
  const address = entry.bytes(NDA_LLADDR);
  if (!address || (state & NUD_PERMANENT) === 0 || (address[0] ?? 0) & 1) return false;
  return !own.has(address.toString('hex'));
}

/** The entry as a request: the kernel does not mark entries of the bridge itself. */
function entryAsked(body: Buffer, bridges: ReadonlySet<number>): Buffer {
  const facts = new Set<number>([NDA_CACHEINFO, NDA_PROBES]);
  const out = without(body, ndmsg.sizeof, facts);
  if (out[ndmsg.ndm_family] === AF_BRIDGE && bridges.has(out.readInt32LE(ndmsg.ndm_ifindex)))
    out[ndmsg.ndm_flags] = (out[ndmsg.ndm_flags] ?? 0) | NTF_SELF;
  return out;
}

/** Lists the objects of a namespace. @throws NetlinkError */
export function listObjects(socket: NetlinkSocket, links: readonly Link[]): NetlinkObject[] {
  const nexthops = listKnown(socket, RTM_GETNEXTHOP, Buffer.alloc(nhmsg.sizeof), 'nexthops').map((body) => ({
    type: RTM_NEWNEXTHOP,
    body: askedFor(without(body, nhmsg.sizeof, NEXTHOP_FACTS)),
  }));
  // Groups refer to existing nexthops, so they come last.
  const isGroup = ({ body }: NetlinkObject) =>
    Attributes.parse(Buffer.from(body.subarray(nhmsg.sizeof)), 'nexthop').has(NHA_GROUP);
  const sorted = [...nexthops.filter((one) => !isGroup(one)), ...nexthops.filter(isGroup)];
  const headers = [
    neighbourHeader(AF_INET),
    neighbourHeader(AF_INET6),
    neighbourHeader(AF_INET, NTF_PROXY),
    neighbourHeader(AF_INET6, NTF_PROXY),
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
