// Open files of all tasks: who makes each open file description, who takes it, and under which numbers.

import { F_SETFD, FD_CLOEXEC, O_CLOEXEC } from '@criu/native/uapi';
import type { PhaseName, PlanContext, TaskPlan } from '../../engine/plan.js';
import { Slot } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import {
  type FdinfoEntry,
  FdTypes,
  type FileEntry,
  type FileField,
  type FileOf,
  type Some,
  some,
} from '../../images/types.js';
import { States, stateKey } from '../../states.js';
import { labelOfSockets, labelSockets } from '../creds/label-restore.js';
import { planInherited } from './inherit.js';
import type { FileKind, FileMaker } from './kind.js';
import { fileKinds } from './kinds.js';
import { restoreLocks } from './locks-restore.js';

const typeNames = new Map<number, string>(Object.entries(FdTypes).map(([name, value]) => [value, name]));

/** Descriptor numbers of files in tasks, shared by the modules that need files by id. */
export class FileNumbers {
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

export const fileNumbers = stateKey('descriptor numbers of files', (_: PlanContext) => new FileNumbers());

class GroupMaker implements FileMaker {
  readonly states: States<FileMaker> = new States<FileMaker>(this);

  constructor(
    readonly ctx: PlanContext,
    readonly plan: TaskPlan,
    private readonly table: FileNumbers,
  ) {}

