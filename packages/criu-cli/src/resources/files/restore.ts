// Plans the open files of all tasks: which task creates each open file description, which ones receive it, and under
// which numbers.

import { F_SETFL, FASYNC, FD_CLOEXEC, O_CLOEXEC, pollfd } from '@criu/native/uapi';
import type { PhaseName, PlanContext } from '../../engine/plan.js';
import { Slot, type TaskPlan } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { type FdinfoEntry, FdTypes, type FileEntry, type Some, some } from '../../images/types.js';
import { labelOfSockets, labelSockets } from '../creds/label-restore.js';
import { SETFL_MASK } from './common.js';
import { Group, type Known } from './groups.js';
import { planInherited } from './inherit.js';
import type { FileKind, FileMaker } from './kind.js';
import { fileKinds } from './kinds.js';
import { restoreLocks } from './locks-restore.js';
import { fileNumbers, type TaskNumbers } from './numbers.js';
import { planLike } from './templates.js';

const typeNames = new Map<number, string>(Object.entries(FdTypes).map(([name, value]) => [value, name]));

/** The kind of a file. @throws CriuError if its entry lacks the message of that kind */
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
  // Each kind reads its own field only.
  return { kind, known: entry as Known };
}

/** Ids of the files that a task needs although it has no descriptor of them. */
type Carried = Map<TaskPlan, Set<number>>;

/** All groups of files, and the files that are carried. */
function collectGroups(ctx: PlanContext): { groups: Group[]; carried: Carried } {
  const kinds = new Map(fileKinds.map((kind) => [kind.type, kind]));
  /** By the id of the only file in the group, or by the common key of its files. */
  const groups = new Map<number | string, Group>();
  const carried: Carried = new Map();
  const add = (plan: TaskPlan, id: number, referrer: string | FdinfoEntry): void => {
    const entry = ctx.checkpoint.files.get(id) ?? ctx.checkpoint.file(id, nameOf(plan, referrer));
    if (typeof referrer !== 'string' && referrer.type !== entry.type)
      throw new CriuError(
        'BAD_IMAGE',
        `${nameOf(plan, referrer)} is of type ${typeNames.get(referrer.type) ?? referrer.type}, and file id ${id} of type ${typeNames.get(entry.type) ?? entry.type}`,
        { file: 'files.img' },
      );
    const { kind, known } = kindOf(kinds, entry);
    const common = kind.restore.group?.(known, ctx);
    const key = common === undefined ? known.id : `${kind.type}:${common}`;
    const group = groups.get(key);
    if (group) group.add(known, plan);
    else groups.set(key, new Group(kind, known, plan, ctx));
  };
  for (const plan of ctx.tasks) {
    const { fds } = plan;
    for (let i = 0; i < fds.length; i++) {
      const fd = fds[i] as FdinfoEntry;
      add(plan, fd.id, fd);
    }
  }
  // Files in flight may have further descriptors in flight.
  const done = new Set<number>();
  for (let more = true; more; ) {
    more = false;
    for (const group of [...groups.values()]) {
      if (!group.kind.restore.carries) continue;
      const [master] = group.users;
      for (const entry of [...group.entries]) {
        if (done.has(entry.id)) continue;
        done.add(entry.id);
        more = true;
        for (const id of group.kind.restore.carries(entry, ctx)) {
          const mine = carried.get(master) ?? new Set();
          carried.set(master, mine.add(id));
          add(master, id, `file id ${entry.id}`);
        }
      }
    }
  }
  return { groups: [...groups.values()], carried };
}

/** The descriptor or file that refers to a file, for messages. */
function nameOf(plan: TaskPlan, referrer: string | FdinfoEntry): string {
  return typeof referrer === 'string' ? referrer : `fd ${referrer.fd} of task ${plan.pid}`;
}

function place(plan: TaskPlan, phase: PhaseName, from: number, fd: FdinfoEntry): void {
  plan.program(phase).syscall('dup3', [from, fd.fd, fd.flags & FD_CLOEXEC ? O_CLOEXEC : 0], {
    label: () => `place fd ${fd.fd}`,
  });
}

/** Gives all files of a task their descriptors, except late ones. */
function placeAll(plan: TaskPlan, { temp }: TaskNumbers, lateIds: ReadonlySet<number>): void {
  const fds = lateIds.size === 0 ? plan.fds : plan.fds.filter(({ id }) => !lateIds.has(id));
  const from = new Int32Array(fds.length);
  const to = new Int32Array(fds.length);
  const flags = new Int32Array(fds.length);
  for (let i = 0; i < fds.length; i++) {
    const fd = fds[i] as FdinfoEntry;
    from[i] = temp(fd.id);
    to[i] = fd.fd;
    flags[i] = fd.flags & FD_CLOEXEC ? O_CLOEXEC : 0;
  }
  plan.rows('place', 'dup3', fds.length, { args: [from, to, flags], label: (i) => `place fd ${to[i]}` });
}

/** Creates files; for sockets, the maker sets the label of new sockets before. */
function makeLabelled(maker: FileMaker, kind: FileKind, entries: Some<Known>): void {
  const { ctx, plan } = maker;
  const label = labelOfSockets(ctx, plan, entries);
  if (label !== undefined) labelSockets(plan.program('files'), label);
  kind.restore.make(maker, entries);
  if (label !== undefined) labelSockets(plan.program('files'), '');
}

