// Restores regular files, directories and devices: opened by path, checked against the images, and positioned.
import { isAbsolute, normalize } from 'node:path';
import type { DataRef, Program } from '@criu/compel';
import { addon, SysError } from '@criu/native';
import { lstatSync, type Stats, statfsSync, statSync } from '@criu/native/fs';
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  FASYNC,
  O_CREAT,
  O_EXCL,
  O_NOCTTY,
  O_NOFOLLOW,
  O_PATH,
  O_TRUNC,
  S_IFCHR,
  S_IFMT,
  S_IFSOCK,
  STATX_TYPE,
  statx,
} from '@criu/native/uapi';
import type { PhaseName, PlanContext, Slot, TaskPlan } from '../../../engine/plan.js';
import { endShortLived, startShortLived } from '../../../engine/short-lived.js';
import { CriuError } from '../../../errors.js';
import type { RegFileEntry } from '../../../images/types.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import type { HostPid } from '../../../proc/pids.js';
import { stateKey } from '../../../states.js';
import { isConfined } from '../../../views/planned-users.js';
import { moveTo, setOwner } from '../common.js';
import { anyInherited, inheritedFd, inheritedSlot, missingInherited } from '../inherit.js';
import type { FileRestore } from '../kind.js';
import { checkFile, checkStat } from './file-check.js';
import { endedTask, openedFile } from './ghost.js';
import { folderOf, type Place } from './hidden.js';
import { askBefore } from './open-confined.js';
import { aboutDescriptor, ofProc, procTask } from './proc.js';
import { remapsOf } from './remaps.js';

/** The absolute path for a file name of the images. @throws CriuError BAD_IMAGE for a name with `..` */
export function imagePath(name: string): string {
  // The root of a mount namespace has the name "."; others may be relative to it.
  const path = isAbsolute(name) ? name : `/${name}`;
  // Most names need no normalisation.
  if (!path.includes('/.') && !path.includes('//') && !path.includes('\0')) return path;
  if (path.includes('\0') || path.split('/').includes('..')) {
    throw new CriuError('BAD_IMAGE', `the file name ${JSON.stringify(name)} is not a plain path`, {
      file: 'files.img',
    });
  }
  return normalize(path);
}

