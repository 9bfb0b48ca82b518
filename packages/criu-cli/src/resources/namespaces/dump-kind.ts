// What a kind of namespace has to say to be dumped.
import type { Agent } from '@criu/compel';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import type { NamespaceName } from '../../proc/namespaces.js';

export interface NamespaceDump {
  readonly name: NamespaceName;
  /** Refuses a task of such a namespace as soon as it is met. @throws CriuError */
  check?(ctx: DumpContext, task: LiveTask): void;
  /** Describes the namespace of the tasks, which is not the dumper's, from outside. They stand still. */
  describe?(ctx: DumpContext, id: number): void;
  /** Describes it by an agent that is in it, and for all else the dumper's equal. */
  visit?(ctx: DumpContext, id: number, inside: Agent): Promise<void>;
}
