// Namespaces, and the other things tasks may share: each gets a number, the same for those who have the same one.

import type { TaskKobjIdsEntry } from '@criu/images';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { readNsLinks } from '../../proc/index.js';
import { NAMESPACES, namespaceId } from '../../proc/namespaces.js';
import { foreignKinds, type NsLinks, ownLinks, rootLinks } from '../../views/links.js';
import { ownIds, type Shared, sharedWith, taskIds } from '../../views/numbers.js';
import { namespaceKinds } from './kinds.js';
import { checkTime, noteHostClocks } from './time/dump.js';
import { enterNamespaces, visitor } from './visit.js';

/** All tasks have to be in the namespaces of the root, and those of a kind that can be dumped. */
function checkNamespaces(ctx: DumpContext, task: LiveTask, links: NsLinks): void {
  const { root } = ctx;
  const ofRoot = task === root ? links : rootLinks(ctx);
  for (const name of NAMESPACES)
    if (links[name]?.inode !== ofRoot[name]?.inode)
      throw new CriuError(
        'UNSUPPORTED',
        `it is in another ${name} namespace than the root task ${root.pid}`,
        { pid: task.pid },
        'dump it by itself, or have all tasks in the same namespaces',
      );
  if (ownLinks(ctx).pid_for_children && links.pid_for_children?.inode !== links.pid?.inode)
    throw new CriuError('UNSUPPORTED', 'its children would be in another pid namespace', { pid: task.pid });
  for (const name of foreignKinds(ctx, links)) {
    const kind = namespaceKinds.find((k) => k.name === name);
    if (!kind)
      throw new CriuError('UNSUPPORTED', `it is in a ${name} namespace of its own`, { pid: task.pid });
    kind.dump.check?.(ctx, task);
  }
  checkTime(task.pid, links);
}

/** An agent is made early for what has to be looked at from inside. */
function prepareVisit(ctx: DumpContext): void {
  const names = foreignKinds(ctx, readNsLinks(ctx.options.pid));
  if (namespaceKinds.some(({ name, dump }) => dump.visit && names.includes(name))) visitor(ctx);
}

async function dumpNamespaces(ctx: DumpContext): Promise<void> {
  const links = rootLinks(ctx);
  const { ids, pid } = ctx.root;
  const names = foreignKinds(ctx, links);
  const kinds = namespaceKinds.filter(({ name }) => names.includes(name));
  for (const kind of kinds) kind.dump.describe?.(ctx, namespaceId(ids, kind.name)!);
  const inside = kinds.filter(({ dump }) => dump.visit);
  if (inside.length) {
    const agent = await enterNamespaces(
      ctx,
      pid,
      inside.map(({ name }) => name),
    );
    for (const kind of inside) await kind.dump.visit?.(ctx, namespaceId(ids, kind.name)!, agent);
  }
  if (links.time && !names.includes('time')) noteHostClocks(ctx);
}

function checkShared(ctx: DumpContext, task: LiveTask): void {
  const what: Record<Exclude<Shared, 'FILES'>, string> = {
    VM: 'its memory (CLONE_VM, vfork)',
    FS: 'its working folder (CLONE_FS)',
    SIGHAND: 'its signal handlers (CLONE_SIGHAND)',
  };
  for (const kind of ['VM', 'FS', 'SIGHAND'] as const) {
    const other = sharedWith(ctx, kind, task.pid);
    if (other !== undefined && other !== task.pid)
      throw new CriuError('UNSUPPORTED', `shares ${what[kind]} with task ${other}`, { pid: task.pid });
  }
}

export const namespacesDump: DumpPart<TaskKobjIdsEntry> = {
  collect(ctx, task) {
    checkShared(ctx, task);
    const links = readNsLinks(task.pid);
    checkNamespaces(ctx, task, links);
    task.ids = taskIds(ctx, task.pid, links);
    return task.ids;
  },

  describe: (ctx, task, ids) => ctx.images.add('IDS', ids, { id: task.nsPid }),
  beforeFreeze: prepareVisit,
  afterCollect: dumpNamespaces,
  inventory: (ctx) => ({ root_ids: ownIds(ctx) }),
};
