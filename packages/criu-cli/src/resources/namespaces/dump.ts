// Namespaces, and the other things tasks may share: each gets a number, the same for those who have the same one.
import type { TaskKobjIdsEntry } from '@criu/images';
import { sysRaw } from '@criu/native';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import { dumpModule, type TreeDump } from '../../engine/dump-module.js';
import { CriuError } from '../../errors.js';
import { readNsLinks } from '../../proc/index.js';
import { NAMESPACES, namespaceId } from '../../proc/namespaces.js';
import { stateKey } from '../../states.js';
import { namespaceDumps } from './dump-registry.js';
import { foreignKinds, type NsLinks, ownLinks, rootLinks } from './links.js';
import { checkTime, noteHostClocks } from './time/dump.js';
import { enterNamespaces, visitor } from './visit.js';

const KCMP = { VM: 1, FILES: 2, FS: 3, SIGHAND: 4 } as const;

type Shared = keyof typeof KCMP;

/** Numbers for kernel objects; number 1 is the dumper's own. */
class Numbers {
  private readonly namespaces = new Map<string, number>();
  private readonly owners: Record<Shared, { pid: number; id: number }[]> = {
    VM: [],
    FILES: [],
    FS: [],
    SIGHAND: [],
  };

  namespace(name: string, inode: bigint): number {
    const key = `${name}:${inode}`;
    let id = this.namespaces.get(key);
    if (id === undefined) {
      id = this.namespaces.size + 1;
      this.namespaces.set(key, id);
    }
    return id;
  }

  object(kind: Shared, pid: number): { id: number; sharedWith: number | undefined } {
    const known = this.owners[kind];
    for (const other of known)
      if (sysRaw('kcmp', pid, other.pid, KCMP[kind], 0, 0) === 0)
        return { id: other.id, sharedWith: other.pid };
    const id = known.length + 1;
    known.push({ pid, id });
    return { id, sharedWith: undefined };
  }
}

interface State {
  readonly numbers: Numbers;
  readonly own: TaskKobjIdsEntry;
}

function idsOf(numbers: Numbers, pid: number, links: NsLinks): TaskKobjIdsEntry {
  const entry: TaskKobjIdsEntry = {
    vm_id: numbers.object('VM', pid).id,
    files_id: numbers.object('FILES', pid).id,
    fs_id: numbers.object('FS', pid).id,
    sighand_id: numbers.object('SIGHAND', pid).id,
  };
  for (const name of NAMESPACES) {
    const link = links[name];
    if (link) entry[`${name}_ns_id`] = numbers.namespace(name, link.inode);
  }
  return entry;
}

const numbering = stateKey('numbers of kernel objects', (ctx: DumpContext): State => {
  const numbers = new Numbers();
  return { numbers, own: idsOf(numbers, globalThis.process.pid, ownLinks(ctx)) };
});

function stateOf(ctx: DumpContext): State {
  return ctx.states.get(numbering);
}

/** Numbers of the dumper, by which the inventory tells which namespaces are the host's. */
function ownIds(ctx: DumpContext): TaskKobjIdsEntry {
  return stateOf(ctx).own;
}

/** Number of a namespace. */
export function namespaceNumber(ctx: DumpContext, name: string, inode: bigint): number {
  return stateOf(ctx).numbers.namespace(name, inode);
}

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
    const kind = namespaceDumps.find((k) => k.name === name);
    if (!kind)
      throw new CriuError('UNSUPPORTED', `it is in a ${name} namespace of its own`, { pid: task.pid });
    kind.check?.(ctx, task);
  }
  checkTime(task.pid, links);
}

/** An agent is made early for what has to be looked at from inside. */
function prepareVisit(ctx: DumpContext): void {
  const names = foreignKinds(ctx, readNsLinks(ctx.options.pid));
  if (namespaceDumps.some(({ name, visit }) => visit && names.includes(name))) visitor(ctx);
}

async function dumpNamespaces(ctx: DumpContext): Promise<void> {
  const links = rootLinks(ctx);
  const { ids, pid } = ctx.root;
  const names = foreignKinds(ctx, links);
  const kinds = namespaceDumps.filter(({ name }) => names.includes(name));
  for (const kind of kinds) kind.describe?.(ctx, namespaceId(ids, kind.name)!);
  const inside = kinds.filter(({ visit }) => visit);
  if (inside.length) {
    const agent = await enterNamespaces(
      ctx,
      pid,
      inside.map(({ name }) => name),
    );
    for (const kind of inside) await kind.visit!(ctx, namespaceId(ids, kind.name)!, agent);
  }
  if (links.time && !names.includes('time')) noteHostClocks(ctx);
}

function checkShared(ctx: DumpContext, task: LiveTask): void {
  const { numbers } = stateOf(ctx);
  const what: Record<Exclude<Shared, 'FILES'>, string> = {
    VM: 'its memory (CLONE_VM, vfork)',
    FS: 'its working folder (CLONE_FS)',
    SIGHAND: 'its signal handlers (CLONE_SIGHAND)',
  };
  for (const kind of ['VM', 'FS', 'SIGHAND'] as const) {
    const { sharedWith } = numbers.object(kind, task.pid);
    if (sharedWith !== undefined && sharedWith !== task.pid)
      throw new CriuError('UNSUPPORTED', `shares ${what[kind]} with task ${sharedWith}`, { pid: task.pid });
  }
}

export const namespaces = dumpModule<TaskKobjIdsEntry>({
  name: 'namespaces',

  collect(ctx, task) {
    const { numbers } = stateOf(ctx);
    checkShared(ctx, task);
    const links = readNsLinks(task.pid);
    checkNamespaces(ctx, task, links);
    task.ids = idsOf(numbers, task.pid, links);
    return task.ids;
  },

  describe: (ctx, task, ids) => ctx.images.add('IDS', ids, { id: task.nsPid }),
});

export const namespaceTree: TreeDump = {
  name: 'namespaces',
  beforeFreeze: prepareVisit,
  afterCollect: dumpNamespaces,
  inventory: (ctx) => ({ root_ids: ownIds(ctx) }),
};
