// Open POSIX message queues (mq_overview(7)).
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { posixQueueDump } from './dump.js';
import { posixQueueRestore } from './restore.js';

export const posixQueue = fileKind({
  name: 'posix-queue',
  type: FdTypes.POSIX_QUEUE,
  field: 'posix_queue',
  dump: posixQueueDump,
  restore: posixQueueRestore,
});
