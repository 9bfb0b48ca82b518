// Opening files for tasks in a user namespace of their own: as the task can, and where it may not (a file of somebody whom the
// namespace does not map, that it had from before it was in there) by whoever restores, who hands the descriptor over.
import { type DataRef, Mark, Program } from '@criu/compel';
import { cstring, SysError, sys } from '@criu/native';
import { closeSync, constants, fstatSync, openSync } from '@criu/native/fs';
import { EACCES, EPERM, STATX_TYPE } from '@criu/native/uapi';
import {
  type PhaseName,
  type PlanContext,
  type TaskPlan,
  type TaskRun,
  withDescriptor,
} from '../../../engine/plan.js';
import { asCriuError, type CriuError } from '../../../errors.js';
import { AT_FDCWD, moveTo, O_CLOEXEC, O_PATH } from '../common.js';
import { S_IFMT } from '../open-file.js';
import type { Place } from './hidden.js';

/** RESOLVE_IN_ROOT of openat2(2): nothing leads out of a folder, as if it were the root. */
const RESOLVE_IN_ROOT = 0x10;
const DENIED: readonly number[] = [-EACCES, -EPERM];

/** A file that is to be opened, and what its failures mean. */
export interface ToOpen {
  readonly place: Place;
  /** A path for messages. */
  readonly path: string;
  readonly flags: number;
  readonly to: number;
  /** S_IFMT bits that it has to have; undefined where images do not tell. */
  readonly type: number | undefined;
  /** AT_* for a look at it. */
  readonly lookFlags: number;
  readonly gone: (error: unknown) => CriuError;
  readonly changed: () => CriuError;
}

/** Room for struct statx, and where stx_mode is in it. */
export const STATX = { size: 256, mode: 28 } as const;

/** How far the task came: the results of the look and of the open. */
interface Tried {
  result: number;
}

function tryIt(plan: TaskPlan, phase: PhaseName, file: ToOpen, tried: Tried): void {
  const { place, path, flags, to, type } = file;
  const p = new Program(`open ${path}`);
  const label = { look: `look at ${path}`, type: `type of ${path}`, open: `open ${path}` };
  const room: DataRef = p.data(STATX.size);
  const name = p.cstring(place.path);
  const end = new Mark();
  const look = p.syscall('statx', [place.folder, name, file.lookFlags, STATX_TYPE, room], {
    orGoTo: end,
    label: label.look,
  });
  if (type !== undefined) p.pollWord(p.at(room, STATX.mode), S_IFMT, type, 0, { label: label.type });
  const fd = p.syscall('openat', [place.folder, name, flags], { orGoTo: end, label: label.open });
  moveTo(p, fd, to);
  p.here(end);
  plan.step(phase, {
    title: label.open,
    program: p,
    meanings: new Map([[label.type, file.changed]]),
    after(result) {
      tried.result = Math.min(result.value(look), result.value(fd));
    },
  });
}

/** A descriptor of the file, which is looked up as the task would, from what is its root. @throws CriuError, SysError */
function openForTask({ hostPid }: TaskRun, { place, path, flags, type, changed }: ToOpen): number {
  const open = (folder: number): number => {
    const how = (flag: number) => new BigUint64Array([BigInt(flag >>> 0), 0n, BigInt(RESOLVE_IN_ROOT)]);
    // A look first: what stands there may be something to wait for.
    const found = sys(
      'openat2',
      folder,
      cstring(place.path),
      how(O_PATH | O_CLOEXEC | (flags & constants.O_NOFOLLOW)),
      24,
    );
    try {
      if (flags & O_PATH) return sys('openat2', folder, cstring(place.path), how(flags | O_CLOEXEC), 24);
      const name = `/proc/self/fd/${found}`;
      if (type !== undefined && (fstatSync(found).mode & S_IFMT) !== type) throw changed();
      return sys('openat', AT_FDCWD, cstring(name), (flags & ~constants.O_NOFOLLOW) | O_CLOEXEC);
    } finally {
      closeSync(found);
    }
  };
  if (place.folder === AT_FDCWD) {
    const root = openSync(`/proc/${hostPid}/root`, O_PATH | constants.O_DIRECTORY);
    try {
      return open(root);
    } catch (error) {
      throw asCriuError(error, 'cannot open the file for a task', { file: path });
    } finally {
      closeSync(root);
    }
  }
  let made = -1;
  withDescriptor(hostPid, place.folder, (local) => {
    made = open(local);
  });
  return made;
}

/** Adds the open of a file; the descriptor ends up at `file.to`. */
export function openConfined(ctx: PlanContext, plan: TaskPlan, phase: PhaseName, file: ToOpen): void {
  const tried: Tried = { result: 0 };
  tryIt(plan, phase, file, tried);
  const label = `open ${file.path} for it, where it may not`;
  const slot = ctx.openSlot(label);
  plan.step(phase, {
    title: label,
    program: (run) => {
      const { result } = tried;
      const p = new Program(label);
      if (result >= 0) return p;
      if (!DENIED.includes(result)) throw file.gone(new SysError('openat', -result, file.path));
      slot.fill(openForTask(run, file));
      moveTo(p, p.fd(slot.value), file.to);
      return p;
    },
    after: () => slot.drop(),
  });
}
