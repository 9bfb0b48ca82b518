// Restores files that were open without a name. They are opened before the first task exists, and tasks receive them as
// descriptors. They have no name in the file system meanwhile, and the images stay usable for another attempt.

import { join } from 'node:path';
import { FASYNC, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_TRUNC, S_IFDIR, S_IFMT } from '@criu/native/uapi';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { RegFileEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { below, isBelow } from '../../../views/mount-paths.js';
import { plannedNamespaces } from '../../../views/planned.js';
import { plannedMounts } from '../../../views/planned-mounts.js';
import { makerIds, ownerOutside } from '../../../views/planned-users.js';
import { ghostImage } from './ghost-image.js';
import { type Hold, type Through, TMPFILE } from './moment.js';
import { Opener, type Wanted } from './opener.js';
import { ofProc } from './proc.js';
import { type Remap, remapsOf } from './remaps.js';
import { imagePath } from './restore.js';

/** Pid of the ended task to which a file of /proc belongs. */
export function endedTask(ctx: PlanContext, reg: RegFileEntry): number | undefined {
  if (!ofProc(reg)) return undefined;
  const pid = Number(/^\/?proc\/(\d+)(?:\/|$)/.exec(reg.name)?.[1]);
  if (Number.isNaN(pid)) return undefined;
  // One remap stands for all files of that task.
  for (const remap of remapsOf(ctx).values()) if (remap.kind === 'ended' && remap.pid === pid) return pid;
  return undefined;
}

/** A file that is opened ahead for tasks. */
export interface Opened {
  readonly slot: Slot;
  /** Whether this is the open file description itself; else the file has to be opened again through /proc. */
  readonly itself: boolean;
}

interface Group {
  /** By the target of the remap. */
  readonly wanted: Map<string, Wanted>;
  readonly opener: Opener;
}

/**
 * Files grouped by file system, as each group is created in one place; those of the caller's namespace are the group
 * `undefined`.
 */
class Groups {
  private readonly all = new Map<Slot | undefined, Group>();

  constructor(private readonly ctx: PlanContext) {
    ctx.afterPhase('files', 'close deleted files', () => this.each((one) => one.close()));
    ctx.afterGo('remove links of the dump', () => this.each((one) => one.removeLinks()));
    ctx.cleanup('close deleted files', () =>
      this.each((one) => {
        one.close();
        one.leave();
      }),
    );
  }

  of(workspace: Slot | undefined): Group {
    let group = this.all.get(workspace);
    if (!group) {
      const wanted = new Map<string, Wanted>();
      const opener = new Opener(wanted, this.ctx.options, makerIds(this.ctx));
      group = { wanted, opener };
      this.all.set(workspace, group);
      // Done before the first task is created, so that a failure costs least; for a restored mount, when its file
      // system exists.
      if (!workspace) this.ctx.prepare('open deleted files', () => opener.open());
      else this.ctx.afterSpawn('open deleted files', () => opener.open(workspace.value));
    }
    return group;
  }

  private each(use: (opener: Opener) => void): void {
    for (const { opener } of this.all.values()) use(opener);
  }
}

const groups = stateKey('deleted files', (ctx: PlanContext) => new Groups(ctx));

/** Where an unnamed file is created, and how it is opened from there. */
interface Origin {
  readonly workspace: Slot | undefined;
  /** Converts a path of the image to a path below the workspace. */
  readonly place: (path: string) => string;
  readonly through: Through | undefined;
}

function originOf(ctx: PlanContext, reg: RegFileEntry): Origin {
  const mounts = plannedMounts(ctx);
  const path = imagePath(reg.name);
  const mount = mounts.find(reg.mnt_id) ?? mounts.mountOf(plannedNamespaces(ctx).of(ctx.root, 'mnt'), path);
  if (!mount || !isBelow(path, mount.mountpoint))
    return { workspace: undefined, place: (name) => name, through: undefined };
  const { slot: workspace, root } = mounts.workspace(mount);
  // The part of the file system that the mount shows, relative to the root of the workspace.
  const shown = below(mount.root, root);
  const place = (name: string) => join('/', shown, below(name, mount.mountpoint));
  const cover = mounts.coverOf(mount, path);
  const [slot, top] = cover
    ? [mounts.coveredSlots(ctx).get(cover) ?? mounts.slot(mount), place(cover.mountpoint)]
    : [mounts.slot(mount), `/${shown}`];
  return {
    workspace,
    place,
    through: {
      mount: () => slot.value,
      below: (name) => (isBelow(name, top) ? below(name, top) : undefined),
    },
  };
}

function newWanted(ctx: PlanContext, reg: RegFileEntry, remap: Remap, from: string): Wanted {
  if (remap.kind !== 'ghost') {
    return {
      remap: remap.kind === 'linked' ? { kind: 'linked', path: from } : remap,
      reg,
      file: { what: { kind: 'link', from }, names: [] },
      image: undefined,
      slots: new Map(),
      fill: {},
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
  const owner = ownerOutside(ctx, image.entry, image.name);
  return { remap, reg, file: { what, names: [] }, image, owner, slots: new Map(), fill: {} };
}

/** Whether the flags require opening the file by a name. */
function needsName(flags: number): boolean {
  return (flags & (O_NOFOLLOW | TMPFILE)) !== 0;
}

/**
 * The unnamed file to be opened with these flags; undefined if the file has a name. It can be taken in the phase
 * `files`.
 * @throws CriuError IMAGE_MISSING, BAD_IMAGE
 */
export function openedFile(ctx: PlanContext, reg: RegFileEntry, flags: number): Opened | undefined {
  const remap = remapsOf(ctx).get(reg.id);
  // A file of /proc has its name while a process with that pid exists.
  if (!remap || remap.kind === 'ended') return undefined;
  // A restored mount has this very file as its root.
  const shown = remap.kind === 'ghost' ? plannedMounts(ctx).showing(remap.id) : undefined;
  if (shown) return { slot: plannedMounts(ctx).slot(shown), itself: false };
  const { workspace, place, through } = originOf(ctx, reg);
  const all = ctx.states.get(groups).of(workspace).wanted;
  const from = remap.kind === 'linked' ? place(remap.path) : '';
  const key = remap.kind === 'ghost' ? `ghost ${remap.id}` : from;
  const one = all.get(key) ?? newWanted(ctx, reg, remap, from);
  all.set(key, one);
  const path = place(imagePath(reg.name));
  const itself = flags === reg.flags && needsName(flags);
  const slotKey = itself ? `file ${reg.id}` : `${reg.mnt_id} ${path}`;
  let found = one.slots.get(slotKey);
  if (!found) {
    const own = (flags & ~(O_CREAT | O_EXCL | O_TRUNC | FASYNC)) | O_NOCTTY;
    const hold: Hold = { ...(itself ? { flags: own } : {}), ...(through ? { through } : {}) };
    const isFolder = one.image && (one.image.entry.mode & S_IFMT) === S_IFDIR;
    const name = isFolder ? one.file.names[0] : one.file.names.find((n) => n.path === path);
    if (name) name.holds.push(hold);
    else {
      const fills = through && one.image && one.file.names.length === 0;
      one.file.names.push({ path, place: path, holds: fills ? [one.fill, hold] : [hold] });
    }
    found = { hold, slot: ctx.openSlot(`deleted ${path}`) };
    one.slots.set(slotKey, found);
  }
  return { slot: found.slot, itself };
}

/** The slot for the deleted file with this inode, if the dump has stored it. @throws CriuError */
export function ghostByInode(ctx: PlanContext, dev: number, ino: bigint): Slot | undefined {
  for (const [id, remap] of remapsOf(ctx)) {
    if (remap.kind !== 'ghost') continue;
    const reg = ctx.checkpoint.files.get(id)?.reg;
    const { entry } = ghostImage(ctx, remap.id);
    if (reg && entry.dev === dev && entry.ino === ino) return openedFile(ctx, reg, 0)?.slot;
  }
  return undefined;
}
