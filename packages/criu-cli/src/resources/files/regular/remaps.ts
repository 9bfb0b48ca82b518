// Remaps: files that a restore does not find under the path with which they were opened. Remaps are validated before
// use, since they name files to be removed.
import { basename, dirname } from 'node:path';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { RegFileEntry, RemapFilePathEntry } from '../../../images/types.js';
import { VMA } from '../../../images/vma.js';
import { stateKey } from '../../../states.js';
import { imagePath } from './restore.js';

const RemapType = { LINKED: 0, GHOST: 1, PROCFS: 2 } as const;
/** In images without `remap_type`, this bit of `remap_id` marks a ghost. */
const GHOST_BIT = 0x80000000;
/** Prefix of the links that dumps make; no other file is removed. */
const LINK_PREFIX = 'link_remap.';
const IMAGE = 'remap-fpath.img';

export type Remap =
  /** The contents are in ghost-file-ID.img. */
  | { readonly kind: 'ghost'; readonly id: number }
  /** The dump has made this link to the file. */
  | { readonly kind: 'linked'; readonly path: string }
  /** A file of /proc of an ended task. */
  | { readonly kind: 'ended'; readonly pid: number };

function bad(message: string): never {
  throw new CriuError('BAD_IMAGE', message, { file: IMAGE });
}

/** Ids of files that tasks have open or mapped, execute, or use as directory. */
function filesInUse(ctx: PlanContext): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const { fds, fs, mm } of ctx.checkpoint.tasks) {
    for (const { id } of fds) ids.add(id);
    if (fs) ids.add(fs.cwd_id).add(fs.root_id);
    if (mm) ids.add(mm.exe_file_id);
    for (const { shmid, status } of mm?.vmas.attributes ?? [])
      if (status & (VMA.FILE_PRIVATE | VMA.FILE_SHARED)) ids.add(Number(shmid));
  }
  return ids;
}

/** The path of a link that a dump has made. @throws CriuError BAD_IMAGE for a path that no dump would use */
function linkOf(ctx: PlanContext, orig: RegFileEntry, id: number, inUse: ReadonlySet<number>): string {
  const target = ctx.checkpoint.files.get(id)?.reg;
  if (!target) bad(`remap ${id} is not a regular file`);
  const path = imagePath(target.name);
  const folder = dirname(path);
  const old = imagePath(orig.name);
  const near = folder === '/' || dirname(old) === folder || dirname(old).startsWith(`${folder}/`);
  if (!basename(path).startsWith(LINK_PREFIX) || !near)
    bad(`${path} is not the name of a link that a dump made for ${old}`);
  if (inUse.has(id)) bad(`file id ${id}, ${path}, is in use itself and cannot stand in for ${old}`);
  return path;
}

function remapOf(ctx: PlanContext, entry: RemapFilePathEntry, inUse: () => ReadonlySet<number>): Remap {
  const { orig_id: orig, remap_id: id } = entry;
  const reg = ctx.checkpoint.files.get(orig)?.reg;
  if (!reg) bad(`file id ${orig}, which is remapped, is not a regular file`);
  const isGhost = (id & GHOST_BIT) !== 0;
  switch (entry.remap_type ?? (isGhost ? RemapType.GHOST : RemapType.LINKED)) {
    case RemapType.GHOST:
      return { kind: 'ghost', id: entry.remap_type === undefined ? (id & ~GHOST_BIT) >>> 0 : id };
    case RemapType.LINKED:
      return { kind: 'linked', path: linkOf(ctx, reg, id, inUse()) };
    case RemapType.PROCFS:
      return { kind: 'ended', pid: id };
    default:
      return bad(`remap type ${entry.remap_type} of file id ${orig} is not known`);
  }
}

function readRemaps(ctx: PlanContext): ReadonlyMap<number, Remap> {
  let inUse: ReadonlySet<number> | undefined;
  const all = new Map<number, Remap>();
  const entries = ctx.checkpoint.images.optional('REMAP_FPATH').map((item) => item.entry);
  for (const entry of entries) {
    if (all.has(entry.orig_id)) bad(`file id ${entry.orig_id} is remapped twice`);
    all.set(
      entry.orig_id,
      remapOf(ctx, entry, () => (inUse ??= filesInUse(ctx))),
    );
  }
  return all;
}

const remaps = stateKey('remaps', readRemaps);

/** All remaps of a checkpoint by file id. @throws CriuError BAD_IMAGE */
export function remapsOf(ctx: PlanContext): ReadonlyMap<number, Remap> {
  return ctx.states.get(remaps);
}
