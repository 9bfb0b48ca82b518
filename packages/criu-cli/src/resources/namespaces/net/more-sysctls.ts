// Sysctls of a network namespace for which CRIU's format has no place: those of protocols, and newer ones of devices.
// Names are those that this kernel has; a restore writes only values that differ.
import { type Agent, Mark, Program } from '@criu/compel';
import { readdirSync, readFileSync, statSync } from '@criu/native/fs';
import { AT_FDCWD, EACCES, ENOENT, EPERM, O_WRONLY } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { NamedSysctl } from '../../../images/types.js';
import type { Logger } from '../../../log.js';
import { type AlikeDevices, FAMILIES, type Family } from './alike.js';
import { deviceSysctls, IPV4_SYSCTLS, UNIX_SYSCTLS } from './sysctls.js';
import { readTunables, SYSCTLS } from './tunables.js';

const FOLDERS = ['net/core', 'net/ipv4', 'net/ipv6', 'net/unix', 'net/netfilter', 'net/mptcp'] as const;
const OWNER_WRITES = 0o200;

/** Sysctls that belong to the other lists. */
const KNOWN: ReadonlySet<string> = new Set(
  [IPV4_SYSCTLS, UNIX_SYSCTLS].flatMap(({ names, path }) => names.map((name) => path(name))),
);

/** Sysctls of neighbours (arp(7)) that have a more precise variant. */
const ROUNDED: ReadonlySet<string> = new Set(['unres_qlen', 'base_reachable_time', 'retrans_time']);

/** Writable files in a folder of /proc/sys. */
function tunables(folder: string): string[] {
  try {
    return readdirSync(`${SYSCTLS}/${folder}`).filter((name) => {
      const stat = statSync(`${SYSCTLS}/${folder}/${name}`, { throwIfNoEntry: false });
      return stat?.isFile() && (stat.mode & OWNER_WRITES) !== 0;
    });
  } catch {
    // This kernel does not have the folder.
    return [];
  }
}

/** Names of files below net/FAMILY/conf/DEVICE that are not in CRIU's lists. */
function moreOfDevices(family: Family): string[] {
  const { names } = deviceSysctls(family, 'default');
  return tunables(`net/${family}/conf/default`).filter((name) => !names.includes(name));
}

/** Defaults for neighbours of new devices are those of the machine: only the first network namespace has them. */
function usualNeighbours(family: Family): Map<string, string> {
  const folder = `net/${family}/neigh/default`;
  return new Map(
    tunables(folder).map((name) => [name, readFileSync(`${SYSCTLS}/${folder}/${name}`, 'latin1').trimEnd()]),
  );
}

/** A file of /proc/sys that a dump reads. */
interface Wanted {
  readonly path: string;
  /** The file that is read in its place. */
  readonly from: string;
  /** The device that has it, and the path of the value that makes this one superfluous. */
  readonly device?: string;
  readonly usual?: string;
}

/** The names of the sysctls of a namespace for which CRIU's format has no place. */
export class MoreSysctls {
  private readonly common: readonly Wanted[];
  private readonly perDevice: Readonly<Record<Family, readonly string[]>>;
  private readonly perNeighbours: Readonly<Record<Family, readonly string[]>>;

  /** Looks for the names, which are those of this kernel. */
  constructor() {
    this.common = FOLDERS.flatMap((folder) => tunables(folder).map((name) => `${folder}/${name}`))
      .filter((path) => !KNOWN.has(path))
      .map((path) => ({ path, from: path }));
    this.perDevice = { ipv4: moreOfDevices('ipv4'), ipv6: moreOfDevices('ipv6') };
    // The folder `default` exists in the first network namespace only, `lo` in all.
    const ofNeighbours = (family: Family) =>
      tunables(`net/${family}/neigh/lo`).filter((name) => !ROUNDED.has(name));
    this.perNeighbours = { ipv4: ofNeighbours('ipv4'), ipv6: ofNeighbours('ipv6') };
  }

