// epoll(7): the interest list, added when the watched descriptors have their numbers.

import type { Operand, Program } from '@criu/compel';
import type { EventpollFileEntry } from '@criu/images';
import {
  EPIOCSPARAMS,
  EPOLL_CTL_ADD,
  epoll_event,
  epoll_params,
  F_DUPFD_CLOEXEC,
  F_SETFL,
  O_CLOEXEC,
} from '@criu/native/uapi';
import type { TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';

/** The parameter of EPIOCSPARAMS; undefined for those of a new epoll. */
function busyPolling(entry: EventpollFileEntry): Buffer | undefined {
  const { busy_poll_usecs: usecs = 0, busy_poll_budget: budget = 0, prefer_busy_poll: prefer } = entry;
  if (!usecs && !budget && !prefer) return undefined;
  const params = Buffer.alloc(epoll_params.sizeof);
  params.writeUInt32LE(usecs, epoll_params.busy_poll_usecs);
  params.writeUInt16LE(budget & 0xffff, epoll_params.busy_poll_budget);
  params.writeUInt8(prefer ? 1 : 0, epoll_params.prefer_busy_poll);
  return params;
}

/**
 * Gives a file that was added under a number which was closed since another number for a moment: the kernel knows it by that
 * number too, while that of an open descriptor may be added as well, now or later.
 * @param again files that have been added in this way, by an open number
 */
function numberFor(
  p: Program,
  plan: TaskPlan,
  { tfd, added_as: gone }: { readonly tfd: number; readonly added_as: number },
  again: Set<number>,
): Operand {
  const label = `fd ${tfd} as fd ${gone}, which was closed`;
  const spare = plan.tempFd();
  if (again.has(tfd)) {
    p.syscall('dup3', [tfd, spare, O_CLOEXEC], { label });
    return spare;
  }
  again.add(tfd);
  // The old number, or the next one that is free.
  const highest = plan.task.fds.reduce((most, one) => Math.max(most, one.fd), 0);
  return p.syscall('fcntl', [tfd, F_DUPFD_CLOEXEC, Math.min(gone, highest)], { label });
}

export const epollRestore: FileRestore<'epfd'> = {
  make({ plan, temp }, [entry]) {
    const { id, flags, fown } = entry.epfd;
    const p = plan.program('files');
    const fd = p.syscall('epoll_create1', [0], { label: `epoll ${id}` });
    moveTo(p, fd, temp(id));
    p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
    setOwner(p, temp(id), fown);
    const params = busyPolling(entry.epfd);
    if (params)
      p.syscall('ioctl', [temp(id), EPIOCSPARAMS, p.data(params)], { label: `busy polling of epoll ${id}` });
  },
  fixup({ ctx, plan, temp, finalFds }, [entry]) {
    const { id, tfd } = entry.epfd;
    // Images of CRIU 2 have the members in an image of their own.
    const members = tfd.length
      ? tfd
      : ctx.checkpoint.images
          .optional('EVENTPOLL_TFD')
          .map((i) => i.entry)
          .filter((e) => e.id === id);
    // An epoll in flight has only a temporary number.
    const fd = finalFds(id)[0] ?? temp(id);
    const again = new Set<number>();
    for (const member of members) {
      if (!plan.task.fds.some((f) => f.fd === member.tfd)) {
        throw new CriuError(
          'BAD_IMAGE',
          `epoll ${id} watches fd ${member.tfd}, which the task does not have`,
          {
            pid: plan.pid,
            file: 'files.img',
          },
        );
      }
      const event = Buffer.alloc(epoll_event.sizeof);
      event.writeUInt32LE(member.events, epoll_event.events);
      event.writeBigUInt64LE(member.data, epoll_event.data);
      const p = plan.program('fixup');
      const { added_as: gone } = member;
      const number =
        gone === undefined ? member.tfd : numberFor(p, plan, { ...member, added_as: gone }, again);
      p.syscall('epoll_ctl', [fd, EPOLL_CTL_ADD, number, p.data(event)], {
        label: `epoll ${id} watches fd ${gone ?? member.tfd}`,
      });
      if (gone !== undefined) p.syscall('close', [number]);
    }
  },
};
