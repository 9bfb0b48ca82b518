// The namespaces of the tasks: which of them are their own, their members, and their images.
import type { ImageSet, InventoryEntry, TaskKobjIdsEntry } from '@criu/images';
import type { Report } from '../verify/report.js';

export interface NamespaceUse {
  readonly kind: NamespaceKind;
  /** Id in the names of images. */
  readonly id: number;
  /** False for a namespace of the dumping process, which the tasks shared with the machine. */
  readonly own: boolean;
  readonly pids: readonly number[];
  readonly detail: string;
}

const KINDS = {
  pid: 'pid_ns_id',
  user: 'user_ns_id',
  mnt: 'mnt_ns_id',
  net: 'net_ns_id',
  ipc: 'ipc_ns_id',
  uts: 'uts_ns_id',
  cgroup: 'cgroup_ns_id',
  time: 'time_ns_id',
} as const satisfies Readonly<Record<string, keyof TaskKobjIdsEntry>>;
export type NamespaceKind = keyof typeof KINDS;

export function namespacesOf(
  report: Report,
  pids: readonly number[],
  inventory: InventoryEntry | undefined,
): NamespaceUse[] {
  const { set } = report;
  const found = new Map<string, { kind: NamespaceKind; id: number; pids: number[] }>();
  for (const pid of pids) {
    const ids = report.attempt(() => set.ids(pid));
    if (ids === undefined) continue;
    for (const [kind, field] of Object.entries(KINDS) as [NamespaceKind, (typeof KINDS)[NamespaceKind]][]) {
      const id = ids[field];
      if (id === undefined) continue;
      const known = found.get(`${kind} ${id}`);
      if (known === undefined) found.set(`${kind} ${id}`, { kind, id, pids: [pid] });
      else known.pids.push(pid);
    }
  }
  const order = Object.keys(KINDS);
  return [...found.values()]
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.id - b.id)
    .map((namespace) => {
      const { kind, id } = namespace;
      const outer = inventory?.root_ids?.[KINDS[kind]];
      return {
        ...namespace,
        own: outer !== undefined && outer !== id,
        detail: report.attempt(() => detailOf(set, kind, id)) ?? '',
      };
    });
}

function detailOf(set: ImageSet, kind: NamespaceKind, id: number): string {
  if (kind === 'uts' && set.has('UTSNS', id)) return `host name ${set.single('UTSNS', id).nodename}`;
  if (kind === 'mnt' && set.has('MNTS', id)) return count(set.entries('MNTS', id).length, 'mount');
  if (kind === 'net' && set.has('NETDEV', id)) {
    const names = set.entries('NETDEV', id).map(({ name }) => name);
    return `${count(names.length, 'device')}: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`;
  }
  if (kind === 'user' && set.has('USERNS', id)) {
    const { uid_map } = set.single('USERNS', id);
    const [first, ...more] = uid_map.map(
      ({ first: inside, lower_first, count: size }) => `${inside} is ${lower_first} outside (${size})`,
    );
    return first === undefined ? '' : `user ${first}${more.length > 0 ? ` and ${more.length} more` : ''}`;
  }
  return '';
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
