// Network devices by kind: the kind-specific part of an image entry, and the rtnetlink request that creates the device.
import { type Encodable, NdType, type NetDeviceEntry } from '@criu/images';
import { decodeCString } from '@criu/native';
import { type Attribute, Attributes, type Link, text, u8, u16, u32 } from '@criu/native/netlink';
import {
  ARPHRD_LOOPBACK,
  IFLA_ADDRESS,
  IFLA_ALT_IFNAME,
  IFLA_GROUP,
  IFLA_IFALIAS,
  IFLA_IPTUN_6RD_PREFIX,
  IFLA_IPTUN_6RD_PREFIXLEN,
  IFLA_IPTUN_6RD_RELAY_PREFIX,
  IFLA_IPTUN_6RD_RELAY_PREFIXLEN,
  IFLA_IPTUN_ENCAP_DPORT,
  IFLA_IPTUN_ENCAP_FLAGS,
  IFLA_IPTUN_ENCAP_SPORT,
  IFLA_IPTUN_ENCAP_TYPE,
  IFLA_IPTUN_FLAGS,
  IFLA_IPTUN_LINK,
  IFLA_IPTUN_LOCAL,
  IFLA_IPTUN_PMTUDISC,
  IFLA_IPTUN_PROTO,
  IFLA_IPTUN_REMOTE,
  IFLA_IPTUN_TOS,
  IFLA_IPTUN_TTL,
  IFLA_MACVLAN_FLAGS,
  IFLA_MACVLAN_MODE,
  IFLA_MTU,
  IFLA_PROP_LIST,
  IFLA_TXQLEN,
  IFLA_VLAN_FLAGS,
  IFLA_VXLAN_TTL_INHERIT,
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_FLAG_REORDER_HDR,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { SitEntry } from '../../../images/types.js';
import { isAdded } from './added.js';
import { WIREGUARD } from './wireguard.js';

/** Kinds that are created again from their rtnetlink attributes. */
const GENERIC: ReadonlySet<string> = new Set([
  'dummy',
  'vlan',
  'ipvlan',
  'ipvtap',
  'macvtap',
  'gre',
  'gretap',
  'ip6gre',
  'ip6gretap',
  'ipip',
  'ip6tnl',
  'vti',
  'vti6',
  'bond',
  'vxlan',
  'geneve',
  'vrf',
  'ifb',
  'nlmon',
  'xfrm',
  'vcan',
  WIREGUARD,
]);

export type Extra = Pick<
  Encodable<NetDeviceEntry>,
  | 'type'
  | 'address'
  | 'macvlan'
  | 'tun'
  | 'sit'
  | 'link_kind'
  | 'link_data'
  | 'tx_queue_length'
  | 'link_group'
  | 'alias'
  | 'alt_names'
>;

function words(bytes: Buffer | undefined): number[] {
  const out: number[] = [];
  for (let at = 0; bytes && at + 4 <= bytes.length; at += 4) out.push(bytes.readUInt32LE(at));
  return out.some((word) => word !== 0) ? out : [];
}

function sitOf(data: Attributes): Encodable<SitEntry> {
  const set = <K extends string>(name: K, value: number | undefined) =>
    value === undefined ? {} : { [name]: value };
  return {
    ...set('link', data.u32(IFLA_IPTUN_LINK)),
    local: words(data.bytes(IFLA_IPTUN_LOCAL)),
    remote: words(data.bytes(IFLA_IPTUN_REMOTE)),
    ...set('ttl', data.u8(IFLA_IPTUN_TTL)),
    ...set('tos', data.u8(IFLA_IPTUN_TOS)),
    ...(data.u8(IFLA_IPTUN_PMTUDISC) ? { pmtudisc: true } : {}),
    ...set('proto', data.u8(IFLA_IPTUN_PROTO)),
    ...set('flags', data.u16(IFLA_IPTUN_FLAGS)),
    ...(data.u16(IFLA_IPTUN_ENCAP_TYPE)
      ? {
          ...set('encap_type', data.u16(IFLA_IPTUN_ENCAP_TYPE)),
          ...set('encap_flags', data.u16(IFLA_IPTUN_ENCAP_FLAGS)),
          ...set('encap_sport', data.u16(IFLA_IPTUN_ENCAP_SPORT)),
          ...set('encap_dport', data.u16(IFLA_IPTUN_ENCAP_DPORT)),
        }
      : {}),
    ...set('rd_prefixlen', data.u16(IFLA_IPTUN_6RD_PREFIXLEN)),
    rd_prefix: words(data.bytes(IFLA_IPTUN_6RD_PREFIX)),
    ...set('relay_prefixlen', data.u16(IFLA_IPTUN_6RD_RELAY_PREFIXLEN)),
    relay_prefix: words(data.bytes(IFLA_IPTUN_6RD_RELAY_PREFIX)),
  } as Encodable<SitEntry>;
}

/** Fields that devices of all kinds have. */
export function commonOf({ attributes }: Link): Omit<Extra, 'type'> {
  const address = attributes.bytes(IFLA_ADDRESS);
  const alias = attributes.text(IFLA_IFALIAS);
  const length = attributes.u32(IFLA_TXQLEN);
  const group = attributes.u32(IFLA_GROUP);
  const names = attributes.nested(IFLA_PROP_LIST)?.all(IFLA_ALT_IFNAME).map(decodeCString);
  return {
    ...(address ? { address } : {}),
    ...(length === undefined ? {} : { tx_queue_length: length }),
    ...(group ? { link_group: group } : {}),
    ...(alias ? { alias } : {}),
    ...(names ? { alt_names: names } : {}),
  };
}

/**
 * The kind-specific part of a device's entry; undefined for a device that the kernel adds itself.
 * @param external the device comes from outside (`--external netdev[NAME]`)
 * @throws CriuError
 */
export function deviceOf(link: Link, info: Buffer | undefined, external: boolean): Extra | undefined {
  if (link.arpType === ARPHRD_LOOPBACK) return { type: NdType.LOOPBACK };
  if (isAdded(link.name)) return undefined;
  const { kind, data } = link;
  const common = commonOf(link);
  const own = { ...(kind === undefined ? {} : { link_kind: kind }), ...(info ? { link_data: info } : {}) };
  if (external) return { type: NdType.EXTLINK, ...common };
  if (kind === 'veth') return { type: NdType.VETH, ...common };
  if (kind === 'bridge') return { type: NdType.BRIDGE, ...common, ...own };
  if (kind === 'macvlan' && data)
    return {
      type: NdType.MACVLAN,
      ...common,
      ...own,
      macvlan: { mode: data.u32(IFLA_MACVLAN_MODE) ?? 0, flags: data.u16(IFLA_MACVLAN_FLAGS) ?? 0 },
    };
  if (kind === 'sit' && data) return { type: NdType.SIT, ...common, ...own, sit: sitOf(data) };
  if (kind !== undefined && GENERIC.has(kind)) return { type: NdType.EXTLINK, ...common, ...own };
  throw new CriuError(
    'UNSUPPORTED',
    `its network namespace has the device ${link.name} of kind ${kind ?? `type ${link.arpType}`}, which cannot be made again`,
    {},
    `remove the device before the dump, or name it with --external netdev[${link.name}] and put it in place before the restore`,
  );
}

/** Settable attributes of a bridge (IFLA_BR_*); the others describe its state. */
const BRIDGE_SETTINGS: ReadonlySet<number> = new Set([
  1, 2, 3, 4, 5, 6, 7, 8, 9, 22, 23, 24, 25, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 41, 42, 43,
  44, 45,
]);

/** Those that a kernel without VLAN filtering reports but does not accept; a new bridge has zero. */
const VLAN_SETTINGS: ReadonlySet<number> = new Set([
  7 /* FILTERING */, 41 /* STATS_ENABLED */, 45 /* STATS_PER_PORT */,
]);

/** Settable attributes of macvlan and macvtap (IFLA_MACVLAN_*): mode, flags, length of the broadcast queue, cutoff. */
const MACVLAN_SETTINGS: ReadonlySet<number> = new Set([1, 2, 7, 9]);

const SETTINGS: Readonly<Record<string, ReadonlySet<number>>> = {
  bridge: BRIDGE_SETTINGS,
  macvlan: MACVLAN_SETTINGS,
  macvtap: MACVLAN_SETTINGS,
};

/** Attributes that are on by default: LEARNING, UDP_CSUM, LOCALBYPASS. */
const VXLAN_ON: ReadonlySet<number> = new Set([7, 18, 31]);

function vxlan(data: Uint8Array): Attribute[] {
  const all = Attributes.parse(Buffer.from(data), 'vxlan');
  return all.entries.flatMap(([type, value]): Attribute[] => {
    const off = value.length === 1 && value[0] === 0;
    // Some attributes count as set by their presence.
    if (off && !VXLAN_ON.has(type)) return [];
    return [[type, type === IFLA_VXLAN_TTL_INHERIT ? Buffer.alloc(0) : value]];
  });
}

/** IFLA_BOND_PRIMARY: the index of a device that has to be a port already. */
const BOND_PRIMARY = 11;

/** Attributes of a bond that some modes accept alone (IFLA_BOND_*, and the modes as in IFLA_BOND_MODE). */
const BOND_MODES: Readonly<Record<number, readonly number[]>> = {
  2: [] /* ACTIVE_SLAVE: the kernel chooses one when there are ports */,
  8: [0, 1, 2, 3] /* ARP_INTERVAL */,
  9: [0, 1, 2, 3] /* ARP_IP_TARGET */,
  10: [0, 1, 2, 3] /* ARP_VALIDATE */,
  [BOND_PRIMARY]: [] /* set when the ports are there */,
  20: [0] /* PACKETS_PER_SLAVE */,
  21: [4] /* AD_LACP_RATE */,
  23: [] /* AD_INFO is no setting */,
  24: [4] /* AD_ACTOR_SYS_PRIO */,
  25: [4] /* AD_USER_PORT_KEY */,
  26: [4] /* AD_ACTOR_SYSTEM */,
  27: [5, 6] /* TLB_DYNAMIC_LB */,
  29: [4] /* AD_LACP_ACTIVE */,
  30: [0, 1, 2, 3] /* MISSED_MAX */,
  32: [4] /* COUPLED_CONTROL */,
};

/** Attributes of a new bond that are not zero: MODE, USE_CARRIER, RESEND_IGMP, NUM_PEER_NOTIF, and those of modes. */
const BOND_ON: ReadonlySet<number> = new Set([1, 6, 15, 16, 20, 27, 29, 32]);

function bond(data: Uint8Array): Attribute[] {
  const all = Attributes.parse(Buffer.from(data), 'bond');
  const mode = all.u8(1) ?? 0;
  return all.entries.filter(
    ([type, value]) =>
      (BOND_MODES[type]?.includes(mode) ?? true) &&
      // Delays are refused, even of zero, while the monitoring is off that they belong to.
      (BOND_ON.has(type) || value.some((byte) => byte !== 0)),
  );
}

/** The request data that gives a bond its primary port; empty for other devices. */
export function primaryOf({ link_kind, link_data }: NetDeviceEntry): Attribute[] {
  if (link_kind !== 'bond' || !link_data) return [];
  const primary = Attributes.parse(Buffer.from(link_data), 'bond').bytes(BOND_PRIMARY);
  return primary ? [[BOND_PRIMARY, primary]] : [];
}

/** struct ifla_vlan_flags: flags, and which of them are meant. */
const VLAN_FLAGS =
  VLAN_FLAG_REORDER_HDR |
  VLAN_FLAG_GVRP |
  VLAN_FLAG_LOOSE_BINDING |
  VLAN_FLAG_MVRP |
  VLAN_FLAG_BRIDGE_BINDING;

/** The kernel tells that all bits are meant, and accepts only those that are flags. */
function vlan(data: Uint8Array): Attribute[] {
  return Attributes.parse(Buffer.from(data), 'vlan').entries.map(([type, value]): Attribute => {
    if (type !== IFLA_VLAN_FLAGS || value.length < 8) return [type, value];
    const flags = Buffer.from(value).readUInt32LE(0);
    return [type, Buffer.concat([u32(flags), u32((VLAN_FLAGS | flags) >>> 0)])];
  });
}

function settable(kind: string, data: Uint8Array | undefined): Attribute[] | Uint8Array {
  if (!data) return [];
  if (kind === 'vxlan') return vxlan(data);
  if (kind === 'bond') return bond(data);
  if (kind === 'vlan') return vlan(data);
  const settings = SETTINGS[kind];
  if (!settings) return data;
  const all = Attributes.parse(Buffer.from(data), kind);
  return all.entries.filter(
    ([type, value]) =>
      settings.has(type) &&
      (kind !== 'bridge' || !VLAN_SETTINGS.has(type) || value.some((byte) => byte !== 0)),
  );
}

function bytesOf(list: readonly number[]): Buffer {
  const out = Buffer.alloc(list.length * 4);
  for (const [i, word] of list.entries()) out.writeUInt32LE(word >>> 0, i * 4);
  return out;
}

function sitData(sit: SitEntry): Attribute[] {
  const out: Attribute[] = [];
  const add = (type: number, value: number | undefined, encode: (value: number) => Uint8Array) => {
    if (value !== undefined) out.push([type, encode(value)]);
  };
  add(IFLA_IPTUN_LINK, sit.link, u32);
  if (sit.local.length) out.push([IFLA_IPTUN_LOCAL, bytesOf(sit.local)]);
  if (sit.remote.length) out.push([IFLA_IPTUN_REMOTE, bytesOf(sit.remote)]);
  add(IFLA_IPTUN_TTL, sit.ttl, u8);
  add(IFLA_IPTUN_TOS, sit.tos, u8);
  // A fixed TTL requires path MTU discovery.
  out.push([IFLA_IPTUN_PMTUDISC, u8(sit.pmtudisc ? 1 : 0)]);
  add(IFLA_IPTUN_PROTO, sit.proto, u8);
  add(IFLA_IPTUN_FLAGS, sit.flags, u16);
  add(IFLA_IPTUN_ENCAP_TYPE, sit.encap_type, u16);
  add(IFLA_IPTUN_ENCAP_FLAGS, sit.encap_flags, u16);
  add(IFLA_IPTUN_ENCAP_SPORT, sit.encap_sport, u16);
  add(IFLA_IPTUN_ENCAP_DPORT, sit.encap_dport, u16);
  add(IFLA_IPTUN_6RD_PREFIXLEN, sit.rd_prefixlen, u16);
  if (sit.rd_prefix.length) out.push([IFLA_IPTUN_6RD_PREFIX, bytesOf(sit.rd_prefix)]);
  add(IFLA_IPTUN_6RD_RELAY_PREFIXLEN, sit.relay_prefixlen, u16);
  if (sit.relay_prefix.length) out.push([IFLA_IPTUN_6RD_RELAY_PREFIX, bytesOf(sit.relay_prefix)]);
  return out;
}

/**
 * IFLA_INFO_KIND and IFLA_INFO_DATA of the request that creates a device.
 * @throws CriuError for a device that cannot be created
 */
export function infoOf(
  device: NetDeviceEntry,
  file: string,
): { kind: string; data: Attribute[] | Uint8Array } {
  if (device.type === NdType.SIT && device.sit) return { kind: 'sit', data: sitData(device.sit) };
  if (device.type === NdType.MACVLAN && device.macvlan)
    return {
      kind: 'macvlan',
      data: [
        [IFLA_MACVLAN_MODE, u32(device.macvlan.mode)],
        ...(device.macvlan.flags === undefined
          ? []
          : [[IFLA_MACVLAN_FLAGS, u16(device.macvlan.flags)] as const]),
      ],
    };
  if (device.link_kind !== undefined)
    return { kind: device.link_kind, data: settable(device.link_kind, device.link_data) };
  if (device.type === NdType.BRIDGE) return { kind: 'bridge', data: [] };
  throw new CriuError(
    'UNSUPPORTED',
    `the network device ${device.name} is of kind ${device.type}, which is not made again`,
    {
      file,
    },
  );
}

/** The alternative names of a device as attributes; empty if it has none. */
export function namesOf({ alt_names }: NetDeviceEntry): Attribute[] {
  if (alt_names.length === 0) return [];
  return [[IFLA_PROP_LIST, alt_names.map((name) => [IFLA_ALT_IFNAME, text(name)] as const)]];
}

/** Settings that all devices have. */
export function settingsOf(device: NetDeviceEntry): Attribute[] {
  const out: Attribute[] = [[IFLA_MTU, u32(device.mtu)]];
  if (device.address?.length) out.push([IFLA_ADDRESS, device.address]);
  if (device.tx_queue_length !== undefined) out.push([IFLA_TXQLEN, u32(device.tx_queue_length)]);
  if (device.link_group !== undefined) out.push([IFLA_GROUP, u32(device.link_group)]);
  if (device.alias !== undefined) out.push([IFLA_IFALIAS, Buffer.from(device.alias)]);
  return out;
}
