// Creates network devices by rtnetlink, enslaves them, and brings them up. Devices of several network namespaces may be
// connected, as a veth pair or by a lower device.

import { setTimeout as sleep } from 'node:timers/promises';
import { NdType } from '@criu/images';
import { closeSync, openSync } from '@criu/native/fs';
import {
  type Attribute,
  encodeAttributes,
  getLink,
  linkHeader,
  listLinks,
  NetlinkError,
  NetlinkSocket,
  routeMessage,
  text,
  u32,
} from '@criu/native/netlink';
import {
  EEXIST,
  IFF_UP,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_NEW_IFINDEX,
  NETLINK_ROUTE,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_SETLINK,
  VETH_INFO_PEER,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { NetDeviceEntry } from '../../../images/types.js';
import { externalName } from '../../external.js';
import { loadModules, mayAddOthers, takenBy } from './added.js';
import { infoOf, namesOf, primaryOf, settingsOf } from './devices.js';
import type { OpenNetwork } from './network.js';

/** Milliseconds that the removal of a network namespace may take, and the polling interval. */
const TAKE_DOWN_MS = 5000;
const PAUSE_MS = 10;
/** Flags that a request can change. */
const CHANGEABLE = IFF_UP | 0x80 /* NOARP */ | 0x100 /* PROMISC */ | 0x200 /* ALLMULTI */;

/** The caller's device that becomes a device of the checkpoint (`--external netdev[NAME]:DEVICE`). */
function toMove({ network, device }: Place): string | undefined {
  return externalName(network.ctx, `netdev[${device.name}]`);
}

/** Moves a caller's device into the namespace, with the name and index of the images. */
function move(place: Place, name: string): void {
  const { network, device } = place;
  using own = NetlinkSocket.open(NETLINK_ROUTE);
  own.request(
    routeMessage(RTM_SETLINK, 0, linkHeader({ index: getLink(own, name).index }), [
      [IFLA_IFNAME, text(device.name)],
      [IFLA_NEW_IFINDEX, u32(device.ifindex)],
      [IFLA_NET_NS_FD, u32(network.netns)],
    ]),
    `move the device ${name} to network namespace ${network.number} as ${device.name}`,
  );
}

/** Whether the kernel or the caller provides the device; tun(4) devices exist already. */
function comesByItself({ type, link_kind }: NetDeviceEntry): boolean {
  return (
    type === NdType.LOOPBACK ||
    type === NdType.TUN ||
    type === NdType.VENET ||
    (type === NdType.EXTLINK && link_kind === undefined)
  );
}

/** A device of a namespace. */
interface Place {
  readonly network: OpenNetwork;
  readonly device: NetDeviceEntry;
}

/** The outside counterpart of a device, if one was declared external. */
function outsideOf({ network, device }: Place): string | undefined {
  return externalName(network.ctx, `${device.type === NdType.VETH ? 'veth' : 'macvlan'}[${device.name}]`);
}

/** The other end or lower device of a device, if it is in the images. */
function relativeOf({ network, device }: Place, all: readonly OpenNetwork[]): Place | undefined {
  const { peer_ifindex: index, peer_nsid: number } = device;
  // Without an id, it is in a namespace that was not dumped.
  if (!index || number === undefined || outsideOf({ network, device }) !== undefined) return undefined;
  const where = all.find((one) => one.number === number);
  const found = where?.devices.find(({ ifindex }) => ifindex === index);
  if (!where || !found || found === device) return undefined;
  return { network: where, device: found };
}

function request({ network, device }: Place, socket: NetlinkSocket, attributes: readonly Attribute[]): void {
  const { ifindex: index, name } = device;
  try {
    socket.request(
      routeMessage(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, linkHeader({ index }), [
        [IFLA_IFNAME, text(name)],
        ...settingsOf(device),
        ...attributes,
      ]),
      `device ${name} of network namespace ${network.number}`,
    );
  } catch (error) {
    const other =
      error instanceof NetlinkError && error.errno === EEXIST
        ? takenBy(listLinks(network.inside), index)
        : undefined;
    if (other === undefined) throw error;
    throw new CriuError(
      'SYSCALL',
      `the device ${name} has the number ${index}, which ${other} has here: the kernel adds that to each new network namespace`,
      { file: network.file },
      `have the kernel add such devices to no other namespaces: sysctl net.core.fb_tunnels_only_for_init_net=1; or unload the module of ${other}`,
      error,
    );
  }
}

/** Creates a device together with the other end of its pair. */
function pair(place: Place, header: Buffer, attributes: readonly Attribute[]): void {
  const peer = Buffer.concat([header, encodeAttributes(attributes)]);
  const data: Attribute = [IFLA_INFO_DATA, [[VETH_INFO_PEER, peer]]];
  request(place, place.network.inside, [[IFLA_LINKINFO, [[IFLA_INFO_KIND, Buffer.from('veth')], data]]]);
}

/**
 * Creates a device whose other end is in our own namespace. The dumped tasks' device of that name vanishes some time
 * after they have ended, as the kernel destroys network namespaces in the background.
 */
async function makeOutside(place: Place, name: string): Promise<void> {
  const here = openSync('/proc/thread-self/ns/net', 'r');
  try {
    for (const deadline = Date.now() + TAKE_DOWN_MS; ; await sleep(PAUSE_MS)) {
      try {
        pair(place, linkHeader(), [
          [IFLA_IFNAME, text(name)],
          [IFLA_NET_NS_FD, u32(here)],
        ]);
        return;
      } catch (error) {
        if (!(error instanceof NetlinkError && error.errno === EEXIST) || Date.now() > deadline) throw error;
      }
    }
  } finally {
    closeSync(here);
  }
}

/** Creates both ends of a pair: the other one outside, or in a namespace of the images. */
async function makeVeth(place: Place, peer: Place | undefined): Promise<void> {
  const { network, device } = place;
  const outside = outsideOf(place);
  if (outside === undefined) {
    if (peer?.device.type !== NdType.VETH)
      throw new CriuError(
        'BAD_OPTION',
        `the other end of the device ${device.name} is outside of the checkpoint, and nothing is given for it`,
        { file: network.file },
        `name it with --external veth[${device.name}]:NAME`,
      );
    const elsewhere: Attribute[] =
      peer.network === network ? [] : [[IFLA_NET_NS_FD, u32(peer.network.netns)]];
    pair(place, linkHeader({ index: peer.device.ifindex }), [
      [IFLA_IFNAME, text(peer.device.name)],
      ...settingsOf(peer.device),
      ...elsewhere,
    ]);
    return;
  }
  const [name = outside, bridge] = outside.split('@');
  await makeOutside(place, name);
  if (bridge === undefined) return;
  using own = NetlinkSocket.open(NETLINK_ROUTE);
  own.request(
    routeMessage(RTM_SETLINK, 0, linkHeader({ flags: IFF_UP, change: IFF_UP }), [
      [IFLA_IFNAME, text(name)],
      [IFLA_MASTER, u32(getLink(own, bridge).index)],
    ]),
    `put ${name} into the bridge ${bridge}`,
  );
}

/** Creates a device with a lower device, which is in a namespace of the images or, for macvlan, may be the caller's. */
function makeOther(place: Place, lower: Place | undefined): void {
  const { network, device } = place;
  const { kind, data } = infoOf(device, network.file);
  const info: Attribute = [
    IFLA_LINKINFO,
    [[IFLA_INFO_KIND, Buffer.from(kind)], ...(data.length > 0 ? [[IFLA_INFO_DATA, data] as const] : [])],
  ];
  const outside = outsideOf(place);
  const into: Attribute = [IFLA_NET_NS_FD, u32(network.netns)];
  if (outside !== undefined) {
    using own = NetlinkSocket.open(NETLINK_ROUTE);
    request(place, own, [[IFLA_LINK, u32(getLink(own, outside).index)], into, info]);
  } else if (lower && lower.network !== network) {
    request(place, lower.network.inside, [[IFLA_LINK, u32(lower.device.ifindex)], into, info]);
  } else {
    const index = device.peer_ifindex;
    const hasLower = index !== undefined && index !== 0 && index !== device.ifindex;
    if (hasLower && device.peer_nsid === undefined)
      throw new CriuError(
        'BAD_OPTION',
        `the device ${device.name} lies on one that is outside of the checkpoint, and nothing is given for that`,
        { file: network.file },
        `name a device with --external macvlan[${device.name}]:DEVICE`,
      );
    request(place, network.inside, [...(hasLower ? [[IFLA_LINK, u32(index)] as const] : []), info]);
  }
}

function setMasters({ inside, devices }: OpenNetwork): void {
  const ports = devices.flatMap(({ name, master }) => (master ? [{ name, master }] : []));
  inside.all(
    ports.map(({ name, master }) => ({
      ...routeMessage(RTM_SETLINK, 0, linkHeader(), [
        [IFLA_IFNAME, text(name)],
        [IFLA_MASTER, u32(master)],
      ]),
      what: `master of device ${name}`,
    })),
  );
  const bonds = devices.flatMap((device) => {
    const data = primaryOf(device);
    return data.length > 0 ? [{ name: device.name, data }] : [];
  });
  inside.all(
    bonds.map(({ name, data }) => ({
      ...routeMessage(RTM_NEWLINK, 0, linkHeader(), [
        [IFLA_IFNAME, text(name)],
        [
          IFLA_LINKINFO,
          [
            [IFLA_INFO_KIND, Buffer.from('bond')],
            [IFLA_INFO_DATA, data],
          ],
        ],
      ]),
      what: `primary port of ${name}`,
    })),
  );
}

/** Creates all missing devices in all namespaces. @throws CriuError, NetlinkError */
export async function makeLinks(all: readonly OpenNetwork[]): Promise<void> {
  const key = ({ network, device }: Place) => `${network.number}:${device.name}`;
  const there = new Set<string>();
  for (const network of all)
    for (const { name } of listLinks(network.inside)) there.add(`${network.number}:${name}`);
  let left = all.flatMap((network) =>
    network.devices
      .map((device): Place => ({ network, device }))
      .filter((place) => !comesByItself(place.device) || toMove(place) !== undefined),
  );
  // Devices that the kernel adds to others shall find the numbers of all others taken.
  const last = left.filter(({ device }) => mayAddOthers(device));
  left = [...left.filter((place) => !last.includes(place)), ...last];
  while (left.length > 0) {
    const waiting: Place[] = [];
    for (const place of left) {
      // The other end of a pair that was created already.
      if (there.has(key(place))) continue;
      const moved = toMove(place);
      if (moved !== undefined) {
        move(place, moved);
        there.add(key(place));
        continue;
      }
      if (place === last[0])
        for (const network of all)
          loadModules(
            network.inside,
            last.filter((one) => one.network === network).map(({ device }) => device),
          );
      const relative = relativeOf(place, all);
      const veth = place.device.type === NdType.VETH;
      if (!veth && relative && !there.has(key(relative))) {
        waiting.push(place);
        continue;
      }
      if (veth) await makeVeth(place, relative);
      else makeOther(place, relative);
      there.add(key(place));
      if (veth && relative) there.add(key(relative));
    }
    if (waiting.length === left.length)
      throw new CriuError(
        'BAD_IMAGE',
        `the network devices ${waiting.map(({ device }) => device.name).join(', ')} lie on each other`,
        { file: waiting[0]?.network.file },
      );
    left = waiting;
  }
  for (const network of all) {
    setMtus(network);
    setMasters(network);
    setNames(network);
  }
}

/** Kinds that choose another MTU than the one with which they are created (geneve: that of the way to its peer). */
const OWN_MTU: ReadonlySet<string | undefined> = new Set(['geneve']);

function setMtus({ inside, devices }: OpenNetwork): void {
  inside.all(
    devices
      .filter(({ link_kind: kind }) => OWN_MTU.has(kind))
      .map(({ name, mtu }) => ({
        ...routeMessage(RTM_SETLINK, 0, linkHeader(), [
          [IFLA_IFNAME, text(name)],
          [IFLA_MTU, u32(mtu)],
        ]),
        what: `MTU of device ${name}`,
      })),
  );
}

/** Alternative names of devices. @throws NetlinkError */
function setNames({ inside, devices }: OpenNetwork): void {
  for (const device of devices) {
    const names = namesOf(device);
    if (names.length > 0)
      inside.request(
        routeMessage(
          RTM_NEWLINKPROP,
          NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND,
          linkHeader({ index: device.ifindex }),
          names,
        ),
        `names of device ${device.name}`,
      );
  }
}

/** Brings devices up or leaves them down; also applies settings to external devices. @throws NetlinkError */
export function setLinks(network: OpenNetwork): void {
  const { inside, devices } = network;
  inside.all(
    devices.map((device) => {
      // The second end of a pair does not accept all settings on creation.
      const given =
        comesByItself(device) || device.type === NdType.VETH || toMove({ network, device }) !== undefined;
      const header = linkHeader({ flags: device.flags, change: CHANGEABLE });
      const settings = given ? settingsOf(device) : [];
      return {
        ...routeMessage(RTM_SETLINK, 0, header, [[IFLA_IFNAME, text(device.name)], ...settings]),
        what: `device ${device.name}`,
      };
    }),
  );
}

/** Has the loopback device of a namespace up, and leaves everything else of it as it is. @throws NetlinkError */
export function raiseLoopback(inside: NetlinkSocket): void {
  const header = linkHeader({ flags: IFF_UP, change: IFF_UP });
  inside.request(routeMessage(RTM_SETLINK, 0, header, [[IFLA_IFNAME, text('lo')]]), 'device lo');
}
