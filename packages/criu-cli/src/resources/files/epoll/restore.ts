// epoll(7): the interest list, added when the watched descriptors have their numbers.

import { EPOLL_CTL_ADD, epoll_event, F_SETFL } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';

export const epollRestore: FileRestore<'epfd'> = {
  make({ plan, temp }, [entry]) {
    const { id, flags, fown } = entry.epfd;
    const p = plan.program('files');
    const fd = p.syscall('epoll_create1', [0], { label: `epoll ${id}` });
    moveTo(p, fd, temp(id));
    p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
    setOwner(p, temp(id), fown);
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
      p.syscall('epoll_ctl', [fd, EPOLL_CTL_ADD, member.tfd, p.data(event)], {
        label: `epoll ${id} watches fd ${member.tfd}`,
      });
    }
  },
};
