// Numbers for the kernel objects that tasks may share, namespaces among them; number 1 is the dumper's own.
import type { TaskKobjIdsEntry } from '@criu/images';
import { sysRaw } from '@criu/native';
import type { DumpContext } from '../engine/dump-context.js';
import { NAMESPACES } from '../proc/namespaces.js';
import { stateKey } from '../states.js';
import { type NsLinks, ownLinks } from './links.js';

const KCMP = { VM: 1, FILES: 2, FS: 3, SIGHAND: 4 } as const;

export type Shared = keyof typeof KCMP;

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
export function ownIds(ctx: DumpContext): TaskKobjIdsEntry {
  return stateOf(ctx).own;
}

/** Number of a namespace. */
export function namespaceNumber(ctx: DumpContext, name: string, inode: bigint): number {
  return stateOf(ctx).numbers.namespace(name, inode);
}

/** Numbers of a task, in the form that images have them. */
export function taskIds(ctx: DumpContext, pid: number, links: NsLinks): TaskKobjIdsEntry {
  return idsOf(stateOf(ctx).numbers, pid, links);
}

/** The first task met that shares a kernel object with this one; undefined if there is none. */
export function sharedWith(ctx: DumpContext, kind: Shared, pid: number): number | undefined {
  return stateOf(ctx).numbers.object(kind, pid).sharedWith;
}
