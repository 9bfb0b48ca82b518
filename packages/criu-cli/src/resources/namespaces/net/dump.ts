// Network namespaces: devices with their sysctls, addresses, routes and rules, by netlink sockets in the namespace.

import type { Agent } from '@criu/compel';
import { type Encodable, NdType, type NetDeviceEntry, type NetnsEntry } from '@criu/images';
import { closeSync, openSync } from '@criu/native/fs';
import {
  Attributes,
  addressHeader,
  decodeAddress,
  type Link,
  listLinks,
  type NetlinkSocket,
  type ReceivedMessage,
  routeHeader,
  routeMessage,
  ruleHeader,
  u32,
} from '@criu/native/netlink';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  ARPHRD_LOOPBACK,
  fib_rule_hdr,
  IFF_UP,
  IFLA_INFO_DATA,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_MASTER,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  NETNSA_FD,
  NETNSA_NSID,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTA_TABLE,
  RTM_F_CLONED,
  RTM_GETADDR,
  RTM_GETNSID,
  RTM_GETROUTE,
  RTM_GETRULE,
  RTPROT_KERNEL,
  rtmsg,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { NetlinkObject } from '../../../images/types.js';
import { type Namespace, namespacesOf } from '../../../views/namespaces.js';
import { netlinkIn, networkPath } from '../../../views/networks.js';
import { externalName, isExternal } from '../../external.js';
import { lockNetwork } from '../../files/inet/network-lock.js';
import type { NamespaceDump } from '../kind.js';
import { listPorts } from './bridge-ports.js';
import { dumpConntrack } from './conntrack.js';
import { deviceOf } from './devices.js';
import { dumpTunables, prepareTunables } from './dump-tunables.js';
import { listIpsec } from './ipsec.js';
import { listIpv6 } from './ipv6.js';
import { listGroups } from './link-addresses.js';
import { listMptcp } from './mptcp.js';
import { listObjects } from './objects.js';
import { listOffloads } from './offloads.js';
import { checkKept } from './refused.js';
import { removedRoutes } from './routes.js';
import { dumpRuleSets } from './rule-sets.js';
import { encodeSaved, SAVED, saveRaw } from './saved.js';
import { listSets } from './sets.js';
import { listTraffic } from './traffic.js';
import { tunOf } from './tun-dump.js';
import { listWireguard } from './wireguard.js';

const USUAL_TABLES: ReadonlySet<number> = new Set([RT_TABLE_MAIN, RT_TABLE_LOCAL]);

/** Routes that the kernel does not add itself. */
function routes(all: readonly ReceivedMessage[], family: number): readonly ReceivedMessage[] {
  return all.filter(({ body }) => {
    if (body.readUInt32LE(rtmsg.rtm_flags) & RTM_F_CLONED) return false;
    const table =
      Attributes.parse(body.subarray(rtmsg.sizeof), 'route').u32(RTA_TABLE) ?? body[rtmsg.rtm_table];
    const own = body[rtmsg.rtm_protocol] !== RTPROT_KERNEL;
    // Routes of IPv6 addresses are restored with these, as is the table of local addresses except for entries added by
    // users.
    return own || (family === AF_INET && table !== RT_TABLE_LOCAL);
  });
}

interface Routing {
  readonly addresses: readonly ReceivedMessage[];
  readonly ipv4: readonly ReceivedMessage[];
  readonly ipv6: readonly ReceivedMessage[];
  readonly rules: readonly ReceivedMessage[];
}

/** Addresses, all routes, and rules. @throws NetlinkError */
function listRouting(socket: NetlinkSocket): Routing {
  const addresses = routeMessage(RTM_GETADDR, 0, addressHeader({ family: AF_UNSPEC }));
  const ofFamily = (family: number) =>
    socket.dump(routeMessage(RTM_GETROUTE, 0, routeHeader({ family })), 'list routes');
  const rules = (family: number) =>
    socket.dump(routeMessage(RTM_GETRULE, 0, ruleHeader({ family })), 'list rules');
  return {
    addresses: socket.dump(addresses, 'list addresses'),
    ipv4: ofFamily(AF_INET),
    ipv6: ofFamily(AF_INET6),
    rules: [...rules(AF_INET), ...ownRules(rules(AF_INET6))],
  };
}

