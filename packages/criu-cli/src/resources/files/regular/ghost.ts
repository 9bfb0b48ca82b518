// Files that were open without a name, restore side: they are opened before the first task exists, and tasks get them as
// descriptors. Nothing of them stands in the file system meanwhile, and what a retry needs is left.

import { Agent } from '@criu/compel';
import { type BigIntStats, closeSync, lstatSync, unlinkSync } from '@criu/native/fs';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { RegFileEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { FASYNC, O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC } from '../common.js';
import { S_IFDIR, S_IFMT } from '../open-file.js';
import { type CheckOptions, checkFile } from './file-check.js';
import { fillGhost } from './ghost-fill.js';
import { type GhostImage, ghostImage } from './ghost-image.js';
import { type Hold, type Nameless, O_NOFOLLOW, TMPFILE } from './moment.js';
import { openNameless } from './places.js';
import { type Remap, remapsOf } from './remaps.js';
import { imagePath } from './restore.js';

/** Pid of the ended task that a file of /proc is about. */
export function endedTask(ctx: PlanContext, reg: RegFileEntry): number | undefined {
  const pid = Number(/^\/?proc\/(\d+)(?:\/|$)/.exec(reg.name)?.[1]);
  if (Number.isNaN(pid)) return undefined;
  // One remap stands for all files about that task.
  for (const remap of remapsOf(ctx).values()) if (remap.kind === 'ended' && remap.pid === pid) return pid;
  return undefined;
}

/** A file that is opened for tasks, beforehand. */
export interface Opened {
  readonly slot: Slot;
  /** It is the open file description itself; else one to be opened anew, by its name in /proc. */
  readonly itself: boolean;
}

/** One inode, and what tasks want of it. */
interface Wanted {
  readonly remap: Remap;
  readonly file: Nameless;
  readonly image: GhostImage | undefined;
  /** An entry of the file, which says what it has to be like. */
  readonly reg: RegFileEntry;
  readonly slots: Map<string, { slot: Slot; hold: Hold }>;
  /** The file behind the name that the dump gave it. */
  found?: BigIntStats;
}

/** By what the remap leads to. */
const wanted = stateKey('deleted files', (ctx: PlanContext) => {
  const all = new Map<string, Wanted>();
  const drop = () => dropAll([...all.values()]);
  ctx.prepare('open deleted files', () => openAll([...all.values()], ctx.options));
  ctx.afterPhase('files', 'close deleted files', drop);
  ctx.cleanup('close deleted files', drop);
  ctx.afterGo('remove links of the dump', () => removeLinks([...all.values()]));
  return all;
});

function newWanted(ctx: PlanContext, reg: RegFileEntry, remap: Remap): Wanted {
  if (remap.kind !== 'ghost') {
    const from = remap.kind === 'linked' ? remap.path : '';
    return {
      remap,
      reg,
      file: { what: { kind: 'link', from }, names: [] },
      image: undefined,
      slots: new Map(),
    };
  }
  const image = ghostImage(ctx, remap.id);
  const { mode, rdev, symlnk_target: target } = image.entry;
  if (reg.mode !== undefined && (reg.mode & S_IFMT) !== (mode & S_IFMT))
    throw new CriuError(
      'BAD_IMAGE',
      `file id ${reg.id} and its content are of different kinds (modes ${reg.mode.toString(8)}, ${mode.toString(8)})`,
      { file: image.name },
    );
  const what = {
    kind: 'make',
    mode,
    ...(rdev === undefined ? {} : { rdev }),
    ...(target === undefined ? {} : { target }),
  } as const;
  return { remap, reg, file: { what, names: [] }, image, slots: new Map() };
}

/** Flags that can only be had by opening a file under its name. */
function needsName(flags: number): boolean {
  return (flags & (O_NOFOLLOW | TMPFILE)) !== 0;
}

/**
 * The file that is to be opened with certain flags, if it has no name any more. It can be taken in the phase `files`.
 * @throws CriuError IMAGE_MISSING, BAD_IMAGE
 */
export function openedFile(ctx: PlanContext, reg: RegFileEntry, flags: number): Opened | undefined {
  const remap = remapsOf(ctx).get(reg.id);
  // The name of a file of /proc is there while a process with that pid is.
  if (!remap || remap.kind === 'ended') return undefined;
  const all = ctx.states.get(wanted);
  const key = remap.kind === 'ghost' ? `ghost ${remap.id}` : remap.path;
  const one = all.get(key) ?? newWanted(ctx, reg, remap);
  all.set(key, one);
  const path = imagePath(reg.name);
  const itself = flags === reg.flags && needsName(flags);
  const slotKey = itself ? `file ${reg.id}` : path;
  let found = one.slots.get(slotKey);
  if (!found) {
    const own = (flags & ~(O_CREAT | O_EXCL | O_TRUNC | FASYNC)) | O_NOCTTY;
    const hold: Hold = itself ? { flags: own } : {};
    const isFolder = one.image && (one.image.entry.mode & S_IFMT) === S_IFDIR;
    const name = isFolder ? one.file.names[0] : one.file.names.find((n) => n.path === path);
    if (name) name.holds.push(hold);
    else one.file.names.push({ path, place: path, holds: [hold] });
    found = { hold, slot: ctx.openSlot(`deleted ${path}`, () => handOver(hold)) };
    one.slots.set(slotKey, found);
  }
  return { slot: found.slot, itself };
}

function handOver(hold: Hold): number {
  const { fd } = hold;
  if (fd === undefined) throw new CriuError('INTERNAL', 'a deleted file was not opened');
  delete hold.fd;
  return fd;
}

async function openAll(all: readonly Wanted[], options: CheckOptions): Promise<void> {
  for (const one of all) findLink(one);
  const agent = Agent.start({ name: 'opener of deleted files' });
  try {
    await openNameless(
      agent,
      all.map(({ file }) => file),
    );
  } finally {
    await agent.exit();
  }
  for (const one of all) await finish(one, options);
}

/** Looks for the file by the name that the dump gave it. @throws CriuError FILE_CHANGED */
function findLink(one: Wanted): void {
  if (one.remap.kind !== 'linked') return;
  const { path } = one.remap;
  one.found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (!one.found)
    throw new CriuError(
      'FILE_CHANGED',
      'the link that the dump made for a deleted file is not there any more',
      { file: path },
      `a restore of this checkpoint has removed it when its tasks ran again; link the file of ${one.reg.name} there if it still has a name`,
    );
}

async function finish({ image, file, reg, remap }: Wanted, options: CheckOptions): Promise<void> {
  const fd = file.names.flatMap(({ holds }) => holds).find((hold) => hold.fd !== undefined)?.fd;
  if (fd === undefined) return;
  if (image) await fillGhost(image, fd, imagePath(reg.name));
  else if (remap.kind === 'linked') checkFile(reg, remap.path, fd, options);
}

function dropAll(all: readonly Wanted[]): void {
  for (const { slots } of all) {
    for (const { slot, hold } of slots.values()) {
      slot.drop();
      if (hold.fd !== undefined) closeSync(hold.fd);
      delete hold.fd;
    }
  }
}

/** The tasks run: nobody comes back for the links. Whatever has such a name by now and is another file stays. */
function removeLinks(all: readonly Wanted[]): void {
  for (const { remap, found } of all) {
    if (remap.kind !== 'linked' || !found) continue;
    const path = remap.path;
    const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (now && now.ino === found.ino && now.dev === found.dev) unlinkSync(path);
  }
}

/** The descriptor of a deleted file with this inode, when the dump found it. @throws CriuError */
export function ghostByInode(ctx: PlanContext, dev: number, ino: bigint): Slot | undefined {
  for (const [id, remap] of remapsOf(ctx)) {
    if (remap.kind !== 'ghost') continue;
    const reg = ctx.checkpoint.files.get(id)?.reg;
    const { entry } = ghostImage(ctx, remap.id);
    if (reg && entry.dev === dev && entry.ino === ino) return openedFile(ctx, reg, 0)?.slot;
  }
  return undefined;
}
