// IPC namespaces: tunables, System V shared memory, message queues and semaphores.
import { type Agent, Program } from '@criu/compel';
import { SysError } from '@criu/native';
import { ENODEV, FSCONFIG_CMD_CREATE, FSMOUNT_CLOEXEC, FSOPEN_CLOEXEC, O_DIRECTORY } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { NamespaceDump } from '../kind.js';
import { dumpQueues, dumpSemaphores } from './queues-dump.js';
import { dumpSegments } from './shm-dump.js';
import { readSysctls } from './sysctls.js';

/** "." and ".." take 24 bytes each. */
const EMPTY_FOLDER = 48;

/** POSIX message queues are files of a file system, which nobody need have mounted. @throws CriuError if there are any */
async function checkPosixQueues(ctx: DumpContext, inside: Agent): Promise<void> {
  const p = new Program('POSIX message queues');
  const fs = p.syscall('fsopen', [p.cstring('mqueue'), FSOPEN_CLOEXEC], { skip: 8 });
  p.syscall('fsconfig', [fs, FSCONFIG_CMD_CREATE, null, null, 0]);
  const mount = p.syscall('fsmount', [fs, FSMOUNT_CLOEXEC, 0]);
  const list = p.out(4096);
  // A mount as it is made cannot be read.
  const folder = p.syscall('openat', [mount, p.cstring('.'), O_DIRECTORY]);
  const length = p.syscall('getdents64', [folder, list, 4096]);
  p.syscall('close', [folder]);
  p.syscall('close', [mount]);
  p.syscall('close', [fs]);
  const result = await inside.run(p);
  // A kernel that was built without them.
  if (result.value(fs) === -ENODEV) return;
  if (result.value(fs) < 0) throw new SysError('fsopen', -result.value(fs), 'mqueue');
  if (result.value(length) > EMPTY_FOLDER)
    throw new CriuError(
      'UNSUPPORTED',
      'its IPC namespace has POSIX message queues',
      { pid: ctx.root.pid },
      'mq_unlink(3) them before the dump',
    );
}

export const ipcDump: NamespaceDump = {
  async visit(ctx, { id }, inside) {
    await checkPosixQueues(ctx, inside);
    const p = new Program('tunables of IPC');
    const tunables = readSysctls(p);
    ctx.images.add('IPC_VAR', tunables(await inside.run(p)), { id });
    await dumpSegments(ctx, id, inside);
    await dumpQueues(ctx, id, inside);
    await dumpSemaphores(ctx, id, inside);
  },
};
