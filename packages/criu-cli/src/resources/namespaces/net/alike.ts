// Devices whose tunables are alike. The kernel lists the values of tunables with the devices (IFLA_INET_CONF,
// IFLA_INET6_CONF) and with the tables of neighbours (RTM_GETNEIGHTBL), partly in other units than in /proc/sys. Where two
// devices have the same values in the list, their files have the same text, so that only those of one are read.
import {
  Attributes,
  eachAttribute,
  type Link,
  type NetlinkSocket,
  type ReceivedMessage,
  routeMessage,
} from '@criu/native/netlink';
import {
  AF_INET,
  AF_INET6,
  IFLA_AF_SPEC,
  IFLA_INET_CONF,
  IFLA_INET6_CONF,
  NDTA_PARMS,
  NDTPA_IFINDEX,
  NDTPA_REACHABLE_TIME,
  NDTPA_REFCNT,
  ndtmsg,
  RTM_GETNEIGHTBL,
} from '@criu/native/uapi';
import { IPV6 } from './sysctls.js';

export type Family = 'ipv4' | 'ipv6';
export const FAMILIES = ['ipv4', 'ipv6'] as const;

const LISTS = {
  ipv4: { family: AF_INET, values: IFLA_INET_CONF },
  ipv6: { family: AF_INET6, values: IFLA_INET6_CONF },
} as const;

/**
 * Names of net/ipv6/conf whose values the kernel lists: those that have had a number (DEVCONF_* of <linux/ipv6.h>) since
 * they exist. Not in the list are `stable_secret`, `regen_min_advance`, `ra_honor_pio_life` and `ra_honor_pio_pflag`. All
 * values of IPv4 are in the list.
 */
const LISTED_IPV6: ReadonlySet<string> = new Set(
  [
    ...IPV6,
    ...`accept_ra_min_lft accept_ra_rt_info_min_plen accept_untracked_na addr_gen_mode disable_policy enhanced_dad
    force_forwarding ioam6_enabled ioam6_id ioam6_id_wide ndisc_evict_nocarrier ndisc_tclass ra_defrtr_metric
    router_solicitation_max_interval rpl_seg_enabled seg6_enabled seg6_require_hmac`.split(/\s+/),
  ].filter((name) => name !== 'stable_secret'),
);

/** NDTPA_* that are no tunables; the kernel varies the time of reachability at random. */
const NO_TUNABLES: ReadonlySet<number> = new Set([NDTPA_REFCNT, NDTPA_REACHABLE_TIME]);

/** Values of tunables of neighbours as one text, with the index of their device; that of new devices has none. */
function neighbours({ body }: ReceivedMessage): { index: number | undefined; values: string } | undefined {
  const parameters = Attributes.parse(body.subarray(ndtmsg.sizeof), 'neighbours').bytes(NDTA_PARMS);
  if (!parameters) return undefined;
  let index: number | undefined;
  const values: string[] = [];
  eachAttribute(parameters, 0, 'neighbours', (type, from, to) => {
    if (type === NDTPA_IFINDEX) index = parameters.readUInt32LE(from);
    else if (!NO_TUNABLES.has(type)) values.push(parameters.toString('latin1', from, to));
  });
  return { index, values: values.join() };
}

/** The devices of one network namespace. */
export class AlikeDevices {
  /** By family and device: the first device with the same values. */
  private readonly stand: Record<Family, Map<string, string>> = { ipv4: new Map(), ipv6: new Map() };
  private readonly usual: Record<Family, Set<string>> = { ipv4: new Set(), ipv6: new Set() };

  /** @param socket an rtnetlink socket in the namespace @throws NetlinkError */
  constructor(socket: NetlinkSocket, links: readonly Link[]) {
    for (const family of FAMILIES) {
      const firsts = new Map<string, string>();
      for (const { name, attributes } of links) {
        const { family: number, values: type } = LISTS[family];
        const values = attributes.nested(IFLA_AF_SPEC)?.nested(number)?.bytes(type)?.toString('latin1');
        if (values === undefined) continue;
        const first = firsts.get(values) ?? name;
        firsts.set(values, first);
        this.stand[family].set(name, first);
      }
      this.compareNeighbours(socket, links, family);
    }
  }

  private compareNeighbours(socket: NetlinkSocket, links: readonly Link[], family: Family): void {
    const header = Buffer.alloc(ndtmsg.sizeof);
    header[ndtmsg.ndtm_family] = LISTS[family].family;
    const tables = socket
      .dump(routeMessage(RTM_GETNEIGHTBL, 0, header), 'list tables of neighbours')
      .flatMap((message) => neighbours(message) ?? []);
    const values = new Map(tables.map((table) => [table.index, table.values]));
    const ofNew = values.get(undefined);
    for (const { index, name } of links)
      if (ofNew !== undefined && values.get(index) === ofNew) this.usual[family].add(name);
  }

  /** The device whose file below net/FAMILY/conf has the value for `device`. */
  standFor(family: Family, device: string, tunable: string): string {
    const listed = family === 'ipv4' || LISTED_IPV6.has(tunable);
    return (listed ? this.stand[family].get(device) : undefined) ?? device;
  }

  /** Whether all tunables of neighbours of a device are those of new devices. */
  hasUsualNeighbours(family: Family, device: string): boolean {
    return this.usual[family].has(device);
  }
}
