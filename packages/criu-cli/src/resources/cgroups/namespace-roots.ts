// Roots of cgroup namespaces (cgroup_namespaces(7)): the groups that tasks of such a namespace see as `/`.
import type { DumpContext } from '../../engine/dump-context.js';
import { stateKey } from '../../states.js';
import { below, isBelow } from '../../views/mount-paths.js';

/**
 * Paths as the dumper sees them, by hierarchy as in /proc/PID/cgroup: `cpu,cpuacct`, `name=systemd`, '' for cgroup v2.
 */
export type NamespaceRoots = ReadonlyMap<string, string>;

/** The roots by namespace id; available once an agent has visited the namespaces. */
export const namespaceRoots = stateKey(
  'roots of cgroup namespaces',
  (_: DumpContext) => new Map<number, NamespaceRoots>(),
);

/**
 * The root of a namespace, derived from the path of a task as seen from outside and from inside. Undefined for a task
 * outside of that root, whose path inside starts with `/..`.
 */
export function rootBehind(outside: string, inside: string): string | undefined {
  if (inside === '/') return outside;
  if (inside === '/..' || inside.startsWith('/../') || !outside.endsWith(inside)) return undefined;
  return outside.slice(0, -inside.length) || '/';
}

/** The path of a group relative to another one, `/` for that one itself; undefined if it is not below. */
export function pathBelow(path: string, root: string): string | undefined {
  return isBelow(path, root) ? `/${below(path, root)}` : undefined;
}
