// The mounts of the tasks of a dump: one table for each mount namespace, read from the mountinfo of a task whose root
// is the root of the namespace.
import { cstring, sysRaw } from '@criu/native';
import { AT_EMPTY_PATH, STATX_MNT_ID, statx } from '@criu/native/uapi';
import type { DumpContext } from '../engine/dump-context.js';
import {
  type FdInfo,
  type MountInfo,
  ParsedMounts,
  PROC_ROOT,
  readFdInfo,
  readMountInfo,
  readNsLink,
  readRoot,
} from '../proc/index.js';
import { stateKey } from '../states.js';
import { namespacesOf } from './namespaces.js';

/**
 * Id of the mount that an open file is on, as in mountinfo; taken from its fdinfo if that was read, else from statx(2).
 */
export function mountIdOf(fd: number, info?: Pick<FdInfo, 'mntId'>): number {
  if (info) return info.mntId;
  const struct = Buffer.alloc(statx.sizeof);
  const result = sysRaw('statx', fd, cstring(''), AT_EMPTY_PATH, STATX_MNT_ID, struct);
  if (result === 0 && struct.readUInt32LE(statx.stx_mask) & STATX_MNT_ID)
    return Number(struct.readBigUInt64LE(statx.stx_mnt_id));
  // STATX_MNT_ID exists since Linux 5.8.
  return readFdInfo(process.pid, fd).mntId;
}

/** The mounts of one mount namespace. */
export interface MountTable {
  /** Inode of the namespace in nsfs. */
  readonly inode: bigint;
  /** The dumper is in this namespace as well. */
  readonly host: boolean;
  /**
   * A path under which this process reaches the root of the namespace: empty for its own namespace, undefined if no
   * task is at that root.
   */
  readonly root: string | undefined;
  readonly mounts: readonly MountInfo[];
  readonly byId: ReadonlyMap<number, MountInfo>;
}

export interface MountPlace {
  readonly table: MountTable;
  readonly mount: MountInfo;
}

export class MountTables {
  private readonly tables = new Map<bigint, MountTable>();
  /** By task. Tasks are stopped, so none changes its namespace. */
  private readonly known = new Map<number, MountTable>();
  private readonly parsed = new ParsedMounts();

  constructor(private readonly ctx: DumpContext) {}

  /** The table of a task's mount namespace. This process has files in flight, which are looked for as the root task sees them. */
  of(one: number): MountTable {
    const pid = one === process.pid ? this.ctx.root.pid : one;
    const known = this.known.get(pid);
    if (known) return known;
    const table = this.lookUp(pid);
    // mountinfo lists only mounts below the root of its task. Without a task at the root of the namespace, other tasks
    // may see more.
    if (table.root !== undefined) this.known.set(pid, table);
    return table;
  }

  private lookUp(pid: number): MountTable {
    const inode = readNsLink(pid, 'mnt')?.inode ?? 0n;
    const known = this.tables.get(inode);
    if (known?.root !== undefined) return known;
    const table = this.read(inode, pid);
    this.tables.set(inode, table);
    return table;
  }

  /** The mount with this id in the namespace of any of the tasks; the task `pid` is looked at first. */
  find(id: number, pid: number): MountPlace | undefined {
    const own = this.findIn(this.of(pid), id);
    if (own) return own;
    for (const other of this.ctx.live) {
      const place = this.findIn(this.of(other.pid), id);
      if (place) return place;
    }
    return undefined;
  }

  private findIn(table: MountTable, id: number): MountPlace | undefined {
    const mount = table.byId.get(id);
    return mount && { table, mount };
  }

  /** The mounts of all tasks, those of the task `pid` first. */
  all(pid: number): MountPlace[] {
    const found = new Set([pid, ...this.ctx.live.map((task) => task.pid)].map((one) => this.of(one)));
    return [...found].flatMap((table) => table.mounts.map((mount) => ({ table, mount })));
  }

  private read(inode: bigint, pid: number): MountTable {
    const host = inode === namespacesOf(this.ctx).own.mnt?.inode;
    if (host) return { inode, host, root: '', ...this.merged([process.pid, pid]) };
    const members = [pid, ...this.ctx.live.map((task) => task.pid)].filter(
      (one) => readNsLink(one, 'mnt')?.inode === inode,
    );
    const atRoot = members.find((one) => readRoot(one) === '/');
    const root = atRoot === undefined ? undefined : `/proc/${atRoot}/root`;
    return { inode, host, root, ...this.merged(atRoot === undefined ? members : [atRoot]) };
  }

  private merged(pids: readonly number[]): Pick<MountTable, 'mounts' | 'byId'> {
    const all = new Map<number, MountInfo>();
    for (const pid of pids)
      for (const mount of readMountInfo(pid, PROC_ROOT, this.parsed))
        if (!all.has(mount.mntId)) all.set(mount.mntId, mount);
    return { mounts: [...all.values()], byId: all };
  }
}

const tables = stateKey('mounts of the tasks', (ctx: DumpContext) => new MountTables(ctx));

/** The mount tables of a dump. */
export function mountTables(ctx: DumpContext): MountTables {
  return ctx.states.get(tables);
}
