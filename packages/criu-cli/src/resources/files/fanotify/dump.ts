// fanotify(7): marks on inodes by file handle, and on mounts.
import { type Encodable, type FanotifyMarkEntry, MarkType } from '@criu/images';
import { tryIoctlInt } from '@criu/native';
import { FIONREAD } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { FanotifyMark } from '../../../proc/index.js';
import { mountTables } from '../../../views/mounts.js';
import { handleEntry } from '../inotify/dump.js';
import type { FileDump } from '../kind.js';
import type { OpenFile } from '../open-file.js';

function refuse(file: OpenFile, reason: string): never {
  throw new CriuError('UNSUPPORTED', `fanotify: ${reason}`, { pid: file.pid, fd: file.fd });
}

function markEntry(ctx: DumpContext, file: OpenFile, mark: FanotifyMark): Encodable<FanotifyMarkEntry> {
  const masks = {
    id: 0,
    mflags: mark.markFlags,
    mask: Number(mark.mask),
    ignored_mask: Number(mark.ignoredMask),
  };
  if (mark.kind === 'inode') {
    if (!mark.handle) refuse(file, 'a mark is on a file system without file handles');
    const f_handle = handleEntry(ctx, file.pid, mark, mark.handle);
    return { ...masks, type: MarkType.INODE, s_dev: mark.sdev, ie: { i_ino: mark.ino, f_handle } };
  }
  if (mark.kind === 'mount') {
    const mount = mountTables(ctx).find(mark.mntId, file.pid)?.mount;
    if (!mount) refuse(file, `its mount ${mark.mntId} is not to be found`);
    const s_dev = ((mount.major << 20) | mount.minor) >>> 0;
    return { ...masks, type: MarkType.MOUNT, s_dev, me: { mnt_id: mark.mntId, path: mount.mountPoint } };
  }
  return refuse(file, `a mark on a ${mark.kind}`);
}

export const fanotifyDump: FileDump = {
  matches: (file) => file.target.kind === 'anon' && file.target.name === 'fanotify',
  dump(ctx, _task, file, id) {
    const { fanotify: info } = file.info;
    if (!info) refuse(file, 'fdinfo has no flags');
    // Some of the events may be caused by the dump itself, which opens files.
    if (tryIoctlInt(file.local, FIONREAD))
      ctx.log.warn(`task ${file.pid}, fd ${file.fd}: fanotify events that were not read are dropped`);
    return {
      ffy: {
        id,
        flags: file.flags,
        fown: file.fown,
        faflags: info.flags,
        evflags: info.eventFlags,
        mark: info.marks.map((mark) => markEntry(ctx, file, mark)),
      },
    };
  },
};
