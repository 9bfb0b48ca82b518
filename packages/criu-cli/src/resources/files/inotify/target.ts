// Opens the file of a watch or mark: by path, by handle, or as a deleted file.
import { SysError, sysRaw } from '@criu/native';
import { closeSync, constants, openSync } from '@criu/native/fs';
import { EPERM, file_handle, O_CLOEXEC, O_NOFOLLOW, O_PATH } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { FhEntry } from '../../../images/types.js';
import { readMountInfo } from '../../../proc/index.js';
import { callerSets } from '../../../views/planned-users.js';
import { moveTo } from '../common.js';
import { ghostByInode } from '../regular/ghost.js';
import { folderOf } from '../regular/hidden.js';
import { askBefore } from '../regular/open-confined.js';
import { imagePath } from '../regular/restore.js';

export interface Target {
  readonly s_dev: number;
  readonly i_ino: bigint;
  readonly f_handle: FhEntry;
}

/** Opens a handle on any mount of its file system. @throws CriuError FILE_CHANGED, NOT_PERMITTED */
function openHandle({ s_dev, i_ino, f_handle }: Target): number {
  const struct = Buffer.alloc(file_handle.f_handle + f_handle.handle.length * 8);
  struct.writeUInt32LE(f_handle.bytes, file_handle.handle_bytes);
  struct.writeInt32LE(f_handle.type, file_handle.handle_type);
  for (const [i, word] of f_handle.handle.entries())
    struct.writeBigUInt64LE(word, file_handle.f_handle + i * 8);
  for (const mount of readMountInfo(process.pid)) {
    if (((mount.major << 20) | mount.minor) >>> 0 !== s_dev >>> 0) continue;
    let mountFd: number;
    try {
      mountFd = openSync(mount.mountPoint, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch {
      // The mount point is a file, or covered by another mount.
      continue;
    }
    const fd = sysRaw('open_by_handle_at', mountFd, struct, O_PATH | O_CLOEXEC);
    closeSync(mountFd);
    if (fd >= 0) return fd;
    if (fd === -EPERM)
      throw new CriuError(
        'NOT_PERMITTED',
        `inode ${i_ino} of device ${s_dev.toString(16)} was watched and can only be opened by its handle`,
        {},
        undefined,
        new SysError('open_by_handle_at', EPERM),
      );
  }
  throw new CriuError(
    'FILE_CHANGED',
    `inode ${i_ino} of device ${s_dev.toString(16)} was watched and is not there any more`,
    {},
    'bring it back as it was when the checkpoint was made',
  );
}

/** A temporary descriptor of the watched file, available from the phase `address-space` on. */
export function openTarget(ctx: PlanContext, plan: TaskPlan, target: Target): number {
  const fd = plan.tempFd();
  const deleted = ghostByInode(ctx, target.s_dev, target.i_ino);
  const { link_path: link, path: named = link, mnt_id: mountId } = target.f_handle;
  const path = named && imagePath(named);
  if (deleted) plan.take('files', deleted, fd);
  else if (path) {
    const from = folderOf(ctx, plan, path, mountId);
    const flags = O_PATH | O_CLOEXEC | (named === link ? O_NOFOLLOW : 0);
    const changed = () => new CriuError('FILE_CHANGED', 'the watched file is another one', { file: path });
    const about = { place: from, path, flags, to: fd, type: undefined, changed };
    const there = callerSets(ctx) ? askBefore(plan, 'files', about) : undefined;
    const p = plan.program('files');
    const opened = p.syscall('openat', [from.folder, p.cstring(from.path), flags], {
      label: `open the watched ${path}`,
    });
    moveTo(p, opened, fd);
    if (there) p.here(there);
  } else {
    const slot = ctx.openSlot(`inode ${target.i_ino}`, () => openHandle(target));
    plan.take('share', slot, fd);
  }
  return fd;
}
