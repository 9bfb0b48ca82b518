// All kinds of open file. A dump asks them in this order whether a file is theirs.
import { epoll } from './epoll/index.js';
import { eventfd } from './eventfd/index.js';
import { externalFile } from './external/index.js';
import { fanotify } from './fanotify/index.js';
import { fifo } from './fifo/index.js';
import { inet } from './inet/index.js';
import { inotify } from './inotify/index.js';
import type { FileKind } from './kind.js';
import { memfd } from './memfd/index.js';
import { namespaceFile } from './namespace/index.js';
import { netlink } from './netlink/index.js';
import { packet } from './packet/index.js';
import { pidfd } from './pidfd/index.js';
import { pipe } from './pipe/index.js';
import { posixQueue } from './posix-queue/index.js';
import { regular } from './regular/index.js';
import { signalfd } from './signalfd/index.js';
import { timerfd } from './timerfd/index.js';
import { tty } from './tty/index.js';
import { tun } from './tun/index.js';
import { unix } from './unix/index.js';

export const fileKinds: readonly FileKind[] = [
  tty,
  memfd,
  pidfd,
  posixQueue,
  regular,
  pipe,
  fifo,
  eventfd,
  epoll,
  signalfd,
  timerfd,
  inotify,
  unix,
  inet,
  netlink,
  packet,
  fanotify,
  namespaceFile,
  tun,
  // For files that no other kind has claimed.
  externalFile,
];

/** Kinds of files that descriptors with O_PATH refer to: such a descriptor can be asked for no more than the file itself. */
export const referredKinds: readonly FileKind[] = [memfd, regular, externalFile];
