// Open POSIX message queues: which queue it is. The contents of queues in the tasks' own IPC namespace are dumped with
// the namespace.

import { cstring, sysRaw } from '@criu/native';
import { closeSync, fstatSync } from '@criu/native/fs';
import { O_NONBLOCK, O_RDWR, S_IFREG } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { ownsNamespace } from '../../../views/namespaces.js';
import type { FileDump } from '../kind.js';
import { FsMagic, type OpenFile } from '../open-file.js';
import { openQueues, queueName, queueState, refuseNotification, reopenQueue } from './queue.js';

/** A queue of the host's IPC namespace must be found again by its name. @throws CriuError */
function checkHosts(ctx: DumpContext, { pid, fd, stat }: OpenFile, name: string, own: number): void {
  const about = { pid, fd, file: `/${name}` };
  if (stat.nlink === 0n)
    throw new CriuError(
      'UNSUPPORTED',
      'a POSIX message queue of the host is open that was unlinked',
      about,
      'close it before the dump, or dump the task with an IPC namespace of its own',
    );
  const { notified } = queueState(own);
  if (ctx.live.some((task) => task.pid === notified)) throw refuseNotification(notified, name);
  const found = sysRaw('mq_open', cstring(name), O_RDWR | O_NONBLOCK, 0, null);
  const same = found >= 0 && fstatSync(found).ino === Number(stat.ino);
  if (found >= 0) closeSync(found);
  if (!same)
    throw new CriuError(
      'FILE_CHANGED',
      'the name of an open POSIX message queue leads to another one now',
      about,
      'close it before the dump',
    );
}

export const posixQueueDump: FileDump = {
  matches: (file) => file.mode === S_IFREG && file.fsType === FsMagic.MQUEUE,
  dump(ctx, _task, file, id) {
    const queue = Number(file.stat.ino);
    const name = queueName(file.link);
    const known = ctx.states.get(openQueues);
    if (!known.has(queue)) {
      const own = reopenQueue(file.local);
      known.set(queue, own);
      if (!ownsNamespace(ctx, 'ipc')) checkHosts(ctx, file, name, own);
    }
    const { flags, fown, pos } = file;
    const named = file.stat.nlink > 0n ? { name } : {};
    return { posix_queue: { id, flags, fown, queue_id: queue, ...named, ...(pos ? { pos } : {}) } };
  },
};
