// The interface of a kind of namespace for dump and restore.
import type { Agent } from '@criu/compel';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { NamespaceName } from '../../proc/namespaces.js';
import type { Namespace } from '../../views/namespaces.js';
import type { PlannedNamespace } from '../../views/planned.js';

/** The dump of a namespace that is not the dumper's. */
export interface NamespaceDump {
  /** Called while the tasks run, if the root task is in such a namespace: does what needs no stopped task. */
  prepare?(ctx: DumpContext): void;
  /** Checks a task of such a namespace as soon as it is found. @throws CriuError */
  check?(ctx: DumpContext, task: LiveTask): void;
  /**
   * Finds namespaces of any kind that only this one refers to, before any is described: they are dumped, too. All tasks
   * are stopped.
   */
  leads?(ctx: DumpContext, namespace: Namespace): void;
  /** Called for the first task of such a namespace. All tasks are stopped, except when the code is run beforehand (`DumpContext.ifStopped`). */
  meet?(ctx: DumpContext, namespace: Namespace): void;
  /** Adds the entries that a plan needs in a rehearsal, in place of `visit`: tasks run, and only the root is known. */
  rehearse?(ctx: DumpContext, namespace: Namespace): void;
  /** Describes the namespace from outside. All tasks are stopped. */
  describe?(ctx: DumpContext, namespace: Namespace): void;
  /** Describes the namespace with an agent that is in it, and otherwise in the dumper's namespaces. */
  visit?(ctx: DumpContext, namespace: Namespace, inside: Agent): Promise<void>;
}

/** The restore of a kind of namespace. */
export interface NamespaceRestore {
  /**
   * Adds everything that creates the namespace to the plan: flags for the creation of `first`, its first task, and
   * steps in the phase `namespaces`. Children are created in the namespaces of their parent.
   */
  plan(ctx: PlanContext, first: TaskPlan, namespace: PlannedNamespace): void;
  /** Adds steps for an existing namespace that the root task joins (`--join-ns`). */
  planJoined?(ctx: PlanContext, namespace: PlannedNamespace): void;
  /** Adds steps for a namespace without tasks, to which only files refer. */
  planEmpty?(ctx: PlanContext, namespace: PlannedNamespace): void;
}

export interface NamespaceKind {
  readonly name: NamespaceName;
  /** The visiting agent must not enter other namespaces along with it, as it changes the meaning of paths. */
  readonly alone?: boolean;
  /** Tasks of a tree may be in different namespaces of this kind. */
  readonly several?: boolean;
  readonly dump: NamespaceDump;
  readonly restore: NamespaceRestore;
  /** On restore: adds steps for tasks that were in the dumper's namespace. */
  planHosts?(ctx: PlanContext, first: TaskPlan): void;
}

/** Makes a kind of namespace for the list in `kinds.ts`. */
export function namespaceKind(kind: NamespaceKind): NamespaceKind {
  return kind;
}
