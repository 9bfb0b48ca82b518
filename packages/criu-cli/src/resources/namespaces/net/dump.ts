// Network namespaces: devices with their sysctls, addresses, routes and rules, by netlink sockets in the namespace.

import { type Agent, Program } from '@criu/compel';
import type { Encodable, NetDeviceEntry, NetnsEntry, SysctlEntry } from '@criu/images';
import { closeSync, openSync } from '@criu/native/fs';
import {
  Attributes,
  addressHeader,
  type Link,
  listAddresses,
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
import type { NetlinkObject } from '../../../images/types.js';
import { type Namespace, namespacesOf } from '../../../views/namespaces.js';
import { networkPath, openNetlink } from '../../../views/networks.js';
import { groupInside } from '../../../views/users.js';
import { externalName, isExternal } from '../../external.js';
import { lockNetwork } from '../../files/inet/network-lock.js';
import type { NamespaceDump } from '../kind.js';
import { listPorts } from './bridge-ports.js';
import { dumpConntrack } from './conntrack.js';
import { deviceOf } from './devices.js';
import { listIpv6 } from './ipv6.js';
import { listGroups } from './link-addresses.js';
import { readMore } from './more-sysctls.js';
import { listObjects } from './objects.js';
import { listOffloads } from './offloads.js';
import { checkKept } from './refused.js';
import { removedRoutes } from './routes.js';
import { dumpRuleSets } from './rule-sets.js';
import { encodeSaved, SAVED, saveRaw } from './saved.js';
import { listSets } from './sets.js';
import { deviceSysctls, IPV4_SYSCTLS, readList, UNIX_SYSCTLS } from './sysctls.js';
import { listTraffic } from './traffic.js';
import { tunOf } from './tun-dump.js';

const USUAL_TABLES: ReadonlySet<number> = new Set([RT_TABLE_MAIN, RT_TABLE_LOCAL]);

/** Routes that the kernel does not add itself. */
function routes(socket: NetlinkSocket, family: number) {
  const request = routeMessage(RTM_GETROUTE, 0, routeHeader({ family }));
  return socket.dump(request, 'list routes').filter(({ body }) => {
    if (body.readUInt32LE(rtmsg.rtm_flags) & RTM_F_CLONED) return false;
    const table =
      Attributes.parse(body.subarray(rtmsg.sizeof), 'route').u32(RTA_TABLE) ?? body[rtmsg.rtm_table];
    const own = body[rtmsg.rtm_protocol] !== RTPROT_KERNEL;
    // Routes of IPv6 addresses are restored with these, as is the table of local addresses except for entries added by
    // users.
    return own || (family === AF_INET && table !== RT_TABLE_LOCAL);
  });
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

/** Describes all devices. @returns their names */
async function describeLinks(
  ctx: DumpContext,
  namespace: Namespace,
  links: readonly Link[],
  numbers: readonly NetnsId[],
  inside: Agent,
): Promise<string[]> {
  const names: string[] = [];
  for (const link of links) {
    const info = link.attributes.nested(IFLA_LINKINFO)?.bytes(IFLA_INFO_DATA);
    const outside = isExternal(ctx, `netdev[${link.name}]`);
    const device =
      link.kind === 'tun' && !outside
        ? await tunOf(ctx, namespace, link, inside)
        : await describeDevice(ctx, link, info, outside);
    if (!device) continue;
    const p = new Program(`tunables of ${link.name}`);
    const [conf4, conf6] = [
      readList(p, deviceSysctls('ipv4', link.name)),
      readList(p, deviceSysctls('ipv6', link.name)),
    ];
    const result = await inside.run(p);
    const peer = link.attributes.u32(IFLA_LINK) ?? link.index;
    const peerNumber = numberOfPeer(namespace, link, numbers);
    const entry: Encodable<NetDeviceEntry> = {
      ifindex: link.index,
      mtu: link.mtu,
      flags: link.flags,
      name: link.name,
      conf4: conf4(result),
      conf6: conf6(result),
      peer_ifindex: peer,
      ...(peerNumber === undefined ? {} : { peer_nsid: peerNumber }),
      ...(link.attributes.u32(IFLA_MASTER) === undefined ? {} : { master: link.attributes.u32(IFLA_MASTER) }),
      ...device,
    };
    ctx.images.add('NETDEV', entry, { id: namespace.id });
    names.push(link.name);
  }
  return names;
}

/** The name of an external namespace (`--external net[INODE]:NAME`). */
function external(ctx: DumpContext, { inode }: Namespace): string | undefined {
  return externalName(ctx, `net[${inode}]`);
}

/**
 * The range of groups that may ping, as gids of the tasks. It is empty if an end is not mapped, as the tasks see it.
 */
function pingGroups(ctx: DumpContext, entry: SysctlEntry): SysctlEntry {
  const ends = entry.sarg?.split(/\s+/).map((gid) => groupInside(ctx, Number(gid)));
  if (!ends) return entry;
  const [first, last] = ends;
  return { ...entry, sarg: first === undefined || last === undefined ? '1\t0' : `${first}\t${last}` };
}

export const netDump: NamespaceDump = {
  meet: lockNetwork,

  async visit(ctx, namespace, inside) {
    const { id } = namespace;
    const key = external(ctx, namespace);
    if (key !== undefined) {
      ctx.images.add('NETNS', { ext_key: key }, { id });
      return;
    }
    if (ctx.options.emptyNamespaces?.includes('net')) return;
    const nsids: NetnsId[] = [];
    const objects: NetlinkObject[] = [];
    const names: string[] = [];
    {
      using socket = openNetlink(NETLINK_ROUTE, namespace);
      nsids.push(...numbersOf(ctx, namespace, socket));
      const links = listLinks(socket);
      objects.push(...listObjects(socket, links));
      checkKept(ctx, namespace, links);
      {
        using generic = openNetlink(NETLINK_GENERIC, namespace);
        objects.push(...listOffloads(generic, links));
      }
      objects.push(...listSets(namespace), ...listGroups(namespace));
      objects.push(
        ...listPorts(socket, links),
        ...listIpv6(socket, links),
        ...listTraffic(ctx, socket, links),
      );
      names.push(...(await describeLinks(ctx, namespace, links, nsids, inside)));
      const addresses = routeMessage(RTM_GETADDR, 0, addressHeader({ family: AF_UNSPEC }));
      const rules = (family: number) =>
        socket.dump(routeMessage(RTM_GETRULE, 0, ruleHeader({ family })), 'list rules');
      const images = [
        [`ifaddr-${id}.img`, SAVED.ADDRESSES, socket.dump(addresses, 'list addresses')],
        [`route-${id}.img`, SAVED.ROUTES, routes(socket, AF_INET)],
        [`route6-${id}.img`, SAVED.ROUTES, routes(socket, AF_INET6)],
        [`rule-${id}.img`, SAVED.RULES, [...rules(AF_INET), ...ownRules(rules(AF_INET6))]],
      ] as const;
      const all = [AF_INET, AF_INET6].flatMap((family) =>
        socket.dump(routeMessage(RTM_GETROUTE, 0, routeHeader({ family })), 'list routes'),
      );
      const up = links.filter(({ flags }) => flags & IFF_UP).map(({ index }) => index);
      objects.push(
        ...removedRoutes(
          listAddresses(socket),
          all.map(({ body }) => body),
          new Set(up),
        ),
      );
      for (const [name, magic, messages] of images) saveRaw(ctx, name, encodeSaved(magic, messages));
    }
    dumpRuleSets(ctx, namespace);
    dumpConntrack(ctx, namespace);
    const p = new Program('tunables of the network namespace');
    const lists = {
      def_conf4: readList(p, deviceSysctls('ipv4', 'default')),
      all_conf4: readList(p, deviceSysctls('ipv4', 'all')),
      def_conf6: readList(p, deviceSysctls('ipv6', 'default')),
      all_conf6: readList(p, deviceSysctls('ipv6', 'all')),
      unix_conf: readList(p, UNIX_SYSCTLS),
      ipv4_sysctl: readList(p, IPV4_SYSCTLS),
    };
    const result = await inside.run(p);
    const bound = new Set(
      namespacesOf(ctx)
        .foreign.filter((one) => one.bound)
        .map((one) => one.id),
    );
    ctx.images.add(
      'NETNS',
      {
        ...Object.fromEntries(Object.entries(lists).map(([field, of]) => [field, of(result)])),
        ipv4_sysctl: lists.ipv4_sysctl(result).map((entry) => pingGroups(ctx, entry)),
        nsids: nsids.filter(({ target_ns_id }) => !bound.has(target_ns_id)),
        bound_nsids: nsids.filter(({ target_ns_id }) => bound.has(target_ns_id)),
        objects,
        more_sysctls: await readMore(inside, names),
      },
      { id },
    );
  },
};
