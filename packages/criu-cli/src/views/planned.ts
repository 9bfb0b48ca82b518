// The namespaces of a restore: the graph of namespace instances, read from the images.
import type { PlanContext, TaskPlan } from '../engine/plan.js';
import type { FileEntry } from '../images/types.js';
import { CLONE_NEW, NAMESPACES, type NamespaceName, namespaceId } from '../proc/namespaces.js';
import { stateKey } from '../states.js';

/** One namespace of the images. */
export interface PlannedNamespace {
  readonly kind: NamespaceName;
  /** Its id in image entries. */
  readonly number: number;
  /** The id in the names of its images: the same, or the root task's pid in images of CRIU before 1.6. */
  readonly id: number;
  /** The dumper was in this namespace as well: the tasks are restored into that of the restoring process. */
  readonly host: boolean;
  /** Tasks in this namespace, parents first; empty if only files refer to it. */
  readonly members: TaskPlan[];
}

/** Id of the network namespace that a file belongs to or refers to. */
function networkNumber({ isk, usk, nlsk, psk, tunf, nsf }: FileEntry): number | undefined {
  if (nsf) return nsf.ns_cflag === CLONE_NEW.net ? nsf.ns_id : undefined;
  return (isk ?? usk ?? nlsk ?? psk ?? tunf)?.ns_id;
}

export class PlannedNamespaces {
  readonly all: readonly PlannedNamespace[];
  /** Ids of network namespaces that bind mounts show. */
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
        // Images that do not name the host's namespaces are of tasks that were in the host's.
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
    // Network namespaces that have only sockets in them, or that only descriptors refer to.
    for (const file of checkpoint.files.values()) {
      const number = networkNumber(file);
      if (!number) continue;
      const known = number === host?.net_ns_id || checkpoint.images.has('NETNS', number);
      if (known) meet('net', number);
    }
    // Network namespaces that are bound to files.
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

  /** The network namespace with this id in the entries of sockets; without an id, that of the root task. */
  network(number: number | undefined): PlannedNamespace | undefined {
    const { root } = this;
    if (!number) return root;
    return this.all.find((ns) => ns.kind === 'net' && ns.number === number);
  }

  private get root(): PlannedNamespace | undefined {
    return this.all.find(({ kind, members }) => kind === 'net' && members.length > 0);
  }

  /** The namespace of a kind that a task is in; undefined if the images have none. */
  of(plan: TaskPlan, kind: NamespaceName): PlannedNamespace | undefined {
    return this.all.find((ns) => ns.kind === kind && ns.members.includes(plan));
  }

  /** The namespaces of a kind that have to be created. */
  made(kind: NamespaceName): readonly PlannedNamespace[] {
    return this.all.filter((ns) => ns.kind === kind && !ns.host);
  }
}

const graph = stateKey('namespaces', (ctx: PlanContext) => new PlannedNamespaces(ctx));

/** The namespaces of a restore. */
export function plannedNamespaces(ctx: PlanContext): PlannedNamespaces {
  return ctx.states.get(graph);
}
