// The mounts of each mount namespace in a checkpoint, as trees.
import { describeEnum, type ImageSet, type MntEntry, parseFileName } from '@criu/images';

export interface MountRow {
  readonly id: number;
  readonly depth: number;
  readonly mountpoint: string;
  readonly type: string;
  readonly source: string;
  /** The path within the file system that is mounted. */
  readonly root: string;
  /** `ro`, `nosuid` and so on, then the options of the file system. */
  readonly options: string;
  /** Such as `shared:3`. */
  readonly propagation: string;
}

export interface MountNamespace {
  readonly id: string;
  readonly mounts: readonly MountRow[];
}

/** Flags of mount(2) to print. */
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [1 << 0, 'ro'],
  [1 << 1, 'nosuid'],
  [1 << 2, 'nodev'],
  [1 << 3, 'noexec'],
  [1 << 10, 'noatime'],
  [1 << 11, 'nodiratime'],
  [1 << 21, 'relatime'],
];

/** @param attempt calls a function; returns undefined if an image is invalid and that is tolerable */
export function mountTrees(
  set: ImageSet,
  attempt: <T>(work: () => T) => T | undefined = (work) => work(),
): MountNamespace[] {
  const types = new Map(
    [...describeEnum('Fstype').values].map(([name, value]) => [value, name.toLowerCase()]),
  );
  const found: MountNamespace[] = [];
  for (const name of set.names()) {
    const parsed = parseFileName(name);
    if (parsed.is !== 'image' || parsed.kind !== 'MNTS') continue;
    const entries = attempt(() => set.entries('MNTS', parsed.id));
    if (entries !== undefined) found.push({ id: parsed.id, mounts: tree(entries, types) });
  }
  return found;
}

/** A line for each mount, indented below its parent mount. */
export function mountsText(namespaces: readonly MountNamespace[]): string {
  const lines = namespaces.flatMap(({ id, mounts }) => [
    `mount namespace ${id}\n`,
    ...mounts.map(
      ({ depth, mountpoint, type, source, root, options, propagation }) =>
        `\t${'    '.repeat(depth)}${mountpoint}  ${[type || '-', source || '-', root === '/' ? '' : `root=${root}`, options, propagation].filter(Boolean).join('  ')}\n`,
    ),
  ]);
  return lines.join('');
}

function tree(entries: readonly MntEntry[], types: ReadonlyMap<number, string>): MountRow[] {
  const ids = new Set(entries.map((entry) => entry.mnt_id));
  const children = new Map<number, MntEntry[]>();
  const roots: MntEntry[] = [];
  for (const entry of entries) {
    const { mnt_id, parent_mnt_id: parent } = entry;
    const siblings = children.get(parent);
    if (!ids.has(parent) || parent === mnt_id) roots.push(entry);
    else if (siblings === undefined) children.set(parent, [entry]);
    else siblings.push(entry);
  }
  const rows: MountRow[] = [];
  const seen = new Set<number>();
  const stack = roots.reverse().map((entry) => ({ entry, depth: 0 }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { entry, depth } = next;
    if (seen.has(entry.mnt_id)) continue;
    seen.add(entry.mnt_id);
    rows.push(row(entry, depth, types));
    const below = (children.get(entry.mnt_id) ?? []).sort((a, b) => (a.mountpoint < b.mountpoint ? 1 : -1));
    for (const child of below) stack.push({ entry: child, depth: depth + 1 });
  }
  return rows;
}

function row(entry: MntEntry, depth: number, types: ReadonlyMap<number, string>): MountRow {
  const flags = FLAGS.filter(([bit]) => (entry.flags & bit) !== 0).map(([, name]) => name);
  const known = types.get(entry.fstype);
  const type = entry.fsname ?? (known === undefined || known === 'unsupported' ? '' : known);
  const propagation = [
    entry.shared_id ? `shared:${entry.shared_id}` : '',
    entry.master_id ? `slave of ${entry.master_id}` : '',
    entry.ext_mount ? 'external' : '',
  ];
  return {
    id: entry.mnt_id,
    depth,
    mountpoint: entry.mountpoint,
    type,
    source: entry.source,
    root: entry.root,
    options: [...flags, entry.options].filter(Boolean).join(','),
    propagation: propagation.filter(Boolean).join(' '),
  };
}
