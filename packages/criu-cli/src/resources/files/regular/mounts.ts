// Checks that a file is on a mount of the tasks: otherwise its path would say nothing about it, even if it leads to
// some file.
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { MountInfo } from '../../../proc/index.js';
import type { Placed } from '../../../views/files.js';
import { mountIdOf, mountTables } from '../../../views/mounts.js';
import { externalId } from '../../external.js';
import { FsMagic, major, minor } from '../open-file.js';
import type { PathFile } from './dump.js';

/** @throws CriuError UNSUPPORTED if the file is on a mount that no task has */
export function checkMount(ctx: DumpContext, file: PathFile): void {
  // The terminal of a shell job belongs to its caller, as in CRIU.
  if (file.fsType === FsMagic.DEVPTS && ctx.options.shellJob) return;
  const id = mountIdOf(file.local, file.info);
  if (mountTables(ctx).find(id, file.pid)) return;
  throw new CriuError(
    'UNSUPPORTED',
    `the file is on mount ${id}, which is not in the mount namespace of the tasks`,
    { pid: file.pid, file: file.link, ...(file.fd === undefined ? {} : { fd: file.fd }) },
    `close it before the dump, or have it given at restore (--external '${externalId.file(id, file.stat.ino)}', and --inherit-fd)`,
  );
}

/** The mount id for the entry of a file, which images have for mount namespaces of the tasks. */
export function mountOf(ctx: DumpContext, { pid, local, info }: Placed): { mnt_id?: number } {
  const id = mountIdOf(local, info);
  const place = mountTables(ctx).find(id, pid);
  return place && !place.table.host ? { mnt_id: id } : {};
}

/**
 * A mount of the tasks that shows the same as the file's own mount, which is detached: a restore may have bound sockets
 * on such a mount where others cover their names. Undefined if the file's own mount is one of the tasks', or no mount
 * shows it.
 */
export function insteadOfDetached(
  ctx: DumpContext,
  { pid, local, info }: Placed,
  dev: bigint,
): MountInfo | undefined {
  const tables = mountTables(ctx);
  if (tables.find(mountIdOf(local, info), pid)) return undefined;
  const [high, low] = [major(dev), minor(dev)];
  const found = tables
    .all(pid)
    .filter(
      ({ table, mount }) => !table.host && mount.major === high && mount.minor === low && mount.root === '/',
    )
    .map(({ mount }) => mount);
  return found.find(({ mountPoint }) => mountPoint === '/') ?? found[0];
}
