// Files whose name was removed while another link to them exists: they get a new name beside the old one
// (--link-remap), which stays until a restore has succeeded. Each dump of a task that runs on uses the same name, so
// that there is only one.
import { dirname, join } from 'node:path';
import { Program } from '@criu/compel';
import { FdTypes, RemapType } from '@criu/images';
import { cstring, errnoName, SysError, sysRaw } from '@criu/native';
import { existsSync, lstatSync, unlinkSync } from '@criu/native/fs';
import { AT_EMPTY_PATH, AT_FDCWD, EEXIST, ENOENT, ENOTDIR, EXDEV } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { withFsIds } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import { seenFrom } from '../../../views/files.js';
import { rootOfTasks } from '../../../views/users.js';
import { FsMagic, NO_OWNER } from '../open-file.js';
import { openFiles } from '../table.js';
import type { PathFile } from './dump.js';
import { mountOf } from './mounts.js';

/** Ids of the links of this dump, by file and folder. */
const links = stateKey('links of the dump', (_: DumpContext) => new Map<string, number>());

/** Whether a name leads to the file already, from an earlier dump of the same running tasks. */
function isFile(path: string, { stat }: PathFile): boolean {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found?.ino === stat.ino && found.dev === stat.dev;
}

/** Removes the link if the dump fails or is killed; a successful dump needs it for the restore. */
function undoUnlessDone(ctx: DumpContext, path: string): void {
  const p = new Program(`unlink ${path}`);
  p.syscall('unlinkat', [AT_FDCWD, p.cstring(path), 0], { expect: 'any' });
  const kept = ctx.tracer.keepFirst(p);
  ctx.onFailure(() => unlinkSync(path));
  ctx.onStay(() => ctx.tracer.dropKept(kept));
  ctx.onGoOn(() => ctx.tracer.dropKept(kept));
}

/** Links the file into a folder. @returns its path there, or a negated errno */
function linkIn(ctx: DumpContext, folder: string, file: PathFile): string | number {
  const { pid, stat } = ctx.root;
  // Pid and start time identify the root task across dumps.
  const name = join(folder, `link_remap.${pid}.${stat.starttime}.${file.stat.ino}`);
  for (let turn = 0; ; turn++) {
    const path = turn === 0 ? name : `${name}.${turn}`;
    const seen = seenFrom(ctx, file, path);
    const result = withFsIds(rootOfTasks(ctx)?.outside, () =>
      sysRaw('linkat', file.local, cstring(''), AT_FDCWD, cstring(seen), AT_EMPTY_PATH),
    );
    if (result === 0) {
      undoUnlessDone(ctx, seen);
      return path;
    }
    if (result !== -EEXIST) return result;
    if (isFile(seen, file)) return path;
  }
}

function failure(file: PathFile, folder: string, errno: number): CriuError {
  const remedy =
    errno === EXDEV
      ? 'something else is mounted over its folder: unmount that before the dump'
      : 'give the file its name back before the dump, or close it';
  const about = { pid: file.pid, file: file.link, ...(file.fd === undefined ? {} : { fd: file.fd }) };
  return new CriuError(
    'UNSUPPORTED',
    `cannot link the file in ${folder}: ${errnoName(errno)}`,
    about,
    remedy,
    new SysError('linkat', errno, folder),
  );
}

/** Creates a link in the nearest folder that still exists. */
function makeLink(ctx: DumpContext, file: PathFile, name: string): string | undefined {
  for (let folder = dirname(name); ; folder = dirname(folder)) {
    const made = linkIn(ctx, folder, file);
    if (typeof made === 'string') return made;
    const gone = made === -ENOENT || made === -ENOTDIR;
    if (gone && !existsSync(seenFrom(ctx, file, `${folder}/.`))) continue;
    // A deleted file of a lower overlayfs layer cannot be linked, whatever its link count says.
    if (gone && file.fsType === FsMagic.OVERLAYFS) return undefined;
    throw failure(file, folder, -made);
  }
}

/**
 * Has the restore find the file by a link of its own.
 * @returns whether that is possible
 * @throws CriuError UNSUPPORTED
 */
export function makeLinkRemap(ctx: DumpContext, id: number, file: PathFile, name: string): boolean {
  if (!ctx.options.linkRemap)
    throw new CriuError(
      'UNSUPPORTED',
      'the name of an open file is gone, while the file has another link',
      { pid: file.pid, file: name, ...(file.fd === undefined ? {} : { fd: file.fd }) },
      'allow a new link beside the old name with --link-remap',
    );
  return ctx.ifStopped(() => addLinkRemap(ctx, id, file, name), true);
}

/** Makes the link, unless the file has one already, and adds the remap to the images. */
function addLinkRemap(ctx: DumpContext, id: number, file: PathFile, name: string): boolean {
  const key = `${file.stat.dev}:${file.stat.ino} ${dirname(name)}`;
  const known = ctx.states.get(links);
  let remap = known.get(key);
  if (remap === undefined) {
    const path = makeLink(ctx, file, name);
    if (path === undefined) return false;
    remap = openFiles(ctx).newId();
    known.set(key, remap);
    ctx.images.add('FILES', {
      type: FdTypes.REG,
      id: remap,
      reg: { id: remap, flags: 0, pos: 0n, fown: NO_OWNER, name: path, ...mountOf(ctx, file) },
    });
  }
  ctx.images.add('REMAP_FPATH', { orig_id: id, remap_id: remap, remap_type: RemapType.LINKED });
  return true;
}
