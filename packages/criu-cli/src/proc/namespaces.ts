// The kinds of namespace, by their names in /proc/PID/ns and in the ids of a task.
import type { TaskKobjIdsEntry } from '@criu/images';
import type { NsName } from './index.js';

/** CLONE_NEW* by name, in the order in which namespaces get their ids. */
export const CLONE_NEW = {
  pid: 0x20000000,
  net: 0x40000000,
  ipc: 0x8000000,
  uts: 0x4000000,
  time: 0x80,
  mnt: 0x20000,
  user: 0x10000000,
  cgroup: 0x2000000,
} as const satisfies Partial<Record<NsName, number>>;
export type NamespaceName = keyof typeof CLONE_NEW;

export const NAMESPACES = Object.keys(CLONE_NEW) as NamespaceName[];

/** Id of a task's namespace of a kind; undefined if the kernel of the dump did not support that kind. */
export function namespaceId(ids: TaskKobjIdsEntry, name: NamespaceName): number | undefined {
  return (name === 'time' ? ids.own_time_ns_id : undefined) ?? ids[`${name}_ns_id`];
}
