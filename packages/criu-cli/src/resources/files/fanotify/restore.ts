// fanotify(7): the group and its marks on inodes and mounts.

import { cstring, sys } from '@criu/native';
import {
  AT_FDCWD,
  F_SETFD,
  FAN_MARK_ADD,
  FAN_MARK_IGNORED_MASK,
  FAN_MARK_MOUNT,
  FAN_NONBLOCK,
  FAN_REPORT_FID,
  FD_CLOEXEC,
  O_CLOEXEC,
  O_NONBLOCK,
  O_PATH,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { MarkType } from '../../../images/types.js';
import { plannedMounts } from '../../../views/planned-mounts.js';
import { callerSets } from '../../../views/planned-users.js';
import { moveTo, setOwner } from '../common.js';
import { dropEvents } from '../inotify/restore.js';
import { openTarget } from '../inotify/target.js';
import type { FileRestore } from '../kind.js';
import { folderOf } from '../regular/hidden.js';
import { imagePath } from '../regular/restore.js';

type Mark = NonNullable<Parameters<FileRestore['make']>[1][number]['ffy']>['mark'][number];

function markTarget(ctx: PlanContext, plan: TaskPlan, mark: Mark): { fd: number; flags: number } {
  if (mark.type === MarkType.INODE && mark.ie)
    return { fd: openTarget(ctx, plan, { s_dev: mark.s_dev, ...mark.ie }), flags: mark.mflags };
  // For a mount of a restored namespace, CRIU stores no path, but the mount id.
  const path =
    mark.me?.path === undefined
      ? plannedMounts(ctx).find(mark.me?.mnt_id)?.mountpoint
      : imagePath(mark.me.path);
  if (mark.type !== MarkType.MOUNT || !mark.me || path === undefined)
    throw new CriuError('BAD_IMAGE', 'a fanotify mark has neither an inode nor a mount of the images', {
      file: 'files.img',
    });
  const fd = plan.tempFd();
  const from = folderOf(ctx, plan, path, mark.me.mnt_id);
  const p = plan.program('files');
  const opened = p.syscall('openat', [from.folder, p.cstring(from.path), O_PATH | O_CLOEXEC], {
    label: `open the mount ${path}`,
  });
  moveTo(p, opened, fd);
  return { fd, flags: mark.mflags | FAN_MARK_MOUNT };
}

/** A group of ours. Its flags, which a dump reads, have FAN_CLOEXEC only if it was made with that. @throws SysError */
function ownGroup(flags: number, eventFlags: number): number {
  const fd = sys('fanotify_init', flags, eventFlags);
  sys('fcntl', fd, F_SETFD, FD_CLOEXEC);
  return fd;
}

export const fanotifyRestore: FileRestore<'ffy'> = {
  make({ ctx, plan, temp }, [entry]) {
    const { id, flags, fown, faflags, evflags, mark: marks } = entry.ffy;
    const init = faflags | (flags & O_NONBLOCK ? FAN_NONBLOCK : 0);
    const label = `fanotify ${id}`;
    // A group that reports ids of files needs no privileges.
    const byCaller = callerSets(ctx) && !(faflags & FAN_REPORT_FID);
    if (byCaller)
      plan.take(
        'files',
        ctx.openSlot(label, () => ownGroup(init, evflags)),
        temp(id),
      );
    const p = plan.program('files');
    if (!byCaller) moveTo(p, p.syscall('fanotify_init', [init, evflags], { label }), temp(id));
    setOwner(p, temp(id), fown);
    for (const mark of marks) {
      const target = markTarget(ctx, plan, mark);
      const adding = FAN_MARK_ADD | target.flags;
      const masks = [
        [adding, mark.mask],
        [adding | FAN_MARK_IGNORED_MASK, mark.ignored_mask],
      ] as const;
      const label = `mark of fanotify ${id}`;
      for (const [how, mask] of masks.filter(([, mask]) => mask)) {
        if (byCaller)
          plan.asCaller('fixup', temp(id), label, (local, { hostPid }) => {
            sys('fanotify_mark', local, how, mask, AT_FDCWD, cstring(`/proc/${hostPid}/fd/${target.fd}`));
          });
        else {
          const q = plan.program('fixup');
          q.syscall(
            'fanotify_mark',
            [temp(id), how, mask, AT_FDCWD, q.cstring(`/proc/self/fd/${target.fd}`)],
            {
              label,
            },
          );
        }
      }
    }
  },
  fixup({ plan, temp, finalFds }, [entry]) {
    const { id, flags } = entry.ffy;
    const [fd] = finalFds(id);
    // The descriptor of a group in flight is closed with the temporaries.
    if (fd === undefined) dropEvents(plan.program('process'), temp(id), flags);
    else dropEvents(plan.program('credentials'), fd, flags);
  },
};
