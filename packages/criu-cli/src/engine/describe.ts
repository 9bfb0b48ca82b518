// Turns what was collected into the entries of images. Nothing here needs the tasks any more.
import type { CoreEntry, Encodable } from '@criu/images';
import { namespacePids } from '../proc/pids.js';
import { dumpModules, treeDumps } from '../resources/dump-registry.js';
import { TaskState } from '../resources/process/dump.js';
import type { CoreDraft, DumpContext, TreeTask } from './dump-context.js';

const MARCH_X86_64 = 1;

export function describe(ctx: DumpContext): void {
  for (const task of ctx.live)
    for (const module of dumpModules) {
      ctx.reached(`describe:${module.name}`);
      module.describe(ctx, task);
    }
  for (const task of ctx.tasks) {
    describeTask(ctx, task);
    if (task.kind === 'zombie') describeZombie(ctx, task);
    else
      for (const [tid, core] of task.cores) ctx.images.add('CORE', complete(core), { id: task.nsTid(tid) });
  }
  for (const tree of treeDumps) tree.afterDescribe?.(ctx);
  ctx.runDeferred();
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
      },
    },
    { id: task.nsPid },
  );
}

/** Every required field was set by the module that owns it; the encoder refuses an entry that lacks one. */
function complete(core: CoreDraft): Encodable<CoreEntry> {
  return core as Encodable<CoreEntry>;
}
