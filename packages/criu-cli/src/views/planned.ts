// The namespaces of a checkpoint that is restored: the same graph, read from its images.
import type { PlanContext, TaskPlan } from '../engine/plan.js';
import type { FileEntry } from '../images/types.js';
import { CLONE_NEW, NAMESPACES, type NamespaceName, namespaceId } from '../proc/namespaces.js';
import { stateKey } from '../states.js';

/** One namespace that the images tell of. */
export interface PlannedNamespace {
  readonly kind: NamespaceName;
  /** Its number in entries of images. */
  readonly number: number;
  /** The number in the names of its images: its own, or with images of CRIU before 1.6 the root task's pid. */
  readonly id: number;
  /** The one who dumped was in it as well: tasks go on in that of the one who restores. */
  readonly host: boolean;
  /** Tasks that are in it, parents first; none where only files lead to it. */
  readonly members: TaskPlan[];
}

/** Number of the network namespace that a file belongs to, or leads to. */
function networkNumber({ isk, usk, nlsk, psk, tunf, nsf }: FileEntry): number | undefined {
  if (nsf) return nsf.ns_cflag === CLONE_NEW.net ? nsf.ns_id : undefined;
  return (isk ?? usk ?? nlsk ?? psk ?? tunf)?.ns_id;
}

export class PlannedNamespaces {
  readonly all: readonly PlannedNamespace[];
  /** Numbers of network namespaces that mounts show. */
  readonly bound: ReadonlySet<number>;

  constructor({ checkpoint, tasks }: PlanContext) {
    const { inventory, root } = checkpoint;
    const host = inventory.root_ids;
    const found = new Map<string, PlannedNamespace>();
    const bound = new Set<number>();
    const meet = (kind: NamespaceName, number: number): PlannedNamespace => {
      const key = `${kind}:${number}`;
      const namespace = found.get(key) ?? {
        kind,
        number,
        id: inventory.ns_per_id ? number : root.pid,
        // Images that do not say whose is the host's are of tasks that were in the host's.
        host: !host || namespaceId(host, kind) === number,
        members: [],
      };
      found.set(key, namespace);
      return namespace;
    };
    for (const plan of tasks) {
      const { ids } = plan.task;
      if (!ids) continue;
      for (const kind of NAMESPACES) {
        const number = namespaceId(ids, kind);
        if (number !== undefined) meet(kind, number).members.push(plan);
      }
    }
    // Network namespaces that only sockets are in, or only descriptors lead to.
    for (const file of checkpoint.files.values()) {
      const number = networkNumber(file);
      if (!number) continue;
      const known = number === host?.net_ns_id || checkpoint.images.has('NETNS', number);
      if (known) meet('net', number);
    }
    // And those that are bound to files.
    for (const { kind, id } of [...found.values()]) {
      if (kind !== 'mnt') continue;
      for (const { entry } of checkpoint.images.optional('MNTS', id))
        for (const { ns_cflag, ns_id } of entry.namespace_binds)
          if (ns_cflag === CLONE_NEW.net) {
            meet('net', ns_id);
            bound.add(ns_id);
          }
    }
    this.all = [...found.values()];
    this.bound = bound;
  }

  /** The network namespace of a number in the entries of sockets; the root task's if there is none. */
  network(number: number | undefined): PlannedNamespace | undefined {
    const { root } = this;
    if (!number) return root;
    return this.all.find((ns) => ns.kind === 'net' && ns.number === number);
  }

  private get root(): PlannedNamespace | undefined {
    return this.all.find(({ kind, members }) => kind === 'net' && members.length > 0);
  }

  /** The namespace of a kind that a task is in; undefined where images have none. */
  of(plan: TaskPlan, kind: NamespaceName): PlannedNamespace | undefined {
    return this.all.find((ns) => ns.kind === kind && ns.members.includes(plan));
  }

  /** Those of a kind that have to be made. */
  made(kind: NamespaceName): readonly PlannedNamespace[] {
    return this.all.filter((ns) => ns.kind === kind && !ns.host);
  }
}

const graph = stateKey('namespaces', (ctx: PlanContext) => new PlannedNamespaces(ctx));

/** The namespaces of a restore. */
export function plannedNamespaces(ctx: PlanContext): PlannedNamespaces {
  return ctx.states.get(graph);
}
