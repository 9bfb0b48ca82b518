// Plans a restore: every kind of state adds its steps. The plan can be printed before anything is done.
import { MAP_GROWSDOWN } from '@criu/native/uapi';
import { CriuError } from '../errors.js';
import { type AliveTask, Checkpoint, isAlive } from '../images/checkpoint.js';
import type { Some, VmaTable } from '../images/types.js';
import { VMA } from '../images/vma.js';
import type { RestoreOptions } from '../options.js';
import type { Hooks } from '../plugins/index.js';
import { CLONE_NEW, NAMESPACES, type NamespaceName } from '../proc/namespaces.js';
import { Draft } from './draft.js';
import { placeAgent } from './layout.js';
import { PHASES, type PhaseName, type SharedTable, type Slot, TaskPlan } from './plan.js';
import type { Resources } from './resource.js';
import { validateTree } from './spawn.js';
import { checkDescriptors, checkOrder, checkSizes, stages } from './stages.js';
import { type PlanLine, storyJson, storyLines, storyText } from './story.js';

export type { PlanLine } from './story.js';

/**
 * Descriptor tables that several tasks share. CLONE_FILES shares a table with the parent, so other combinations are
 * refused.
 * @throws CriuError UNSUPPORTED
 */
function sharedTables(checkpoint: Checkpoint): Map<number, SharedTable> {
  const members = new Map<number, [AliveTask, ...AliveTask[]]>();
  for (const task of checkpoint.tasks.filter(isAlive)) {
    if (!task.ids.files_id) continue;
    const known = members.get(task.ids.files_id);
    if (known) known.push(task);
    else members.set(task.ids.files_id, [task]);
  }
  const tables = new Map<number, SharedTable>();
  for (const tasks of members.values()) {
    if (tasks.length < 2) continue;
    const owner = tasks[0].pid;
    for (const [index, task] of tasks.entries()) {
      if (index > 0 && !tasks.some(({ pid }) => pid === task.ppid))
        throw new CriuError(
          'UNSUPPORTED',
          `shares its descriptor table with ${owner}, but not with its parent`,
          { pid: task.pid },
        );
      tables.set(task.pid, { owner, index });
    }
  }
  return tables;
}

/**
 * Start and end of each mapping, generated one by one: there may be thousands, and the agent usually fits below the
 * first.
 */
function* taken(vmas: VmaTable): Generator<{ start: number; end: number; growsDown: boolean }> {
  const { starts, ends } = vmas;
  const order = isAscending(starts) ? undefined : byNumber(starts);
  for (let i = 0; i < starts.length; i++) {
    const at = order ? (order[i] ?? 0) : i;
    const { status, flags } = vmas.of(at);
    if (!(status & VMA.VSYSCALL))
      yield { start: starts[at] ?? 0, end: ends[at] ?? 0, growsDown: (flags & MAP_GROWSDOWN) !== 0 };
  }
}

function isAscending(column: Float64Array): boolean {
  for (let i = 1; i < column.length; i++) if ((column[i - 1] ?? 0) > (column[i] ?? 0)) return false;
  return true;
}

/** Indexes of a column in the order of its numbers. */
function byNumber(column: Float64Array): Uint32Array {
  return Uint32Array.from(column, (_, i) => i).sort((a, b) => (column[a] ?? 0) - (column[b] ?? 0));
}

/** The live tasks of a checkpoint, each with the place of the agent in its address space; the root first. */
function planTasks(checkpoint: Checkpoint): Some<TaskPlan> {
  const tables = sharedTables(checkpoint);
  const plan = (task: AliveTask): TaskPlan => {
    const place = placeAgent(taken(task.mm.vmas), task.threads.length, task.pid);
    return new TaskPlan(task, place, tables.get(task.pid));
  };
  const { root, tasks } = checkpoint;
  return [
    plan(root),
    ...tasks
      .filter(isAlive)
      .filter((task) => task !== root)
      .map(plan),
  ];
}

export class RestorePlan {
  readonly context: Draft;

  constructor(
    readonly checkpoint: Checkpoint,
    readonly options: RestoreOptions,
    resources: Resources,
    { onPaper = false, hooks }: { onPaper?: boolean; hooks?: Hooks } = {},
  ) {
    this.context = new Draft(checkpoint, options, planTasks(checkpoint), onPaper, hooks);
    validateTree(this.context);
    if (this.tasks.some((t) => t.table)) {
      // A shared table is filled by one task. The others must not use a descriptor number, even for a moment, that this
      // task is about to give to a file.
      this.context.waitAfter('protect', 'a table is filled by one of those who share it');
      this.context.waitAfter('place', 'a table is full before anybody who shares it goes on');
    }
    const { refusals } = this.context;
    for (const resource of resources.restores) refusals.attempt(() => resource.plan(this.context));
    refusals.settle();
    for (const plan of this.tasks) {
      plan
        .program('process')
        .syscall('close_range', [plan.fdBase, plan.lastTempFd, 0], { label: 'temporaries' });
    }
    const given = this.context.slots.map(({ slot }) => slot);
    checkOrder(this.tasks, this.stages, given);
    checkSizes(this.tasks);
    if (!onPaper) checkDescriptors(this.tasks);
  }

  /**
   * The phases in groups. Within a group tasks proceed at their own pace; between groups all tasks wait for each other.
   */
  get stages(): readonly PhaseName[][] {
    const { barriers, phaseActions } = this.context;
    // A single task needs no barriers.
    const alone = this.tasks.length === 1;
    return stages((phase) => (!alone && barriers.has(phase)) || phaseActions.has(phase), alone);
  }

  get tasks(): readonly TaskPlan[] {
    return this.context.tasks;
  }

  /**
   * Closes our copies of descriptors that went from task to task. An open copy would keep a pipe from reaching end of
   * file.
   */
  dropSlots(): void {
    for (const slot of this.allSlots()) slot.drop();
  }

  /** Rejects the promises of everyone who waits for a descriptor. */
  failSlots(error: Error): void {
    for (const slot of this.allSlots()) slot.fail(error);
  }

  private *allSlots(): Generator<Slot> {
    for (const { slot } of this.context.slots) yield slot;
    for (const task of this.tasks)
      for (const { name } of PHASES) for (const { gives } of task.steps(name)) yield* gives;
  }

  /** All steps that will be executed, in order. */
  lines(): PlanLine[] {
    return storyLines(this.context, this.stages);
  }

  /** Kinds of namespace that the root task is created in. */
  get born(): NamespaceName[] {
    const flags = this.context.root.birthFlags;
    return NAMESPACES.filter((name) => flags & BigInt(CLONE_NEW[name]));
  }

  toJSON(): unknown {
    return storyJson(this.context, this.born, this.lines());
  }

  toText(): string {
    return storyText(this.context, this.born, this.lines());
  }
}

/** Reads and validates the images and plans the restore; nothing is created. @throws CriuError */
export async function planRestore(options: RestoreOptions, resources: Resources): Promise<RestorePlan> {
  return new RestorePlan(Checkpoint.of(options.imagesDir), options, resources);
}
