// Network devices come back by rtnetlink: made where they are not there by themselves, then enslaved, then brought up.

import { closeSync, openSync } from '@criu/native/fs';
import {
  type Attribute,
  encodeAttributes,
  getLink,
  IFF,
  IFLA,
  IFLA_INFO,
  linkHeader,
  listLinks,
  NETLINK,
  type NetlinkSocket,
  NLM_F,
  RTM,
  routeMessage,
  NetlinkSocket as Socket,
  text,
  u32,
} from '@criu/native/netlink';
import { IFLA_NET_NS_FD, VETH_INFO_PEER } from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { NetDeviceEntry } from '../../../images/types.js';
import { infoOf, ND, settingsOf } from './devices.js';

/** What flags a request may change. */
const CHANGEABLE = IFF.UP | 0x80 /* NOARP */ | 0x100 /* PROMISC */ | 0x200 /* ALLMULTI */;

/** The value of an option `--external KIND[NAME]:VALUE`. */
function given(ctx: PlanContext, kind: string, name: string): string | undefined {
  const prefix = `${kind}[${name}]:`;
  return ctx.options.external?.find((value) => value.startsWith(prefix))?.slice(prefix.length);
}

interface Target {
  readonly ctx: PlanContext;
  /** A socket in the namespace that is filled. */
  readonly inside: NetlinkSocket;
  /** Descriptor of that namespace. */
  readonly netns: number;
  /** The devices of its image. */
  readonly devices: readonly NetDeviceEntry[];
  readonly file: string;
}

/** Whether the kernel, or whoever restores, puts a device in place. */
function comesByItself({ type, link_kind }: NetDeviceEntry): boolean {
  return (
    type === ND.LOOPBACK ||
    type === ND.TUN ||
    type === ND.VENET ||
    (type === ND.EXTLINK && link_kind === undefined)
  );
}

function make(target: Target, device: NetDeviceEntry, attributes: readonly Attribute[]): void {
  target.inside.request(
    routeMessage(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, linkHeader({ index: device.ifindex }), [
      [IFLA.IFNAME, text(device.name)],
      ...settingsOf(device),
      ...attributes,
    ]),
    `device ${device.name}`,
  );
}

/** Both ends are made at once: the other one outside, or beside this one. */
function makeVeth(target: Target, device: NetDeviceEntry): void {
  const { ctx, devices } = target;
  const outside = given(ctx, 'veth', device.name);
  if (outside === undefined) {
    const peer = devices.find((other) => other.ifindex === device.peer_ifindex && other !== device);
    if (!peer)
      throw new CriuError(
        'BAD_OPTION',
        `the other end of the device ${device.name} is outside of the checkpoint, and nothing is given for it`,
        { file: target.file },
        `name it with --external veth[${device.name}]:NAME`,
      );
    const other = Buffer.concat([
      linkHeader({ index: peer.ifindex }),
      encodeAttributes([[IFLA.IFNAME, text(peer.name)], ...settingsOf(peer)]),
    ]);
    make(target, device, [
      [
        IFLA.LINKINFO,
        [
          [IFLA_INFO.KIND, Buffer.from('veth')],
          [IFLA_INFO.DATA, [[VETH_INFO_PEER, other]]],
        ],
      ],
    ]);
    return;
  }
  const [name = outside, bridge] = outside.split('@');
  using own = Socket.open(NETLINK.ROUTE);
  const here = ownNamespace();
  try {
    const other = Buffer.concat([
      linkHeader(),
      encodeAttributes([
        [IFLA.IFNAME, text(name)],
        [IFLA_NET_NS_FD, u32(here)],
      ]),
    ]);
    make(target, device, [
      [
        IFLA.LINKINFO,
        [
          [IFLA_INFO.KIND, Buffer.from('veth')],
          [IFLA_INFO.DATA, [[VETH_INFO_PEER, other]]],
        ],
      ],
    ]);
  } finally {
    closeSync(here);
  }
  if (bridge === undefined) return;
  own.request(
    routeMessage(RTM.SETLINK, 0, linkHeader({ flags: IFF.UP, change: IFF.UP }), [
      [IFLA.IFNAME, text(name)],
      [IFLA.MASTER, u32(getLink(own, bridge).index)],
    ]),
    `put ${name} into the bridge ${bridge}`,
  );
}

function ownNamespace(): number {
  return openSync('/proc/thread-self/ns/net', 'r');
}

/** A device on another one, which is in the same namespace or, for macvlan, may be the caller's. */
function makeOther(target: Target, device: NetDeviceEntry): void {
  const { kind, data } = infoOf(device, target.file);
  const info: Attribute = [
    IFLA.LINKINFO,
    [[IFLA_INFO.KIND, Buffer.from(kind)], ...(data.length > 0 ? [[IFLA_INFO.DATA, data] as const] : [])],
  ];
  const outside = kind === 'macvlan' ? given(target.ctx, 'macvlan', device.name) : undefined;
  if (outside !== undefined) {
    using own = Socket.open(NETLINK.ROUTE);
    own.request(
      routeMessage(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, linkHeader({ index: device.ifindex }), [
        [IFLA.IFNAME, text(device.name)],
        ...settingsOf(device),
        [IFLA.LINK, u32(getLink(own, outside).index)],
        [IFLA_NET_NS_FD, u32(target.netns)],
        info,
      ]),
      `device ${device.name}`,
    );
    return;
  }
  const parent = device.peer_ifindex;
  const hasParent = parent !== undefined && parent !== 0 && parent !== device.ifindex;
  make(target, device, [...(hasParent ? [[IFLA.LINK, u32(parent)] as const] : []), info]);
}

/** Makes all devices that are not there. @throws CriuError, NetlinkError */
export function makeLinks(target: Target): void {
  let left = target.devices.filter((device) => !comesByItself(device));
  while (left.length > 0) {
    const there = new Set(listLinks(target.inside).map(({ name }) => name));
    const waiting: NetDeviceEntry[] = [];
    for (const device of left) {
      // The other end of a pair that was made already.
      if (there.has(device.name)) continue;
      const parent = target.devices.find(
        ({ ifindex }) => ifindex === device.peer_ifindex && ifindex !== device.ifindex,
      );
      const needs = device.type !== ND.VETH && parent && !there.has(parent.name);
      if (needs) waiting.push(device);
      else if (device.type === ND.VETH) {
        makeVeth(target, device);
        for (const { name } of listLinks(target.inside)) there.add(name);
      } else makeOther(target, device);
    }
    if (waiting.length === left.length)
      throw new CriuError(
        'BAD_IMAGE',
        `the network devices ${waiting.map(({ name }) => name).join(', ')} lie on each other`,
        {
          file: target.file,
        },
      );
    left = waiting;
  }
  for (const { name, master } of target.devices) {
    if (!master) continue;
    target.inside.request(
      routeMessage(RTM.SETLINK, 0, linkHeader(), [
        [IFLA.IFNAME, text(name)],
        [IFLA.MASTER, u32(master)],
      ]),
      `master of ${name}`,
    );
  }
}

/** Brings devices up, or leaves them down; those from outside get their settings too. @throws NetlinkError */
export function setLinks({ inside, devices }: Target): void {
  for (const device of devices) {
    const settings = comesByItself(device) ? settingsOf(device) : [];
    inside.request(
      routeMessage(RTM.SETLINK, 0, linkHeader({ flags: device.flags, change: CHANGEABLE }), [
        [IFLA.IFNAME, text(device.name)],
        ...settings,
      ]),
      `device ${device.name}`,
    );
  }
}
