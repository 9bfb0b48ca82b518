/** Lists of CPUs and NUMA nodes in the kernel's format (cpuset(7)), `0-3,8`; and the online ones. */
import { readFileSync } from '@criu/native/fs';

const ONLINE = '/sys/devices/system/cpu/online';
const NODES = '/sys/devices/system/node/online';
const CGROUPS = '/sys/fs/cgroup';

/** Parses a list into a mask with one bit for each CPU. @throws RangeError for other text */
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

/** Formats a mask as a list. */
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

/** Mask of the online NUMA nodes; bit 0 on a machine without NUMA. */
export function onlineNodes(): bigint {
  try {
    return parseCpus(readFileSync(NODES, 'latin1'));
  } catch {
    return 1n;
  }
}

/** Mask of the online CPUs. */
export function onlineCpus(): bigint {
  return parseCpus(readFileSync(ONLINE, 'latin1'));
}

/**
 * Mask of the CPUs that a cpuset grants to its tasks; undefined if it cannot be determined.
 * @param path path of the cpuset, as in /proc/PID/cpuset
 */
export function cpusetCpus(path: string): bigint | undefined {
  const files = [`${CGROUPS}/cpuset${path}/cpuset.effective_cpus`];
  // In cgroup v2, only some of the groups above a task have the cpuset controller.
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('/'))) {
    files.push(`${CGROUPS}${at}/cpuset.cpus.effective`);
    if (!at || at === '/') break;
  }
  for (const file of files) {
    try {
      return parseCpus(readFileSync(file, 'latin1'));
    } catch {
      // The next candidate is tried.
    }
  }
  return undefined;
}
