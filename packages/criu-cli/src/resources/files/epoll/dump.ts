// epoll(7): the interest list. Its descriptor numbers must still refer to the files that were added.
import type { EventpollFileEntry, EventpollTfdEntry } from '@criu/images';
import { sysRaw } from '@criu/native';
import { EPIOCGPARAMS, epoll_params, KCMP_EPOLL_TFD } from '@criu/native/uapi';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { type EpollTarget, readFdNumbers } from '../../../proc/index.js';
import type { FileDump } from '../kind.js';
import type { OpenFile } from '../open-file.js';
import { repeatsOf } from '../repeats.js';

/**
 * Whether descriptor `fd` of the task is the `nth` file that was added to the epoll under the number `tfd` (kcmp(2)).
 */
function isTarget(pid: number, fd: number, epoll: OpenFile, tfd: number, nth: number): boolean {
  const slot = new Uint32Array([epoll.fd, tfd, nth]);
  return sysRaw('kcmp', pid, epoll.pid, KCMP_EPOLL_TFD, fd, slot) === 0;
}

/** A descriptor number by which a watched file can be added again: its own, or that of a duplicate. */
function reachable(task: LiveTask, file: OpenFile, target: EpollTarget, nth: number): number {
  // The epoll may be in flight, and then is our copy; the files that it watches are the task's.
  if (isTarget(task.pid, target.tfd, file, target.tfd, nth)) return target.tfd;
  for (const candidate of readFdNumbers(task.pid))
    if (candidate !== target.tfd && isTarget(task.pid, candidate, file, target.tfd, nth)) return candidate;
  throw new CriuError(
    'UNSUPPORTED',
    `its epoll watches a file that was closed there as descriptor ${target.tfd} but is still open elsewhere`,
    { pid: task.pid, fd: file.fd },
    'remove closed files from the epoll before the dump',
  );
}

type BusyPolling = Pick<EventpollFileEntry, 'busy_poll_usecs' | 'busy_poll_budget' | 'prefer_busy_poll'>;

/** What an epoll was told with EPIOCSPARAMS (Linux 6.9); nothing of a new epoll. */
function busyPolling(fd: number): BusyPolling {
  const params = Buffer.alloc(epoll_params.sizeof);
  if (sysRaw('ioctl', fd, EPIOCGPARAMS, params) < 0 || params.every((byte) => byte === 0)) return {};
  return {
    busy_poll_usecs: params.readUInt32LE(epoll_params.busy_poll_usecs),
    busy_poll_budget: params.readUInt16LE(epoll_params.busy_poll_budget),
    prefer_busy_poll: params.readUInt8(epoll_params.prefer_busy_poll) !== 0,
  };
}

export const epollDump: FileDump = {
  matches: (file) => file.target.kind === 'anon' && file.target.name === 'eventpoll',
  dump(ctx, task, file, id) {
    const seen = new Map<number, number>();
    const tfd: EventpollTfdEntry[] = file.info.epoll.map((target) => {
      const nth = seen.get(target.tfd) ?? 0;
      seen.set(target.tfd, nth + 1);
      const fd = reachable(task, file, target, nth);
      repeatsOf(ctx).keepDescriptor(task.ids.files_id, fd);
      return {
        id: 0,
        tfd: fd,
        events: target.events,
        data: target.data,
        ...(fd === target.tfd ? {} : { added_as: target.tfd }),
        ...(target.ino === undefined
          ? {}
          : { dev: target.sdev ?? 0, inode: target.ino, pos: target.pos ?? 0n }),
      };
    });
    return { epfd: { id, flags: file.flags, fown: file.fown, tfd, ...busyPolling(file.local) } };
  },
};
