// WireGuard devices (wg(8)): keys, port, mark and peers with their allowed addresses, by generic netlink. Sessions are
// negotiated anew, as after any interruption.
import {
  type Attribute,
  Attributes,
  encodeAttributes,
  type Link,
  type Message,
  NetlinkSocket,
  u16,
  u32,
} from '@criu/native/netlink';
import {
  genlmsghdr,
  IFF_UP,
  NETLINK_GENERIC,
  WG_CMD_GET_DEVICE,
  WG_CMD_SET_DEVICE,
  WGALLOWEDIP_A_CIDR_MASK,
  WGALLOWEDIP_A_FAMILY,
  WGALLOWEDIP_A_IPADDR,
  WGDEVICE_A_FLAGS,
  WGDEVICE_A_FWMARK,
  WGDEVICE_A_IFINDEX,
  WGDEVICE_A_LISTEN_PORT,
  WGDEVICE_A_PEERS,
  WGDEVICE_A_PRIVATE_KEY,
  WGDEVICE_F_REPLACE_PEERS,
  WGPEER_A_ALLOWEDIPS,
  WGPEER_A_ENDPOINT,
  WGPEER_A_FLAGS,
  WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
  WGPEER_A_PRESHARED_KEY,
  WGPEER_A_PUBLIC_KEY,
  WGPEER_F_UPDATE_ONLY,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { NetlinkObject } from '../../../images/types.js';
import type { Namespace } from '../../../views/namespaces.js';
import { netlinkIn, networkText } from '../../../views/networks.js';
import { isExternal } from '../../external.js';
import { familyOf, genericHeader } from './generic.js';

export const WIREGUARD = 'wireguard';
/** Object type in images; netlink types are lower numbers. The body: attributes of a request (WGDEVICE_A_*). */
const OBJECT = 0x10004;
const DEVICE_KEPT: ReadonlySet<number> = new Set([WGDEVICE_A_PRIVATE_KEY, WGDEVICE_A_FWMARK]);
/** What peers have from the beginning. Not kept: statistics, and the version of the protocol, of which there is one. */
const AT_ONCE: ReadonlySet<number> = new Set([
  WGPEER_A_PUBLIC_KEY,
  WGPEER_A_PRESHARED_KEY,
  WGPEER_A_ENDPOINT,
]);
const PEER_KEPT: ReadonlySet<number> = new Set([...AT_ONCE, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL]);
const ADDRESS_KEPT: ReadonlySet<number> = new Set([
  WGALLOWEDIP_A_FAMILY,
  WGALLOWEDIP_A_IPADDR,
  WGALLOWEDIP_A_CIDR_MASK,
]);

function kept(attributes: Attributes, types: ReadonlySet<number>): Attribute[] {
  return attributes.entries.filter(([type]) => types.has(type));
}

function list(attributes: Attributes | undefined): Attributes[] {
  return attributes?.nestedAll(0) ?? [];
}

function peerOf(peer: Attributes): Attribute {
  const addresses = list(peer.nested(WGPEER_A_ALLOWEDIPS)).map(
    (address): Attribute => [0, kept(address, ADDRESS_KEPT)],
  );
  return [0, [...kept(peer, PEER_KEPT), [WGPEER_A_ALLOWEDIPS, addresses]]];
}

/**
 * The answers about a device as requests. The kernel splits long lists: a peer that continues has only its public key
 * and more addresses, which a request adds to the peer, too.
 */
export function askedOf(answers: readonly Buffer[], index: number): NetlinkObject[] {
  return answers.map((answer, i) => {
    const device = Attributes.parse(answer, WIREGUARD);
    const first: Attribute[] = [
      [WGDEVICE_A_FLAGS, u32(WGDEVICE_F_REPLACE_PEERS)],
      ...kept(device, DEVICE_KEPT),
      [WGDEVICE_A_LISTEN_PORT, u16(device.u16(WGDEVICE_A_LISTEN_PORT) ?? 0)],
    ];
    const body = encodeAttributes([
      [WGDEVICE_A_IFINDEX, u32(index)],
      ...(i === 0 ? first : []),
      [WGDEVICE_A_PEERS, list(device.nested(WGDEVICE_A_PEERS)).map(peerOf)],
    ]);
    return { type: OBJECT, body };
  });
}

/**
 * Whether a UDP socket with this port and without an address is in a text of /proc/net/udp: the socket of a device, with
 * which no other can share the port.
 */
export function hasSocket(text: string, port: number): boolean {
  const wanted = new RegExp(`^0+:${port.toString(16).padStart(4, '0')}$`, 'i');
  return text.split('\n').some((line) => wanted.test(line.trim().split(/\s+/)[1] ?? ''));
}

/**
 * A device sends and receives in the namespace in which it was created, wherever it has been moved since. The kernel does
 * not tell that namespace; the socket of a device that is up is in it. While a device is down, it has no socket.
 */
function checkPlace(namespace: Namespace, { name, flags }: Link, port: number): void {
  if ((flags & IFF_UP) === 0) return;
  if (['udp', 'udp6'].some((file) => hasSocket(networkText(namespace, file), port))) return;
  throw new CriuError(
    'UNSUPPORTED',
    `the WireGuard device ${name} was created in another network namespace, in which its packets travel, and has been moved`,
    {},
    `remove it before the dump, or give --external netdev[${name}] to the dump, and to the restore --external netdev[${name}]:DEVICE with a device that you have set up`,
  );
}

/** What WireGuard devices have beside other devices. @throws CriuError, NetlinkError */
export function listWireguard(
  ctx: DumpContext,
  namespace: Namespace,
  links: readonly Link[],
): NetlinkObject[] {
  const devices = links.filter(({ kind, name }) => kind === WIREGUARD && !isExternal(ctx, `netdev[${name}]`));
  if (devices.length === 0) return [];
  const socket = netlinkIn(ctx, NETLINK_GENERIC, namespace);
  const type = familyOf(socket, WIREGUARD) ?? 0;
  return devices.flatMap((link) => {
    const body = Buffer.concat([
      genericHeader(WG_CMD_GET_DEVICE),
      encodeAttributes([[WGDEVICE_A_IFINDEX, u32(link.index)]]),
    ]);
    const answers = socket
      .dump({ type, flags: 0, body }, `settings of ${link.name}`)
      .map((answer) => answer.body.subarray(genlmsghdr.sizeof));
    const port = answers[0] && Attributes.parse(answers[0], WIREGUARD).u16(WGDEVICE_A_LISTEN_PORT);
    checkPlace(namespace, link, port ?? 0);
    return askedOf(answers, link.index);
  });
}

function wantedOf(objects: readonly NetlinkObject[]): Attributes[] {
  return objects
    .filter(({ type }) => type === OBJECT)
    .map(({ body }) => Attributes.parse(Buffer.from(body), WIREGUARD));
}

function send(netns: number, requests: readonly (readonly Attribute[])[]): void {
  if (requests.length === 0) return;
  using socket = NetlinkSocket.open(NETLINK_GENERIC, netns);
  const type = familyOf(socket, WIREGUARD) ?? 0;
  socket.all(
    requests.map((attributes): Message & { what: string } => ({
      type,
      flags: 0,
      body: Buffer.concat([genericHeader(WG_CMD_SET_DEVICE), encodeAttributes(attributes)]),
      what: 'keys and peers of a WireGuard device',
    })),
  );
}

/** The peers of a request with chosen attributes of each; without those for which nothing is chosen. */
function peersOf(
  device: Attributes,
  choose: (peer: Attributes) => readonly Attribute[] | undefined,
): Attribute {
  const peers = list(device.nested(WGDEVICE_A_PEERS)).flatMap((peer): Attribute[] => {
    const chosen = choose(peer);
    return chosen ? [[0, chosen]] : [];
  });
  return [WGDEVICE_A_PEERS, peers];
}

/** Attributes of a peer but its interval; lists of addresses are nested, which parsing has taken from them. */
function withoutInterval(peer: Attributes): Attribute[] {
  const addresses = list(peer.nested(WGPEER_A_ALLOWEDIPS)).map(({ entries }): Attribute => [0, entries]);
  return [...kept(peer, AT_ONCE), [WGPEER_A_ALLOWEDIPS, addresses]];
}

/**
 * Gives devices their keys, ports and peers through a descriptor of the namespace, before they go up and would choose
 * ports of their own. Peers are not kept alive yet (see {@link keepAlive}).
 * @throws NetlinkError, SysError
 */
export function makeWireguard(netns: number, objects: readonly NetlinkObject[]): void {
  const requests = wantedOf(objects).map((device) => [
    ...device.entries.filter(([type]) => type !== WGDEVICE_A_PEERS),
    peersOf(device, withoutInterval),
  ]);
  send(netns, requests);
}

/**
 * Sets the intervals in which peers are kept alive, when packets can leave: the kernel then starts a session with the peer
 * at once, and would try again only after seconds.
 * @throws NetlinkError, SysError
 */
export function keepAlive(netns: number, objects: readonly NetlinkObject[]): void {
  const requests = wantedOf(objects).map((device) => [
    ...device.entries.filter(([type]) => type === WGDEVICE_A_IFINDEX),
    peersOf(device, (peer) => {
      const [key, interval] = [
        peer.bytes(WGPEER_A_PUBLIC_KEY),
        peer.bytes(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL),
      ];
      if (!key || !interval?.some((byte) => byte !== 0)) return undefined;
      return [
        [WGPEER_A_PUBLIC_KEY, key],
        [WGPEER_A_FLAGS, u32(WGPEER_F_UPDATE_ONLY)],
        [WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, interval],
      ];
    }),
  ]);
  send(netns, requests);
}
