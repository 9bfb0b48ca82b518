// The sysctls of an IPC namespace: fields of the image and their files in /proc/sys.

import { Mark, type Program, type ProgramResult } from '@criu/compel';
import type { Encodable, IpcVarEntry } from '@criu/images';
import { AT_FDCWD, O_RDONLY, O_WRONLY } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';

type Field = Exclude<keyof IpcVarEntry, `$${string}`>;

/** In the order in which they are set. */
const FILES = {
  sem_ctls: 'kernel/sem',
  msg_ctlmax: 'kernel/msgmax',
  msg_ctlmnb: 'kernel/msgmnb',
  auto_msgmni: 'kernel/auto_msgmni',
  msg_ctlmni: 'kernel/msgmni',
  shm_ctlmax: 'kernel/shmmax',
  shm_ctlall: 'kernel/shmall',
  shm_ctlmni: 'kernel/shmmni',
  shm_rmid_forced: 'kernel/shm_rmid_forced',
  mq_queues_max: 'fs/mqueue/queues_max',
  mq_msg_max: 'fs/mqueue/msg_max',
  mq_msgsize_max: 'fs/mqueue/msgsize_max',
  mq_msg_default: 'fs/mqueue/msg_default',
  mq_msgsize_default: 'fs/mqueue/msgsize_default',
} as const satisfies Partial<Record<Field, string>>;

/** Ids that the next objects get; each setting applies to one object. */
export const NEXT_ID = {
  msg_next_id: 'kernel/msg_next_id',
  sem_next_id: 'kernel/sem_next_id',
  shm_next_id: 'kernel/shm_next_id',
} as const satisfies Partial<Record<Field, string>>;

/** Kernels may be built without POSIX message queues. */
const OPTIONAL = /^fs\/mqueue\//;
const LONGEST = 128;
const SEM_CTLS = 4;
const U64 = new Set<string>(['shm_ctlmax', 'shm_ctlall']);

/** Adds steps that read all sysctls; returns the function that decodes the result. */
export function readSysctls(p: Program): (result: ProgramResult) => Encodable<IpcVarEntry> {
  const all = { ...FILES, ...NEXT_ID };
  const asked = (Object.keys(all) as (keyof typeof all)[]).map((field) => {
    const file = all[field];
    const room = p.out(LONGEST);
    const missing = new Mark();
    const opened = p.syscall('openat', [AT_FDCWD, p.cstring(`/proc/sys/${file}`), O_RDONLY], {
      label: `/proc/sys/${file}`,
      ...(OPTIONAL.test(file) ? { orGoTo: missing } : {}),
    });
    p.syscall('read', [opened, room, LONGEST - 1], { label: `/proc/sys/${file}` });
    p.syscall('close', [opened]);
    p.here(missing);
    return { field, room };
  });
  return (result) => {
    const entry: Record<string, unknown> = {};
    for (const { field, room } of asked) {
      const bytes = result.bytes(room);
      const words = bytes.toString('latin1', 0, bytes.indexOf(0)).trim().split(/\s+/);
      const [first = ''] = words;
      if (field === 'sem_ctls') entry[field] = words.map(Number);
      else if (U64.has(field)) entry[field] = BigInt(first);
      // -1 means that none is set, and cannot be written.
      else if (!(field in NEXT_ID) || first !== '-1') entry[field] = Number(first);
    }
    return entry as unknown as Encodable<IpcVarEntry>;
  };
}

/** What stands for the values of all sysctls in a rehearsal. */
export function anyTunables(): Encodable<IpcVarEntry> {
  const fields = Object.keys(FILES) as (keyof typeof FILES)[];
  const values = fields.map((field) => [
    field,
    field === 'sem_ctls' ? Array(SEM_CTLS).fill(0) : U64.has(field) ? 0n : 0,
  ]);
  return Object.fromEntries(values);
}

/** Adds a step that writes a file of /proc/sys. */
export function writeSysctl(p: Program, file: string, text: string): void {
  const bytes = Buffer.from(text);
  const label = `/proc/sys/${file} ${text.replaceAll('\t', ' ')}`;
  const opened = p.syscall('openat', [AT_FDCWD, p.cstring(`/proc/sys/${file}`), O_WRONLY], { label });
  p.syscall('write', [opened, p.data(bytes), bytes.length], { label });
  p.syscall('close', [opened]);
}

/** Adds steps that set all sysctls except the next ids. @throws CriuError */
export function writeSysctls(p: Program, entry: IpcVarEntry, file: string): void {
  if (entry.sem_ctls.length !== SEM_CTLS)
    throw new CriuError('BAD_IMAGE', `${entry.sem_ctls.length} limits of semaphores, not ${SEM_CTLS}`, {
      file,
    });
  // An image of a kernel without POSIX message queues has zeros.
  const queues = entry.mq_queues_max || entry.mq_msg_max || entry.mq_msgsize_max;
  for (const [field, path] of Object.entries(FILES)) {
    const value = entry[field as keyof typeof FILES];
    if (value === undefined || (OPTIONAL.test(path) && !queues)) continue;
    writeSysctl(p, path, Array.isArray(value) ? value.join('\t') : String(value));
  }
}

/** Adds steps that set the next ids, when all objects exist. */
export function writeNextIds(p: Program, entry: IpcVarEntry): void {
  for (const [field, path] of Object.entries(NEXT_ID)) {
    const value = entry[field as keyof typeof NEXT_ID];
    if (value !== undefined) writeSysctl(p, path, String(value));
  }
}
