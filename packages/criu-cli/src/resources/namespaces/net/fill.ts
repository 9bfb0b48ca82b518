// Fills new network namespaces: sysctls by a process of ours that enters them, everything else by netlink sockets.

import { Agent } from '@criu/compel';
import { NdType } from '@criu/images';
import { NetlinkError, NetlinkSocket, routeMessage, u32 } from '@criu/native/netlink';
import {
  EEXIST,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  NETNSA_FD,
  NETNSA_NSID,
  RTM_NEWNSID,
} from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { shareWith } from '../../../engine/priority.js';
import type { NetnsEntry, SysctlEntry } from '../../../images/types.js';
import { agentIds, ownerOutside } from '../../../views/planned-users.js';
import { makeAddresses } from './addresses.js';
import { NoAutomatic } from './automatic.js';
import { makePorts } from './bridge-ports.js';
import { makeIpv6 } from './ipv6.js';
import { makeGroups } from './link-addresses.js';
import { makeLinks, raiseLoopback, setLinks } from './links.js';
import { writeMore } from './more-sysctls.js';
import { Insider, type Network, type OpenNetwork } from './network.js';
import { makeNeighbours, makeNexthops } from './objects.js';
import { makeOffloads } from './offloads.js';
import { Quiet } from './quiet.js';
import { makeRoutes, makeRules, removeRoutes } from './routes.js';
import { makeSets } from './sets.js';
import { CTL, deviceSysctls, IPV4_SYSCTLS, UNIX_SYSCTLS, writeList } from './sysctls.js';
import { makeTraffic } from './traffic.js';
import { makeTun } from './tun.js';
import { makeWireguard } from './wireguard.js';

/** The range of groups that may ping; images have gids of the tasks. An empty range is independent of the mapping. */
function pingGroups({ ctx, file }: OpenNetwork, entry: SysctlEntry): SysctlEntry {
  const [first, last] = (entry.sarg ?? '').split(/\s+/).map(Number);
  if (first === undefined || last === undefined || first > last) return entry;
  const outside = (gid: number) => ownerOutside(ctx, { uid: agentIds(ctx).uid, gid }, file).gid;
  return { ...entry, sarg: `${outside(first)}\t${outside(last)}` };
}

/** Sysctls of the namespace, from which later devices inherit. */
async function setCommon(insider: Insider, network: OpenNetwork): Promise<void> {
  const { conf, ctx } = network;
  if (!conf) return;
  const weak = ctx.options.weakSysctls ?? false;
  await insider.run(network, (p) => {
    writeList(p, deviceSysctls('ipv4', 'all'), conf.all_conf4, { weak });
    writeList(p, deviceSysctls('ipv4', 'default'), conf.def_conf4, { weak });
    writeList(p, deviceSysctls('ipv6', 'all'), conf.all_conf6, { weak });
    writeList(p, deviceSysctls('ipv6', 'default'), conf.def_conf6, { weak });
    writeList(p, UNIX_SYSCTLS, conf.unix_conf, { weak });
    writeList(
      p,
      IPV4_SYSCTLS,
      conf.ipv4_sysctl.map((entry) => pingGroups(network, entry)),
      { weak },
    );
  });
}

/** Sysctls of devices; devices that existed before have the kernel's own values, not those of `default`. */
async function setDevices(insider: Insider, network: OpenNetwork): Promise<void> {
  const { conf, ctx, devices } = network;
  const weak = ctx.options.weakSysctls ?? false;
  await insider.run(network, (p) => {
    for (const { name, type, conf4, conf6 } of devices) {
      const made = type !== NdType.LOOPBACK;
      const defaults = {
        ipv4: made ? (conf?.def_conf4 ?? []) : [],
        ipv6: made ? (conf?.def_conf6 ?? []) : [],
      };
      writeList(p, deviceSysctls('ipv4', name), conf4, { weak, defaults: defaults.ipv4 });
      writeList(p, deviceSysctls('ipv6', name), conf6, { weak, defaults: defaults.ipv6 });
    }
  });
}

/** Sysctls that a device changes when it goes up, and link-layer groups. */
async function setAgain(insider: Insider, network: OpenNetwork): Promise<void> {
  await insider.run(network, (p) => {
    makeGroups(p, network.conf?.objects ?? []);
    for (const { name, conf6 } of network.devices) {
      const list = deviceSysctls('ipv6', name);
      const entries = list.names.map(
        (tunable, i): SysctlEntry => (tunable === 'mtu' ? conf6[i] : undefined) ?? { type: CTL.NUMBER },
      );
      writeList(p, list, entries, { weak: true });
    }
  });
}

/** Sysctls for which CRIU's format has no place. */
async function setMore(insider: Insider, network: OpenNetwork, automatic?: NoAutomatic): Promise<void> {
  const { conf, ctx, number } = network;
  const wanted = conf?.more_sysctls.filter(({ path }) => !automatic?.has(path)) ?? [];
  if (wanted.length === 0) return;
  await insider.run(network, () => undefined);
  const weak = ctx.options.weakSysctls ?? false;
  await writeMore(insider.agent, wanted, { file: `netns-${number}.img`, weak, log: ctx.log });
}

