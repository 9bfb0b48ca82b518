// Planning a restore: every resource module adds its steps; the result can be printed before anything is done.
import { Program } from '@criu/compel';
import { showName } from '@criu/native';
import { CriuError } from '../errors.js';
import { type AliveTask, Checkpoint, isAlive } from '../images/checkpoint.js';
import type { Some } from '../images/types.js';
import { VMA } from '../images/vma.js';
import { type Logger, silentLogger } from '../log.js';
import type { RestoreOptions } from '../options.js';
import { ImagePages } from '../pages/sources/images.js';
import type { PageSource } from '../pages/sources/source.js';
import type { Hooks } from '../plugins/index.js';
import { CLONE_NEW, NAMESPACES, type NamespaceName } from '../proc/namespaces.js';
import { Refusals } from '../refusals.js';
import { States } from '../states.js';
import { placeAgent } from './layout.js';
import {
  type Expectation,
  PHASES,
  type PhaseName,
  type PlanContext,
  type SharedTable,
  Slot,
  TaskPlan,
  type TaskRun,
} from './plan.js';
import type { Resources } from './resource.js';
import { validateTree } from './spawn.js';
import { checkDescriptors, checkOrder, checkSizes, stages } from './stages.js';

interface Action {
  readonly what: string;
  readonly action: () => void | Promise<void>;
}

interface SpawnAction {
  readonly what: string;
  readonly action: (runs: readonly TaskRun[]) => void | Promise<void>;
}

/** One step of one task, as it is printed. */
export interface PlanLine {
  readonly task: number;
  readonly phase: PhaseName;
  readonly title: string;
  readonly needs: readonly string[];
  readonly steps: readonly { call: string; label?: string }[];
}

/** Tables that more than one task has. @throws CriuError if they cannot be shared by being born */
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

/** What the modules add to, beside the steps of tasks. */
class Draft implements PlanContext {
  readonly states: States<PlanContext> = new States<PlanContext>(this);
  readonly log: Logger;
  readonly refusals = new Refusals();
  readonly root: TaskPlan;
  readonly pages: PageSource;
  readonly expectations: Expectation[] = [];
  readonly preparations: Action[] = [];
  readonly cleanups: Action[] = [];
  readonly spawnActions: SpawnAction[] = [];
  readonly lastActions: Action[] = [];
  readonly goneActions: Action[] = [];
  readonly lasting: { readonly what: string; readonly end: () => Promise<void> }[] = [];
  readonly phaseActions = new Map<PhaseName, Action[]>();
  /** Phases after which all tasks wait for all, and why. */
  readonly barriers = new Map<PhaseName, string>();
  readonly slots: { slot: Slot; open: (() => number) | undefined }[] = [];
  private readonly byPid: ReadonlyMap<number, TaskPlan>;

  constructor(
    readonly checkpoint: Checkpoint,
    readonly options: RestoreOptions,
    readonly tasks: Some<TaskPlan>,
    readonly onPaper: boolean,
    readonly hooks: Hooks | undefined,
  ) {
    this.root = tasks[0];
    this.pages = new ImagePages(checkpoint.images, {
      readable: checkpoint.source.pages === 'there',
      later: options.lazyPages ?? false,
    });
    this.log = options.log ?? silentLogger;
    this.byPid = new Map(tasks.map((plan) => [plan.pid, plan]));
  }

  taskOf(pid: number): TaskPlan | undefined {
    return this.byPid.get(pid);
  }

  expect(what: Expectation): void {
    this.expectations.push(what);
  }

  prepare(what: string, action: Action['action']): void {
    this.preparations.push({ what, action });
  }

  cleanup(what: string, action: Action['action']): void {
    this.cleanups.push({ what, action });
  }

  afterSpawn(what: string, action: SpawnAction['action']): void {
    this.spawnActions.push({ what, action });
  }

  waitAfter(phase: PhaseName, why: string): void {
    this.barriers.set(phase, why);
  }

  afterPhase(phase: PhaseName, what: string, action: Action['action']): void {
    const list = this.phaseActions.get(phase) ?? [];
    list.push({ what, action });
    this.phaseActions.set(phase, list);
  }

  beforeGo(what: string, action: Action['action']): void {
    this.lastActions.push({ what, action });
  }

  afterGo(what: string, action: Action['action']): void {
    this.goneActions.push({ what, action });
  }

