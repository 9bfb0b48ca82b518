// The tunables of a network namespace and of its devices, all read by one agent at once.
import type { Agent } from '@criu/compel';
import type { Encodable, NetDeviceEntry, NetnsEntry, SysctlEntry } from '@criu/images';
import type { Link, NetlinkSocket } from '@criu/native/netlink';
import type { DumpContext } from '../../../engine/dump-context.js';
import { stateKey } from '../../../states.js';
import { groupInside } from '../../../views/users.js';
import { AlikeDevices, FAMILIES, type Family } from './alike.js';
import { MoreSysctls, moreSysctls } from './more-sysctls.js';
import { deviceSysctls, IPV4_SYSCTLS, listOf, type SysctlList, UNIX_SYSCTLS } from './sysctls.js';
import { readTunables } from './tunables.js';

/** The names that CRIU's lists lack are those of the kernel: they are looked for once, before tasks are stopped. */
const more = stateKey('names of tunables', (_: DumpContext) => new MoreSysctls());

/** Looks for names of tunables, as long as the tasks run. */
export function prepareTunables(ctx: DumpContext): void {
  ctx.states.get(more);
}

/**
 * The range of groups that may ping, as gids of the tasks. It is empty if an end is not mapped, as the tasks see it.
 */
function pingGroups(ctx: DumpContext, entry: SysctlEntry): SysctlEntry {
  const ends = entry.sarg?.split(/\s+/).map((gid) => groupInside(ctx, Number(gid)));
  if (!ends) return entry;
  const [first, last] = ends;
  return { ...entry, sarg: first === undefined || last === undefined ? '1\t0' : `${first}\t${last}` };
}

export interface Tunables {
  /** The lists of a device. */
  ofDevice(name: string): Pick<Encodable<NetDeviceEntry>, 'conf4' | 'conf6'>;
  /** @param devices names of the devices that are dumped */
  ofNamespace(devices: ReadonlySet<string>): Partial<Encodable<NetnsEntry>>;
}

/**
 * Reads all tunables of a namespace.
 * @param inside an agent in the namespace
 * @param socket an rtnetlink socket in the namespace
 * @param links all devices of the namespace
 * @throws NetlinkError, ProgramError
 */
export async function dumpTunables(
  ctx: DumpContext,
  inside: Agent,
  socket: NetlinkSocket,
  links: readonly Link[],
): Promise<Tunables> {
  const alike = new AlikeDevices(socket, links);
  const lists = {
    def_conf4: deviceSysctls('ipv4', 'default'),
    all_conf4: deviceSysctls('ipv4', 'all'),
    def_conf6: deviceSysctls('ipv6', 'default'),
    all_conf6: deviceSysctls('ipv6', 'all'),
    unix_conf: UNIX_SYSCTLS,
    ipv4_sysctl: IPV4_SYSCTLS,
  };
  const conf = (family: Family, name: string) =>
    deviceSysctls(family, name, (tunable) => alike.standFor(family, name, tunable));
  const names = links.map(({ name }) => name);
  const wanted = ctx.states.get(more).wanted(names, alike);
  const files = (list: SysctlList) => list.names.map((name) => list.path(name));
  const values = await readTunables(inside, [
    ...Object.values(lists).flatMap(files),
    ...names.flatMap((name) => FAMILIES.flatMap((family) => files(conf(family, name)))),
    ...wanted.map(({ from }) => from),
  ]);
  return {
    ofDevice: (name) => ({
      conf4: listOf(values, conf('ipv4', name)),
      conf6: listOf(values, conf('ipv6', name)),
    }),
    ofNamespace: (devices) => ({
      ...Object.fromEntries(Object.entries(lists).map(([field, list]) => [field, listOf(values, list)])),
      ipv4_sysctl: listOf(values, IPV4_SYSCTLS).map((entry) => pingGroups(ctx, entry)),
      more_sysctls: moreSysctls(
        wanted.filter(({ device }) => device === undefined || devices.has(device)),
        values,
      ),
    }),
  };
}
