// System V objects: structures and commands of shmctl(2), msgctl(2) and semctl(2).
import { type DataRef, Program, type ProgramResult, type StepRef } from '@criu/compel';
import type { IpcDescEntry } from '@criu/images';
import { SysError } from '@criu/native';
import {
  EINVAL,
  ipc_perm,
  MSG_INFO,
  MSG_STAT,
  msqid_ds,
  SEM_INFO,
  SEM_STAT,
  SEM_STAT_ANY,
  SHM_INFO,
  SHM_STAT,
  semid_ds,
  shmid_ds,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { ownerInside } from '../../../views/users.js';

/** Bytes; larger messages do not fit into a program that restores them. */
export const LARGEST_MESSAGE = 512 << 10;

/** Number of objects that are read in one program. */
const BATCH = 256;

/** How the objects of a kind are listed: commands *_INFO and *_STAT, and the size of struct *id64_ds. */
export interface Family {
  readonly name: 'shm' | 'msg' | 'sem';
  readonly info: number;
  readonly stat: number;
  readonly size: number;
}

export const SHM: Family = { name: 'shm', info: SHM_INFO, stat: SHM_STAT, size: shmid_ds.sizeof };
export const MSG: Family = { name: 'msg', info: MSG_INFO, stat: MSG_STAT, size: msqid_ds.sizeof };
export const SEM: Family = { name: 'sem', info: SEM_INFO, stat: SEM_STAT, size: semid_ds.sizeof };
/** Semaphore sets, also those that the asking task may not read. */
export const ANY_SEM: Family = { ...SEM, stat: SEM_STAT_ANY };

/** shmctl, msgctl or semctl; `what` is an id or, for *_STAT, an index. */
export function control(
  p: Program,
  { name }: Family,
  what: number | StepRef,
  command: number,
  arg: DataRef | null,
  options: Parameters<Program['syscall']>[2] = {},
): StepRef {
  if (name === 'sem') return p.syscall('semctl', [what, 0, command, arg], options);
  return p.syscall(name === 'shm' ? 'shmctl' : 'msgctl', [what, command, arg], options);
}

export interface IpcObject {
  readonly id: number;
  readonly desc: IpcDescEntry;
  /** struct *id64_ds */
  readonly state: Buffer;
}

/** An agent or a task that runs programs in an IPC namespace. */
export interface Inside {
  run(program: Program): Promise<ProgramResult>;
}

/** All objects of a kind in the namespace. @throws SysError, ProgramError */
export async function listObjects(inside: Inside, family: Family): Promise<IpcObject[]> {
  const first = new Program(`${family.name} objects`);
  const last = control(first, family, 0, family.info, first.out(128));
  const count = (await inside.run(first)).value(last) + 1;
  const found: IpcObject[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const p = new Program(`${family.name} objects`);
    const asked: [DataRef, StepRef][] = [];
    for (let index = from; index < Math.min(count, from + BATCH); index++) {
      const room = p.out(family.size);
      asked.push([room, control(p, family, index, family.stat, room, { expect: 'any' })]);
    }
    const result = await inside.run(p);
    for (const [room, step] of asked) {
      const id = result.value(step);
      if (id === -EINVAL) continue;
      if (id < 0) throw new SysError(`${family.name}ctl`, -id);
      const state = Buffer.from(result.bytes(room));
      found.push({ id, state, desc: descOf(id, state) });
    }
  }
  return found;
}

/** Translates owner and creator of an object to ids of the tasks. @throws CriuError for an id that is not mapped */
export function descInside(ctx: DumpContext, { name }: Family, desc: IpcDescEntry): IpcDescEntry {
  const owner = ownerInside(ctx, desc, `${name} ${desc.id}`);
  const maker = ownerInside(ctx, { uid: desc.cuid, gid: desc.cgid }, `${name} ${desc.id}, by its maker,`);
  return { ...desc, ...owner, cuid: maker.uid, cgid: maker.gid };
}

/** All of these structures begin with struct ipc_perm. */
function descOf(id: number, state: Buffer): IpcDescEntry {
  const word = (offset: number) => state.readUInt32LE(offset);
  return {
    key: word(ipc_perm.key),
    uid: word(ipc_perm.uid),
    gid: word(ipc_perm.gid),
    cuid: word(ipc_perm.cuid),
    cgid: word(ipc_perm.cgid),
    mode: word(ipc_perm.mode),
    id,
  };
}