  goesOn(what: string, end: () => Promise<void>): void {
    this.lasting.push({ what, end });
  }

  openSlot(name: string, open?: () => number): Slot {
    const slot = new Slot(name);
    this.slots.push({ slot, open });
    return slot;
  }
}

/** The tasks of a checkpoint that live, each with the room that the agent has in its address space. */
function planTasks(checkpoint: Checkpoint): Some<TaskPlan> {
  const tables = sharedTables(checkpoint);
  const plan = (task: AliveTask): TaskPlan => {
    const vmas = task.mm.vmas
      .filter((v) => !(v.status & VMA.VSYSCALL))
      .map((v) => ({ start: Number(v.start), end: Number(v.end), growsDown: (v.flags & 0x100) !== 0 }))
      .sort((a, b) => a.start - b.start);
    return new TaskPlan(task, placeAgent(vmas, task.threads.length, task.pid), tables.get(task.pid));
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
      // Nobody may take a number for a moment while it is given to a file for good.
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

  /** Phases that tasks go through at their own pace; all of them wait for each other in between. */
  get stages(): readonly PhaseName[][] {
    const { barriers, phaseActions } = this.context;
    // One task waits for nobody.
    const alone = this.tasks.length === 1;
    return stages((phase) => (!alone && barriers.has(phase)) || phaseActions.has(phase), alone);
  }

  get tasks(): readonly TaskPlan[] {
    return this.context.tasks;
  }

  /** Closes our copies of descriptors that went from task to task: a pipe would not end while we have one. */
  dropSlots(): void {
    for (const slot of this.allSlots()) slot.drop();
  }

  /** Whoever waits for a descriptor need not any longer. */
  failSlots(error: Error): void {
    for (const slot of this.allSlots()) slot.fail(error);
  }

  private allSlots(): Slot[] {
    const given = this.context.slots.map(({ slot }) => slot);
    const made = this.tasks.flatMap((task) =>
      PHASES.flatMap(({ name }) => task.steps(name).flatMap(({ gives }) => gives)),
    );
    return [...given, ...made];
  }

  lines(): PlanLine[] {
    const out: PlanLine[] = [];
    for (const plan of this.tasks) {
      for (const { name } of PHASES) {
        for (const step of plan.steps(name)) {
          if (step.program instanceof Program && step.program.length === 0) continue;
          out.push({
            task: plan.pid,
            phase: name,
            title: step.title,
            needs: step.needs.map((s) => s.name),
            steps: step.program instanceof Program ? step.program.describe() : [],
          });
        }
      }
    }
    return out;
  }

  /** Kinds of namespace that the root task is born into. */
  get born(): NamespaceName[] {
    const flags = this.context.root.birthFlags;
    return NAMESPACES.filter((name) => flags & BigInt(CLONE_NEW[name]));
  }

  toJSON(): unknown {
    return {
      namespaces: this.born,
      tasks: this.checkpoint.tasks.map((t) => ({
        pid: t.pid,
        ppid: t.ppid,
        pgid: t.pgid,
        sid: t.sid,
        state: t.dead ? 'zombie' : 'alive',
        threads: t.threads.map((x) => x.tid),
      })),
      phases: PHASES,
      steps: this.lines(),
    };
  }

  toText(): string {
    const out: string[] = this.born.length ? [`in new namespaces: ${this.born.join(', ')}`] : [];
    for (const t of this.checkpoint.tasks) {
      const threads = t.threads.length > 1 ? `, ${t.threads.length} threads` : '';
      out.push(
        `task ${t.pid} (${showName(t.core.tc.comm)})${t.dead ? ', zombie' : ''}: parent ${t.ppid}, group ${t.pgid}, session ${t.sid}${threads}`,
      );
    }
    for (const line of this.lines()) {
      out.push(
        '',
        `${line.task} ${line.phase}: ${showName(line.title)}${line.needs.length ? ` (needs ${line.needs.join(', ')})` : ''}`,
      );
      for (const s of line.steps) out.push(`  ${s.call}${s.label ? `  # ${showName(s.label)}` : ''}`);
    }
    return `${out.join('\n')}\n`;
  }
}

/** Reads, validates and plans; nothing is made. @throws CriuError */
export async function planRestore(options: RestoreOptions, resources: Resources): Promise<RestorePlan> {
  return new RestorePlan(Checkpoint.of(options.imagesDir), options, resources);
}
