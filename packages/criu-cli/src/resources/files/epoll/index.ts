// epoll(7): what it watches, by descriptor numbers that have to still lead to the files that were added.
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
