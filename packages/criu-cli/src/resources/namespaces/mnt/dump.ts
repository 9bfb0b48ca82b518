// Mount namespaces of tasks: an entry for each mount, and an archive of each file system in memory.
import { join } from 'node:path';
import type { Agent } from '@criu/compel';
import type { Encodable, MntEntry, MountIds, SocketFile } from '@criu/images';
import { close } from '@criu/native';
import { closeSync, readdirSync } from '@criu/native/fs';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import type { Namespace } from '../../../views/namespaces.js';
import { groupInside, ownerInside, rootOfTasks, userInside } from '../../../views/users.js';
import { hasLeasedFiles } from '../../files/regular/reader.js';
import type { NamespaceDump } from '../kind.js';
import type { Beholder } from '../user/command.js';
import { Archivist } from './archive.js';
import { dumpAutofs } from './autofs/dump.js';
import { dumpFormats } from './binfmt/dump.js';
import { bindsOf, holdBound, isBound } from './bound.js';
import { cleanRoot, clonedRoot, sees } from './clean-root.js';
import type { External } from './external.js';
import { FsType } from './filesystems.js';
import { isMapped, readMaps } from './idmap.js';
import { checkLayers } from './layers.js';
import { type LeftOut, leftOutOf, listLeftOut } from './left-out.js';
import { keepRemoved } from './removed.js';
import { showsRemovedCgroup } from './removed-cgroups.js';
import { showsOwnSocket, showsSocket } from './shown-sockets.js';
import { smallTree } from './small-tree.js';
import type { FoundMount } from './table.js';
import { type Table, type Tables, tablesOf } from './tables.js';
import { Together } from './together.js';

/** Writes the archives of this dump, several at a time, as tasks are stopped meanwhile. */
const archivist = stateKey('archives of mounts', (ctx: DumpContext) => {
  const made = new Archivist(rootInside(ctx), ctx.options.signal);
  ctx.onClose(() => made.end());
  return made;
});

/** Superblocks whose contents are in the images already. */
const archived = stateKey('archived file systems', (_: DumpContext) => new Set<number>());

/** What is not in archives, by device number of the file system. */
const leftOut = stateKey('what archives leave out', (_: DumpContext) => new Map<number, LeftOut>());

/** Refuses a mount that a restore could not create. @throws CriuError */
async function check(
  ctx: DumpContext,
  tables: Tables,
  table: Table,
  mount: FoundMount,
  inside: Agent,
): Promise<void> {
  const { externals, root } = table;
  const about = { file: mount.mountpoint };
  const remedy = `name it with --external mnt[${mount.mountpoint}]:KEY, and give it to the restore with --external mnt[KEY]:PATH`;
  if (isMapped(mount.info) && mount !== root && !externals.has(mount))
    throw new CriuError(
      'UNSUPPORTED',
      `mount ${mount.id} shows files with other owners than they have (an idmapped mount), and its map of ids is not restored`,
      about,
      remedy,
    );
  const refuseSocket = () =>
    new CriuError(
      'UNSUPPORTED',
      `mount ${mount.id} shows a Unix socket, in whose place there is another file when a program has bound it again`,
      about,
      `${remedy}; or mount the folder of the socket`,
    );
  if (tables.isFromOutside(mount)) {
    if (!externals.has(mount) && showsOwnSocket(ctx, table, mount)) throw refuseSocket();
    return;
  }
  // Whoever restores mounts it in a cgroup namespace of its own, in which it is in no group of mounts.
  const alone = mount.info.shared === undefined && mount.info.master === undefined;
  if (mount.beyond !== undefined && !(alone && mount.hierarchy !== undefined))
    throw new CriuError(
      'UNSUPPORTED',
      `mount ${mount.id} shows the cgroup ${mount.root}${alone ? '' : ', shares its propagation'}, and its tasks can mount only what is below ${mount.beyond}, the root of their cgroup namespace`,
      about,
      remedy,
    );
  if (mount.root === '/' && !mount.fs)
    throw new CriuError(
      'UNSUPPORTED',
      `mount ${mount.id} is of the file system ${mount.info.fsType}, which is not made again`,
      about,
      `${remedy}; or have it mounted again as it is with --enable-fs ${mount.info.fsType}`,
    );
  if (await showsSocket(ctx, table, mount, inside)) throw refuseSocket();
  if (showsRemovedCgroup(ctx, table, mount))
    throw new CriuError(
      'UNSUPPORTED',
      `mount ${mount.id} shows the cgroup ${mount.root}, which has been removed`,
      about,
      `unmount it before the dump, or ${remedy}`,
    );
  if (mount.root !== '/' && !mount.beyond && !tables.wholeOf(mount))
    throw new CriuError(
      'UNSUPPORTED',
      `mount ${mount.id} is a bind of ${mount.root} (${mount.info.source}), all of which no mount of the tasks shows`,
      about,
      remedy,
    );
}