  readonly temp = (id: number): number => this.table.temp(this.plan, id);
  readonly finalFds = (id: number): number[] => this.plan.fdsOf(id).map(({ fd }) => fd);
}

/** A file whose kind has looked at what it says. */
type Known = FileOf<FileField>;

interface Group {
  readonly kind: FileKind;
  readonly entries: [Known, ...Known[]];
  readonly ids: Set<number>;
  /** The first one makes the files. */
  readonly users: [TaskPlan, ...TaskPlan[]];
  readonly seen: Set<TaskPlan>;
}

/** The kind of a file, which has the message that this kind needs. @throws CriuError */
function kindOf(
  kinds: ReadonlyMap<FileEntry['type'], FileKind>,
  entry: FileEntry,
): { kind: FileKind; known: Known } {
  const kind = kinds.get(entry.type);
  if (!kind) {
    throw new CriuError(
      'UNSUPPORTED',
      `file id ${entry.id} is of kind ${typeNames.get(entry.type) ?? entry.type}, which cannot be restored yet`,
      { file: 'files.img' },
    );
  }
  if (entry[kind.field] === undefined)
    throw new CriuError('BAD_IMAGE', `file id ${entry.id} is a ${kind.name} without a description`, {
      file: 'files.img',
      entry: kind.field,
    });
  // Each kind looks at its own field only.
  return { kind, known: entry as Known };
}

/** Ids of the files that a task needs although it has no descriptor of them. */
type Carried = Map<TaskPlan, Set<number>>;

/** All groups of files, and what is carried. */
function collectGroups(ctx: PlanContext): { groups: Group[]; carried: Carried } {
  const kinds = new Map(fileKinds.map((kind) => [kind.type, kind]));
  const groups = new Map<string, Group>();
  const carried: Carried = new Map();
  const add = (plan: TaskPlan, id: number, referrer: () => string, type?: number): void => {
    const entry = ctx.checkpoint.files.get(id) ?? ctx.checkpoint.file(id, referrer());
    if (type !== undefined && type !== entry.type)
      throw new CriuError(
        'BAD_IMAGE',
        `${referrer()} is of type ${typeNames.get(type) ?? type}, and file id ${id} of type ${typeNames.get(entry.type) ?? entry.type}`,
        { file: 'files.img' },
      );
    const { kind, known } = kindOf(kinds, entry);
    const key = `${kind.type}:${kind.restore.group?.(known, ctx) ?? known.id}`;
    const group = groups.get(key);
    if (!group) {
      groups.set(key, {
        kind,
        entries: [known],
        ids: new Set([known.id]),
        users: [plan],
        seen: new Set([plan]),
      });
      return;
    }
    if (!group.ids.has(known.id)) {
      group.ids.add(known.id);
      group.entries.push(known);
    }
    if (!group.seen.has(plan)) {
      group.seen.add(plan);
      group.users.push(plan);
    }
  };
  for (const plan of ctx.tasks)
    for (const fd of plan.fds) add(plan, fd.id, () => `fd ${fd.fd} of task ${plan.pid}`, fd.type);
  // What is in flight may have descriptors in flight itself.
  const done = new Set<number>();
  for (let more = true; more; ) {
    more = false;
    for (const group of [...groups.values()]) {
      const [master] = group.users;
      for (const entry of [...group.entries]) {
        if (done.has(entry.id)) continue;
        done.add(entry.id);
        more = true;
        for (const id of group.kind.restore.carries?.(entry, ctx) ?? []) {
          const mine = carried.get(master) ?? new Set();
          carried.set(master, mine.add(id));
          add(master, id, () => `file id ${entry.id}`);
        }
      }
    }
  }
  return { groups: [...groups.values()], carried };
}

function place(plan: TaskPlan, phase: PhaseName, from: number, fd: FdinfoEntry): void {
  plan.program(phase).syscall('dup3', [from, fd.fd, fd.flags & FD_CLOEXEC ? O_CLOEXEC : 0], {
    label: () => `place fd ${fd.fd}`,
  });
}

/** Makes files; a socket has the label that its maker wants new ones to have at that moment. */
function makeLabelled(maker: FileMaker, kind: FileKind, entries: Some<Known>): void {
  const { ctx, plan } = maker;
  const label = labelOfSockets(
    ctx,
    plan,
    entries.map(({ id }) => id),
  );
  if (label !== undefined) labelSockets(plan.program('files'), label);
  kind.restore.make(maker, entries);
  if (label !== undefined) labelSockets(plan.program('files'), '');
}

/** Opens a file after all others, and hands it out a second time. */
function makeLate(maker: FileMaker, group: Group, entry: Known, carried: Carried): void {
  const { ctx, plan } = maker;
  const numbers = ctx.states.get(fileNumbers);
  ctx.waitAfter('place', 'files that are opened late are handed out when all numbers are taken');
  group.kind.restore.makeLate?.(maker, entry);
  const from = maker.temp(entry.id);
  for (const fd of plan.fdsOf(entry.id)) place(plan, 'fixup', from, fd);
  for (const other of group.users.slice(1)) {
    if (carried.get(other)?.has(entry.id)) {
      const slot = new Slot(`${group.kind.name} ${entry.id} in flight`);
      plan.give('fixup', from, slot);
      other.take('fixup', slot, numbers.temp(other, entry.id));
    }
    for (const fd of other.fdsOf(entry.id)) {
      const slot = new Slot(`${group.kind.name} ${entry.id} for fd ${fd.fd}`);
      plan.give('fixup', from, slot);
      other.take('process', slot, fd.fd);
      if (!(fd.flags & FD_CLOEXEC)) other.program('process').syscall('fcntl', [fd.fd, F_SETFD, 0]);
    }
  }
}

/** Plans all descriptors. */
export const filesRestore: RestorePart = {
  plan(ctx: PlanContext): void {
    const numbers = ctx.states.get(fileNumbers);
    planInherited(ctx);
    const { groups, carried } = collectGroups(ctx);
    const makers = new Map(
      groups.map((group) => [group, new GroupMaker(ctx, group.users[0], numbers)] as const),
    );
    const lateIds = new Set<number>();
    for (const [group, maker] of makers) {
      for (const entry of group.entries) if (group.kind.restore.late?.(entry, ctx)) lateIds.add(entry.id);
      const now = group.entries.filter((e) => !lateIds.has(e.id));
      if (some(now)) ctx.refusals.attempt(() => makeLabelled(maker, group.kind, now));
      for (const other of group.users.slice(1)) {
        for (const entry of now) {
          const wanted = other.fdsOf(entry.id).length > 0 || carried.get(other)?.has(entry.id);
          if (!wanted) continue;
          const slot = new Slot(`${group.kind.name} ${entry.id}`);
          maker.plan.give('files', maker.temp(entry.id), slot);
          other.take('share', slot, numbers.temp(other, entry.id));
        }
      }
    }
    for (const plan of ctx.tasks)
      for (const fd of plan.fds) if (!lateIds.has(fd.id)) place(plan, 'place', numbers.temp(plan, fd.id), fd);
    for (const [group, maker] of makers)
      for (const entry of group.entries) if (lateIds.has(entry.id)) makeLate(maker, group, entry, carried);
    for (const [group, maker] of makers)
      ctx.refusals.attempt(() => group.kind.restore.fixup?.(maker, group.entries));
    restoreLocks(ctx);
  },
};
