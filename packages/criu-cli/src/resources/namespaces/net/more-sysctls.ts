// Sysctls of a network namespace for which CRIU's format has no place: those of protocols, and newer ones of devices.
// Names are those that this kernel has; a restore writes only values that differ.
import { type Agent, Mark, Program } from '@criu/compel';
import { readdirSync, readFileSync, statSync } from '@criu/native/fs';
import { AT_FDCWD, EACCES, ENOENT, EPERM, O_RDONLY, O_WRONLY } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { NamedSysctl } from '../../../images/types.js';
import type { Logger } from '../../../log.js';
import { deviceSysctls, IPV4_SYSCTLS, UNIX_SYSCTLS } from './sysctls.js';

const ROOT = '/proc/sys';
const FOLDERS = ['net/core', 'net/ipv4', 'net/ipv6', 'net/unix', 'net/netfilter', 'net/mptcp'] as const;
const FAMILIES = ['ipv4', 'ipv6'] as const;
const OWNER_WRITES = 0o200;
const LONGEST = 256;
/** Number of files per program. */
const SOME = 600;

/** Sysctls that belong to the other lists. */
const KNOWN: ReadonlySet<string> = new Set(
  [IPV4_SYSCTLS, UNIX_SYSCTLS].flatMap(({ names, path }) => names.map((name) => path(name))),
);

/** Sysctls of neighbours (arp(7)) that have a more precise variant. */
const ROUNDED: ReadonlySet<string> = new Set(['unres_qlen', 'base_reachable_time', 'retrans_time']);

/** Writable files in a folder of /proc/sys. */
function tunables(folder: string): string[] {
  try {
    return readdirSync(`${ROOT}/${folder}`).filter((name) => {
      const stat = statSync(`${ROOT}/${folder}/${name}`, { throwIfNoEntry: false });
      return stat?.isFile() && (stat.mode & OWNER_WRITES) !== 0;
    });
  } catch {
    // This kernel does not have the folder.
    return [];
  }
}

/** Sysctls of `all`, `default` and devices that are not in CRIU's lists; the names are the same for each. */
function ofDevices(devices: readonly string[]): string[] {
  const neighbours = FAMILIES.flatMap((family) => {
    const names = tunables(`net/${family}/neigh/default`).filter((name) => !ROUNDED.has(name));
    return devices
      .filter((device) => device !== 'all' && device !== 'default')
      .flatMap((device) => names.map((name) => `net/${family}/neigh/${device}/${name}`));
  });
  const families = FAMILIES.map((family) => {
    const { names } = deviceSysctls(family, 'default');
    const more = tunables(`net/${family}/conf/default`).filter((name) => !names.includes(name));
    return { family, more };
  });
  const own = devices.flatMap((device) =>
    families.flatMap(({ family, more }) => more.map((name) => `net/${family}/conf/${device}/${name}`)),
  );
  return [...own, ...neighbours];
}

/** Values by path, in the network namespace of the agent; missing files are left out. */
async function read(agent: Agent, paths: readonly string[]): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (let at = 0; at < paths.length; at += SOME) {
    const p = new Program('tunables');
    const rooms = paths.slice(at, at + SOME).map((path) => {
      const room = p.out(LONGEST);
      const missing = new Mark();
      const fd = p.syscall('openat', [AT_FDCWD, p.cstring(`${ROOT}/${path}`), O_RDONLY], {
        orGoTo: missing,
      });
      p.syscall('read', [fd, room, LONGEST - 1], { expect: 'any' });
      p.syscall('close', [fd]);
      p.here(missing);
      return { path, room };
    });
    const result = await agent.run(p);
    for (const { path, room } of rooms) {
      const bytes = result.bytes(room);
      const text = bytes.toString('latin1', 0, bytes.indexOf(0)).trimEnd();
      if (text !== '') values.set(path, text);
    }
  }
  return values;
}

/** The path of a device's sysctl with `default` in place of the device. */
function ofDefault(path: string): string {
  return path.replace(/^(net\/ipv[46]\/(?:conf|neigh))\/.*\/([^/]+)$/, '$1/default/$2');
}

/** Defaults for neighbours of new devices are those of the machine: only the first network namespace has them. */
function usualNeighbours(): Map<string, string> {
  const out = new Map<string, string>();
  for (const family of FAMILIES)
    for (const name of tunables(`net/${family}/neigh/default`)) {
      const path = `net/${family}/neigh/default/${name}`;
      out.set(path, readFileSync(`${ROOT}/${path}`, 'latin1').trimEnd());
    }
  return out;
}

/** The sysctls of a namespace with these devices, by an agent in it; device values equal to `default` are left out. */
export async function readMore(agent: Agent, devices: readonly string[]): Promise<NamedSysctl[]> {
  const paths = [
    ...FOLDERS.flatMap((folder) => tunables(folder).map((name) => `${folder}/${name}`)).filter(
      (path) => !KNOWN.has(path),
    ),
    ...ofDevices(['all', 'default', ...devices]),
  ];
  const values = await read(agent, paths);
  for (const [path, value] of usualNeighbours()) values.set(path, value);
  return [...values].flatMap(([path, value]) => {
    if (/\/neigh\/default\//.test(path)) return [];
    const usual = ofDefault(path);
    return usual !== path && !path.includes('/conf/all/') && values.get(usual) === value
      ? []
      : [{ path, value }];
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
  const now = await read(
    agent,
    sysctls.map(({ path }) => path),
  );
  const left = sysctls.filter(({ path, value }) => now.get(path) !== value);
  if (left.length === 0) return;
  const p = new Program('tunables');
  const steps = left.map(({ path, value }) => {
    const bytes = Buffer.from(`${value}\n`, 'latin1');
    const refused = new Mark();
    const fd = p.syscall('openat', [AT_FDCWD, p.cstring(`${ROOT}/${path}`), O_WRONLY], { orGoTo: refused });
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
