// The namespaces of the tree being dumped: a graph of namespace instances. Each task is in one instance of each kind.
import type { DumpContext } from '../engine/dump-context.js';
import type { LiveTask } from '../engine/dump-task.js';
import { CriuError } from '../errors.js';
import { readNsLinks } from '../proc/index.js';
import { NAMESPACES, type NamespaceName } from '../proc/namespaces.js';
import { stateKey } from '../states.js';

export type NsLinks = ReturnType<typeof readNsLinks>;

/** One namespace. */
export interface Namespace {
  readonly kind: NamespaceName;
  /** Id in the images; ids are unique over all kinds. */
  readonly id: number;
  /** Inode in nsfs. */
  readonly inode: bigint;
  /** The dumper is in this namespace as well, so its contents are not dumped. */
  readonly host: boolean;
  /** Tasks in this namespace, in the order of the tree; empty if only a descriptor keeps the namespace alive. */
  readonly members: LiveTask[];
  /** Our descriptor of a namespace that was found by a file which refers to it, when no member was known. */
  holder?: number;
  /** The namespace was found only by a file it is bound to (a network namespace of ip-netns(8)). */
  bound?: boolean;
}

export class Namespaces {
  /** The namespaces of the dumper. */
  readonly own: NsLinks;
  private readonly instances = new Map<string, Namespace>();
  private readonly byTask = new Map<LiveTask, ReadonlyMap<NamespaceName, Namespace>>();

  constructor() {
    this.own = readNsLinks(process.pid);
    // The dumper's namespaces get their ids first; the inventory records them as those of the host.
    for (const kind of NAMESPACES) {
      const link = this.own[kind];
      if (link) this.instance(kind, link.inode);
    }
  }

  /** The namespace with this inode; it gets an id on the first call. */
  instance(kind: NamespaceName, inode: bigint): Namespace {
    const key = `${kind}:${inode}`;
    let found = this.instances.get(key);
    if (!found) {
      const id = this.instances.size + 1;
      found = { kind, id, inode, host: this.own[kind]?.inode === inode, members: [] };
      this.instances.set(key, found);
    }
    return found;
  }

  /** Records which namespaces a task is in. */
  join(task: LiveTask, links: NsLinks): void {
    const mine = new Map<NamespaceName, Namespace>();
    for (const kind of NAMESPACES) {
      const link = links[kind];
      if (!link) continue;
      const instance = this.instance(kind, link.inode);
      instance.members.push(task);
      mine.set(kind, instance);
    }
    this.byTask.set(task, mine);
  }

  /** The namespace of a kind that a task is in; undefined if the kernel does not support that kind. */
  of(task: LiveTask, kind: NamespaceName): Namespace | undefined {
    return this.byTask.get(task)?.get(kind);
  }

  /** The known namespaces of a kind. */
  all(kind: NamespaceName): readonly Namespace[] {
    return [...this.instances.values()].filter((namespace) => namespace.kind === kind);
  }

  /** Namespaces to be dumped, in the order of their ids: not the host's, and kept alive by tasks or by a descriptor. */
  get foreign(): readonly Namespace[] {
    return [...this.instances.values()].filter(
      ({ host, members, holder }) => !host && (members.length > 0 || holder !== undefined),
    );
  }
}

const graph = stateKey('namespaces', (_: DumpContext) => new Namespaces());

/** The namespaces of a dump. A task is recorded in it when the task is collected. */
export function namespacesOf(ctx: DumpContext): Namespaces {
  return ctx.states.get(graph);
}

/** Kinds of namespace in which a task is not in the same namespace as the dumper. */
export function foreignKinds(ctx: DumpContext, links: NsLinks): NamespaceName[] {
  const { own } = namespacesOf(ctx);
  return NAMESPACES.filter((name) => links[name] && own[name] && links[name].inode !== own[name].inode);
}

const ofRoot = stateKey(
  'namespaces of the root task',
  (ctx: DumpContext): NsLinks => readNsLinks(ctx.root.pid),
);

/** The namespaces of the root task. Available once the tree is stopped. */
export function rootLinks(ctx: DumpContext): NsLinks {
  return ctx.states.get(ofRoot);
}

/** Whether the root task is in another namespace of this kind than the dumper. */
export function ownsNamespace(ctx: DumpContext, name: NamespaceName): boolean {
  return rootLinks(ctx)[name]?.inode !== namespacesOf(ctx).own[name]?.inode;
}

/** The namespace of a task. @throws CriuError UNSUPPORTED if the kernel does not support that kind */
export function namespaceOf(ctx: DumpContext, task: LiveTask, kind: NamespaceName): Namespace {
  const found = namespacesOf(ctx).of(task, kind);
  if (!found) throw new CriuError('UNSUPPORTED', `it has no ${kind} namespace`, { pid: task.pid });
  return found;
}
