// Open files of all tasks: who makes each open file description, who takes it, and under which numbers.
import { FdTypes, type FileEntry } from '../../engine/image-types.js';
import type { PlanContext, RestoreModule, TaskPlan } from '../../engine/plan.js';
import { Slot } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import { restoreLocks } from './locks-restore.js';
import { fileKinds } from './restore-registry.js';

/** What a kind makes its files with. */
export interface FileMaker {
  readonly ctx: PlanContext;
  /** The task that makes them. */
  readonly plan: TaskPlan;
  /** Temporary descriptor number of a file in that task, allocated when asked for first. */
  temp(id: number): number;
  /** Final descriptor numbers of a file in that task. */
  finalFds(id: number): number[];
}

/** A kind of open file, its restore side. */
export interface FileKindRestore {
  readonly name: string;
  /** Value of fd_types. */
  readonly type: number;
  /** Files with the same key are made together by one task: the ends of a pipe. */
  group?(entry: FileEntry, ctx: PlanContext): string;
  /** Ids of files that the maker must have too, from the phase `share` on: descriptors in flight. */
  carries?(entry: FileEntry, ctx: PlanContext): number[];
  /** Adds steps to the phase `files` that leave each file at its temporary number. */
  make(maker: FileMaker, entries: readonly FileEntry[]): void;
  /** Adds steps after all descriptors have their final numbers. */
  fixup?(maker: FileMaker, entries: readonly FileEntry[]): void;
}

const typeNames = new Map<number, string>(Object.entries(FdTypes).map(([name, value]) => [value, name]));

/** Descriptor numbers of files in tasks, shared by the modules that need files by id. */
export class FileTable {
  private readonly temps = new Map<TaskPlan, Map<number, number>>();

  temp(plan: TaskPlan, id: number): number {
    let mine = this.temps.get(plan);
    if (!mine) {
      mine = new Map();
      this.temps.set(plan, mine);
    }
    let fd = mine.get(id);
    if (fd === undefined) {
      fd = plan.tempFd();
      mine.set(id, fd);
    }
    return fd;
  }

  has(plan: TaskPlan, id: number): boolean {
    return this.temps.get(plan)?.has(id) ?? false;
  }
}

interface Group {
  readonly kind: FileKindRestore;
  readonly entries: FileEntry[];
  readonly users: TaskPlan[];
}

function kindOf(entry: FileEntry): FileKindRestore {
  const kind = fileKinds.find((k) => k.type === entry.type);
  if (!kind) {
    throw new CriuError(
      'UNSUPPORTED',
      `file id ${entry.id} is of kind ${typeNames.get(entry.type) ?? entry.type}, which cannot be restored yet`,
      { file: 'files.img' },
    );
  }
  return kind;
}

/** All groups of files, and what each task needs although it has no descriptor of it. */
function collectGroups(ctx: PlanContext): { groups: Group[]; carried: Map<TaskPlan, Set<number>> } {
  const groups = new Map<string, Group>();
  const carried = new Map<TaskPlan, Set<number>>();
  const add = (plan: TaskPlan, id: number, referrer: string): void => {
    const entry = ctx.checkpoint.file(id, referrer);
    const kind = kindOf(entry);
    const key = `${kind.type}:${kind.group?.(entry, ctx) ?? entry.id}`;
    let group = groups.get(key);
    if (!group) {
      group = { kind, entries: [], users: [] };
      groups.set(key, group);
    }
    if (!group.entries.some((e) => e.id === entry.id)) group.entries.push(entry);
    if (!group.users.includes(plan)) group.users.push(plan);
  };
  for (const plan of ctx.tasks)
    for (const fd of plan.task.fds) add(plan, fd.id, `fd ${fd.fd} of task ${plan.pid}`);
  // What is in flight may have descriptors in flight itself.
  const done = new Set<number>();
  for (let more = true; more; ) {
    more = false;
    for (const group of [...groups.values()]) {
      const master = group.users[0]!;
      for (const entry of [...group.entries]) {
        if (done.has(entry.id)) continue;
        done.add(entry.id);
        more = true;
        for (const id of group.kind.carries?.(entry, ctx) ?? []) {
          const mine = carried.get(master) ?? new Set();
          carried.set(master, mine.add(id));
          add(master, id, `file id ${entry.id}`);
        }
      }
    }
  }
  return { groups: [...groups.values()], carried };
}

/** Plans all descriptors. */
export class FilesRestore implements RestoreModule {
  readonly name = 'files';
  readonly table = new FileTable();

  plan(ctx: PlanContext): void {
    const { groups, carried } = collectGroups(ctx);
    const makers = groups.map((group): FileMaker => {
      const master = group.users[0]!;
      return {
        ctx,
        plan: master,
        temp: (id) => this.table.temp(master, id),
        finalFds: (id) => master.task.fds.filter((f) => f.id === id).map((f) => f.fd),
      };
    });
    for (const [i, group] of groups.entries()) {
      const maker = makers[i]!;
      group.kind.make(maker, group.entries);
      for (const other of group.users.slice(1)) {
        for (const entry of group.entries) {
          const wanted = other.task.fds.some((f) => f.id === entry.id) || carried.get(other)?.has(entry.id);
          if (!wanted) continue;
          const slot = new Slot(`${group.kind.name} ${entry.id}`);
          maker.plan.give('files', maker.temp(entry.id), slot);
          other.take('share', slot, this.table.temp(other, entry.id));
        }
      }
    }
    for (const plan of ctx.tasks) {
      for (const fd of plan.task.fds) {
        plan
          .program('place')
          .syscall('dup3', [this.table.temp(plan, fd.id), fd.fd, fd.flags & 1 ? 0o2000000 : 0], {
            label: `place fd ${fd.fd}`,
          });
      }
    }
    for (const [i, group] of groups.entries()) group.kind.fixup?.(makers[i]!, group.entries);
    restoreLocks(ctx);
  }
}
