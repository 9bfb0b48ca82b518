// Ids in images for kernel objects that tasks may share (address space, descriptor table, fs, signal handlers) and for
// namespaces. The dumper's objects get the first ids.
import type { TaskKobjIdsEntry } from '@criu/images';
import { SysError } from '@criu/native';
import { KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_VM } from '@criu/native/uapi';
import type { DumpContext } from '../engine/dump-context.js';
import { KernelObjects } from '../proc/kernel-objects.js';
import { NAMESPACES } from '../proc/namespaces.js';
import { stateKey } from '../states.js';
import { type NsLinks, namespacesOf } from './namespaces.js';

/** Types of kcmp(2). */
const KCMP = { VM: KCMP_VM, FILES: KCMP_FILES, FS: KCMP_FS, SIGHAND: KCMP_SIGHAND } as const;

const SHARED = ['VM', 'FILES', 'FS', 'SIGHAND'] as const;

/** Kernel objects that tasks can share, besides namespaces. */
export type Shared = keyof typeof KCMP;

interface Owner {
  readonly pid: number;
  readonly id: number;
}

/** The objects of one kind, each with its first owner. Tasks are stopped, so their objects stay the same. */
class Kind {
  private readonly objects: KernelObjects<Owner>;
  private readonly byPid = new Map<number, Owner>();
  private last = 0;

  constructor(kind: Shared) {
    this.objects = new KernelObjects(KCMP[kind]);
  }

  of(pid: number): Owner {
    const known = this.byPid.get(pid);
    if (known) return known;
    const owner = this.find(pid);
    this.byPid.set(pid, owner);
    return owner;
  }

  private find(pid: number): Owner {
    const found = this.place(pid);
    if (typeof found === 'object') return found;
    this.last += 1;
    const owner = { pid, id: this.last };
    if (found !== undefined) this.objects.insert(found, pid, owner);
    return owner;
  }

  /** Undefined if kcmp(2) cannot compare the object; it is then treated as not shared. */
  private place(pid: number): Owner | number | undefined {
    try {
      return this.objects.find(pid);
    } catch (error) {
      if (error instanceof SysError) return undefined;
      throw error;
    }
  }
}

class Numbers {
  private readonly kinds: Record<Shared, Kind> = {
    VM: new Kind('VM'),
    FILES: new Kind('FILES'),
    FS: new Kind('FS'),
    SIGHAND: new Kind('SIGHAND'),
  };

  /** The first known task that has the same object as this one. */
  of(kind: Shared, pid: number): Owner {
    return this.kinds[kind].of(pid);
  }
}

/** The dumper's objects get the first ids, as in CRIU. */
const numbers = stateKey('numbers of kernel objects', (_: DumpContext) => {
  const all = new Numbers();
  for (const kind of SHARED) all.of(kind, process.pid);
  return all;
});

/** The ids of all objects of a task, as in the `ids` image. */
export function idsOf(ctx: DumpContext, pid: number, links: NsLinks): TaskKobjIdsEntry {
  const known = ctx.states.get(numbers);
  const namespaces = namespacesOf(ctx);
  const entry: TaskKobjIdsEntry = {
    vm_id: known.of('VM', pid).id,
    files_id: known.of('FILES', pid).id,
    fs_id: known.of('FS', pid).id,
    sighand_id: known.of('SIGHAND', pid).id,
  };
  for (const kind of NAMESPACES) {
    const link = links[kind];
    if (link) entry[`${kind}_ns_id`] = namespaces.instance(kind, link.inode).id;
  }
  return entry;
}

/** Pid of the first known task that shares an object with this task; its own if the object is not shared. */
export function firstWith(ctx: DumpContext, kind: Shared, pid: number): number {
  return ctx.states.get(numbers).of(kind, pid).pid;
}