/** Routes that the kernel adds itself and users have removed. */
function removedOf({ addresses, ipv4, ipv6 }: Routing, links: readonly Link[]): NetlinkObject[] {
  const up = links.filter(({ flags }) => flags & IFF_UP).map(({ index }) => index);
  return removedRoutes(
    addresses.map(decodeAddress),
    [...ipv4, ...ipv6].map(({ body }) => body),
    new Set(up),
  );
}

type NetnsId = NonNullable<Encodable<NetnsEntry>['nsids']>[number];

/** The ids under which a namespace knows the other namespaces of the dump (NETNSA_NSID). */
function numbersOf(ctx: DumpContext, namespace: Namespace, socket: NetlinkSocket): NetnsId[] {
  return namespacesOf(ctx)
    .foreign.filter(({ kind }) => kind === 'net')
    .flatMap((other) => {
      const fd = openSync(networkPath(other), 'r');
      try {
        const [answer] = socket.request(
          routeMessage(RTM_GETNSID, 0, Buffer.alloc(4), [[NETNSA_FD, u32(fd)]]),
          'number of a network namespace',
        );
        const number = answer && Attributes.parse(answer.body.subarray(4), 'number').u32(NETNSA_NSID);
        if (number === undefined || number >>> 31) return [];
        return [{ target_ns_id: other.id, netnsid_value: number }];
      } catch (error) {
        // Before Linux 4.0, or if the namespace is not visible from there.
        ctx.log.debug(`network namespace ${namespace.id}: ${(error as Error).message}`);
        return [];
      } finally {
        closeSync(fd);
      }
    });
}

/** The namespace of a device's other end or lower device; undefined for one that is not dumped. */
function numberOfPeer(
  { id }: Namespace,
  { attributes }: Link,
  numbers: readonly NetnsId[],
): number | undefined {
  const number = attributes.u32(IFLA_LINK_NETNSID);
  if (number === undefined) return id;
  return numbers.find(({ netnsid_value }) => netnsid_value === number)?.target_ns_id;
}

/** IPv6 rules that a new namespace does not have; `ip rule save`, and therefore CRIU, stores only IPv4 rules. */
function ownRules(rules: readonly ReceivedMessage[]): readonly ReceivedMessage[] {
  const usual =
    rules.length === 2 && rules.every(({ body }) => USUAL_TABLES.has(body[fib_rule_hdr.table] ?? 0));
  return usual ? [] : rules;
}

/**
 * Describes a device. A device of an unsupported kind may be handled by a plugin, which provides it before the restore.
 * @throws CriuError
 */
export async function describeDevice(
  ctx: Pick<DumpContext, 'hooks'>,
  link: Link,
  info: Buffer | undefined,
  external: boolean,
) {
  try {
    return deviceOf(link, info, external);
  } catch (error) {
    const { index, arpType, kind = '', name } = link;
    const call = { args: [index, arpType], text: kind, about: `device ${name}` };
    if (await ctx.hooks.ask('DUMP_EXT_LINK', call)) return deviceOf(link, info, true);
    throw error;
  }
}

/** What is known of a device but its tunables. */
type Described = Encodable<NetDeviceEntry> & { readonly name: string };

async function describeLinks(
  ctx: DumpContext,
  namespace: Namespace,
  links: readonly Link[],
  numbers: readonly NetnsId[],
  inside: Agent,
): Promise<Described[]> {
  const described: Described[] = [];
  for (const link of links) {
    const info = link.attributes.nested(IFLA_LINKINFO)?.bytes(IFLA_INFO_DATA);
    const outside = isExternal(ctx, `netdev[${link.name}]`);
    const device =
      link.kind === 'tun' && !outside
        ? await tunOf(ctx, namespace, link, inside)
        : await describeDevice(ctx, link, info, outside);
    if (!device) continue;
    const peer = link.attributes.u32(IFLA_LINK) ?? link.index;
    const peerNumber = numberOfPeer(namespace, link, numbers);
    if (peerNumber !== namespace.id) checkPeer(ctx, link, peerNumber);
    described.push({
      ifindex: link.index,
      mtu: link.mtu,
      flags: link.flags,
      name: link.name,
      peer_ifindex: peer,
      ...(peerNumber === undefined ? {} : { peer_nsid: peerNumber }),
      ...(link.attributes.u32(IFLA_MASTER) === undefined ? {} : { master: link.attributes.u32(IFLA_MASTER) }),
      ...device,
    });
  }
  return described;
}

