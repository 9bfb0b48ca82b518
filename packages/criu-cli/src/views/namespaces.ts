// The namespaces of a tree that is dumped: a graph of instances, of which each task is in one of each kind.
import type { DumpContext, LiveTask } from '../engine/dump-context.js';
import { CriuError } from '../errors.js';
import { readNsLinks } from '../proc/index.js';
import { NAMESPACES, type NamespaceName } from '../proc/namespaces.js';
import { stateKey } from '../states.js';

export type NsLinks = ReturnType<typeof readNsLinks>;

/** One namespace. */
export interface Namespace {
  readonly kind: NamespaceName;
  /** Its number in images; those of different kinds are numbered together. */
  readonly id: number;
  /** Inode on nsfs. */
  readonly inode: bigint;
  /** The dumper is in it as well: nothing of it goes to the images. */
  readonly host: boolean;
  /** Tasks that are in it, in the order of the tree; none where only a descriptor keeps it. */
  readonly members: LiveTask[];
  /** Our own descriptor of one that was met by a file which leads to it, while no task was known to be in it. */
  holder?: number;
  /** Only a file that it is bound to has led to it (a network namespace: ip-netns(8)). */
  bound?: boolean;
}

export class Namespaces {
  /** Those of the dumper. */
  readonly own: NsLinks;
  private readonly instances = new Map<string, Namespace>();
  private readonly byTask = new Map<LiveTask, ReadonlyMap<NamespaceName, Namespace>>();

  constructor() {
    this.own = readNsLinks(process.pid);
    // The dumper's are numbered first: by that the inventory tells which are the host's.
    for (const kind of NAMESPACES) {
      const link = this.own[kind];
      if (link) this.instance(kind, link.inode);
    }
  }

  /** The namespace of an inode, numbered when it is met first. */
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

  /** Notes which namespaces a task is in. */
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

  /** The namespace of a kind that a task is in; undefined where the kernel has none of that kind. */
  of(task: LiveTask, kind: NamespaceName): Namespace | undefined {
    return this.byTask.get(task)?.get(kind);
  }

  /** Those of a kind that have been met. */
  all(kind: NamespaceName): readonly Namespace[] {
    return [...this.instances.values()].filter((namespace) => namespace.kind === kind);
  }

  /** Those that go to the images, in the order of their numbers: tasks are in them, or a descriptor keeps them. */
  get foreign(): readonly Namespace[] {
    return [...this.instances.values()].filter(
      ({ host, members, holder }) => !host && (members.length > 0 || holder !== undefined),
    );
  }
}

const graph = stateKey('namespaces', (_: DumpContext) => new Namespaces());

/** The namespaces of a dump. Tasks are in it once they are collected. */
export function namespacesOf(ctx: DumpContext): Namespaces {
  return ctx.states.get(graph);
}

/** Kinds of namespace in which a task is not in the dumper's. */
export function foreignKinds(ctx: DumpContext, links: NsLinks): NamespaceName[] {
  const { own } = namespacesOf(ctx);
  return NAMESPACES.filter((name) => links[name] && own[name] && links[name].inode !== own[name].inode);
}

const ofRoot = stateKey(
  'namespaces of the root task',
  (ctx: DumpContext): NsLinks => readNsLinks(ctx.root.pid),
);

/** There when the tree is: the root stands still then. */
export function rootLinks(ctx: DumpContext): NsLinks {
  return ctx.states.get(ofRoot);
}

/** Whether the root task is in a namespace of this kind that is not the dumper's. */
export function ownsNamespace(ctx: DumpContext, name: NamespaceName): boolean {
  return rootLinks(ctx)[name]?.inode !== namespacesOf(ctx).own[name]?.inode;
}

/** The namespace of a task. @throws CriuError where the kernel has none of that kind */
export function namespaceOf(ctx: DumpContext, task: LiveTask, kind: NamespaceName): Namespace {
  const found = namespacesOf(ctx).of(task, kind);
  if (!found) throw new CriuError('UNSUPPORTED', `it has no ${kind} namespace`, { pid: task.pid });
  return found;
}
