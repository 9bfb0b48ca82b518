// Keeps the kernel from giving devices link-local addresses of its own while they are restored. It gives them when a device
// becomes ready, which may be after all addresses are restored, as carriers are told of by a worker of the kernel; and a device
// need not have had the address that follows from its present hardware address.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Link,
  linkHeader,
  listLinks,
  type NamedRequest,
  type NetlinkSocket,
  routeMessage,
  u8,
} from '@criu/native/netlink';
import {
  AF_INET6,
  DEVCONF_DISABLE_IPV6,
  IFF_DORMANT,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_SLAVE,
  IFF_UP,
  IFLA_AF_SPEC,
  IFLA_INET6_ADDR_GEN_MODE,
  IFLA_INET6_CONF,
  IFLA_INET6_FLAGS,
  IN6_ADDR_GEN_MODE_NONE,
  RTM_GETLINK,
  RTM_SETLINK,
} from '@criu/native/uapi';
import type { NamedSysctl } from '../../../images/types.js';

/** Milliseconds that devices may take to become ready, and the polling interval. */
const READY_MS = 2000;
const PAUSE_MS = 5;

const PATH = /^net\/ipv6\/conf\/([^/]+)\/addr_gen_mode$/;

/** The device whose `addr_gen_mode` a sysctl is, of which this module takes care; not "all", nor "default". */
export function deviceOfMode(path: string): string | undefined {
  const [, name] = PATH.exec(path) ?? [];
  return name === 'all' || name === 'default' ? undefined : name;
}

/** A request by netlink changes what happens from then on; writing the sysctl gives the device an address at once. */
function setMode(index: number, name: string, mode: number): NamedRequest {
  const spec = [[IFLA_AF_SPEC, [[AF_INET6, [[IFLA_INET6_ADDR_GEN_MODE, u8(mode)]]]]]] as const;
  const message = routeMessage(RTM_SETLINK, 0, linkHeader({ index }), spec);
  return { ...message, what: `automatic addresses of device ${name}` };
}

/** IF_READY of include/net/if_inet6.h: the kernel has given the device its first addresses, or none as it was told. */
const READY = 0x80000000;

const ask = (index: number) => routeMessage(RTM_GETLINK, 0, linkHeader({ index }));

/** Whether the kernel still has to act on a carrier, and would give the device an address then. */
export function isUnready({ flags, attributes }: Pick<Link, 'flags' | 'attributes'>): boolean {
  if ((flags & IFF_UP) === 0 || (flags & IFF_LOWER_UP) === 0 || flags & (IFF_DORMANT | IFF_SLAVE))
    return false;
  const inet6 = attributes.nested(IFLA_AF_SPEC)?.nested(AF_INET6);
  const isDisabled = inet6?.bytes(IFLA_INET6_CONF)?.readInt32LE(4 * DEVCONF_DISABLE_IPV6) !== 0;
  return !isDisabled && ((inet6?.u32(IFLA_INET6_FLAGS) ?? 0) & READY) === 0;
}

/** The devices of a network namespace that get no addresses of their own at the moment. */
export class NoAutomatic {
  /** By index: name, and the mode to be set at the end. */
  private readonly modes = new Map<number, { readonly name: string; readonly mode: number }>();

  /**
   * Begins, before devices go up.
   * @param socket an rtnetlink socket in the namespace
   * @param sysctls what `addr_gen_mode` of devices shall be, where it is not that of new devices
   * @throws NetlinkError if the socket fails
   */
  constructor(
    private readonly socket: NetlinkSocket,
    sysctls: readonly NamedSysctl[],
  ) {
    const wanted = new Map(sysctls.map(({ path, value }) => [deviceOfMode(path), Number(value)]));
    const links = listLinks(socket).filter(({ flags }) => (flags & IFF_LOOPBACK) === 0);
    const found = links.flatMap(({ index, name, attributes }) => {
      const own = attributes.nested(IFLA_AF_SPEC)?.nested(AF_INET6)?.u8(IFLA_INET6_ADDR_GEN_MODE);
      return own === undefined ? [] : [{ index, name, mode: wanted.get(name) ?? own }];
    });
    const outcomes = socket.each(
      found.map(({ index, name }) => setMode(index, name, IN6_ADDR_GEN_MODE_NONE)),
    );
    for (const [i, { index, ...one }] of found.entries()) if (!outcomes[i]) this.modes.set(index, one);
  }

  /** Whether a sysctl is the mode of one of the devices, which is set at the end. */
  has(path: string): boolean {
    const device = deviceOfMode(path);
    return device !== undefined && [...this.modes.values()].some(({ name }) => name === device);
  }

  /** Ends, when all devices that are up are ready. @throws NetlinkError */
  async end(): Promise<void> {
    for (const deadline = Date.now() + READY_MS; ; await sleep(PAUSE_MS)) {
      const unready = () =>
        listLinks(this.socket).filter((link) => this.modes.has(link.index) && isUnready(link));
      // Linux since 5.17 acts on the carrier of a single device that is asked for.
      for (const { index } of unready()) this.socket.request(ask(index), 'link');
      if (unready().length === 0 || Date.now() > deadline) break;
    }
    this.socket.all([...this.modes].map(([index, { name, mode }]) => setMode(index, name, mode)));
  }
}
