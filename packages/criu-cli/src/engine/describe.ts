// Turns collected state into image entries. Nothing here reads from the tasks: they may run again.
import type { CoreEntry, Encodable } from '@criu/images';
import { SIGCHLD } from '@criu/native/uapi';
import { TaskState } from '../images/checkpoint.js';
import { namespacePids } from '../proc/pids.js';
import type { DumpContext } from './dump-context.js';
import type { CoreDraft, TreeTask, ZombieTask } from './dump-task.js';
import type { ResourceDump } from './resource.js';

const MARCH_X86_64 = 1;

export function describe(ctx: DumpContext, dumps: readonly ResourceDump[]): void {
  for (const task of ctx.live)
    for (const resource of dumps) {
      ctx.reached(`describe:${resource.name}`);
      ctx.refusals.attempt(() => resource.describe(ctx, task));
    }
  ctx.refusals.settle();
  for (const task of ctx.tasks) {
    describeTask(ctx, task);
    if (task.kind === 'zombie') describeZombie(ctx, task);
    else
      for (const [tid, core] of task.cores) ctx.images.add('CORE', complete(core), { id: task.nsTid(tid) });
  }
  for (const resource of dumps) ctx.refusals.attempt(() => resource.afterDescribe(ctx));
  ctx.runDeferred();
  ctx.refusals.settle();
}

function describeTask(ctx: DumpContext, task: TreeTask): void {
  ctx.images.add('PSTREE', {
    ...namespacePids(task.status, task.stat),
    ppid: task.parent?.nsPid ?? 0,
    // The threads of a zombie are gone; CRIU writes a 0 here.
    threads: task.kind === 'alive' ? task.tids.map((tid) => task.nsTid(tid)) : [0],
  });
}

function describeZombie(ctx: DumpContext, task: ZombieTask): void {
  ctx.images.add(
    'CORE',
    {
      mtype: MARCH_X86_64,
      tc: {
        task_state: TaskState.DEAD,
        exit_code: task.stat.exitCode,
        personality: 0,
        flags: 0,
        blk_sigset: 0n,
        comm: task.stat.comm,
        ...exitSignal(task),
        ...(task.exitUid ? { exit_uid: task.exitUid } : {}),
      },
    },
    { id: task.nsPid },
  );
}

/**
 * The exit signal of a task, where it is not SIGCHLD. It goes to the parent, so it is not recorded for the root task,
 * whose parent is not part of the dump.
 */
export function exitSignal({ parent, stat }: TreeTask): { exit_signal?: number } {
  return parent && stat.exitSignal !== SIGCHLD ? { exit_signal: stat.exitSignal } : {};
}

/**
 * Narrows a draft to a core entry: each required field is set by the kind of state that owns it. The encoder rejects an
 * entry that lacks one.
 */
function complete(core: CoreDraft): Encodable<CoreEntry> {
  return core as Encodable<CoreEntry>;
}
