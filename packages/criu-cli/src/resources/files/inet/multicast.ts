// Multicast memberships of a socket (ip(7), ipv6(7), RFC 3678). No option lists them; but an option tells for a given
// group whether the socket is a member and its source filter, and /proc lists the groups of all sockets.
import type { Program } from '@criu/compel';
import type { Encodable, InetMembershipEntry } from '@criu/images';
import { SysError, sysRaw } from '@criu/native';
import {
  AF_INET6,
  EADDRNOTAVAIL,
  ENODEV,
  ENOPROTOOPT,
  group_filter,
  group_req,
  MCAST_INCLUDE,
  MCAST_JOIN_GROUP,
  MCAST_MSFILTER,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  sockaddr_storage,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { InetSkEntry } from '../../../images/types.js';
import { type MulticastGroup, parseIgmp, parseIgmp6 } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import type { Namespace } from '../../../views/namespaces.js';
import { networkText } from '../../../views/networks.js';
import type { OpenFile } from '../open-file.js';
import { addressIn, addressLayout, socketAddress } from './address.js';

const level = (family: number) => (family === AF_INET6 ? SOL_IPV6 : SOL_IP);

/** A sockaddr_in or sockaddr_in6 with an address only, as struct sockaddr_storage. */
function storage(family: number, address: Uint8Array): Buffer {
  const bytes = Buffer.alloc(sockaddr_storage.sizeof);
  bytes.set(socketAddress(family, address));
  return bytes;
}

function filter(
  family: number,
  ifindex: number,
  group: Uint8Array,
  include: boolean,
  sources: readonly Uint8Array[],
  room = sources.length,
): Buffer {
  const bytes = Buffer.alloc(group_filter.gf_slist + room * sockaddr_storage.sizeof);
  bytes.writeUInt32LE(ifindex, group_filter.gf_interface);
  bytes.set(storage(family, group), group_filter.gf_group);
  bytes.writeUInt32LE(include ? MCAST_INCLUDE : 0, group_filter.gf_fmode);
  bytes.writeUInt32LE(room, group_filter.gf_numsrc);
  for (const [i, source] of sources.entries())
    bytes.set(storage(family, source), group_filter.gf_slist + i * sockaddr_storage.sizeof);
  return bytes;
}

/** The membership of a socket in a group; undefined if it is no member. @throws SysError */
function membership(
  fd: number,
  family: number,
  { ifindex, group }: MulticastGroup,
): Encodable<InetMembershipEntry> | undefined {
  for (let room = 0; ; ) {
    const bytes = filter(family, ifindex, group, false, [], room);
    const result = sysRaw(
      'getsockopt',
      fd,
      level(family),
      MCAST_MSFILTER,
      bytes,
      new Uint32Array([bytes.length]),
    );
    if ([-EADDRNOTAVAIL, -ENODEV, -ENOPROTOOPT].includes(result)) return undefined;
    if (result < 0) throw new SysError('getsockopt', -result, 'MCAST_MSFILTER');
    const count = bytes.readUInt32LE(group_filter.gf_numsrc);
    if (count > room) {
      room = count;
      continue;
    }
    const include = bytes.readUInt32LE(group_filter.gf_fmode) === MCAST_INCLUDE;
    const sources = Array.from({ length: count }, (_, i) => {
      const source = bytes.subarray(group_filter.gf_slist + i * sockaddr_storage.sizeof);
      return Buffer.from(addressIn(family, source));
    });
    return { ifindex, group, ...(include ? { include } : {}), sources };
  }
}

const groups = stateKey('multicast groups', (_: DumpContext) => new Map<string, MulticastGroup[]>());

/** All groups of a socket; groups that the kernel itself has joined belong to no socket. @throws SysError */
export function memberships(
  ctx: DumpContext,
  file: OpenFile,
  network: Namespace,
  family: number,
  type: number,
): Encodable<InetMembershipEntry>[] {
  if (type === SOCK_STREAM) return [];
  const known = ctx.states.get(groups);
  const key = `${network.inode}:${family}`;
  let all = known.get(key);
  if (!all) {
    const v6 = family === AF_INET6;
    const text = networkText(network, v6 ? 'igmp6' : 'igmp');
    all = v6 ? parseIgmp6(text) : parseIgmp(text);
    known.set(key, all);
  }
  return all.flatMap((group) => membership(file.local, family, group) ?? []);
}

/** Makes a socket join its groups with their source filters. @throws CriuError BAD_IMAGE */
export function joinGroups(p: Program, fd: number, socket: InetSkEntry): void {
  const { family } = socket;
  const size = addressLayout(family).length;
  for (const { ifindex, group, include = false, sources } of socket.memberships) {
    if ([group, ...sources].some((address) => address.length !== size))
      throw new CriuError(
        'BAD_IMAGE',
        `internet socket ${socket.id} has a multicast address of a wrong size`,
        {
          file: 'files.img',
          entry: 'memberships',
        },
      );
    const request = Buffer.alloc(group_req.sizeof);
    request.writeUInt32LE(ifindex, group_req.gr_interface);
    request.set(storage(family, group), group_req.gr_group);
    const set = (name: number, value: Buffer, label: string) =>
      p.syscall('setsockopt', [fd, level(family), name, p.data(value), value.length], { label });
    set(MCAST_JOIN_GROUP, request, `multicast group of fd ${fd} on device ${ifindex}`);
    if (include || sources.length > 0)
      set(MCAST_MSFILTER, filter(family, ifindex, group, include, sources), `sources of a group of fd ${fd}`);
  }
}