/**
 * Translates user and group ids in mount options to ids of the tasks.
 * @throws CriuError for an id that is not mapped
 */
function optionsInside(ctx: DumpContext, options: string, mountpoint: string): string {
  if (!options.includes('id=')) return options;
  return options
    .split(',')
    .map((option) => {
      const [, name, id] = /^(uid|gid)=(\d+)$/.exec(option) ?? [];
      if (name === undefined) return option;
      const inside = name === 'uid' ? userInside(ctx, Number(id)) : groupInside(ctx, Number(id));
      if (inside !== undefined) return `${name}=${inside}`;
      throw new CriuError(
        'NOT_DUMPABLE',
        `the mount has the option ${option}, an id that its user namespace does not map`,
        { file: mountpoint },
      );
    })
    .join(',');
}

/** The tasks' user namespace, from which the files of an archive are seen. */
function rootInside(ctx: DumpContext): Beholder | undefined {
  const root = rootOfTasks(ctx);
  return root && { pid: ctx.root.pid, outside: root.outside };
}

/** Mounts that plugins restore. */
const ofPlugins = stateKey('mounts of plugins', (_: DumpContext) => new Set<FoundMount>());

/** Whether a plugin restores a mount that would be refused otherwise. @throws CriuError PLUGIN_FAILED */
async function isPlugins(ctx: DumpContext, tables: Tables, mount: FoundMount): Promise<boolean> {
  if (tables.isFromOutside(mount) || mount.root === '/' || mount.beyond || tables.wholeOf(mount))
    return false;
  const about = `mount ${mount.id} at ${mount.mountpoint}`;
  const answer = await ctx.hooks.ask('DUMP_EXT_MOUNT', { args: [mount.id], text: mount.mountpoint, about });
  if (answer) ctx.states.get(ofPlugins).add(mount);
  return answer !== undefined;
}

/** The name of a file system that has no number in images. */
function fsNameOf({ fs }: FoundMount, external: External | undefined): { fsname?: string } {
  const fsname = external?.fsType ?? (fs?.code === FsType.AUTO ? fs.name : undefined);
  return fsname === undefined ? {} : { fsname };
}

/** The owner of a socket among files in memory, as the tasks see it. @throws CriuError */
function socketOwner(ctx: DumpContext, { mountpoint }: FoundMount, socket: SocketFile) {
  return ownerInside(ctx, socket, 'a socket', { file: join(mountpoint, socket.path) });
}

/** The maps of external idmapped mounts; of the root, whoever gives it gives its map. */
async function mapsOf(ctx: DumpContext, { namespace, externals }: Table): Promise<Map<FoundMount, MountIds>> {
  const mapped = [...externals.keys()].filter(({ info }) => isMapped(info));
  const maps = await readMaps(namespace.members[0]?.pid ?? ctx.root.pid, mapped);
  for (const mount of mapped)
    if (!maps.has(mount))
      ctx.log.warn(
        `${mount.mountpoint}: the kernel does not tell the map of ids of this mount: whoever gives it to the restore has to map them`,
      );
  return maps;
}

