// Finds a task's adjustments of semaphores. The kernel does not tell them, but refuses operations that would bring one out of its
// range (ERANGE). The range is tried in calls whose last operation always fails (EAGAIN), so that none of them has an effect.
import { Program, type Session } from '@criu/compel';
import type { SemUndoEntry } from '@criu/images';
import { SysError, sysRaw } from '@criu/native';
import { EAGAIN, ERANGE, GETALL, KCMP_SYSVSEM, SEM_INFO, semid_ds, seminfo } from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { ANY_SEM, control, type Inside, listObjects } from '../namespaces/ipc/objects.js';
import { encode, LARGEST, never, type Operation, shift } from './operations.js';

interface Semaphore {
  readonly num: number;
  readonly value: number;
}

/** Whether all adjustments stay in range if the operations are done; undefined if the set cannot be operated on. */
async function fits(
  inside: Inside,
  id: number,
  operations: readonly Operation[],
): Promise<boolean | undefined> {
  const [first] = operations;
  if (!first) return true;
  const all = [...operations, ...never(first.num)];
  const p = new Program(`adjustments of semaphores ${id}`);
  const done = p.syscall('semop', [id, p.data(encode(all)), all.length], { expect: 'any' });
  const result = (await inside.run(p)).value(done);
  if (result === -EAGAIN) return true;
  return result === -ERANGE ? false : undefined;
}

/** The adjustment of one semaphore, by bisection. */
async function adjustmentOf(inside: Inside, id: number, { num, value }: Semaphore): Promise<number> {
  let [least, most] = [-LARGEST - 1, LARGEST];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    const above = await fits(inside, id, shift(num, value, -LARGEST - 1 - middle));
    if (above === undefined)
      throw new CriuError('NOT_DUMPABLE', `semaphore ${num} of set ${id} changes while it is looked at`, {});
    if (above) least = middle;
    else most = middle - 1;
  }
  return least;
}

/** Whether one of the semaphores has an adjustment. */
async function isAdjusted(inside: Inside, id: number, some: readonly Semaphore[]): Promise<boolean> {
  for (const by of [-LARGEST - 1, LARGEST])
    if (
      (await fits(
        inside,
        id,
        some.flatMap(({ num, value }) => shift(num, value, by)),
      )) === false
    )
      return true;
  return false;
}

/** Values of the semaphores of a set; none if the task may not read them. */
async function valuesOf(inside: Inside, id: number, count: number): Promise<Semaphore[]> {
  const p = new Program(`semaphores ${id}`);
  const values = p.out(count * 2);
  const got = control(p, ANY_SEM, id, GETALL, values, { expect: 'any' });
  const result = await inside.run(p);
  if (result.value(got) < 0) return [];
  const bytes = result.bytes(values);
  return Array.from({ length: count }, (_, num) => ({ num, value: bytes.readUInt16LE(num * 2) }));
}

/** Number of operations that one call may have. */
async function mostOperations(inside: Inside): Promise<number> {
  const p = new Program('limits of semaphores');
  const info = p.out(seminfo.sizeof);
  control(p, ANY_SEM, 0, SEM_INFO, info);
  return (await inside.run(p)).bytes(info).readInt32LE(seminfo.semopm);
}

/** All adjustments of the list that a thread has. */
async function adjustments(inside: Inside): Promise<SemUndoEntry[]> {
  const found: SemUndoEntry[] = [];
  const sets = await listObjects(inside, ANY_SEM);
  if (sets.length === 0) return found;
  const each = shift(0, 0, LARGEST + 1).length;
  const atOnce = Math.max(1, Math.floor((await mostOperations(inside)) / each) - 1);
  for (const { id, state } of sets) {
    const all = await valuesOf(inside, id, Number(state.readBigUInt64LE(semid_ds.sem_nsems)));
    for (let from = 0; from < all.length; from += atOnce) {
      const some = all.slice(from, from + atOnce);
      if (!(await isAdjusted(inside, id, some))) continue;
      for (const one of some) {
        const adjustment = await adjustmentOf(inside, id, one);
        if (adjustment) found.push({ sem_id: id, sem_num: one.num, adjustment });
      }
    }
  }
  return found;
}

function isSame(one: number, other: number): boolean {
  const order = sysRaw('kcmp', one, other, KCMP_SYSVSEM, 0, 0);
  if (order < 0) throw new SysError('kcmp', -order, `task ${one}`);
  return order === 0;
}

function refuseShared(task: LiveTask, tid: number, whose: string): never {
  throw new CriuError(
    'UNSUPPORTED',
    `thread ${tid} has adjustments of System V semaphores (SEM_UNDO) ${whose}, for which images have no room`,
    { pid: task.pid },
    'dump it when it has given back the semaphores',
  );
}

async function dumpTask(
  ctx: DumpContext,
  task: LiveTask,
  session: Session,
  owners: LiveTask[],
): Promise<void> {
  // The tracer has no list, as most tasks that have one thread only; threads of pthread_create(3) share one.
  const hasNone = (tid: number) => isSame(tid, ctx.tracer.pid);
  for (const tid of task.tids) {
    if (hasNone(tid) || (tid !== task.pid && isSame(tid, task.pid))) continue;
    const found = await adjustments({ run: (p) => session.run(p, { tid }) });
    if (found.length === 0) continue;
    if (tid !== task.pid) refuseShared(task, tid, 'of its own');
    const owner = owners.find((one) => isSame(one.pid, tid));
    if (owner) refuseShared(task, tid, `together with task ${owner.pid} (CLONE_SYSVSEM)`);
    owners.push(task);
    task.taskCore().sem_undos = found;
  }
}

export const undosDump: DumpPart<undefined> = {
  async afterCollect(ctx) {
    const owners: LiveTask[] = [];
    for (const task of ctx.live) {
      const { session } = task.task;
      if (session) await ctx.refusals.attemptAsync(() => dumpTask(ctx, task, session, owners));
    }
  },
};
