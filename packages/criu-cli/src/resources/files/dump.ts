// Descriptors of a task: number, close-on-exec flag, and the description behind each.

import { close, sys } from '@criu/native';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import type { DumpPart } from '../../engine/resource.js';
import { readFds } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { O_CLOEXEC } from './common.js';
import { fileKinds } from './kinds.js';
import { FD_CLOEXEC, openFile } from './open-file.js';
import { awaitLeases, readLeases } from './regular/reader.js';
import { openFiles } from './table.js';

interface Descriptor {
  readonly id: number;
  readonly flags: number;
  readonly type: number;
  readonly fd: number;
}

/** Descriptor tables that are described already; tasks may share one. */
const tables = stateKey('descriptor tables', (_: DumpContext): Set<number> => new Set<number>());

function collectTable(ctx: DumpContext, task: LiveTask): Descriptor[] {
  const pidfd = sys('pidfd_open', task.pid, 0);
  try {
    return readFds(task.pid).flatMap(({ fd, link }) => {
      const described = ctx.refusals.attempt(() => {
        const file = openFile(ctx, task.pid, pidfd, fd, link);
        try {
          const flags = file.info.flags & O_CLOEXEC ? FD_CLOEXEC : 0;
          return { ...openFiles(ctx).describe(task, file), flags, fd };
        } finally {
          close(file.local);
        }
      });
      return described ?? [];
    });
  } finally {
    close(pidfd);
  }
}

export const filesDump: DumpPart<Descriptor[] | undefined> = {
  needs: [{ of: 'namespaces', why: 'the number of a descriptor table tells which tasks share it' }],
  beforeFreeze: readLeases,
  ready: awaitLeases,
  collect(ctx, task) {
    const done = ctx.states.get(tables);
    if (done.has(task.ids.files_id)) return undefined;
    done.add(task.ids.files_id);
    return collectTable(ctx, task);
  },

  describe(ctx, task, descriptors) {
    if (!descriptors) return;
    ctx.images.touch('FDINFO', task.ids.files_id);
    for (const { id, flags, type, fd } of descriptors)
      ctx.images.add('FDINFO', { id, flags, type, fd }, { id: task.ids.files_id });
  },
  afterCollect(ctx) {
    ctx.refusals.attempt(() => openFiles(ctx).checkLocks());
    for (const kind of fileKinds) ctx.refusals.attempt(() => kind.dump.afterCollect?.(ctx));
  },
};
