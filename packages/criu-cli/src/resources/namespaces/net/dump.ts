// Network namespaces: devices with their tunables, addresses, routes and rules, by netlink sockets that are in them.
import { type Agent, Program } from '@criu/compel';
import type { Encodable, NetDeviceEntry, SysctlEntry } from '@criu/images';
import { closeSync, openSync, writeSync } from '@criu/native/fs';
import {
  Attributes,
  addressHeader,
  IFLA,
  IFLA_INFO,
  listLinks,
  NETLINK,
  NetlinkSocket,
  RTM,
  routeHeader,
  routeMessage,
  ruleHeader,
} from '@criu/native/netlink';
import { RT_TABLE_LOCAL, RTA_TABLE, RTM_F_CLONED, RTPROT_KERNEL } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { Namespace } from '../../../views/namespaces.js';
import { groupInside } from '../../../views/users.js';
import { externalName, isExternal } from '../../external.js';
import type { NamespaceDump } from '../kind.js';
import { deviceOf } from './devices.js';
import { dumpRuleSets } from './rule-sets.js';
import { encodeSaved, SAVED } from './saved.js';
import { deviceSysctls, IPV4_SYSCTLS, readList, UNIX_SYSCTLS } from './sysctls.js';

const AF = { UNSPEC: 0, INET: 2, INET6: 10 } as const;
const TABLE_OF_ROUTE = 4;
const PROTOCOL_OF_ROUTE = 5;

function save(ctx: DumpContext, name: string, bytes: Buffer): void {
  const fd = ctx.images.openRaw(name);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
  } finally {
    closeSync(fd);
  }
}

/** Routes that the kernel does not make by itself. */
function routes(socket: NetlinkSocket, family: number) {
  const request = routeMessage(RTM.GETROUTE, 0, routeHeader({ family }));
  return socket.dump(request, 'list routes').filter(({ body }) => {
    if (body.readUInt32LE(8) & RTM_F_CLONED) return false;
    const table = Attributes.parse(body.subarray(12), 'route').u32(RTA_TABLE) ?? body[TABLE_OF_ROUTE];
    if (table === RT_TABLE_LOCAL) return false;
    // Those of IPv6 addresses come back with these.
    return family === AF.INET || body[PROTOCOL_OF_ROUTE] !== RTPROT_KERNEL;
  });
}

async function describeLinks(
  ctx: DumpContext,
  namespace: Namespace,
  socket: NetlinkSocket,
  inside: Agent,
): Promise<void> {
  for (const link of listLinks(socket)) {
    const info = link.attributes.nested(IFLA.LINKINFO)?.bytes(IFLA_INFO.DATA);
    const device = deviceOf(link, info, isExternal(ctx, `netdev[${link.name}]`));
    if (!device) continue;
    const p = new Program(`tunables of ${link.name}`);
    const [conf4, conf6] = [
      readList(p, deviceSysctls('ipv4', link.name)),
      readList(p, deviceSysctls('ipv6', link.name)),
    ];
    const result = await inside.run(p);
    const peer = link.attributes.u32(IFLA.LINK) ?? link.index;
    const entry: Encodable<NetDeviceEntry> = {
      ifindex: link.index,
      mtu: link.mtu,
      flags: link.flags,
      name: link.name,
      conf4: conf4(result),
      conf6: conf6(result),
      peer_ifindex: peer,
      ...(link.attributes.has(IFLA.LINK_NETNSID) ? {} : { peer_nsid: namespace.id }),
      ...(link.attributes.u32(IFLA.MASTER) === undefined ? {} : { master: link.attributes.u32(IFLA.MASTER) }),
      ...device,
    };
    ctx.images.add('NETDEV', entry, { id: namespace.id });
  }
}

/** Whether it was said to be outside of the dump (`--external net[INODE]:NAME`); the name then. */
function external(ctx: DumpContext, { inode }: Namespace): string | undefined {
  return externalName(ctx, `net[${inode}]`);
}

/** The range of groups that may ping, as the tasks know groups: an empty one where an end of it is not mapped, as they see it. */
function pingGroups(ctx: DumpContext, entry: SysctlEntry): SysctlEntry {
  const ends = entry.sarg?.split(/\s+/).map((gid) => groupInside(ctx, Number(gid)));
  if (!ends) return entry;
  const [first, last] = ends;
  return { ...entry, sarg: first === undefined || last === undefined ? '1\t0' : `${first}\t${last}` };
}

export const netDump: NamespaceDump = {
  async visit(ctx, namespace, inside) {
    const { id } = namespace;
    const key = external(ctx, namespace);
    if (key !== undefined) {
      ctx.images.add('NETNS', { ext_key: key }, { id });
      return;
    }
    if (ctx.options.emptyNamespaces?.includes('net')) return;
    const [member] = namespace.members;
    if (!member) throw new CriuError('INTERNAL', 'no task is in the network namespace');
    const netns = openSync(`/proc/${member.pid}/ns/net`, 'r');
    try {
      using socket = NetlinkSocket.open(NETLINK.ROUTE, netns);
      await describeLinks(ctx, namespace, socket, inside);
      const addresses = routeMessage(RTM.GETADDR, 0, addressHeader({ family: AF.UNSPEC }));
      const rules = routeMessage(RTM.GETRULE, 0, ruleHeader({ family: AF.INET }));
      const images = [
        [`ifaddr-${id}.img`, SAVED.ADDRESSES, socket.dump(addresses, 'list addresses')],
        [`route-${id}.img`, SAVED.ROUTES, routes(socket, AF.INET)],
        [`route6-${id}.img`, SAVED.ROUTES, routes(socket, AF.INET6)],
        [`rule-${id}.img`, SAVED.RULES, socket.dump(rules, 'list rules')],
      ] as const;
      for (const [name, magic, messages] of images) save(ctx, name, encodeSaved(magic, messages));
    } finally {
      closeSync(netns);
    }
    await dumpRuleSets(ctx, namespace);
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
    ctx.images.add(
      'NETNS',
      {
        ...Object.fromEntries(Object.entries(lists).map(([field, of]) => [field, of(result)])),
        ipv4_sysctl: lists.ipv4_sysctl(result).map((entry) => pingGroups(ctx, entry)),
      },
      { id },
    );
  },
};
