// The namespaces of a checkpoint that is restored: the same graph, read from its images.
import type { PlanContext, TaskPlan } from '../engine/plan.js';
import { NAMESPACES, type NamespaceName, namespaceId } from '../proc/namespaces.js';
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
  /** Tasks that are in it, parents first. */
  readonly members: TaskPlan[];
}

export class PlannedNamespaces {
  readonly all: readonly PlannedNamespace[];

  constructor({ checkpoint, tasks }: PlanContext) {
    const { inventory, root } = checkpoint;
    const host = inventory.root_ids;
    const found = new Map<string, PlannedNamespace>();
    for (const plan of tasks) {
      const { ids } = plan.task;
      if (!ids) continue;
      for (const kind of NAMESPACES) {
        const number = namespaceId(ids, kind);
        if (number === undefined) continue;
        const key = `${kind}:${number}`;
        let namespace = found.get(key);
        if (!namespace) {
          namespace = {
            kind,
            number,
            id: inventory.ns_per_id ? number : root.pid,
            // Images that do not say whose is the host's are of tasks that were in the host's.
            host: !host || namespaceId(host, kind) === number,
            members: [],
          };
          found.set(key, namespace);
        }
        namespace.members.push(plan);
      }
    }
    this.all = [...found.values()];
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
