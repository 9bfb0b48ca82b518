// The mounts of the tasks of a dump: a table for each mount namespace, as the kernel lists it for a task that is at its root.
import { cstring, sysRaw } from '@criu/native';
import { AT_EMPTY_PATH, STATX_MNT_ID } from '@criu/native/uapi';
import type { DumpContext } from '../engine/dump-context.js';
import {
  type FdInfo,
  type MountInfo,
  readFdInfo,
  readMountInfo,
  readNsLink,
  readRoot,
} from '../proc/index.js';
import { stateKey } from '../states.js';
import { namespacesOf } from './namespaces.js';

/** struct statx: its size, and where stx_mask and stx_mnt_id are. */
const STATX = { size: 256, mask: 0, mountId: 0x90 } as const;

/** The number of the mount that an open file is on, as mountinfo has it; its fdinfo, once read, says it, too. */
export function mountIdOf(fd: number, info?: Pick<FdInfo, 'mntId'>): number {
  if (info) return info.mntId;
  const struct = Buffer.alloc(STATX.size);
  const result = sysRaw('statx', fd, cstring(''), AT_EMPTY_PATH, STATX_MNT_ID, struct);
  if (result === 0 && struct.readUInt32LE(STATX.mask) & STATX_MNT_ID)
    return Number(struct.readBigUInt64LE(STATX.mountId));
  // Before Linux 5.8.
  return readFdInfo(process.pid, fd).mntId;
}

/** The mounts of one mount namespace. */
export interface MountTable {
  /** Inode of the namespace on nsfs. */
  readonly inode: bigint;
  /** It is the dumper's as well. */
  readonly host: boolean;
  /** A path by which this process gets to the root of the namespace; empty for its own, undefined if no task is there. */
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
  /** Tasks stand still: none goes into another namespace. */
  private readonly known = new Map<number, MountTable>();

  constructor(private readonly ctx: DumpContext) {}

  /** The mounts that a task has. */
  of(pid: number): MountTable {
    const known = this.known.get(pid);
    if (known) return known;
    const table = this.lookUp(pid);
    // mountinfo has what can be reached from the root of the task that it is of: others may see more.
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

  /** The mount with this number in the namespace of any of the tasks. */
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

  /** The mounts of all tasks, those that a task itself has first. */
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
      for (const mount of readMountInfo(pid)) if (!all.has(mount.mntId)) all.set(mount.mntId, mount);
    return { mounts: [...all.values()], byId: all };
  }
}

const tables = stateKey('mounts of the tasks', (ctx: DumpContext) => new MountTables(ctx));

/** The mounts of a dump. */
export function mountTables(ctx: DumpContext): MountTables {
  return ctx.states.get(tables);
}
