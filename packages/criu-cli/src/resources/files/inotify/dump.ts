// inotify(7): watches by file handle, and by path where one leads to the watched file. Events not read yet are lost.
import type { Encodable, FhEntry } from '@criu/images';
import { close, sysRaw } from '@criu/native';
import { closeSync, constants, openSync, statSync } from '@criu/native/fs';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { type FileHandle, type InotifyWatch, type MountInfo, readMountInfo } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import { O_PATH } from '../common.js';
import type { FileDump } from '../kind.js';
import type { OpenFile } from '../open-file.js';
import { readLinkOf } from '../own-file.js';

const FIONREAD = 0x541b;
/** Words that the image has for a handle, whatever its length. */
const HANDLE_WORDS = 16;

const mounts = stateKey('mounts', (_: DumpContext): MountInfo[] => readMountInfo(process.pid));

function mountsOf(ctx: DumpContext): MountInfo[] {
  const list = ctx.states.get(mounts);
  return list;
}

function words(handle: FileHandle): bigint[] {
  const bytes = Buffer.alloc(HANDLE_WORDS * 8);
  bytes.set(handle.bytes);
  return Array.from({ length: HANDLE_WORDS }, (_, i) => bytes.readBigUInt64LE(i * 8));
}

/** Opens a handle on a mount and gives the path that the kernel has for it; undefined if it has none. */
function pathOnMount(mount: MountInfo, handle: FileHandle): string | undefined {
  let mountFd: number;
  try {
    mountFd = openSync(mount.mountPoint, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return undefined;
  }
  try {
    const struct = Buffer.alloc(8 + handle.bytes.length);
    struct.writeUInt32LE(handle.bytes.length, 0);
    struct.writeInt32LE(handle.type, 4);
    struct.set(handle.bytes, 8);
    const fd = sysRaw('open_by_handle_at', mountFd, struct, O_PATH);
    if (fd < 0) return undefined;
    try {
      return readLinkOf(fd);
    } finally {
      close(fd);
    }
  } finally {
    closeSync(mountFd);
  }
}

/** A path that leads to the inode now, to watch it by. */
export function watchedPath(
  ctx: DumpContext,
  sdev: number,
  ino: bigint,
  handle: FileHandle,
): string | undefined {
  for (const mount of mountsOf(ctx)) {
    if (((mount.major << 20) | mount.minor) >>> 0 !== sdev >>> 0) continue;
    const path = pathOnMount(mount, handle);
    if (path === undefined) continue;
    try {
      if (statSync(path, { bigint: true }).ino === ino) return path;
    } catch {
      // No name leads there on this mount.
    }
  }
  return undefined;
}

export function handleEntry(
  ctx: DumpContext,
  sdev: number,
  ino: bigint,
  handle: FileHandle,
): Encodable<FhEntry> {
  const path = watchedPath(ctx, sdev, ino, handle);
  return {
    bytes: handle.bytes.length,
    type: handle.type,
    handle: words(handle),
    ...(path === undefined ? {} : { path }),
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
    f_handle: handleEntry(ctx, watch.sdev, watch.ino, watch.handle),
  };
}

export const inotifyDump: FileDump = {
  matches: (file) => file.target.kind === 'anon' && file.target.name === 'inotify',
  dump(ctx, _task, file, id) {
    const queued = new Int32Array(1);
    if (sysRaw('ioctl', file.local, FIONREAD, queued) === 0 && queued[0]! > 0)
      ctx.log.warn(`task ${file.pid}, fd ${file.fd}: inotify events that were not read are dropped`);
    const wd = file.info.inotify.map((watch) => watchEntry(ctx, file, watch));
    return { ify: { id, flags: file.flags, fown: file.fown, wd } };
  },
};