/** The key of a file for `--inherit-fd`: the path without its first slash, as in CRIU. */
function inheritKey(reg: RegFileEntry): string {
  return reg.ext ? reg.name : reg.name.replace(/^\//, '');
}

/** The descriptor that was given for the file. @throws CriuError for an external file without one */
function inherited(ctx: PlanContext, reg: RegFileEntry): Slot | undefined {
  if (!anyInherited(ctx)) return reg.ext ? missingInherited(ctx, reg.name, 'the file') : undefined;
  const slot = inheritedSlot(ctx, inheritKey(reg)) ?? inheritedSlot(ctx, reg.name);
  return slot ?? (reg.ext ? missingInherited(ctx, reg.name, 'the file') : undefined);
}

const CGROUP_MAGICS: ReadonlySet<number> = new Set([0x27e0eb, 0x63677270]);

/** Space for the result of statx(2) in a program, shared by all files that it checks. */
const statxRooms = stateKey('room for statx', (_: TaskPlan): { program?: Program; room?: DataRef } => ({}));

function statxRoom(plan: TaskPlan, p: Program): DataRef {
  const state = plan.states.get(statxRooms);
  if (state.program !== p || !state.room) {
    state.program = p;
    state.room = p.data(statx.sizeof);
  }
  return state.room;
}

/** Checks the type before opening: opening a FIFO or device in place of a file could block or have side effects. */
function checkType(
  plan: TaskPlan,
  p: Program,
  phase: PhaseName,
  reg: RegFileEntry,
  path: string,
  { folder, path: name }: Place,
): void {
  const look = `look at ${path}`;
  const type = `type of ${path}`;
  const room = statxRoom(plan, p);
  const how = reg.flags & O_PATH ? AT_SYMLINK_NOFOLLOW : 0;
  p.syscall('statx', [folder, p.cstring(name), how, STATX_TYPE, room], { label: look });
  plan.means(phase, look, (error) => gone(path, error));
  if (reg.mode === undefined) return;
  p.pollWord(p.at(room, statx.stx_mode), S_IFMT, reg.mode & S_IFMT, 0, { label: type });
  plan.means(phase, type, () => changed(path));
}

function changed(path: string): CriuError {
  return new CriuError(
    'FILE_CHANGED',
    'another kind of file stands where one was open',
    { file: path },
    'bring it back as it was when the checkpoint was made',
  );
}

function gone(path: string, error: unknown): CriuError {
  return new CriuError(
    'FILE_CHANGED',
    'the file was open in a task and is not there any more',
    { file: path },
    'bring it back as it was when the checkpoint was made',
    error,
  );
}

/** Files that one program of a task opens, with their descriptors. */
interface Opening {
  readonly program: Program;
  readonly files: { readonly reg: RegFileEntry; readonly path: string; readonly fd: number }[];
}

const openings = stateKey('files to be compared', (_: TaskPlan): { last?: Opening } => ({}));

/** Has the file at `fd` compared with the dumped one, as CRIU does: through the descriptor in the task. */
function checkOpened(
  ctx: PlanContext,
  plan: TaskPlan,
  phase: PhaseName,
  reg: RegFileEntry,
  path: string,
  fd: number,
): void {
  const known = ctx.states.get(checked);
  if (known.has(reg)) return;
  known.add(reg);
  const state = plan.states.get(openings);
  const program = plan.program(phase);
  let opening = state.last;
  if (opening?.program !== program) {
    const files: Opening['files'] = [];
    opening = { program, files };
    state.last = opening;
    plan.check(phase, ({ hostPid }) => compareOpened(ctx, hostPid, files));
  }
  opening.files.push({ reg, path, fd });
}

/** Compares all files that one program has opened. @throws CriuError FILE_CHANGED */
function compareOpened(ctx: PlanContext, pid: HostPid, files: Opening['files']): void {
  const seen = addon().statDescriptors(
    pid,
    Int32Array.from(files, ({ fd }) => fd),
  );
  const cgroups = ctx.checkpoint.images.has('CGROUP');
  for (let i = 0; i < files.length; i++) {
    const { reg, path, fd } = files[i] as Opening['files'][number];
    const source = `/proc/${pid}/fd/${fd}`;
    const mode = seen[i * 2] ?? -1;
    const size = seen[i * 2 + 1] ?? 0;
    if (mode < 0) throw new SysError('statx', size, source);
    // Files of cgroups get their dumped contents when the groups are configured.
    if (cgroups && CGROUP_MAGICS.has(statfsSync(source).type)) continue;
    checkStat(reg, path, { mode, size }, ctx.options, source);
  }
}

const checked = stateKey('files that were compared', (_: PlanContext) => new Set<RegFileEntry>());

/** Compares the descriptor that was given for an external file with the images. */
function checkGiven(ctx: PlanContext, reg: RegFileEntry): void {
  const fd = inheritedFd(ctx, inheritKey(reg)) ?? inheritedFd(ctx, reg.name);
  if (fd === undefined || ctx.states.get(checked).has(reg)) return;
  ctx.states.get(checked).add(reg);
  ctx.prepare(`compare fd ${fd} with ${reg.name}`, () => checkFile(reg, `fd ${fd}`, fd, ctx.options));
}

/**
 * Adds an open of the file at `to`, with its own flags (or others, for mappings). An inherited file is opened again
 * through the caller's descriptor.
 */
export function openRegular(
  ctx: PlanContext,
  plan: TaskPlan,
  reg: RegFileEntry,
  to: number,
  flags: number = reg.flags,
  phase: PhaseName = 'files',
): Program {
  const given = inherited(ctx, reg);
  const opened = given ? undefined : openedFile(ctx, reg, flags);
  const slot = given ?? opened?.slot;
  const path = slot ? `/proc/self/fd/${to}` : imagePath(reg.name);
  const aboutTask = !slot && procTask(ctx, reg) !== undefined;
  const place = slot ? { folder: AT_FDCWD, path } : folderOf(ctx, plan, path, reg.mnt_id, phase);
  if (slot) plan.take(phase, slot, to);
  if (opened?.itself) return plan.program(phase);
  if (given) checkGiven(ctx, reg);
  // A descriptor's entry in /proc is a symbolic link.
  const mask = O_CREAT | O_EXCL | O_TRUNC | FASYNC | (slot ? O_NOFOLLOW : 0);
  const ended = endedTask(ctx, reg);
  const there =
    isConfined(ctx) && !slot && !aboutTask && ended === undefined
      ? askBefore(plan, phase, {
          place,
          path,
          flags: (flags & ~mask) | O_NOCTTY,
          to,
          type: reg.mode === undefined ? undefined : reg.mode & S_IFMT,
          changed: () => changed(path),
        })
      : undefined;
  const p = plan.program(phase);
  const shortLived = ended === undefined ? undefined : startShortLived(p, ended);
  const label = `open ${slot ? reg.name : path}`;
  if (!slot && !aboutTask) checkType(plan, p, phase, reg, path, place);
  const fd = p.syscall('openat', [place.folder, p.cstring(place.path), (flags & ~mask) | O_NOCTTY], {
    label,
  });
  moveTo(p, fd, to);
  if (there) p.here(there);
  if (shortLived) endShortLived(p, shortLived);
  // Files in /proc of the tasks have changed since the dump.
  if (!slot && !aboutTask && ended === undefined) {
    checkOpened(ctx, plan, phase, reg, path, to);
    expectFile(ctx, reg, place);
  }
  return p;
}

/**
 * Declares the file as an expectation, as far as it can be checked ahead: not in a restored mount namespace, where the
 * path leads to another file.
 */
function expectFile(ctx: PlanContext, reg: RegFileEntry, { folder, path }: Place): void {
  ctx.expect({
    kind: 'file',
    name: path,
    look() {
      if (folder !== AT_FDCWD || ctx.root.birthFlags & BigInt(CLONE_NEW.mnt)) return 'unseen';
      let stat: Stats;
      try {
        stat = (reg.flags & O_PATH ? lstatSync : statSync)(path);
      } catch (error) {
        throw gone(path, error);
      }
      if (reg.mode !== undefined && (stat.mode & S_IFMT) !== (reg.mode & S_IFMT)) throw changed(path);
      if (ctx.checkpoint.images.has('CGROUP') && CGROUP_MAGICS.has(statfsSync(path).type)) return 'there';
      checkStat(reg, path, stat, ctx.options);
      return 'there';
    },
  });
}

function open(ctx: PlanContext, plan: TaskPlan, reg: RegFileEntry, to: number, phase: PhaseName): void {
  const given = reg.ext ? undefined : inherited(ctx, reg);
  if (given) {
    // The description is the caller's, including its position.
    plan.take(phase, given, to);
    return;
  }
  const p = openRegular(ctx, plan, reg, to, reg.flags, phase);
  if (reg.pos && !(reg.flags & O_PATH))
    p.syscall('lseek', [to, reg.pos, 0], { label: `position in ${reg.name}` });
  setOwner(p, to, reg.fown);
}

/** Whether the file that a descriptor with O_PATH refers to may come with another open file. */
function isMadeByOthers({ flags, mode = 0 }: RegFileEntry): boolean {
  const type = mode & S_IFMT;
  return (flags & O_PATH) !== 0 && (type === S_IFSOCK || type === S_IFCHR);
}

export const regularRestore: FileRestore<'reg'> = {
  // Only one process at a time can have the pid of an ended task.
  group: ({ reg }, ctx) => {
    const ended = endedTask(ctx, reg);
    return ended === undefined ? undefined : `ended ${ended}`;
  },
  // A file about a descriptor of a task needs that descriptor, the name of a socket or terminal its owner.
  late: ({ reg }, ctx) => aboutDescriptor(ctx, reg) || isMadeByOthers(reg),
  makeLate: ({ ctx, plan, temp }, { reg }) => open(ctx, plan, reg, temp(reg.id), 'fixup'),
  make({ ctx, plan, temp }, entries) {
    for (const { reg } of entries) open(ctx, plan, reg, temp(reg.id), 'files');
  },
  sort({ ctx }, [{ reg }]) {
    if (reg.ext || anyInherited(ctx) || isConfined(ctx) || ofProc(reg) || remapsOf(ctx).has(reg.id))
      return undefined;
    const { flags, mnt_id, mode, size, pos, fown } = reg;
    return `${flags} ${mnt_id} ${mode} ${size} ${pos} ${fown.pid} ${fown.pid_type} ${fown.signum} ${reg.name}`;
  },
  note({ ctx, plan, temp }, [{ reg }]) {
    checkOpened(ctx, plan, 'files', reg, imagePath(reg.name), temp(reg.id));
  },
};
