// inotify(7): watches by file handle, and by path if one leads to the watched file. Unread events are lost; the
// restored queue reports that as an overflow.
import type { Encodable, FhEntry } from '@criu/images';
import { close, sysRaw, tryIoctlInt } from '@criu/native';
import { closeSync, constants, fstatSync, lstatSync, openSync } from '@criu/native/fs';
import { FIONREAD, file_handle, IN_ACCESS, IN_CLOSE_NOWRITE, IN_OPEN, O_PATH } from '@criu/native/uapi';
import { holds } from '../../../capabilities.js';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { FileHandle, InotifyWatch } from '../../../proc/index.js';
import { type MountPlace, mountIdOf, mountTables } from '../../../views/mounts.js';
import type { FileDump } from '../kind.js';
import type { OpenFile } from '../open-file.js';
import { readLinkOf } from '../own-file.js';
import { searchFor } from './scan.js';

/** Events that the dump itself causes by opening and reading files. */
const OURS = IN_ACCESS | IN_OPEN | IN_CLOSE_NOWRITE;
/** Number of words that images have for a handle of any length. */
const HANDLE_WORDS = 16;

function words(handle: FileHandle): bigint[] {
  const bytes = Buffer.alloc(HANDLE_WORDS * 8);
  bytes.set(handle.bytes);
  return Array.from({ length: HANDLE_WORDS }, (_, i) => bytes.readBigUInt64LE(i * 8));
}

/** A path that leads to the inode, and its mount. */
export interface Watched {
  readonly path: string;
  /** The inode is a symbolic link itself. */
  readonly link: boolean;
  /** Undefined in the dumper's namespace. */
  readonly mountId: number | undefined;
}

/** The file of a handle on a mount. */
interface Handled {
  /** Undefined if the kernel knows no path for it on this mount. */
  readonly path: string | undefined;
  readonly link: boolean;
  readonly links: bigint;
}

/** Opens a handle on a mount; undefined if that fails. */
function openOnMount({ table, mount }: MountPlace, handle: FileHandle): Handled | undefined {
  if (table.root === undefined) return undefined;
  let mountFd: number;
  try {
    mountFd = openSync(table.root + mount.mountPoint, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return undefined;
  }
  try {
    const struct = Buffer.alloc(file_handle.f_handle + handle.bytes.length);
    struct.writeUInt32LE(handle.bytes.length, file_handle.handle_bytes);
    struct.writeInt32LE(handle.type, file_handle.handle_type);
    struct.set(handle.bytes, file_handle.f_handle);
    const fd = sysRaw('open_by_handle_at', mountFd, struct, O_PATH);
    if (fd < 0) return undefined;
    try {
      const stat = fstatSync(fd, { bigint: true });
      return {
        path: mountIdOf(fd) === mount.mntId ? readLinkOf(fd) : undefined,
        link: stat.isSymbolicLink(),
        links: stat.nlink,
      };
    } finally {
      close(fd);
    }
  } finally {
    closeSync(mountFd);
  }
}

/**
 * A path that leads to the inode now, preferably as the task sees it. Without one, the file is watched by its handle, which a user
 * without root can neither look into now nor open at restore: for him a path is searched.
 * @throws CriuError if a search has found no path, with --force-irmap or without the capability for handles
 */
export function watchedPath(
  ctx: DumpContext,
  pid: number,
  inode: { readonly sdev: number; readonly ino: bigint },
  handle: FileHandle,
): Watched | undefined {
  let known: Handled | undefined;
  /** In a file system that a restore makes anew, where no handle of today leads anywhere. */
  let covered: Watched | undefined;
  for (const place of mountTables(ctx).all(pid)) {
    const { mount, table } = place;
    if (((mount.major << 20) | mount.minor) >>> 0 !== inode.sdev >>> 0) continue;
    const handled = openOnMount(place, handle);
    known ??= handled;
    if (handled?.path === undefined || ctx.options.faults?.includes('watched path')) continue;
    const { path, link } = handled;
    try {
      if (lstatSync(`${table.root ?? ''}${path}`, { bigint: true }).ino === inode.ino)
        return { path, link, mountId: table.host ? undefined : mount.mntId };
    } catch {
      // No path leads there on this mount.
    }
    if (!table.host && mount.fsType === 'tmpfs') covered ??= { path, link, mountId: mount.mntId };
  }
  if (covered && known?.links !== 0n) return covered;
  const { options } = ctx;
  const unable = options.unprivileged === true && !holds('CAP_DAC_READ_SEARCH');
  // A deleted file has no path to be found.
  if (known?.links === 0n || !(unable || options.forceIrmap || options.irmapScanPaths)) return undefined;
  const found = searchFor(ctx, pid, inode);
  if (!found && unable)
    throw new CriuError(
      'NOT_PERMITTED',
      `the watched inode ${inode.ino} of device ${(inode.sdev >>> 0).toString(16)} was not found in any folder that was looked at, and cannot be opened otherwise`,
      { pid },
      'name the folder that it is in with --irmap-scan-path, or give CAP_DAC_READ_SEARCH to whoever runs criu',
    );
  if (!found && options.forceIrmap)
    throw new CriuError(
      'UNSUPPORTED',
      `the watched inode ${inode.ino} of device ${(inode.sdev >>> 0).toString(16)} was not found in any folder that was looked at`,
      { pid },
      'name the folder that it is in with --irmap-scan-path, or leave --force-irmap out',
    );
  return found;
}

export function handleEntry(
  ctx: DumpContext,
  pid: number,
  inode: { readonly sdev: number; readonly ino: bigint },
  handle: FileHandle,
): Encodable<FhEntry> {
  const found = watchedPath(ctx, pid, inode, handle);
  return {
    bytes: handle.bytes.length,
    type: handle.type,
    handle: words(handle),
    // CRIU would follow the link: without the path, it takes the handle.
    ...(found && { [found.link ? 'link_path' : 'path']: found.path }),
    ...(found?.mountId === undefined ? {} : { mnt_id: found.mountId }),
  };
}

function watchEntry(ctx: DumpContext, file: OpenFile, watch: InotifyWatch) {
  if (!watch.handle)
    throw new CriuError('UNSUPPORTED', `watch ${watch.wd} is on a file system without file handles`, {
      pid: file.pid,
      fd: file.fd,
    });
  return {
    id: 0,
    i_ino: watch.ino,
    mask: watch.mask,
    ignored_mask: watch.ignoredMask,
    s_dev: watch.sdev,
    wd: watch.wd,
    f_handle: handleEntry(ctx, file.pid, watch, watch.handle),
  };
}

export const inotifyDump: FileDump = {
  matches: (file) => file.target.kind === 'anon' && file.target.name === 'inotify',
  dump(ctx, _task, file, id) {
    const unread = (tryIoctlInt(file.local, FIONREAD) ?? 0) > 0;
    const lost = unread && !file.info.inotify.some(({ mask }) => mask & OURS);
    if (unread)
      ctx.log.warn(`task ${file.pid}, fd ${file.fd}: inotify events that were not read are dropped`);
    const wd = file.info.inotify.map((watch) => watchEntry(ctx, file, watch));
    return { ify: { id, flags: file.flags, fown: file.fown, wd, ...(lost ? { events_lost: true } : {}) } };
  },
};
