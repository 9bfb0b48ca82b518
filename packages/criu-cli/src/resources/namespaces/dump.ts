// Namespaces and other objects that tasks may share: each gets an id, by which images refer to it.
import type { Agent } from '@criu/compel';
import type { TaskKobjIdsEntry } from '@criu/images';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { readNsLinks } from '../../proc/index.js';
import { NAMESPACES } from '../../proc/namespaces.js';
import {
  foreignKinds,
  type Namespace,
  type NsLinks,
  namespacesOf,
  rootLinks,
} from '../../views/namespaces.js';
import { firstWith, idsOf, type Shared } from '../../views/numbers.js';
import { enter, prepareVisitor } from '../../views/visitors.js';
import type { NamespaceKind } from './kind.js';
import { namespaceKinds } from './kinds.js';
import { checkOwnOfThreads } from './own-of-threads.js';
import { checkTime, noteHostClocks, numberTime } from './time/dump.js';

function kindOf({ kind }: Namespace): NamespaceKind | undefined {
  return namespaceKinds.find(({ name }) => name === kind);
}

/** Tasks must be in the root task's namespaces, except for kinds of which a tree may have several. */
function checkNamespaces(ctx: DumpContext, task: LiveTask, links: NsLinks): void {
  const { root } = ctx;
  const ofRoot = task === root ? links : rootLinks(ctx);
  for (const name of NAMESPACES)
    if (links[name]?.inode !== ofRoot[name]?.inode && !namespaceKinds.find((k) => k.name === name)?.several)
      throw new CriuError(
        'UNSUPPORTED',
        `it is in another ${name} namespace than the root task ${root.pid}`,
        { pid: task.pid },
        'dump it by itself, or have all tasks in the same namespaces',
      );
  if (namespacesOf(ctx).own.pid_for_children && links.pid_for_children?.inode !== links.pid?.inode)
    throw new CriuError('UNSUPPORTED', 'its children would be in another pid namespace', { pid: task.pid });
  for (const name of foreignKinds(ctx, links)) {
    const kind = namespaceKinds.find((k) => k.name === name);
    if (!kind)
      throw new CriuError('UNSUPPORTED', `it is in a ${name} namespace of its own`, { pid: task.pid });
    kind.dump.check?.(ctx, task);
  }
  checkTime(task.pid, links);
}

/** Starts an agent ahead if a namespace has to be dumped from inside, and has the kinds of namespace prepare. */
function prepareVisits(ctx: DumpContext): void {
  const names = foreignKinds(ctx, readNsLinks(ctx.options.pid));
  const kinds = namespaceKinds.filter(({ name }) => names.includes(name));
  if (kinds.some(({ dump }) => dump.visit)) prepareVisitor(ctx);
  for (const { dump } of kinds) dump.prepare?.(ctx);
}

/**
 * Visits the namespaces: one agent for those of the root task, another one for all further namespaces of a kind, one
 * after the other.
 */
async function dumpNamespaces(ctx: DumpContext): Promise<void> {
  for (const namespace of namespacesOf(ctx).foreign) kindOf(namespace)?.dump.leads?.(ctx, namespace);
  const { foreign } = namespacesOf(ctx);
  for (const namespace of foreign) kindOf(namespace)?.dump.describe?.(ctx, namespace);
  const visited = foreign.filter((namespace) => kindOf(namespace)?.dump.visit);
  const together = (namespace: Namespace) =>
    namespace.members.includes(ctx.root) && !kindOf(namespace)?.alone;
  const ofRoot = visited.filter(together);
  const others = visited.filter((namespace) => !together(namespace));
  const groups = [...(ofRoot.length > 0 ? [ofRoot] : []), ...others.map((namespace) => [namespace])];
  const ofKind = new Map<string, Agent>();
  for (const group of groups) {
    const [{ kind } = {}] = group.length === 1 ? group : [];
    const agent = await enter(ctx, group, kind && ofKind.get(kind));
    if (kind) ofKind.set(kind, agent);
    for (const { name, dump } of namespaceKinds) {
      const namespace = group.find(({ kind }) => kind === name);
      if (namespace) await dump.visit?.(ctx, namespace, agent);
    }
  }
  noteHostClocks(ctx);
}

function rehearseNamespaces(ctx: DumpContext): void {
  const { foreign } = namespacesOf(ctx);
  for (const { name, dump } of namespaceKinds)
    for (const namespace of foreign) if (namespace.kind === name) dump.rehearse?.(ctx, namespace);
  noteHostClocks(ctx);
}

function checkShared(ctx: DumpContext, task: LiveTask): void {
  const what: Record<Exclude<Shared, 'FILES'>, string> = {
    VM: 'its memory (CLONE_VM, vfork)',
    FS: 'its working folder (CLONE_FS)',
    SIGHAND: 'its signal handlers (CLONE_SIGHAND)',
  };
  for (const kind of ['VM', 'FS', 'SIGHAND'] as const) {
    const first = firstWith(ctx, kind, task.pid);
    if (first !== task.pid)
      throw new CriuError('UNSUPPORTED', `shares ${what[kind]} with task ${first}`, { pid: task.pid });
  }
}

export const namespacesDump: DumpPart<TaskKobjIdsEntry> = {
  collect(ctx, task) {
    checkShared(ctx, task);
    checkOwnOfThreads(task);
    const links = readNsLinks(task.pid);
    checkNamespaces(ctx, task, links);
    const known = namespacesOf(ctx);
    known.join(task, links);
    for (const kind of namespaceKinds) {
      const namespace = known.of(task, kind.name);
      if (namespace && !namespace.host && namespace.members[0] === task) kind.dump.meet?.(ctx, namespace);
    }
    task.ids = numberTime(ctx, task, idsOf(ctx, task.pid, links));
    return task.ids;
  },

  describe: (ctx, task, ids) => ctx.images.add('IDS', ids, { id: task.nsPid }),
  beforeFreeze: prepareVisits,
  afterCollect: dumpNamespaces,
  rehearse: rehearseNamespaces,
  inventory: (ctx) => ({ root_ids: idsOf(ctx, globalThis.process.pid, namespacesOf(ctx).own) }),
};
