// epoll(7): the interest list.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { epollDump } from './dump.js';
import { epollRestore } from './restore.js';

export const epoll = fileKind({
  name: 'epoll',
  type: FdTypes.EVENTPOLL,
  field: 'epfd',
  dump: epollDump,
  restore: epollRestore,
});