function entryOf(
  ctx: DumpContext,
  table: Table,
  mount: FoundMount,
  { ghost, ids }: { ghost?: number | undefined; ids?: MountIds | undefined },
): Encodable<MntEntry> {
  const { externals } = table;
  const external = externals.get(mount);
  const { info } = mount;
  const { beyond, hierarchy } = mount;
  const above = beyond !== undefined && hierarchy !== undefined && !tablesOf(ctx).isFromOutside(mount);
  const { flagged = [], sockets = [] } = (mount.root === '/' && ctx.states.get(leftOut).get(mount.dev)) || {};
  return {
    fstype: external?.fsType === undefined ? (mount.fs?.code ?? 0) : FsType.AUTO,
    mnt_id: mount.id,
    root_dev: mount.dev,
    parent_mnt_id: mount.parentId,
    flags: mount.flags,
    root: above ? '/' : mount.root,
    mountpoint: mount.mountpoint,
    source: external?.source ?? info.source,
    options:
      mount.fs?.name === 'devpts' && !mount.options.includes('newinstance')
        ? [optionsInside(ctx, mount.options, mount.mountpoint), 'newinstance']
            .filter((word) => word !== '')
            .join(',')
        : optionsInside(ctx, mount.options, mount.mountpoint),
    shared_id: info.shared ?? 0,
    master_id: info.master ?? 0,
    sb_flags: mount.superFlags,
    ...fsNameOf(mount, external),
    ...(mount.deleted ? { deleted: true } : {}),
    ...(ghost === undefined ? {} : { removed_ghost: ghost }),
    ...(flagged.length === 0 ? {} : { flagged_files: flagged }),
    ...(sockets.length === 0
      ? {}
      : { sockets: sockets.map((one) => ({ ...one, ...socketOwner(ctx, mount, one) })) }),
    ...(external?.internalSharing ? { internal_sharing: true } : {}),
    ...(external ? { ext_key: external.key } : {}),
    ...(ids ? { ids } : {}),
    ...(above ? { cgroup: { hierarchy, path: mount.root } } : {}),
    ...(ctx.states.get(ofPlugins).has(mount) ? { with_plugin: true } : {}),
    ...(mount === table.root ? bindsOf(ctx, table) : {}),
  };
}

/** Dumps an autofs or binfmt_misc that is restored, once for all of its mounts. @throws CriuError */
async function ofItsOwn(ctx: DumpContext, table: Table, mount: FoundMount, inside: Agent): Promise<void> {
  const done = ctx.states.get(archived);
  const code = mount.fs?.code;
  if (code !== FsType.AUTOFS && code !== FsType.BINFMT_MISC) return;
  if (mount.root !== '/' || done.has(mount.dev) || tablesOf(ctx).isFromOutside(mount)) return;
  done.add(mount.dev);
  const dump = code === FsType.AUTOFS ? dumpAutofs : dumpFormats;
  await dump(ctx, mount, () => clonedRoot(ctx, table, mount, inside));
}

/** @throws CriuError UNSUPPORTED for a file that a restore could not make */
function refuseFiles({ fs, id, mountpoint }: FoundMount, files: readonly string[], usual: readonly string[]) {
  const file = files.find((one) => !usual.includes(one));
  if (file !== undefined)
    throw new CriuError(
      'UNSUPPORTED',
      `mount ${id} of the file system ${fs?.name} has the file ${file}, which is not made again`,
      { file: mountpoint },
      `remove it before the dump, or name the mount with --external mnt[${mountpoint}]:KEY, and give it to the restore with ` +
        '--external mnt[KEY]:PATH',
    );
}

