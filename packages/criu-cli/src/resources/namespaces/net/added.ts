// Devices for tunnels that the kernel adds to network namespaces: to each when a module is loaded, and to each new one from
// then on.
import { NdType, type NetDeviceEntry } from '@criu/images';
import { type Link, linkHeader, type NetlinkSocket, routeMessage, text } from '@criu/native/netlink';
import {
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_DELLINK,
  RTM_NEWLINK,
} from '@criu/native/uapi';

const ADDED = /^(tunl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|sit0|ip6tnl0|ip6gre0)$/;
/** Whether a device is one of these, by its name. */
export function isAdded(name: string): boolean {
  return ADDED.test(name);
}

/** Kinds by whose first device their module is loaded, which adds such devices. */
const BRINGING: ReadonlySet<string | undefined> = new Set([
  'gre',
  'gretap',
  'erspan',
  'ip6gre',
  'ip6gretap',
  'ip6erspan',
  'ipip',
  'ip6tnl',
  'vti',
  'vti6',
  'sit',
]);

/** Whether creating the device may add others to the namespace, which take any numbers that are free. */
export function mayAddOthers({ type, link_kind }: Pick<NetDeviceEntry, 'type' | 'link_kind'>): boolean {
  return type === NdType.SIT || BRINGING.has(link_kind);
}

/**
 * The device that the kernel has added to a namespace, and that has the number of one to be restored.
 * @param links the devices that are there
 */
export function takenBy(links: readonly Pick<Link, 'index' | 'name'>[], index: number): string | undefined {
  return links.find((link) => link.index === index && isAdded(link.name))?.name;
}

/** Kinds of devices that need nothing and stand in for others, as far as the kernel has them. */
const STAND_INS = ['dummy', 'bridge', 'ifb'];

function create(socket: NetlinkSocket, kind: string, name: string, index = 0): boolean {
  const message = routeMessage(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, linkHeader({ index }), [
    [IFLA_IFNAME, text(name)],
    [IFLA_LINKINFO, [[IFLA_INFO_KIND, Buffer.from(kind)]]],
  ]);
  const [error] = socket.each([{ ...message, what: `device ${name}` }]);
  return error === undefined;
}

function remove(socket: NetlinkSocket, name: string): void {
  const message = routeMessage(RTM_DELLINK, 0, linkHeader(), [[IFLA_IFNAME, text(name)]]);
  socket.request(message, `remove the device ${name}`);
}

/**
 * Has the kernel load the modules of devices while others stand in for them: what a module adds then gets other numbers.
 * @param socket an rtnetlink socket in the namespace
 * @param devices those that {@link mayAddOthers}, which do not exist yet
 * @throws NetlinkError
 */
export function loadModules(
  socket: NetlinkSocket,
  devices: readonly Pick<NetDeviceEntry, 'type' | 'ifindex' | 'link_kind'>[],
): void {
  const made = devices.flatMap(({ ifindex }, i) => {
    const name = `criu-in${i}`;
    return STAND_INS.some((kind) => create(socket, kind, name, ifindex)) ? [name] : [];
  });
  const kinds = new Set(devices.map(({ type, link_kind }) => (type === NdType.SIT ? 'sit' : link_kind)));
  // The module is loaded whether or not such a device can be created without settings.
  for (const kind of kinds)
    if (kind !== undefined && create(socket, kind, 'criu-load')) remove(socket, 'criu-load');
  for (const name of made) remove(socket, name);
}
