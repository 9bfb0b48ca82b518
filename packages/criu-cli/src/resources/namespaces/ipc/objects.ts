// System V objects: structures and commands of shmctl(2), msgctl(2) and semctl(2).
import { type Agent, type DataRef, Program, type StepRef } from '@criu/compel';
import type { IpcDescEntry } from '@criu/images';
import { SysError } from '@criu/native';
import { EINVAL } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { ownerInside } from '../../../views/users.js';

/** Bytes; larger messages do not fit into a program that restores them. */
export const LARGEST_MESSAGE = 512 << 10;

/** Number of objects that are read in one program. */
const BATCH = 256;

/** Offsets in struct ipc64_perm, the first member of all three structures. */
export const PERM = { key: 0, uid: 4, gid: 8, cuid: 12, cgid: 16, mode: 20, size: 48 } as const;

/** How the objects of a kind are listed: commands *_INFO and *_STAT, and the size of struct *id64_ds. */
export interface Family {
  readonly name: 'shm' | 'msg' | 'sem';
  readonly info: number;
  readonly stat: number;
  readonly size: number;
}

/** Flag of shmget(2) for huge pages; their size is encoded in the bits above. */
export const SHM_HUGETLB = 0o4000;
export const SHM: Family & { segsz: number } = { name: 'shm', info: 14, stat: 13, size: 112, segsz: 48 };
export const MSG: Family & { cbytes: number; qnum: number; qbytes: number } = {
  name: 'msg',
  info: 12,
  stat: 11,
  size: 120,
  cbytes: 72,
  qnum: 80,
  qbytes: 88,
};
export const SEM: Family & { nsems: number } = { name: 'sem', info: 19, stat: 18, size: 104, nsems: 80 };

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

/** All objects of a kind in an agent's namespace. @throws SysError, ProgramError */
export async function listObjects(inside: Agent, family: Family): Promise<IpcObject[]> {
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

function descOf(id: number, state: Buffer): IpcDescEntry {
  const word = (offset: number) => state.readUInt32LE(offset);
  return {
    key: word(PERM.key),
    uid: word(PERM.uid),
    gid: word(PERM.gid),
    cuid: word(PERM.cuid),
    cgid: word(PERM.cgid),
    mode: word(PERM.mode),
    id,
  };
}
