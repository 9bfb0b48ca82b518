// Turns what was collected into the entries of images. Nothing here needs the tasks any more.
import type { CoreEntry, Encodable } from '@criu/images';
import { SIGCHLD } from '@criu/native/uapi';
import { TaskState } from '../images/checkpoint.js';
import { namespacePids } from '../proc/pids.js';
import type { CoreDraft, DumpContext, TreeTask } from './dump-context.js';
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
    // A zombie has no thread any more that could be named; CRIU has a 0 there.
    threads: task.kind === 'alive' ? task.tids.map((tid) => task.nsTid(tid)) : [0],
  });
}

function describeZombie(ctx: DumpContext, task: TreeTask): void {
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
      },
    },
    { id: task.nsPid },
  );
}

/** Nobody but the parent is told, and the parent of the root is not dumped. */
export function exitSignal({ parent, stat }: TreeTask): { exit_signal?: number } {
  return parent && stat.exitSignal !== SIGCHLD ? { exit_signal: stat.exitSignal } : {};
}

/** Every required field was set by the kind of state that owns it; the encoder refuses an entry that lacks one. */
function complete(core: CoreDraft): Encodable<CoreEntry> {
  return core as Encodable<CoreEntry>;
}
