// Where the roots of cgroup namespaces are (cgroup_namespaces(7)): the group that tasks of such a namespace see as `/`.
import type { DumpContext } from '../../engine/dump-context.js';
import { stateKey } from '../../states.js';
import { below, isBelow } from '../../views/mount-paths.js';

/** Paths as the dumper sees them, by hierarchy as in /proc/PID/cgroup: `cpu,cpuacct`, `name=systemd`, '' for cgroup v2. */
export type NamespaceRoots = ReadonlyMap<string, string>;

/** Those of a dump, by the number of the namespace; there once the namespaces have been visited. */
export const namespaceRoots = stateKey(
  'roots of cgroup namespaces',
  (_: DumpContext) => new Map<number, NamespaceRoots>(),
);

/**
 * The root of a namespace by the two paths of one task: as the dumper sees it and as the namespace does. Undefined for a
 * task that is outside of that root, which shows as a path that begins with `/..`.
 */
export function rootBehind(outside: string, inside: string): string | undefined {
  if (inside === '/') return outside;
  if (inside === '/..' || inside.startsWith('/../') || !outside.endsWith(inside)) return undefined;
  return outside.slice(0, -inside.length) || '/';
}

/** The path of a group below another one, `/` for that one itself; undefined if it is not there or below. */
export function pathBelow(path: string, root: string): string | undefined {
  return isBelow(path, root) ? `/${below(path, root)}` : undefined;
}
