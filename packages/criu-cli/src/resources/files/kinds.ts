// The kinds of open files that can be dumped, asked in this order.
import { epoll } from './epoll/dump.js';
import { eventfd } from './eventfd/dump.js';
import { fanotify } from './fanotify/dump.js';
import { fifo } from './fifo/dump.js';
import { inet } from './inet/dump.js';
import { inotify } from './inotify/dump.js';
import type { FileKind } from './kind.js';
import { memfd } from './memfd/dump.js';
import { namespaceFile } from './namespace/dump.js';
import { netlink } from './netlink/dump.js';
import { packet } from './packet/dump.js';
import { pidfd } from './pidfd/dump.js';
import { pipe } from './pipe/dump.js';
import { regular } from './regular/dump.js';
import { signalfd } from './signalfd/dump.js';
import { timerfd } from './timerfd/dump.js';
import { tty } from './tty/dump.js';
import { tun } from './tun/dump.js';
import { unix } from './unix/dump.js';

export const fileKinds: readonly FileKind[] = [
  tty,
  memfd,
  pidfd,
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
];
