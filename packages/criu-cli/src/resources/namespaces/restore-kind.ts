// What a kind of namespace has to say to be restored.
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { NamespaceName } from '../../proc/namespaces.js';

export interface NamespaceRestore {
  readonly name: NamespaceName;
  /**
   * Adds what makes a namespace of the root task, from the images with this number, to the plan: flags of its birth, and
   * steps in the phase `namespaces`.
   */
  plan(ctx: PlanContext, root: TaskPlan, id: number): void;
  /** Adds steps for tasks that were in the namespace of the one who dumped them. */
  planHosts?(ctx: PlanContext, root: TaskPlan): void;
}
