/** `/proc/PID/cgroup`: the control groups of a task (cgroups(7)). */

import { decodeLatin1 } from '@criu/native';
import { PROC_ROOT, type ProcText, readText } from './io.js';
import { looksDeleted } from './names.js';
import { Scan } from './scan.js';

export interface CgroupEntry {
  /** 0 for the unified hierarchy (cgroup v2). */
  hierarchy: number;
  /** Controllers or `name=…`, as the kernel wrote them: `cpu,cpuacct`; empty for cgroup v2. */
  controllers: string;
  /** Relative to the root of the reader's cgroup namespace, so may begin with `/..`. */
  path: string;
  /** Whether the path ends in " (deleted)": the group was removed (its members are zombies). */
  deleted: boolean;
}

/** Parses the text of cgroup. */
export function parseCgroup(text: ProcText, file = 'cgroup'): CgroupEntry[] {
  const scan = new Scan(text, file);
  const entries: CgroupEntry[] = [];
  while (!scan.atEnd) {
    const hierarchy = scan.dec();
    scan.expect(':');
    const rest = scan.rest();
    // Controllers have no colon in their names; paths may.
    const colon = rest.indexOf(':');
    if (colon < 0) {
      scan.pos--;
      throw scan.error('expected hierarchy:controllers:path');
    }
    const path = decodeLatin1(rest.slice(colon + 1));
    entries.push({ hierarchy, controllers: rest.slice(0, colon), path, deleted: looksDeleted(path) });
  }
  return entries;
}

/** Text of a task's control groups; tasks in the same groups are found by comparing it, without parsing. */
export function readCgroupText(pid: number, root: string = PROC_ROOT): ProcText {
  return readText(pid, 'cgroup', root);
}

/** Reads the control groups of a task. */
export function readCgroup(pid: number, root: string = PROC_ROOT): CgroupEntry[] {
  return parseCgroup(readText(pid, 'cgroup', root), `${root}/${pid}/cgroup`);
}
