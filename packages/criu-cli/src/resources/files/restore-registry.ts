// The kinds of open file that can be restored.
import { epollRestore } from './epoll/restore.js';
import { eventfdRestore } from './eventfd/restore.js';
import { fanotifyRestore } from './fanotify/restore.js';
import { fifoRestore } from './fifo/restore.js';
import { inetRestore } from './inet/restore.js';
import { inotifyRestore } from './inotify/restore.js';
import { memfdRestore } from './memfd/restore.js';
import { namespaceRestore } from './namespace/restore.js';
import { netlinkRestore } from './netlink/restore.js';
import { packetRestore } from './packet/restore.js';
import { pidfdRestore } from './pidfd/restore.js';
import { pipeRestore } from './pipe/restore.js';
import { regularRestore } from './regular/restore.js';
import type { FileKindRestore } from './restore.js';
import { signalfdRestore } from './signalfd/restore.js';
import { timerfdRestore } from './timerfd/restore.js';
import { ttyRestore } from './tty/restore.js';
import { tunRestore } from './tun/restore.js';
import { unixRestore } from './unix/restore.js';

export const fileKinds: readonly FileKindRestore[] = [
  regularRestore,
  pipeRestore,
  fifoRestore,
  eventfdRestore,
  signalfdRestore,
  timerfdRestore,
  memfdRestore,
  epollRestore,
  unixRestore,
  inetRestore,
  ttyRestore,
  packetRestore,
  fanotifyRestore,
  inotifyRestore,
  namespaceRestore,
  netlinkRestore,
  pidfdRestore,
  tunRestore,
];
