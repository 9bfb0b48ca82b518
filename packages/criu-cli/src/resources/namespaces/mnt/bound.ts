// Namespaces that are bound to files of a mount namespace, as by ip-netns(8): they live as long as the mount, with or
// without tasks. Network namespaces are restored with their contents; other kinds are refused.
import type { Encodable, MntEntry, NamespaceBind } from '@criu/images';
import { closeSync, fstatSync, openSync } from '@criu/native/fs';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { readMountInfo } from '../../../proc/index.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { stateKey } from '../../../states.js';
import { type Namespace, namespacesOf } from '../../../views/namespaces.js';
import { holdNetwork } from '../../../views/networks.js';
import type { FoundMount } from './table.js';
import { earlyTablesOf, type Table } from './tables.js';

/** The file system of namespace files: the root of such a mount is `KIND:[INODE]`. */
const NSFS = 'nsfs';

/** Network namespaces by the ids of the mounts that show them. */
const bound = stateKey('namespaces bound to files', (_: DumpContext) => new Map<number, Namespace>());

/** Whether a mount shows a namespace and is not external. */
export function isBound({ externals }: Table, mount: FoundMount): boolean {
  return mount.info.fsType === NSFS && !externals.has(mount);
}

function refuse({ mountpoint, root, id }: FoundMount, why: string): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    `mount ${id} shows the namespace ${root}, ${why}`,
    { file: mountpoint },
    `unmount it before the dump, or name it with --external mnt[${mountpoint}]:KEY, and give a namespace to the restore with --external mnt[KEY]:PATH`,
  );
}

/** Keeps a network namespace by the file to which it is bound. @throws CriuError */
function hold(ctx: DumpContext, { namespace }: Table, mount: FoundMount): Namespace {
  const [, kind, inode] = /^([a-z]+):\[(\d+)\]$/.exec(mount.root) ?? [];
  if (kind !== 'net') throw refuse(mount, `and only those of the network are restored`);
  const [member] = namespace.members;
  let fd = -1;
  try {
    fd = openSync(`/proc/${member?.pid}/root${mount.mountpoint}`, 'r');
  } catch (error) {
    throw refuse(mount, `and the file cannot be opened: ${(error as Error).message}`);
  }
  try {
    if (String(fstatSync(fd, { bigint: true }).ino) !== inode)
      throw refuse(mount, 'and another mount covers the file, so that nothing leads to it');
    const before = namespacesOf(ctx).instance('net', BigInt(inode));
    const known = before.host || before.members.length > 0 || before.holder !== undefined;
    const found = holdNetwork(ctx, fd);
    if (!known) found.bound = true;
    const outside = readMountInfo(process.pid).find(
      (other) => other.fsType === NSFS && other.root === mount.root,
    );
    // A namespace that has a mount outside of the tree and no task of the tree belongs to others.
    if (outside && !found.host && found.members.length === 0)
      throw refuse(mount, `and so does ${outside.mountPoint} outside of the tree: it belongs to others`);
    return found;
  } finally {
    closeSync(fd);
  }
}

/** Finds all namespaces bound in a mount namespace; unsupported ones are added to `ctx.refusals`. */
export function holdBound(ctx: DumpContext, namespace: Namespace): void {
  const table = earlyTablesOf(ctx).of(namespace);
  for (const mount of table.mounts)
    if (isBound(table, mount))
      ctx.refusals.attempt(() => ctx.states.get(bound).set(mount.id, hold(ctx, table, mount)));
}

/** The binds for the entry of a mount namespace's root. */
export function bindsOf(
  ctx: DumpContext,
  table: Table,
): Partial<Pick<Encodable<MntEntry>, 'namespace_binds'>> {
  const known = ctx.states.get(bound);
  const binds = table.mounts.flatMap((mount): Encodable<NamespaceBind>[] => {
    const namespace = known.get(mount.id);
    if (!namespace) return [];
    return [
      {
        mnt_id: mount.id,
        parent_mnt_id: mount.parentId,
        flags: mount.flags,
        mountpoint: mount.mountpoint,
        root: mount.root,
        ns_cflag: CLONE_NEW[namespace.kind],
        ns_id: namespace.id,
        shared_id: mount.info.shared ?? 0,
        master_id: mount.info.master ?? 0,
      },
    ];
  });
  return binds.length > 0 ? { namespace_binds: binds } : {};
}
