// What a kind of namespace has to say to be dumped and restored.
import type { Agent } from '@criu/compel';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { NamespaceName } from '../../proc/namespaces.js';
import type { Namespace } from '../../views/namespaces.js';
import type { PlannedNamespace } from '../../views/planned.js';

/** How a namespace of the tasks is dumped, where it is not the dumper's. */
export interface NamespaceDump {
  /** Refuses a task of such a namespace as soon as it is met. @throws CriuError */
  check?(ctx: DumpContext, task: LiveTask): void;
  /**
   * Notes namespaces of any kind that only this one leads to, before any is described: they are dumped, too. All tasks stand
   * still.
   */
  leads?(ctx: DumpContext, namespace: Namespace): void;
  /** When the first task of such a namespace is met. All tasks stand still, unless the dump is only rehearsed. */
  meet?(ctx: DumpContext, namespace: Namespace): void;
  /** Describes the namespace from outside. All tasks stand still. */
  describe?(ctx: DumpContext, namespace: Namespace): void;
  /** Describes it by an agent that is in it, and for all else the dumper's equal. */
  visit?(ctx: DumpContext, namespace: Namespace, inside: Agent): Promise<void>;
}

/** How it is made anew. */
export interface NamespaceRestore {
  /**
   * Adds what makes the namespace to the plan: flags of the birth of `first`, the first of its tasks, and steps in the
   * phase `namespaces`. Children are born into the namespaces of their parent.
   */
  plan(ctx: PlanContext, first: TaskPlan, namespace: PlannedNamespace): void;
  /** Adds steps for one that the root task enters, and that was there before (`--join-ns`). */
  planJoined?(ctx: PlanContext, namespace: PlannedNamespace): void;
  /** The same for one that no task is in: only files lead to it. */
  planEmpty?(ctx: PlanContext, namespace: PlannedNamespace): void;
  /** Adds steps for tasks that were in the namespace of the one who dumped them. */
  planHosts?(ctx: PlanContext, first: TaskPlan): void;
}

export interface NamespaceKind {
  readonly name: NamespaceName;
  /** Who visits it is in none of the others: it changes where files are. */
  readonly alone?: boolean;
  /** Tasks of a tree may be in different ones. */
  readonly several?: boolean;
  readonly dump: NamespaceDump;
  readonly restore: NamespaceRestore;
}

/** A kind of namespace, for the list `kinds.ts`. */
export function namespaceKind(kind: NamespaceKind): NamespaceKind {
  return kind;
}
