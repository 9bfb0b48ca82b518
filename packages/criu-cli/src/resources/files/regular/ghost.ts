// Deleted files: their content was kept in the images; it stands at a name again while tasks open it.
import { dirname } from 'node:path';
import { cstring, sys } from '@criu/native';
import {
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from '@criu/native/fs';
import type { PlanContext } from '../../../engine/plan.js';
import { asCriuError, CriuError } from '../../../errors.js';
import type { GhostChunkEntry, GhostFileEntry, RegFileEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { imagePath } from './restore.js';

const RemapType = { LINKED: 0, GHOST: 1, PROCFS: 2 } as const;
const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

/** Pid of the ended task that a file of /proc is about. */
export function endedTask(ctx: PlanContext, reg: RegFileEntry): number | undefined {
  const pid = Number(/^\/?proc\/(\d+)(?:\/|$)/.exec(reg.name)?.[1]);
  if (Number.isNaN(pid)) return undefined;
  // One remap stands for all files about that task.
  for (const remap of ctx.checkpoint.remaps.values())
    if (remap.remap_type === RemapType.PROCFS && remap.remap_id === pid) return pid;
  return undefined;
}

/** Per restore: remap id → where its content stands. */
const placed = stateKey('places of ghost files', (_: PlanContext): Map<number, string> => new Map());

/** Where a deleted file is to be opened; undefined for one that still has its name. @throws CriuError */
export function ghostPath(ctx: PlanContext, reg: RegFileEntry): string | undefined {
  const remap = ctx.checkpoint.remaps.get(reg.id);
  if (!remap) return undefined;
  const type = remap.remap_type ?? RemapType.GHOST;
  if (type === RemapType.LINKED) return linked(ctx, remap.remap_id);
  // The name is there while a process with that pid is.
  if (type === RemapType.PROCFS) return undefined;
  const all = ctx.states.get(placed);
  let path = all.get(remap.remap_id);
  if (path === undefined) {
    path = imagePath(reg.name);
    // The same deleted name may stand for several files, and somebody else may have taken it since.
    if (existsSync(path) || [...all.values()].includes(path))
      path = `${path}.cr.${remap.remap_id.toString(16)}.ghost`;
    all.set(remap.remap_id, path);
    create(ctx, remap.remap_id, path);
  }
  return path;
}

/** A name that the dump gave to a file without one; it goes once all have opened it. */
function linked(ctx: PlanContext, remapId: number): string {
  const target = ctx.checkpoint.file(remapId, 'remap-fpath.img').reg;
  if (!target)
    throw new CriuError('BAD_IMAGE', `remap ${remapId} is not a regular file`, { file: 'remap-fpath.img' });
  const path = imagePath(target.name);
  ctx.afterPhase('files', `remove ${path}`, () => {
    if (existsSync(path)) unlinkSync(path);
  });
  return path;
}

function create(ctx: PlanContext, remapId: number, path: string): void {
  const image = `ghost-file-${remapId.toString(16)}.img`;
  const items = ctx.checkpoint.items('GHOST_FILE', image);
  const ghost = items[0]?.entry as GhostFileEntry | undefined;
  if (!ghost) throw new CriuError('BAD_IMAGE', 'the image has no entry', { file: image });
  const held = items.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0);
  if (!ghost.chunks && ghost.size !== undefined && BigInt(held) !== ghost.size) {
    throw new CriuError('BAD_IMAGE', `the deleted file's content is ${held} of ${ghost.size} bytes`, {
      file: image,
    });
  }
  let made: number | undefined;
  let parents: string[] = [];
  ctx.prepare(`put back ${path}`, () => {
    try {
      parents = makeParents(path);
      make(ghost, items, path);
    } catch (error) {
      throw asCriuError(error, 'cannot put the deleted file back for its tasks to open', { file: path });
    }
    made = lstatSync(path).ino;
  });
  const remove = () => {
    // It may be gone by now, or be somebody else's.
    if (made === undefined || lstatSync(path, { throwIfNoEntry: false })?.ino !== made) return;
    if ((ghost.mode & S_IFMT) === S_IFDIR) rmdirSync(path);
    else unlinkSync(path);
    for (const dir of parents.splice(0)) rmdirSync(dir);
  };
  ctx.afterPhase('files', `delete ${path} again`, remove);
  ctx.cleanup(`delete ${path}`, remove);
}

/** Makes the directories above that are gone too; what it made, innermost first. */
function makeParents(path: string): string[] {
  const made: string[] = [];
  const missing: string[] = [];
  for (let dir = dirname(path); !existsSync(dir); dir = dirname(dir)) missing.unshift(dir);
  for (const dir of missing) {
    mkdirSync(dir, 0o700);
    made.unshift(dir);
  }
  return made;
}

function make(
  ghost: GhostFileEntry,
  items: readonly { entry: GhostFileEntry | GhostChunkEntry; payload?: Buffer }[],
  path: string,
): void {
  const type = ghost.mode & S_IFMT;
  const perm = ghost.mode & 0o7777;
  if (type === S_IFREG) {
    // O_EXCL: whatever stands there by now is not ours to write to.
    const fd = openSync(path, 'wx', 0o600);
    try {
      for (const { entry, payload } of items) {
        if (!payload) continue;
        let at = 'off' in entry ? Number(entry.off) : 0;
        for (let done = 0; done < payload.length; ) {
          const n = writeSync(fd, payload, done, payload.length - done, at);
          done += n;
          at += n;
        }
      }
      if (ghost.size !== undefined) ftruncateSync(fd, Number(ghost.size));
      chownSync(path, ghost.uid, ghost.gid);
      fchmodSync(fd, perm);
    } finally {
      closeSync(fd);
    }
  } else if (type === S_IFDIR) {
    mkdirSync(path, perm);
    chownSync(path, ghost.uid, ghost.gid);
  } else if (type === S_IFLNK) {
    symlinkSync(ghost.symlnk_target ?? '', path);
    return;
  } else {
    sys('mknod', cstring(path), ghost.mode, ghost.rdev ?? 0);
    chownSync(path, ghost.uid, ghost.gid);
  }
  if (ghost.atim && ghost.mtim) {
    const seconds = (t: { tv_sec: bigint; tv_usec: bigint }) => Number(t.tv_sec) + Number(t.tv_usec) / 1e6;
    utimesSync(path, seconds(ghost.atim), seconds(ghost.mtim));
  }
}
