// Network namespaces: the first task is born in a new one, which is filled before it makes children: tunables by the task,
// devices, addresses, routes and rules by netlink sockets that are made in it.

import { join } from 'node:path';
import { Program } from '@criu/compel';
import { closeSync, existsSync, openSync, readFileSync } from '@criu/native/fs';
import {
  Attributes,
  encodeAttributes,
  IFA,
  type Message,
  NETLINK,
  NetlinkError,
  NetlinkSocket,
  NLM_F,
  RTA,
  RTM,
  routeMessage,
  ruleHeader,
  u32,
} from '@criu/native/netlink';
import { AF_INET, EEXIST, EHOSTUNREACH, ENETUNREACH, ESRCH, IFA_F_TENTATIVE } from '@criu/native/uapi';
import type { PlanContext, TaskRun } from '../../../engine/plan.js';
import type { NetDeviceEntry, NetnsEntry, SysctlEntry } from '../../../images/types.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { inheritedSlot, missingInherited } from '../../files/inherit.js';
import type { NamespaceRestore } from '../kind.js';
import { ND } from './devices.js';
import { makeLinks, setLinks } from './links.js';
import { restoreRuleSets } from './rule-sets.js';
import { decodeSaved, SAVED } from './saved.js';
import { CTL, deviceSysctls, IPV4_SYSCTLS, UNIX_SYSCTLS, writeList } from './sysctls.js';

const ADDRESS_HEADER = 8;

function saved(ctx: PlanContext, magic: number, file: string): Message[] {
  const path = join(ctx.checkpoint.source.dir, file);
  return existsSync(path) ? decodeSaved(magic, readFileSync(path), file) : [];
}

/** Tunables of the namespace, which devices that are made afterwards begin with. */
function commonSysctls(ctx: PlanContext, p: () => Program, conf: NetnsEntry | undefined): void {
  if (!conf) return;
  const weak = ctx.options.weakSysctls ?? false;
  writeList(p, deviceSysctls('ipv4', 'all'), conf.all_conf4, { weak });
  writeList(p, deviceSysctls('ipv4', 'default'), conf.def_conf4, { weak });
  writeList(p, deviceSysctls('ipv6', 'all'), conf.all_conf6, { weak });
  writeList(p, deviceSysctls('ipv6', 'default'), conf.def_conf6, { weak });
  writeList(p, UNIX_SYSCTLS, conf.unix_conf, { weak });
  writeList(p, IPV4_SYSCTLS, conf.ipv4_sysctl, { weak });
}

/** Tunables of devices; those that were there before have the kernel's own values, not the defaults. */
function ofDevices(
  ctx: PlanContext,
  p: () => Program,
  conf: NetnsEntry | undefined,
  devices: readonly NetDeviceEntry[],
): void {
  const weak = ctx.options.weakSysctls ?? false;
  for (const { name, type, conf4, conf6 } of devices) {
    const made = type !== ND.LOOPBACK;
    writeList(p, deviceSysctls('ipv4', name), conf4, { weak, defaults: made ? (conf?.def_conf4 ?? []) : [] });
    writeList(p, deviceSysctls('ipv6', name), conf6, { weak, defaults: made ? (conf?.def_conf6 ?? []) : [] });
  }
}

/** Sets some of the IPv6 tunables of devices, and leaves the others. */
function setSome(
  p: () => Program,
  devices: readonly NetDeviceEntry[],
  choose: (name: string, device: NetDeviceEntry, entry: SysctlEntry | undefined) => SysctlEntry | undefined,
): void {
  for (const device of devices) {
    const list = deviceSysctls('ipv6', device.name);
    const entries = list.names.map(
      (name, i) => choose(name, device, device.conf6[i]) ?? { type: CTL.NUMBER },
    );
    writeList(p, list, entries, { weak: true });
  }
}

/** Addresses that were valid are not looked for in the network again when their devices go up. */
function withoutDetection(p: () => Program, devices: readonly NetDeviceEntry[]): void {
  setSome(p, devices, (name, { type }) =>
    name === 'accept_dad' && type !== ND.LOOPBACK ? { type: CTL.NUMBER, iarg: 0 } : undefined,
  );
}

/** What a device that goes up changes itself. */
function afterUp(p: () => Program, devices: readonly NetDeviceEntry[]): void {
  setSome(p, devices, (name, _device, entry) =>
    name === 'accept_dad' || name === 'mtu' ? entry : undefined,
  );
}

/** As it was saved. */
function addressRequest({ body }: Message): Message {
  const attributes = Attributes.parse(Buffer.from(body.subarray(ADDRESS_HEADER)), 'address');
  const flags = attributes.u32(IFA.FLAGS) ?? body[2] ?? 0;
  const kept = attributes.types
    .filter((type) => type !== IFA.FLAGS)
    .map((type) => [type, attributes.bytes(type) ?? Buffer.alloc(0)] as const);
  return {
    type: RTM.NEWADDR,
    flags: NLM_F.CREATE | NLM_F.REPLACE,
    body: Buffer.concat([
      body.subarray(0, ADDRESS_HEADER),
      encodeAttributes([...kept, [IFA.FLAGS, u32(flags & ~IFA_F_TENTATIVE)]]),
    ]),
  };
}

const ROUTE_HEADER = 12;
/** rtm_flags in struct rtmsg (linux/rtnetlink.h). */
const ROUTE_FLAGS_AT = 8;
/** struct rtnexthop: its size, and where rtnh_flags is. */
const NEXT_HOP = { size: 8, flags: 2 } as const;
/** RTNH_F_* that the kernel finds out itself and takes from nobody: DEAD, OFFLOAD, LINKDOWN, UNRESOLVED, TRAP. */
const FOUND_OUT = 0x01 | 0x08 | 0x10 | 0x20 | 0x40;

