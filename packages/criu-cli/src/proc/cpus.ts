/** Lists of CPUs and of NUMA nodes as the kernel writes them (cpuset(7)): `0-3,8`; and which there are. */
import { readFileSync } from '@criu/native/fs';

const ONLINE = '/sys/devices/system/cpu/online';
const NODES = '/sys/devices/system/node/online';
const CGROUPS = '/sys/fs/cgroup';

/** One bit for each CPU of a list. @throws RangeError if it is none */
export function parseCpus(list: string): bigint {
  let mask = 0n;
  for (const part of list.trim().split(',').filter(Boolean)) {
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (!range) throw new RangeError(`${list} is no list of CPUs`);
    const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
    if (last < first) throw new RangeError(`${list} is no list of CPUs`);
    mask |= ((1n << BigInt(last - first + 1)) - 1n) << BigInt(first);
  }
  return mask;
}

/** The same as a list. */
export function formatCpus(mask: bigint): string {
  const parts: string[] = [];
  for (let first = 0; mask >> BigInt(first) !== 0n; first++) {
    if (!((mask >> BigInt(first)) & 1n)) continue;
    const from = first;
    while ((mask >> BigInt(first + 1)) & 1n) first++;
    parts.push(from === first ? `${from}` : `${from}-${first}`);
  }
  return parts.join(',');
}

/** NUMA nodes that are in use, as a mask; one on a machine without. */
export function onlineNodes(): bigint {
  try {
    return parseCpus(readFileSync(NODES, 'latin1'));
  } catch {
    return 1n;
  }
}

/** CPUs that are in use. */
export function onlineCpus(): bigint {
  return parseCpus(readFileSync(ONLINE, 'latin1'));
}

/**
 * CPUs that a cpuset leaves to its tasks; undefined where that is not to be found out.
 * @param path of the cpuset, as in /proc/PID/cpuset
 */
export function cpusetCpus(path: string): bigint | undefined {
  const files = [`${CGROUPS}/cpuset${path}/cpuset.effective_cpus`];
  // In version 2 only some of the groups on the way have the controller.
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('/'))) {
    files.push(`${CGROUPS}${at}/cpuset.cpus.effective`);
    if (!at || at === '/') break;
  }
  for (const file of files) {
    try {
      return parseCpus(readFileSync(file, 'latin1'));
    } catch {
      // There is another place to look.
    }
  }
  return undefined;
}