/** With fewer descriptors, most files of a task would be the first or second of their sort. */
const MANY = 64;

function sortOf({ type, restore }: FileKind, maker: FileMaker, entries: Some<Known>): string | undefined {
  const sort = restore.sort?.(maker, entries);
  return sort === undefined ? undefined : `${type} ${sort}`;
}

/** Creates the files of a group that are not opened late. */
function make(group: Group, now: Some<Known>): void {
  const { kind, maker, users, entries } = group;
  const { ctx, plan } = maker;
  const alone = now === entries && users.length === 1;
  if (alone && plan.fds.length >= MANY && labelOfSockets(ctx, plan, entries) === undefined)
    group.sort = sortOf(kind, maker, entries);
  if (group.sort === undefined) makeLabelled(maker, kind, now);
  else planLike(plan, 'files', group.sort, group);
}

/** Sends files to the other tasks that have them. */
function share(
  ctx: PlanContext,
  { kind, users, maker }: Group,
  entries: readonly Known[],
  carried: Carried,
): void {
  const numbers = ctx.states.get(fileNumbers);
  for (const other of users.slice(1)) {
    for (const entry of entries) {
      const wanted = other.fdsOf(entry.id).length > 0 || carried.get(other)?.has(entry.id);
      if (!wanted) continue;
      const slot = new Slot(`${kind.name} ${entry.id}`);
      maker.plan.give('files', maker.temp(entry.id), slot);
      other.take('share', slot, numbers.temp(other, entry.id));
    }
  }
}

/** Opens a file after all others, and sends it to the other tasks after their descriptors are in place. */
function makeLate(group: Group, entry: Known, carried: Carried): void {
  const { maker } = group;
  const { ctx, plan } = maker;
  const numbers = ctx.states.get(fileNumbers);
  ctx.waitAfter('place', 'files that are opened late are handed out when all numbers are taken');
  group.kind.restore.makeLate?.(maker, entry);
  const from = maker.temp(entry.id);
  for (const fd of plan.fdsOf(entry.id)) place(plan, 'fixup', from, fd);
  for (const other of group.users.slice(1)) {
    const inFlight = carried.get(other)?.has(entry.id) ?? false;
    const fds = other.fdsOf(entry.id);
    if (!inFlight && fds.length === 0) continue;
    const slot = new Slot(`${group.kind.name} ${entry.id}`);
    plan.give('fixup', from, slot);
    // What comes gets the lowest free number, which may be the one that it is to have.
    const temp = numbers.temp(other, entry.id);
    other.take(inFlight ? 'fixup' : 'process', slot, temp);
    for (const fd of fds) place(other, 'process', temp, fd);
  }
}

/**
 * Sets O_ASYNC: signals about a file tell the number of the descriptor by which that was set (`si_fd`), and what is put into a file
 * while it is restored must not cause any.
 */
function startSignals(ctx: PlanContext, { kind, entries, users }: Group): void {
  for (const entry of entries) {
    const own = entry[kind.field] as { readonly flags?: number };
    const flags = own.flags ?? kind.restore.statusFlags?.(entry, ctx) ?? 0;
    if (!(flags & FASYNC)) continue;
    const owner = users.find((plan) => plan.fdsOf(entry.id).length > 0);
    const fd = owner?.fdsOf(entry.id)[0]?.fd;
    if (!owner || fd === undefined) continue;
    const p = owner.program('process');
    const poll = Buffer.alloc(pollfd.sizeof);
    poll.writeInt32LE(fd, pollfd.fd);
    // A terminal gets what was written to it a moment later, and poll(2) waits for that.
    p.syscall('poll', [p.data(poll), 1, 0], { label: `what was put into fd ${fd}` });
    p.syscall('fcntl', [fd, F_SETFL, flags & (SETFL_MASK | FASYNC)], { label: `signals about fd ${fd}` });
  }
}

/** Plans all descriptors. */
export const filesRestore: RestorePart = {
  plan(ctx: PlanContext): void {
    const numbers = ctx.states.get(fileNumbers);
    planInherited(ctx);
    const { groups, carried } = collectGroups(ctx);
    const lateIds = new Set<number>();
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i] as Group;
      const { late } = group.kind.restore;
      if (late) for (const entry of group.entries) if (late(entry, ctx)) lateIds.add(entry.id);
      const now = lateIds.size === 0 ? group.entries : group.entries.filter((e) => !lateIds.has(e.id));
      if (some(now)) ctx.refusals.attempt(() => make(group, now));
      if (group.users.length > 1) share(ctx, group, now, carried);
    }
    for (const plan of ctx.tasks) placeAll(plan, numbers.of(plan), lateIds);
    if (lateIds.size > 0)
      for (const group of groups)
        for (const entry of group.entries) if (lateIds.has(entry.id)) makeLate(group, entry, carried);
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i] as Group;
      const { kind, maker, sort } = group;
      if (!kind.restore.fixup) continue;
      ctx.refusals.attempt(() =>
        sort === undefined ? group.plan('fixup') : planLike(maker.plan, 'fixup', sort, group),
      );
    }
    for (const group of groups) ctx.refusals.attempt(() => startSignals(ctx, group));
    restoreLocks(ctx);
  },
};
