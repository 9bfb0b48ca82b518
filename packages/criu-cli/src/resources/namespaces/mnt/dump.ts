// Mount namespaces of tasks: an entry for each mount, and an archive of each file system that is in memory.
import { type Agent, Program } from '@criu/compel';
import type { Encodable, MntEntry } from '@criu/images';
import { close } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import { isBelow } from '../../../views/mount-paths.js';
import type { Namespace } from '../../../views/namespaces.js';
import type { NamespaceDump } from '../kind.js';
import { writeArchive } from './archive.js';
import { cloneMount } from './calls.js';
import { type External, externalMounts } from './external.js';
import { type FoundMount, readTable } from './table.js';

const AT_FDCWD = -100;
const O_RDONLY_DIRECTORY = 0o200000;

/** Superblocks whose content is in the images already. */
const archived = stateKey('archived file systems', (_: DumpContext) => new Set<number>());

interface Table {
  readonly namespace: Namespace;
  readonly mounts: readonly FoundMount[];
  readonly externals: ReadonlyMap<FoundMount, External>;
}

function tableOf(ctx: DumpContext, namespace: Namespace): Table {
  const [member] = namespace.members;
  if (!member) throw new CriuError('INTERNAL', 'no task is in the mount namespace');
  const skipped = ctx.options.skipMounts ?? [];
  const mounts = readTable(member.pid, ctx.options.enableFs ?? []).filter(
    ({ mountpoint, fs }) => !skipped.includes(mountpoint) && fs?.name !== 'tracefs',
  );
  const isRoots = namespace.members.includes(ctx.root);
  return { namespace, mounts, externals: isRoots ? externalMounts(ctx, mounts) : new Map() };
}

/** Whether a mount comes back as a bind of one that restore gets from outside. */
function isFromOutside({ mounts, externals }: Table, mount: FoundMount): boolean {
  return mounts.some(
    (other) =>
      other.dev === mount.dev &&
      (externals.has(other) || other.mountpoint === '/') &&
      isBelow(mount.root, other.root),
  );
}

/** Refuses what restore could not make. @throws CriuError */
function check(table: Table, mount: FoundMount): void {
  if (isFromOutside(table, mount)) return;
  const about = { file: mount.mountpoint };
  const remedy = `name it with --external mnt[${mount.mountpoint}]:KEY, and give it to the restore with --external mnt[KEY]:PATH`;
  if (mount.root === '/') {
    if (!mount.fs)
      throw new CriuError(
        'UNSUPPORTED',
        `mount ${mount.id} is of the file system ${mount.info.fsType}, which is not made again`,
        about,
        `${remedy}; or have it mounted again as it is with --enable-fs ${mount.info.fsType}`,
      );
    return;
  }
  if (!table.mounts.some((other) => other.dev === mount.dev && other.root === '/' && other.fs))
    throw new CriuError(
      'UNSUPPORTED',
      `mount ${mount.id} is a bind of ${mount.root} (${mount.info.source}), which nothing else in its namespace shows`,
      about,
      remedy,
    );
}

function entryOf({ externals }: Table, mount: FoundMount): Encodable<MntEntry> {
  const external = externals.get(mount);
  const { info } = mount;
  return {
    fstype: mount.fs?.code ?? 0,
    mnt_id: mount.id,
    root_dev: mount.dev,
    parent_mnt_id: mount.parentId,
    flags: mount.flags,
    root: mount.root,
    mountpoint: mount.mountpoint,
    source: external?.source ?? (info.source === 'none' ? 'none' : info.source),
    options:
      mount.fs?.name === 'devpts' && !mount.options.includes('newinstance')
        ? [mount.options, 'newinstance'].filter((word) => word !== '').join(',')
        : mount.options,
    shared_id: info.shared ?? 0,
    master_id: info.master ?? 0,
    sb_flags: mount.superFlags,
    ...(mount.fs && mount.fs.code === 16 ? { fsname: mount.fs.name } : {}),
    ...(mount.deleted ? { deleted: true } : {}),
    ...(external?.internalSharing ? { internal_sharing: true } : {}),
    ...(external ? { ext_key: external.key } : {}),
  };
}

/** A clone that nothing lies on, so that all of its own files are seen. */
async function cleanRoot(inside: Agent, mount: FoundMount): Promise<number> {
  const p = new Program(`files of the mount at ${mount.mountpoint}`);
  const clone = cloneMount(p, AT_FDCWD, mount.mountpoint, `mount at ${mount.mountpoint}`);
  const root = p.syscall('openat', [clone, p.cstring('.'), O_RDONLY_DIRECTORY], {
    label: `root of the mount at ${mount.mountpoint}`,
  });
  p.sendFd(root);
  p.syscall('close', [clone]);
  const result = await inside.run(p);
  const [fd] = result.fds;
  // A descriptor is sent at the end of its program.
  const after = new Program('close');
  after.syscall('close', [result.value(root)]);
  await inside.run(after);
  if (fd === undefined) throw new CriuError('INTERNAL', 'no descriptor came', { file: mount.mountpoint });
  return fd;
}

async function archive(ctx: DumpContext, table: Table, mount: FoundMount, inside: Agent): Promise<void> {
  const done = ctx.states.get(archived);
  if (!mount.fs?.archived || mount.root !== '/' || done.has(mount.dev) || isFromOutside(table, mount)) return;
  done.add(mount.dev);
  const name = `tmpfs-dev-${mount.dev}.tar.gz.img`;
  const folder = await cleanRoot(inside, mount);
  try {
    const image = ctx.images.openRaw(name);
    try {
      await writeArchive(image, folder, `mount at ${mount.mountpoint}`, name);
    } finally {
      closeSync(image);
    }
  } finally {
    close(folder);
  }
}

export const mntDump: NamespaceDump = {
  async visit(ctx, namespace, inside) {
    const table = tableOf(ctx, namespace);
    for (const mount of table.mounts) check(table, mount);
    for (const mount of table.mounts) await archive(ctx, table, mount, inside);
    // As CRIU has them: the latest first.
    for (const mount of [...table.mounts].reverse())
      ctx.images.add('MNTS', entryOf(table, mount), { id: namespace.id });
  },
};
