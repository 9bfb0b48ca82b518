// What a kind of namespace has to say to be dumped and restored.
import type { Agent } from '@criu/compel';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { NamespaceName } from '../../proc/namespaces.js';

/** How the namespace of the tasks is dumped, where it is not the dumper's. */
export interface NamespaceDump {
  /** Refuses a task of such a namespace as soon as it is met. @throws CriuError */
  check?(ctx: DumpContext, task: LiveTask): void;
  /** Describes the namespace of the tasks, which is not the dumper's, from outside. They stand still. */
  describe?(ctx: DumpContext, id: number): void;
  /** Describes it by an agent that is in it, and for all else the dumper's equal. */
  visit?(ctx: DumpContext, id: number, inside: Agent): Promise<void>;
}

/** How it is made anew. */
export interface NamespaceRestore {
  /**
   * Adds what makes a namespace of the root task, from the images with this number, to the plan: flags of its birth, and
   * steps in the phase `namespaces`.
   */
  plan(ctx: PlanContext, root: TaskPlan, id: number): void;
  /** Adds steps for tasks that were in the namespace of the one who dumped them. */
  planHosts?(ctx: PlanContext, root: TaskPlan): void;
}

export interface NamespaceKind {
  readonly name: NamespaceName;
  readonly dump: NamespaceDump;
  readonly restore: NamespaceRestore;
}

/** A kind of namespace, for the list `kinds.ts`. */
export function namespaceKind(kind: NamespaceKind): NamespaceKind {
  return kind;
}
