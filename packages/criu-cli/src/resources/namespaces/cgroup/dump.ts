// Cgroup namespaces: their roots, which can only be derived from the paths of a task as seen from inside and from
// outside.

import { type Agent, Program } from '@criu/compel';
import { AT_FDCWD, O_RDONLY } from '@criu/native/uapi';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { type CgroupEntry, parseCgroup, readCgroup } from '../../../proc/index.js';
import { namespaceRoots, rootBehind } from '../../cgroups/namespace-roots.js';
import type { NamespaceDump } from '../kind.js';

/** Bytes; more than /proc/PID/cgroup has: a line for each hierarchy, with a path of up to 4096 bytes. */
const LONGEST = 256 * 1024;

/** /proc/PID/cgroup of a task, read by an agent in the namespace: paths are relative to the reader's root. */
async function readInside({ pid }: LiveTask, inside: Agent): Promise<CgroupEntry[]> {
  const file = `/proc/${pid}/cgroup`;
  const p = new Program('cgroups as the namespace shows them');
  const text = p.out(LONGEST);
  const fd = p.syscall('openat', [AT_FDCWD, p.cstring(file), O_RDONLY], { label: file });
  const size = p.syscall('read', [fd, text, LONGEST], { label: file });
  p.syscall('close', [fd]);
  const result = await inside.run(p);
  return parseCgroup(result.bytes(text).toString('latin1', 0, result.value(size)), file);
}

export const cgroupDump: NamespaceDump = {
  /** As in most containers, the first task is taken to be in the root of its namespace. */
  rehearse(ctx, { id, members: [first = ctx.root] }) {
    const roots = readCgroup(first.pid).map(({ controllers, path }) => [controllers, path] as const);
    ctx.states.get(namespaceRoots).set(id, new Map(roots));
  },

  async visit(ctx, { id, members }, inside) {
    const roots = new Map<string, string>();
    const missing = new Set<string>();
    // Usually the first task suffices.
    for (const task of members) {
      const seen = new Map((await readInside(task, inside)).map((entry) => [entry.controllers, entry.path]));
      missing.clear();
      for (const { controllers, path } of readCgroup(task.pid)) {
        if (roots.has(controllers)) continue;
        const root = rootBehind(path, seen.get(controllers) ?? path);
        if (root === undefined) missing.add(controllers);
        else roots.set(controllers, root);
      }
      if (missing.size === 0) break;
    }
    for (const controllers of missing)
      throw new CriuError(
        'NOT_DUMPABLE',
        `its cgroup in ${controllers === '' ? 'the unified hierarchy' : controllers} is outside of the root of its cgroup namespace, which nothing else tells`,
        { pid: members[0]?.pid ?? ctx.root.pid },
        'move a task of that namespace into its root, or below',
      );
    ctx.states.get(namespaceRoots).set(id, roots);
  },
};