/** The name of an external namespace (`--external net[INODE]:NAME`). */
function external(ctx: DumpContext, { inode }: Namespace): string | undefined {
  return externalName(ctx, `net[${inode}]`);
}

/** Whether whoever restores fills the namespace (`--empty-ns net`): that is told of the root task's only. */
function isLeftEmpty(ctx: DumpContext, { members }: Namespace): boolean {
  return (ctx.options.emptyNamespaces?.includes('net') ?? false) && members.includes(ctx.root);
}

/** Refuses a device whose other end or lower device is in a namespace that is left empty. @throws CriuError */
function checkPeer(ctx: DumpContext, { name }: Link, peer: number | undefined): void {
  const root = namespacesOf(ctx).of(ctx.root, 'net');
  if (!root || root.id !== peer || !isLeftEmpty(ctx, root)) return;
  throw new CriuError(
    'UNSUPPORTED',
    `network device ${name} of a namespace of the tasks belongs to a device of the namespace that --empty-ns leaves empty`,
    {},
    'remove the device before the dump, or dump without --empty-ns',
  );
}

/** Of a namespace that is left empty: whether `lo` is up, without which no connection within it comes back. */
function addLoopback(ctx: DumpContext, { id }: Namespace, links: readonly Link[]): void {
  for (const link of links) {
    const { arpType, name, index, mtu, flags } = link;
    if (arpType !== ARPHRD_LOOPBACK) continue;
    ctx.images.add('NETDEV', { type: NdType.LOOPBACK, name, ifindex: index, mtu, flags }, { id });
  }
}

export const netDump: NamespaceDump = {
  prepare: prepareTunables,
  meet: lockNetwork,

  async visit(ctx, namespace, inside) {
    const { id } = namespace;
    const key = external(ctx, namespace);
    if (key !== undefined) {
      ctx.images.add('NETNS', { ext_key: key }, { id });
      return;
    }
    const socket = netlinkIn(ctx, NETLINK_ROUTE, namespace);
    const links = listLinks(socket);
    if (isLeftEmpty(ctx, namespace)) {
      addLoopback(ctx, namespace, links);
      return;
    }
    const nsids = numbersOf(ctx, namespace, socket);
    // The agent reads files while everything else is asked for here.
    const reading = dumpTunables(ctx, inside, socket, links);
    reading.catch(() => undefined);
    await null;
    checkKept(ctx, namespace, links);
    const lists = listRouting(socket);
    const objects = [
      ...listObjects(socket, links),
      ...listOffloads(netlinkIn(ctx, NETLINK_GENERIC, namespace), links),
      ...listSets(ctx, namespace),
      ...listGroups(namespace),
      ...listPorts(socket, links),
      ...listIpv6(socket, links),
      ...listTraffic(ctx, socket, links),
      ...removedOf(lists, links),
    ];
    for (const list of [listIpsec, listMptcp, listWireguard])
      ctx.refusals.attempt(() => {
        objects.push(...list(ctx, namespace, links));
      });
    saveRaw(ctx, `ifaddr-${id}.img`, encodeSaved(SAVED.ADDRESSES, lists.addresses));
    saveRaw(ctx, `route-${id}.img`, encodeSaved(SAVED.ROUTES, routes(lists.ipv4, AF_INET)));
    saveRaw(ctx, `route6-${id}.img`, encodeSaved(SAVED.ROUTES, routes(lists.ipv6, AF_INET6)));
    saveRaw(ctx, `rule-${id}.img`, encodeSaved(SAVED.RULES, lists.rules));
    dumpRuleSets(ctx, namespace);
    ctx.refusals.attempt(() => dumpConntrack(ctx, namespace));
    const described = await describeLinks(ctx, namespace, links, nsids, inside);
    const tunables = await reading;
    for (const device of described)
      ctx.images.add('NETDEV', { ...device, ...tunables.ofDevice(device.name) }, { id });
    const bound = new Set(
      namespacesOf(ctx)
        .foreign.filter((one) => one.bound)
        .map((one) => one.id),
    );
    ctx.images.add(
      'NETNS',
      {
        ...tunables.ofNamespace(new Set(described.map(({ name }) => name))),
        nsids: nsids.filter(({ target_ns_id }) => !bound.has(target_ns_id)),
        bound_nsids: nsids.filter(({ target_ns_id }) => bound.has(target_ns_id)),
        objects,
      },
      { id },
    );
  },
};