/** Starts the archive of a file system in memory, unless it exists. @returns the promise of its completion */
async function archive(
  ctx: DumpContext,
  table: Table,
  mount: FoundMount,
  inside: Agent,
): Promise<(() => Promise<void>) | undefined> {
  const done = ctx.states.get(archived);
  const { archived: always, mapped, bare } = mount.fs ?? {};
  if (!always && !mapped && !bare) return undefined;
  if (mount.root !== '/' || done.has(mount.dev) || tablesOf(ctx).isFromOutside(mount)) return undefined;
  done.add(mount.dev);
  if (hasLeasedFiles(ctx, mount.dev))
    throw new CriuError(
      'UNSUPPORTED',
      `mount ${mount.id} is a file system in memory, and reading its files would break a lease on one of them (F_SETLEASE)`,
      { file: mount.mountpoint },
      'give the lease up before the dump',
    );
  const name = `tmpfs-dev-${mount.dev}.tar.gz.img`;
  const folder = await cleanRoot(ctx, table, mount, inside);
  if (!always) {
    const files = readdirSync(`/proc/self/fd/${folder}`);
    if (files.length === 0 || bare) close(folder);
    if (bare) refuseFiles(mount, files, bare);
    if (files.length === 0 || bare) return undefined;
  }
  return async () => {
    try {
      const what = `mount at ${mount.mountpoint}`;
      const tree = smallTree(folder, what);
      const image = ctx.images.openRaw(name);
      try {
        const made = ctx.states
          .get(archivist)
          .create({ image, folder, what, file: name, raw: mapped === true }, tree);
        // Listed while tar runs, which takes longer.
        try {
          ctx.states.get(leftOut).set(mount.dev, tree ? leftOutOf(tree) : listLeftOut(folder));
        } finally {
          await made;
        }
      } finally {
        closeSync(image);
      }
    } finally {
      close(folder);
    }
  };
}

/** What is kept of some mounts apart from what mountinfo says: ids of ghost files, and maps of ids. */
interface Kept {
  readonly ghosts: ReadonlyMap<FoundMount, number>;
  readonly maps: ReadonlyMap<FoundMount, MountIds>;
}

/** The entries of all mounts of a namespace. */
function addEntries(
  ctx: DumpContext,
  namespace: Namespace,
  mounts: readonly FoundMount[],
  { ghosts, maps }: Kept = { ghosts: new Map(), maps: new Map() },
): void {
  const table = tablesOf(ctx).of(namespace);
  // In CRIU's order: the latest mount first.
  for (const mount of [...mounts].reverse())
    ctx.images.add('MNTS', entryOf(ctx, table, mount, { ghost: ghosts.get(mount), ids: maps.get(mount) }), {
      id: namespace.id,
    });
}

/** The mounts of a namespace but those of namespace files. */
function ownMounts(table: Table): FoundMount[] {
  return table.mounts.filter((mount) => !isBound(table, mount));
}

/** Most mounts of a rehearsal: further ones run the same code. */
const SOME = 12;

/** Some mounts that form a tree, in which all binds find their file systems. */
function someOf(table: Table): FoundMount[] {
  const some = [table.root];
  for (const mount of ownMounts(table)) {
    if (some.length === SOME) break;
    const placed = some.some(({ id }) => id === mount.parentId);
    if (mount !== table.root && placed && (mount.root === '/' || some.some(({ dev }) => dev === mount.dev)))
      some.push(mount);
  }
  return some;
}

export const mntDump: NamespaceDump = {
  leads: holdBound,

  rehearse: (ctx, namespace) => addEntries(ctx, namespace, someOf(tablesOf(ctx).of(namespace))),

  async visit(ctx, namespace, inside) {
    const tables = tablesOf(ctx);
    const table = tables.of(namespace);
    const mounts = ownMounts(table);
    const [member] = namespace.members;
    for (const mount of mounts) {
      if (await isPlugins(ctx, tables, mount)) continue;
      await check(ctx, tables, table, mount, inside);
      if (member && !tables.isFromOutside(mount)) checkLayers(mount, member.pid);
    }
    const ghosts = new Map<FoundMount, number>();
    const archives = new Together(Archivist.atOnce);
    try {
      for (const mount of mounts) {
        await archives.room();
        const write = await archive(ctx, table, mount, inside);
        if (write) archives.start(write());
        await ofItsOwn(ctx, table, mount, inside);
        if (mount.deleted && !table.externals.has(mount) && !tables.isFromOutside(mount))
          ghosts.set(mount, await keepRemoved(ctx, mount, await sees(ctx, table, mount, inside)));
      }
    } finally {
      await archives.ended();
    }
    await archives.settled();
    addEntries(ctx, namespace, mounts, { ghosts, maps: await mapsOf(ctx, table) });
  },
};
