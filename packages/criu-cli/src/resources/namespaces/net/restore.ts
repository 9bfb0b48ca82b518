// Network namespaces: the first task is born in a new one, which is filled before it makes children: tunables by the task,
// devices, addresses, routes and rules by netlink sockets that are made in it.

import { join } from 'node:path';
import { Program } from '@criu/compel';
import { closeSync, existsSync, openSync, readFileSync } from '@criu/native/fs';
import {
  Attributes,
  encodeAttributes,
  IFA,
  IFF,
  IFLA,
  linkHeader,
  type Message,
  NETLINK,
  NetlinkError,
  NetlinkSocket,
  NLM_F,
  RTM,
  routeMessage,
  ruleHeader,
  text,
  u32,
} from '@criu/native/netlink';
import type { PlanContext, TaskPlan, TaskRun } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { NetDeviceEntry } from '../../../images/types.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { inheritedSlot, missingInherited } from '../../files/inherit.js';
import type { NamespaceRestore } from '../kind.js';
import { ND } from './devices.js';
import { restoreRuleSets } from './rule-sets.js';
import { decodeSaved, SAVED } from './saved.js';
import { deviceSysctls, IPV4_SYSCTLS, UNIX_SYSCTLS, writeList } from './sysctls.js';

const EEXIST = 17;
const ESRCH = 3;
const ENETUNREACH = 101;
const EHOSTUNREACH = 113;
const AF_INET = 2;
const IFA_F_NODAD = 0x02;
const IFA_F_TENTATIVE = 0x40;
const ADDRESS_HEADER = 8;

function saved(ctx: PlanContext, magic: number, file: string): Message[] {
  const path = join(ctx.checkpoint.source.dir, file);
  return existsSync(path) ? decodeSaved(magic, readFileSync(path), file) : [];
}

function sysctls(ctx: PlanContext, first: TaskPlan, id: number, devices: readonly NetDeviceEntry[]): void {
  const p = () => first.program('namespaces');
  const [conf] = ctx.checkpoint.optional('NETNS', `netns-${id}.img`).map(({ entry }) => entry);
  const weak = ctx.options.weakSysctls ?? false;
  if (conf) {
    writeList(p, deviceSysctls('ipv4', 'all'), conf.all_conf4, { weak });
    writeList(p, deviceSysctls('ipv4', 'default'), conf.def_conf4, { weak });
    writeList(p, deviceSysctls('ipv6', 'all'), conf.all_conf6, { weak });
    writeList(p, deviceSysctls('ipv6', 'default'), conf.def_conf6, { weak });
    writeList(p, UNIX_SYSCTLS, conf.unix_conf, { weak });
    writeList(p, IPV4_SYSCTLS, conf.ipv4_sysctl, { weak });
  }
  for (const { name, conf4, conf6 } of devices) {
    writeList(p, deviceSysctls('ipv4', name), conf4, { weak, defaults: conf?.def_conf4 ?? [] });
    writeList(p, deviceSysctls('ipv6', name), conf6, { weak, defaults: conf?.def_conf6 ?? [] });
  }
}

function setLink(socket: NetlinkSocket, { name, mtu, flags }: NetDeviceEntry): void {
  socket.request(
    routeMessage(RTM.SETLINK, 0, linkHeader({ flags, change: IFF.UP }), [
      [IFLA.IFNAME, text(name)],
      [IFLA.MTU, u32(mtu)],
    ]),
    `device ${name}`,
  );
}

/** As it was saved, but to be used at once: an address that was valid is not looked for in the network again. */
function addressRequest({ body }: Message): Message {
  const attributes = Attributes.parse(Buffer.from(body.subarray(ADDRESS_HEADER)), 'address');
  const flags = attributes.u32(IFA.FLAGS) ?? body[2] ?? 0;
  const wanted = flags & IFA_F_TENTATIVE ? flags : flags | IFA_F_NODAD;
  const kept = attributes.types
    .filter((type) => type !== IFA.FLAGS)
    .map((type) => [type, attributes.bytes(type) ?? Buffer.alloc(0)] as const);
  return {
    type: RTM.NEWADDR,
    flags: NLM_F.CREATE | NLM_F.REPLACE,
    body: Buffer.concat([
      body.subarray(0, ADDRESS_HEADER),
      encodeAttributes([...kept, [IFA.FLAGS, u32(wanted & ~IFA_F_TENTATIVE)]]),
    ]),
  };
}

/** Makes routes, in as many rounds as it takes: one may only be reached by way of another. */
function makeRoutes(socket: NetlinkSocket, routes: readonly Message[]): void {
  let left = [...routes];
  while (left.length > 0) {
    const failed: Message[] = [];
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

function fill({ hostPid }: TaskRun, { devices, addresses, routes, rules }: Saved): void {
  const netns = openSync(`/proc/${hostPid}/ns/net`, 'r');
  try {
    using socket = NetlinkSocket.open(NETLINK.ROUTE, netns);
    for (const device of devices) setLink(socket, device);
    for (const address of addresses) socket.request(addressRequest(address), 'address');
    makeRoutes(socket, routes);
    makeRules(socket, rules);
  } finally {
    closeSync(netns);
  }
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
    first.birthFlags |= BigInt(CLONE_NEW.net);
    if (ctx.options.emptyNamespaces?.includes('net')) return;
    const devices = ctx.checkpoint.optional('NETDEV', `netdev-${id}.img`).map(({ entry }) => entry);
    for (const device of devices)
      if (device.type !== ND.LOOPBACK)
        throw new CriuError('UNSUPPORTED', `the network device ${device.name} cannot be restored yet`, {
          file: `netdev-${id}.img`,
        });
    const all: Saved = {
      devices,
      addresses: saved(ctx, SAVED.ADDRESSES, `ifaddr-${id}.img`),
      routes: [
        ...saved(ctx, SAVED.ROUTES, `route-${id}.img`),
        ...saved(ctx, SAVED.ROUTES, `route6-${id}.img`),
      ],
      rules: saved(ctx, SAVED.RULES, `rule-${id}.img`),
    };
    sysctls(ctx, first, id, devices);
    const filters = join(ctx.checkpoint.source.dir, `nftables-${id}.img`);
    first.step('namespaces', {
      title: `network: ${devices.length} devices, ${all.addresses.length} addresses, ${all.routes.length} routes, ${all.rules.length} rules`,
      program: (run) => {
        fill(run, all);
        if (existsSync(filters)) restoreRuleSets(run.hostPid, filters);
        return new Program('nothing more');
      },
    });
  },
};