/** A route as it can be asked for. */
function routeRequest(body: Uint8Array): Buffer {
  const header = Buffer.from(body.subarray(0, ROUTE_HEADER));
  header.writeUInt32LE((header.readUInt32LE(ROUTE_FLAGS_AT) & ~FOUND_OUT) >>> 0, ROUTE_FLAGS_AT);
  const attributes = Attributes.parse(Buffer.from(body.subarray(ROUTE_HEADER)), 'route');
  const kept = attributes.types.map((type) => {
    const value = Buffer.from(attributes.bytes(type) ?? []);
    if (type === RTA.MULTIPATH)
      for (let at = 0, size = 0; at + NEXT_HOP.size <= value.length; at += (size + 3) & ~3) {
        size = value.readUInt16LE(at);
        if (size < NEXT_HOP.size) break;
        value.writeUInt8(value.readUInt8(at + NEXT_HOP.flags) & ~FOUND_OUT & 0xff, at + NEXT_HOP.flags);
      }
    return [type, value] as const;
  });
  return Buffer.concat([header, encodeAttributes(kept)]);
}

/** Makes routes, in as many rounds as it takes: one may only be reached by way of another. */
function makeRoutes(socket: NetlinkSocket, routes: readonly Message[]): void {
  let left = routes.map((route) => ({ ...route, body: routeRequest(route.body) }));
  while (left.length > 0) {
    const failed: typeof left = [];
    let last: unknown;
    for (const { body } of left) {
      try {
        socket.request({ type: RTM.NEWROUTE, flags: NLM_F.CREATE, body }, 'route');
      } catch (error) {
        const errno = error instanceof NetlinkError ? error.errno : 0;
        if (errno === EEXIST) continue;
        if (errno !== ENETUNREACH && errno !== EHOSTUNREACH && errno !== ESRCH) throw error;
        failed.push({ type: RTM.NEWROUTE, flags: 0, body });
        last = error;
      }
    }
    if (failed.length === left.length) throw last;
    left = failed;
  }
}

function makeRules(socket: NetlinkSocket, rules: readonly Message[]): void {
  if (rules.length === 0) return;
  const listed = routeMessage(RTM.GETRULE, 0, ruleHeader({ family: AF_INET }));
  for (const { body } of socket.dump(listed, 'list rules'))
    socket.request({ type: RTM.DELRULE, flags: 0, body }, 'remove a rule');
  for (const { body } of rules) socket.request({ type: RTM.NEWRULE, flags: NLM_F.CREATE, body }, 'rule');
}

interface Saved {
  readonly devices: readonly NetDeviceEntry[];
  readonly addresses: readonly Message[];
  readonly routes: readonly Message[];
  readonly rules: readonly Message[];
}

/** Has something done by a netlink socket in the network namespace of a task. */
function within(run: TaskRun, use: (socket: NetlinkSocket, netns: number) => void): Program {
  const netns = openSync(`/proc/${run.hostPid}/ns/net`, 'r');
  try {
    using socket = NetlinkSocket.open(NETLINK.ROUTE, netns);
    use(socket, netns);
  } finally {
    closeSync(netns);
  }
  return new Program('nothing more');
}

export const netRestore: NamespaceRestore = {
  plan(ctx, first, { id }) {
    const [conf] = ctx.checkpoint.optional('NETNS', `netns-${id}.img`).map(({ entry }) => entry);
    if (conf?.ext_key !== undefined) {
      const slot =
        inheritedSlot(ctx, conf.ext_key) ?? missingInherited(ctx, conf.ext_key, 'the network namespace');
      const fd = first.tempFd();
      first.take('namespaces', slot, fd);
      first
        .program('namespaces')
        .syscall('setns', [fd, CLONE_NEW.net], { label: `network namespace ${conf.ext_key}` });
      return;
    }
    if (first === ctx.root) first.birthFlags |= BigInt(CLONE_NEW.net);
    else
      first.program('namespaces').syscall('unshare', [CLONE_NEW.net], { label: `network namespace ${id}` });
    if (ctx.options.emptyNamespaces?.includes('net')) return;
    const file = `netdev-${id}.img`;
    const devices = ctx.checkpoint.optional('NETDEV', file).map(({ entry }) => entry);
    const all: Saved = {
      devices,
      addresses: saved(ctx, SAVED.ADDRESSES, `ifaddr-${id}.img`),
      routes: [
        ...saved(ctx, SAVED.ROUTES, `route-${id}.img`),
        ...saved(ctx, SAVED.ROUTES, `route6-${id}.img`),
      ],
      rules: saved(ctx, SAVED.RULES, `rule-${id}.img`),
    };
    const p = () => first.program('namespaces');
    commonSysctls(ctx, p, conf);
    const target = (inside: NetlinkSocket, netns: number) => ({ ctx, inside, netns, devices, file });
    first.step('namespaces', {
      title: `network devices: ${devices.map(({ name }) => name).join(', ')}`,
      program: (run) => within(run, (socket, netns) => makeLinks(target(socket, netns))),
    });
    ofDevices(ctx, p, conf, devices);
    withoutDetection(p, devices);
    const filters = join(ctx.checkpoint.source.dir, `nftables-${id}.img`);
    first.step('namespaces', {
      title: `network: ${all.addresses.length} addresses, ${all.routes.length} routes, ${all.rules.length} rules`,
      program: (run) => {
        const done = within(run, (socket, netns) => {
          setLinks(target(socket, netns));
          for (const address of all.addresses) socket.request(addressRequest(address), 'address');
          makeRoutes(socket, all.routes);
          makeRules(socket, all.rules);
        });
        if (existsSync(filters)) restoreRuleSets(run.hostPid, filters);
        return done;
      },
    });
    afterUp(p, devices);
  },
};