function nsidsOf(conf: NetnsEntry | undefined): NetnsEntry['nsids'] {
  return [...(conf?.nsids ?? []), ...(conf?.bound_nsids ?? [])];
}

/** Ids by which the namespaces know each other. */
function setNumbers({ conf, inside }: OpenNetwork, all: readonly OpenNetwork[]): void {
  for (const { target_ns_id, netnsid_value } of nsidsOf(conf)) {
    const other = all.find(({ number }) => number === target_ns_id);
    if (!other) continue;
    try {
      inside.request(
        routeMessage(RTM_NEWNSID, 0, Buffer.alloc(4), [
          [NETNSA_NSID, u32(netnsid_value)],
          [NETNSA_FD, u32(other.netns)],
        ]),
        'number of a network namespace',
      );
    } catch (error) {
      if (!(error instanceof NetlinkError && error.errno === EEXIST)) throw error;
    }
  }
}

interface Filled extends OpenNetwork {
  readonly quiet: Quiet;
}

/**
 * @returns a promise for the end of the helper, which need not be awaited
 * @throws CriuError, NetlinkError, ProgramError
 */
async function fillAll(all: readonly Filled[]): Promise<{ readonly gone: Promise<void> }> {
  const agent = Agent.start({ name: 'helper in network namespaces' });
  shareWith(agent.pid);
  const insider = new Insider(agent);
  try {
    for (const network of all) await setCommon(insider, network);
    for (const network of all) setNumbers(network, all);
    for (const network of all) network.quiet.begin();
    for (const network of all) await makeTun(insider, network);
    await makeLinks(all);
    const automatic = new Map<Filled, NoAutomatic>();
    for (const network of all) {
      const { inside, addresses, devices, routes, rules } = network;
      await setDevices(insider, network);
      makeOffloads(() => NetlinkSocket.open(NETLINK_GENERIC, network.netns), network.conf?.objects ?? []);
      makeWireguard(network.netns, network.conf?.objects ?? []);
      automatic.set(network, new NoAutomatic(inside, network.conf?.more_sysctls ?? []));
      setLinks(network);
      if (network.loopback) raiseLoopback(inside);
      makeTraffic(inside, network.conf?.objects ?? []);
      makeIpv6(inside, network.conf?.objects ?? []);
      makeAddresses(inside, addresses, new Set(devices.map(({ ifindex }) => ifindex)));
      makeNexthops(inside, network.conf?.objects ?? []);
      makeRoutes(inside, routes);
      removeRoutes(inside, network.conf?.objects ?? []);
      makeRules(inside, rules);
      makeNeighbours(inside, network.conf?.objects ?? []);
      makePorts(inside, network.conf?.objects ?? []);
      makeSets(network.netns, network.conf?.objects ?? []);
    }
    for (const network of all) {
      await setAgain(insider, network);
      await setMore(insider, network, automatic.get(network));
    }
    for (const one of automatic.values()) await one.end();
    const gone = agent.exit();
    // A failure is reported to whoever awaits it; until then the rejection must not count as unhandled.
    gone.catch(() => undefined);
    return { gone };
  } catch (error) {
    agent.abandon();
    throw error;
  }
}

/** The network namespaces of a restore, grouped: those connected by devices have to be filled together. */
export class Filling {
  private readonly all: Network[] = [];
  private readonly there = new Set<Network>();
  private readonly quiet: Quiet[] = [];
  private readonly helpers: Promise<void>[] = [];

  constructor(private readonly ctx: PlanContext) {
    ctx.beforeGo('load packet filters of network namespaces, and unlock these', async () => {
      for (const one of this.quiet) one.end();
      await Promise.all(this.helpers);
    });
    ctx.cleanup('leave network namespaces', async () => {
      for (const one of this.quiet) one.close();
      await Promise.allSettled(this.helpers);
    });
  }

  add(network: Network): void {
    this.all.push(network);
  }

  /** Fills a namespace that exists now, together with those connected to it, once all of them exist. */
  async reached(network: Network): Promise<void> {
    this.there.add(network);
    const together = this.togetherWith(network);
    const waiting = together.filter((one) => !this.there.has(one));
    if (waiting.length > 0) {
      const names = waiting.map(({ number }) => number).join(', ');
      this.ctx.log.debug(`network namespace ${network.number} is filled when ${names} are there`);
      return;
    }
    const open: Filled[] = [];
    try {
      for (const one of together) {
        const quiet = new Quiet(one);
        this.quiet.push(quiet);
        open.push({
          ...one,
          quiet,
          netns: quiet.netns,
          inside: NetlinkSocket.open(NETLINK_ROUTE, quiet.netns),
        });
      }
      const { gone } = await fillAll(open);
      this.helpers.push(gone);
    } finally {
      for (const { inside } of open) inside.close();
    }
  }

  private togetherWith(network: Network): Network[] {
    const group = new Set([network]);
    const joins = (a: Network, b: Network) =>
      a.devices.some(({ peer_nsid }) => peer_nsid === b.number) ||
      nsidsOf(a.conf).some(({ target_ns_id }) => target_ns_id === b.number);
    for (let size = 0; size !== group.size; ) {
      size = group.size;
      for (const one of this.all)
        if ([...group].some((other) => joins(one, other) || joins(other, one))) group.add(one);
    }
    return [...group];
  }
}
