// Sysctls of a network namespace: the lists in images have the order of the names here; each name is a file of
// /proc/sys/net.

import { Mark, type Program } from '@criu/compel';
import type { SysctlEntry } from '@criu/images';
import { AT_FDCWD, O_WRONLY } from '@criu/native/uapi';

/** Types of `sysctl_entry`. */
export const CTL = { STRING: 5, NUMBER: 6 } as const;

/** `conf4` of devices, `default` and `all`: net/ipv4/conf/NAME/…; newer names are appended. */
const IPV4 =
  `accept_local accept_redirects accept_source_route arp_accept arp_announce arp_filter arp_ignore arp_notify
bootp_relay disable_policy disable_xfrm force_igmp_version forwarding igmpv2_unsolicited_report_interval
igmpv3_unsolicited_report_interval log_martians medium_id promote_secondaries proxy_arp proxy_arp_pvlan route_localnet
rp_filter secure_redirects send_redirects shared_media src_valid_mark tag ignore_routes_with_linkdown
drop_gratuitous_arp drop_unicast_in_l2_multicast`.split(/\s+/);

/** `conf6`: net/ipv6/conf/NAME/…. */
export const IPV6 =
  `accept_dad accept_ra accept_ra_defrtr accept_ra_from_local accept_ra_min_hop_limit accept_ra_mtu
accept_ra_pinfo accept_ra_rt_info_max_plen accept_ra_rtr_pref accept_redirects accept_source_route autoconf dad_transmits
disable_ipv6 drop_unicast_in_l2_multicast drop_unsolicited_na force_mld_version force_tllao forwarding hop_limit
ignore_routes_with_linkdown keep_addr_on_down max_addresses max_desync_factor mldv1_unsolicited_report_interval
mldv2_unsolicited_report_interval mtu ndisc_notify optimistic_dad proxy_ndp regen_max_retry router_probe_interval
router_solicitation_delay router_solicitation_interval router_solicitations stable_secret suppress_frag_ndisc
temp_prefered_lft temp_valid_lft use_oif_addrs_only use_optimistic use_tempaddr`.split(/\s+/);

/** Written after the others, since writing `forwarding` changes it. */
const LAST = 'accept_redirects';
/** Written even if it equals `default`, since the kernel changes it along with others. */
const ALWAYS = 'mtu';
/** Names with text values; all others are numbers. */
const TEXTS: ReadonlySet<string> = new Set(['stable_secret', 'ping_group_range']);

/** A list of files that corresponds to a list in images. */
export interface SysctlList {
  readonly names: readonly string[];
  path(name: string): string;
}

/** @param deviceOf the device whose file has the value of a name, default: `device` */
export function deviceSysctls(
  family: 'ipv4' | 'ipv6',
  device: string,
  deviceOf: (name: string) => string = () => device,
): SysctlList {
  return {
    names: family === 'ipv4' ? IPV4 : IPV6,
    path: (name) => `net/${family}/conf/${deviceOf(name)}/${name}`,
  };
}

export const UNIX_SYSCTLS: SysctlList = { names: ['max_dgram_qlen'], path: (name) => `net/unix/${name}` };
export const IPV4_SYSCTLS: SysctlList = { names: ['ping_group_range'], path: (name) => `net/ipv4/${name}` };

/**
 * The entries of a list. A file that the kernel does not have, or that cannot be read, has no value.
 * @param values texts by path below /proc/sys
 */
export function listOf(values: ReadonlyMap<string, string>, { names, path }: SysctlList): SysctlEntry[] {
  return names.map((name): SysctlEntry => {
    const text = values.get(path(name));
    if (TEXTS.has(name)) return { type: CTL.STRING, ...(text === undefined ? {} : { sarg: text }) };
    return { type: CTL.NUMBER, ...(text === undefined ? {} : { iarg: Number(text) | 0 }) };
  });
}

/** Whether the range of groups is empty, as in a new namespace; it cannot be written if its ids are not mapped. */
function isNobody(range: string): boolean {
  const [first = 0, last = 0] = range.split(/\s+/).map(Number);
  return first > last;
}

/**
 * Adds steps that write a list, except for values that equal `defaults`.
 * @param weak skip files that this kernel does not have (`--weak-sysctls`)
 */
export function writeList(
  p: () => Program,
  { names, path }: SysctlList,
  entries: readonly SysctlEntry[],
  { defaults = [], weak = false }: { defaults?: readonly SysctlEntry[]; weak?: boolean } = {},
): void {
  const order = names.map((name, i) => ({ name, entry: entries[i], usual: defaults[i] }));
  order.sort((a, b) => Number(a.name === LAST) - Number(b.name === LAST));
  for (const { name, entry, usual } of order) {
    const text = entry?.iarg === undefined ? entry?.sarg : String(entry.iarg);
    if (text === undefined || text === '') continue;
    const same = usual && usual.iarg === entry?.iarg && usual.sarg === entry?.sarg;
    if (same && name !== ALWAYS) continue;
    if (name === 'ping_group_range' && isNobody(text)) continue;
    const bytes = Buffer.from(`${text}\n`);
    const label = `/proc/sys/${path(name)} ${text}`;
    const q = p();
    const missing = new Mark();
    const opened = q.syscall('openat', [AT_FDCWD, q.cstring(`/proc/sys/${path(name)}`), O_WRONLY], {
      label,
      ...(weak ? { orGoTo: missing } : {}),
    });
    q.syscall('write', [opened, q.data(bytes), bytes.length], { label });
    q.syscall('close', [opened]);
    q.here(missing);
  }
}
