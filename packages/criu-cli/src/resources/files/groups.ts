// Open files that one task creates together, such as the ends of a pipe, and the steps for them.
import { Program } from '@criu/compel';
import { type PlanContext, TaskPlan } from '../../engine/plan.js';
import type { FileField, FileOf } from '../../images/types.js';
import { States } from '../../states.js';
import type { FileKind, FileMaker } from './kind.js';
import { fileNumbers } from './numbers.js';
import type { Sample } from './templates.js';

class GroupMaker implements FileMaker {
  private kept: States<FileMaker> | undefined;
  readonly temp: FileMaker['temp'];
  readonly finalFds: FileMaker['finalFds'];

  constructor(
    readonly ctx: PlanContext,
    readonly plan: TaskPlan,
    { temp, finalFds }: Pick<FileMaker, 'temp' | 'finalFds'>,
  ) {
    this.temp = temp;
    this.finalFds = finalFds;
  }

  get states(): States<FileMaker> {
    this.kept ??= new States<FileMaker>(this);
    return this.kept;
  }
}

/** A file whose entry has the message of its kind. */
export type Known = FileOf<FileField>;

/** Up to this length, searching a list is faster than a set. */
const SHORT = 8;

/** A list without duplicates. The set is created only for long lists, since most have one element. */
class Uniques<T> {
  private known: Set<T> | undefined;

  constructor(readonly all: [T, ...T[]]) {}

  add(one: T): void {
    if (this.all.length > SHORT) {
      this.known ??= new Set(this.all);
      if (this.known.has(one)) return;
      this.known.add(one);
    } else if (this.all.includes(one)) return;
    this.all.push(one);
  }
}

/** The phases to which kinds add the steps of files that are created together. */
type Phase = 'files' | 'fixup';

/** Files that one task creates together. */
export class Group implements Sample<Phase> {
  private readonly files: Uniques<Known>;
  private readonly takers: Uniques<TaskPlan>;
  readonly maker: GroupMaker;
  /** What their steps depend on beside their numbers; undefined if they are planned one by one. */
  sort: string | undefined;

  constructor(
    readonly kind: FileKind,
    entry: Known,
    user: TaskPlan,
    ctx: PlanContext,
  ) {
    this.files = new Uniques([entry]);
    this.takers = new Uniques([user]);
    this.maker = new GroupMaker(ctx, user, ctx.states.get(fileNumbers).of(user));
  }

  get entries(): [Known, ...Known[]] {
    return this.files.all;
  }

  /** The first task creates the files. */
  get users(): [TaskPlan, ...TaskPlan[]] {
    return this.takers.all;
  }

  add(entry: Known, user: TaskPlan): void {
    this.files.add(entry);
    this.takers.add(user);
  }

  /** Their temporary descriptors. */
  get numbers(): number[] {
    const { entries, maker } = this;
    const numbers: number[] = [];
    for (let i = 0; i < entries.length; i++) numbers.push(maker.temp((entries[i] as Known).id));
    return numbers;
  }

  plan(phase: Phase, maker: FileMaker = this.maker): void {
    const { restore } = this.kind;
    if (phase === 'files') restore.make(maker, this.entries);
    else restore.fixup?.(maker, this.entries);
  }

  note(phase: Phase): void {
    if (phase === 'files') this.kind.restore.note?.(this.maker, this.entries);
  }

  /** The labels of the steps that `plan` adds, from a plan that is made for them. */
  labels(phase: Phase): (string | undefined)[] {
    const { ctx, plan } = this.maker;
    const scratch = new TaskPlan(plan.task, plan.place, plan.table);
    this.plan(phase, new GroupMaker(ctx, scratch, this.maker));
    return scratch
      .steps(phase)
      .flatMap(({ program }) =>
        program instanceof Program
          ? Array.from({ length: program.length }, (_, step) => program.step(step).label)
          : [],
      );
  }
}
