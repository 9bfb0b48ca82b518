// Opens files for tasks in a new user namespace: by the task itself, or where it lacks permission by the restoring
// process, which passes the descriptor. The latter is needed for files of users that the namespace does not map, opened
// before the task entered it.
import { Mark, Program, type StepRef } from '@criu/compel';
import { cstring, openat2, SysError, sys } from '@criu/native';
import { closeSync, constants, fstatSync, openSync } from '@criu/native/fs';
import {
  AT_EACCESS,
  AT_FDCWD,
  EACCES,
  EPERM,
  F_GETFD,
  O_CLOEXEC,
  O_PATH,
  RESOLVE_IN_ROOT,
  S_IFCHR,
  S_IFMT,
} from '@criu/native/uapi';
import { type PhaseName, type TaskPlan, type TaskRun, withDescriptor } from '../../../engine/plan.js';
import { asCriuError, type CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import { moveTo } from '../common.js';
import { accessOf } from './access.js';
import type { Place } from './hidden.js';

const DENIED: readonly number[] = [-EACCES, -EPERM];

/** A file to be opened, and the meaning of failures. */
export interface ToOpen {
  readonly place: Place;
  /** Path for messages. */
  readonly path: string;
  readonly flags: number;
  readonly to: number;
  /** S_IFMT bits that the file must have; undefined if images do not have them. */
  readonly type: number | undefined;
  readonly changed: () => CriuError;
}

/** Files for which a task is asked in one program whether it may open them, and what that has answered. */
interface Batch {
  readonly program: Program;
  readonly asked: { readonly file: ToOpen; readonly answer: StepRef }[];
  readonly denied: Set<ToOpen>;
}

/** The batch of each phase to which files can still be added. */
const batches = stateKey('files to ask for', (_: TaskPlan): Map<PhaseName, Batch> => new Map());

/** Bytes; programs are split at about this size. The agent's buffer is larger. */
const MOST_BYTES = 128 * 1024;

function newBatch(plan: TaskPlan, phase: PhaseName): Batch {
  const batch: Batch = { program: new Program('which files it may open'), asked: [], denied: new Set() };
  plan.step(phase, {
    title: 'which files it may open',
    program: batch.program,
    after(result) {
      for (const { file, answer } of batch.asked)
        if (DENIED.includes(result.value(answer))) batch.denied.add(file);
    },
  });
  plan.meanwhile(phase, { title: 'files that it may not open' }, async (run) => {
    for (const { file } of batch.asked)
      if (batch.denied.has(file) || isGuarded(run, file)) await handOver(run, file);
  });
  return batch;
}

function batchFor(plan: TaskPlan, phase: PhaseName, { place }: ToOpen): Batch {
  // `place.folder` is a descriptor that the task has only just received, so a new batch is needed.
  if (place.folder !== AT_FDCWD) return newBatch(plan, phase);
  const open = plan.states.get(batches);
  let batch = open.get(phase);
  if (!batch || batch.program.size > MOST_BYTES) {
    batch = newBatch(plan, phase);
    open.set(phase, batch);
  }
  return batch;
}

async function handOver(run: TaskRun, file: ToOpen): Promise<void> {
  const local = openForTask(run, file);
  try {
    const p = new Program(`open ${file.path} for it`);
    moveTo(p, p.fd(local), file.to);
    await run.agent.run(p);
  } finally {
    closeSync(local);
  }
}

/** Opens a path with the folder as root directory (RESOLVE_IN_ROOT). @throws SysError */
function below(folder: number, path: string, flags: number): number {
  const fd = openat2(folder, path, flags, RESOLVE_IN_ROOT);
  if (fd < 0) throw new SysError('openat2', -fd);
  return fd;
}

/** Opens the file in the task's view, from its root directory. @throws CriuError, SysError */
function openForTask(run: TaskRun, { place, path, flags, type, changed }: ToOpen): number {
  return inView(run, { place, path }, (folder) => {
    // Looks first: opening another file in its place could block.
    const found = below(folder, place.path, O_PATH | O_CLOEXEC | (flags & constants.O_NOFOLLOW));
    try {
      if (flags & O_PATH) return below(folder, place.path, flags | O_CLOEXEC);
      const name = `/proc/self/fd/${found}`;
      if (type !== undefined && (fstatSync(found).mode & S_IFMT) !== type) throw changed();
      return sys('openat', AT_FDCWD, cstring(name), (flags & ~constants.O_NOFOLLOW) | O_CLOEXEC);
    } finally {
      closeSync(found);
    }
  });
}

/** Devices (of memory, major number 1) whose drivers ask for capabilities in the host's user namespace, whatever their permissions are. */
const MEM_MAJOR = 1n;
const GUARDED: ReadonlySet<bigint> = new Set([
  1n, // /dev/mem
  4n, // /dev/port
  11n, // /dev/kmsg
]);

/** Whether a file that a task may open by its permissions takes more. @throws CriuError, SysError */
function isGuarded(run: TaskRun, file: ToOpen): boolean {
  if (file.type !== S_IFCHR || file.flags & O_PATH) return false;
  return inView(run, file, (folder) => {
    const found = openat2(folder, file.place.path, O_PATH | O_CLOEXEC, RESOLVE_IN_ROOT);
    // The task says of one that is gone.
    if (found < 0) return false;
    try {
      const { mode, rdev } = fstatSync(found, { bigint: true });
      // Numbers below 256 have the simple form.
      return (Number(mode) & S_IFMT) === S_IFCHR && rdev >> 8n === MEM_MAJOR && GUARDED.has(rdev & 0xffn);
    } finally {
      closeSync(found);
    }
  });
}

/** Calls a function with a descriptor of the folder from which the task finds a file. @throws CriuError, SysError */
function inView<T>(
  { hostPid }: TaskRun,
  { place, path }: Pick<ToOpen, 'place' | 'path'>,
  use: (folder: number) => T,
): T {
  if (place.folder !== AT_FDCWD) return withDescriptor(hostPid, place.folder, use);
  const root = openSync(`/proc/${hostPid}/root`, O_PATH | constants.O_DIRECTORY);
  try {
    return use(root);
  } catch (error) {
    throw asCriuError(error, 'cannot open the file for a task', { file: path });
  } finally {
    closeSync(root);
  }
}

/**
 * Has a file opened ahead for a task, if the task itself lacks permission.
 * @returns a mark in the program of the phase, at which it continues if the file is open already
 */
export function askBefore(plan: TaskPlan, phase: PhaseName, file: ToOpen): Mark {
  const { program, asked } = batchFor(plan, phase, file);
  const { place, flags } = file;
  const access = [place.folder, program.cstring(place.path), accessOf(flags), AT_EACCESS] as const;
  const answer = program.syscall('faccessat2', access, {
    expect: 'any',
    label: `whether it may open ${file.path}`,
  });
  asked.push({ file, answer });
  const p = plan.program(phase);
  const [absent, there] = [new Mark(), new Mark()];
  p.syscall('fcntl', [file.to, F_GETFD], { orGoTo: absent });
  p.goTo(there);
  p.here(absent);
  return there;
}
