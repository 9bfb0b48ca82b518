// Dumps the descriptors of a task: number, close-on-exec flag, and the open file description of each.

import { FD_CLOEXEC, O_CLOEXEC, S_IFMT, S_IFSOCK } from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import type { DumpPart } from '../../engine/resource.js';
import { readFdNumbers } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { dumpLabelOfSocket } from '../creds/label.js';
import { fileKinds } from './kinds.js';
import { eachOpenFile, type OpenFile } from './open-file.js';
import { pipeKey } from './pipe/data.js';
import { awaitLeases, readLeases } from './regular/reader.js';
import { repeatsOf } from './repeats.js';
import { openFiles } from './table.js';

interface Descriptor {
  readonly id: number;
  readonly flags: number;
  readonly type: number;
  readonly fd: number;
  /** SELinux label of a socket. */
  readonly xattr_security_selinux?: string;
}

/** Ids of descriptor tables that were dumped already; tasks may share a table. */
const tables = stateKey('descriptor tables', (_: DumpContext): Set<number> => new Set<number>());

const isSocket = ({ mode }: OpenFile) => (mode & S_IFMT) === S_IFSOCK;

function collectTable(ctx: DumpContext, task: LiveTask): Descriptor[] {
  const files = openFiles(ctx);
  const found: Descriptor[] = [];
  const fds = readFdNumbers(task.pid).slice(0, ctx.tableLimit);
  eachOpenFile(ctx, task.pid, fds, (fileOf) => {
    ctx.refusals.attempt(() => {
      const file = fileOf();
      if (!file) return;
      const { id, type } = files.describe(task, file);
      const flags = file.info.flags & O_CLOEXEC ? FD_CLOEXEC : 0;
      const label = isSocket(file) ? dumpLabelOfSocket(ctx, file.local) : undefined;
      const entry = { id, flags, type, fd: file.fd };
      if (label === undefined) {
        found.push(entry);
        return;
      }
      repeatsOf(ctx).keep(id);
      found.push({ ...entry, xattr_security_selinux: label });
    });
  });
  return found;
}

export const filesDump: DumpPart<Descriptor[] | undefined> = {
  needs: [{ of: 'namespaces', why: 'the number of a descriptor table tells which tasks share it' }],
  beforeFreeze: readLeases,
  ready: awaitLeases,
  collect(ctx, task) {
    const done = ctx.states.get(tables);
    if (done.has(task.ids.files_id)) {
      repeatsOf(ctx).keepTable(task.ids.files_id);
      return undefined;
    }
    done.add(task.ids.files_id);
    return collectTable(ctx, task);
  },

  describe(ctx, task, descriptors) {
    if (!descriptors) return;
    repeatsOf(ctx).settleTable(task.ids.files_id, descriptors);
    ctx.images.addAll('FDINFO', descriptors, { id: task.ids.files_id });
  },
  repeated(ctx) {
    // A process that requests mounts from an autofs daemon refers to the pipe by descriptor number.
    if (ctx.images.names.some((name) => name.startsWith('autofs-'))) return {};
    const { files, keys } = repeatsOf(ctx).leftOut;
    return {
      FILES: ({ id }) => files.has(id),
      FDINFO: ({ id }) => files.has(id),
      PIPES_DATA: ({ pipe_id }) => keys.has(pipeKey(pipe_id)),
    };
  },
  afterCollect(ctx) {
    ctx.refusals.attempt(() => openFiles(ctx).checkLocks());
    const { met } = openFiles(ctx);
    // Others may find files of further kinds, such as descriptors in flight.
    for (const kind of fileKinds)
      if (met.has(kind)) ctx.refusals.attempt(() => kind.dump.afterCollect?.(ctx));
  },
};
