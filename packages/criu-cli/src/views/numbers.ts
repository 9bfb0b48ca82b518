// Numbers for the kernel objects that tasks may share, namespaces among them; the dumper's own are the first.
import type { TaskKobjIdsEntry } from '@criu/images';
import { SysError } from '@criu/native';
import type { DumpContext } from '../engine/dump-context.js';
import { KernelObjects } from '../proc/kernel-objects.js';
import { NAMESPACES } from '../proc/namespaces.js';
import { stateKey } from '../states.js';
import { type NsLinks, namespacesOf } from './namespaces.js';

/** Types of kcmp(2). */
const KCMP = { VM: 1, FILES: 2, FS: 3, SIGHAND: 4 } as const;

const SHARED = ['VM', 'FILES', 'FS', 'SIGHAND'] as const;

/** What tasks can share besides namespaces. */
export type Shared = keyof typeof KCMP;

interface Owner {
  readonly pid: number;
  readonly id: number;
}

/** Objects of one kind, and whose each is. Tasks stand still: what one has stays the same. */
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

  /** Undefined where it cannot be compared: then it is taken to be nobody else's. */
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

  /** The first owner met of an object of a task. */
  of(kind: Shared, pid: number): Owner {
    return this.kinds[kind].of(pid);
  }
}

/** The dumper's are the first, as for CRIU. */
const numbers = stateKey('numbers of kernel objects', (_: DumpContext) => {
  const all = new Numbers();
  for (const kind of SHARED) all.of(kind, process.pid);
  return all;
});

/** Numbers of what a task has, in the form that images have them. */
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

/** The first task met that has the same object as this one: itself, if nobody shares it. */
export function firstWith(ctx: DumpContext, kind: Shared, pid: number): number {
  return ctx.states.get(numbers).of(kind, pid).pid;
}