  /** What a dump of a namespace with these devices reads. */
  wanted(devices: readonly string[], alike: AlikeDevices): Wanted[] {
    const out = [...this.common];
    for (const device of ['all', 'default', ...devices])
      for (const family of FAMILIES)
        for (const name of this.perDevice[family]) {
          const [folder, stand] = [`net/${family}/conf`, alike.standFor(family, device, name)];
          out.push({
            path: `${folder}/${device}/${name}`,
            from: `${folder}/${stand}/${name}`,
            ...(device === 'all' || device === 'default'
              ? {}
              : { device, usual: `${folder}/default/${name}` }),
          });
        }
    for (const family of FAMILIES)
      for (const device of devices) {
        if (alike.hasUsualNeighbours(family, device)) continue;
        const folder = `net/${family}/neigh`;
        for (const name of this.perNeighbours[family]) {
          const path = `${folder}/${device}/${name}`;
          out.push({ path, from: path, device, usual: `${folder}/default/${name}` });
        }
      }
    return out;
  }
}

/** The values of what was wanted, without those that new devices have by themselves. */
export function moreSysctls(wanted: readonly Wanted[], values: ReadonlyMap<string, string>): NamedSysctl[] {
  const usualOf = new Map(values);
  for (const family of FAMILIES)
    if (wanted.some(({ path }) => path.startsWith(`net/${family}/neigh/`)))
      for (const [name, value] of usualNeighbours(family))
        usualOf.set(`net/${family}/neigh/default/${name}`, value);
  return wanted.flatMap(({ path, from, usual }) => {
    const value = values.get(from);
    if (value === undefined || (usual !== undefined && usualOf.get(usual) === value)) return [];
    return [{ path, value }];
  });
}

/** Whether the name in an image is a plain path of a network sysctl. */
function isPlain(path: string): boolean {
  return (
    path.startsWith('net/') && !path.split('/').some((part) => part === '' || part === '.' || part === '..')
  );
}

/**
 * Writes values that differ, by an agent that has entered the namespace.
 * @param weak skip what this kernel does not accept (`--weak-sysctls`)
 * @throws CriuError for a value that the kernel does not accept
 */
export async function writeMore(
  agent: Agent,
  sysctls: readonly NamedSysctl[],
  { file, weak, log }: { file: string; weak: boolean; log: Logger },
): Promise<void> {
  const odd = sysctls.find(({ path }) => !isPlain(path));
  if (odd)
    throw new CriuError('BAD_IMAGE', `${JSON.stringify(odd.path)} is no tunable of networks`, { file });
  const now = await readTunables(
    agent,
    sysctls.map(({ path }) => path),
  );
  const left = sysctls.filter(({ path, value }) => now.get(path) !== value);
  if (left.length === 0) return;
  const p = new Program('tunables');
  const steps = left.map(({ path, value }) => {
    const bytes = Buffer.from(`${value}\n`, 'latin1');
    const refused = new Mark();
    const fd = p.syscall('openat', [AT_FDCWD, p.cstring(`${SYSCTLS}/${path}`), O_WRONLY], {
      orGoTo: refused,
    });
    const written = p.syscall('write', [fd, p.data(bytes), bytes.length], { expect: 'any' });
    p.syscall('close', [fd]);
    p.here(refused);
    return { path, value, fd, written };
  });
  const result = await agent.run(p);
  for (const { path, value, fd, written } of steps) {
    const errno = Math.max(-result.value(fd), -result.value(written), 0);
    if (errno === 0) continue;
    const what = `/proc/sys/${path} cannot be set to ${value} (errno ${errno})`;
    // A sysctl that a namespace can only read belongs to the machine.
    if (weak || errno === EACCES || errno === EPERM || errno === ENOENT) log.warn(what);
    else
      throw new CriuError(
        'SYSCALL',
        what,
        { file },
        'leave out what this kernel does not take with --weak-sysctls',
      );
  }
}
