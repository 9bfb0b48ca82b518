// Dumps files with a path: opened or mapped ones, programs and directories. A restore finds them by name, so the name
// has to lead to the same file; a deleted file is stored as a ghost or gets a new link.

import { type Encodable, FdTypes, type FownEntry, type RegFileEntry, RemapType } from '@criu/images';
import { lstatSync, statSync } from '@criu/native/fs';
import {
  O_ACCMODE,
  O_APPEND,
  O_PATH,
  O_WRONLY,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { type FdInfo, type FileStat, looksDeleted, readStatus, stripDeleted } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import { isCovered, seenFrom } from '../../../views/files.js';
import { mountIdOf } from '../../../views/mounts.js';
import { ownsNamespace } from '../../../views/namespaces.js';
import { externalId, hasExternals, isExternal } from '../../external.js';
import type { FileDump } from '../kind.js';
import { FsMagic, major, NO_OWNER, type OpenFile } from '../open-file.js';
import { repeatsOf } from '../repeats.js';
import { checkAccess } from './access.js';
import { readBuildId } from './build-id.js';
import { dumpGhost } from './ghost-dump.js';
import { makeLinkRemap } from './link-remap.js';
import { checkMount, mountOf } from './mounts.js';
import { readerOf } from './reader.js';

const MEM_MAJOR = 1;
const MISC_MAJOR = 10;
const AUTOFS_MINOR = 235n;
const SMALLEST_ELF = 5n;
/** Name that an NFS client gives to a file that is deleted while it is open. */
const SILLY_NAME = /\/\.nfs[0-9a-f]{24}$/;

/** A file to be described by its path. */
export interface PathFile {
  readonly pid: number;
  readonly fd?: number;
  /** A descriptor of ours that refers to it; the caller keeps it open during the call. */
  readonly local: number;
  /** The path as the kernel shows it. */
  readonly link: string;
  readonly stat: FileStat;
  readonly fsType: number;
  readonly flags: number;
  readonly pos: bigint;
  readonly fown: FownEntry;
  /** fdinfo of the file, if it is open. */
  readonly info?: Pick<FdInfo, 'locks' | 'mntId'>;
}

export function pathFileOf(file: OpenFile): PathFile {
  return file;
}

/** A program, mapping, working or root directory: it is not open, so flags and position are 0. */
export function unopened(file: Omit<PathFile, 'flags' | 'pos' | 'fown'>): PathFile {
  return { ...file, flags: 0, pos: 0n, fown: NO_OWNER };
}

function about(file: PathFile): { pid: number; fd?: number; file: string } {
  return { pid: file.pid, file: file.link, ...(file.fd === undefined ? {} : { fd: file.fd }) };
}

/** Ids of files that are found under the path that the kernel shows, so that nothing has to be done for them. */
const inPlace = stateKey('files in their places', (_: DumpContext): Set<number> => new Set<number>());

/** Ensures that a restore will find the file. @returns the name to look up */
function settleName(ctx: DumpContext, id: number, file: PathFile): string {
  const { link, stat } = file;
  if (file.fsType === FsMagic.PROC) {
    const pid = Number(/^\/proc\/([0-9]+)(?:\/|$| )/.exec(link)?.[1] ?? 0);
    const own = ownsNamespace(ctx, 'pid');
    if (pid && own && stat.dev === hostProc(ctx))
      throw new CriuError(
        'UNSUPPORTED',
        "a file about a task in the host's /proc, where it would be another one after a restore",
        about(file),
        'close it before the dump',
      );
    const name = link === `/proc/${pid} (deleted)` ? `/proc/${pid}` : link;
    // In the tasks' own pid namespace all live processes belong to the dump.
    const lives = own
      ? ctx.tasks.some((task) => readStatus(task.pid).nsPid.at(-1) === pid)
      : exists(`/proc/${pid}`);
    if (pid && (name !== link || !lives)) noteEnded(ctx, id, pid);
    return name;
  }
  if (file.fsType === FsMagic.DEVPTS) return stripDeleted(link);
  if (stat.nlink === 0n) {
    dumpGhost(ctx, id, file);
    return stripDeleted(link);
  }
  // A lookup could trigger a mount by the daemon, which is stopped. A file that is open under this path exists.
  if (file.fsType === FsMagic.AUTOFS && !looksDeleted(link)) return link;
  // NFS keeps this name only as long as the file is open.
  if (file.fsType === FsMagic.NFS && SILLY_NAME.test(link)) {
    makeLinkRemap(ctx, id, file, link);
    return link;
  }
  const isLink = (Number(stat.mode) & S_IFMT) === S_IFLNK;
  let found: FileStat | undefined;
  try {
    found = foundAt(ctx, seenFrom(ctx, file, link), isLink);
  } catch (error) {
    throw new CriuError(
      'FILE_CHANGED',
      'cannot look at the path of an open file',
      about(file),
      undefined,
      error,
    );
  }
  const same = found?.ino === stat.ino && found.dev === stat.dev;
  // The path is covered by another mount, but valid under the file's own: the kernel would show " (deleted)" otherwise.
  if (!same && !looksDeleted(link) && isCovered(ctx, file, link)) return link;
  // A path that ends in " (deleted)" may lead to another file of that very name.
  if (!found || (!same && looksDeleted(link))) {
    const name = stripDeleted(link);
    // A folder cannot be linked, although some file systems (overlayfs) report a link count for a deleted one.
    const isGhost = (Number(stat.mode) & S_IFMT) === S_IFDIR && looksDeleted(link);
    if (isGhost || !makeLinkRemap(ctx, id, file, name)) dumpGhost(ctx, id, file);
    return name;
  }
  if (!same) {
    const isDevice = isDeviceNode(stat);
    if (isDevice && ctx.options.evasiveDevices && isDeviceNode(found) && found.rdev === stat.rdev)
      return link;
    throw new CriuError(
      'FILE_CHANGED',
      'the path of an open file leads to another file now',
      about(file),
      'close the file, or put the right one in its place before the dump' +
        (isDevice ? '; --evasive-devices takes another node of the same device' : ''),
    );
  }
  ctx.states.get(inPlace).add(id);
  return link;
}

const lookedAt = stateKey(
  'what paths of open files lead to',
  (_: DumpContext): Map<string, FileStat | undefined> => new Map(),
);

/** The file at a path of this process; undefined if there is none. Paths that many have open are looked at once. */
function foundAt(ctx: DumpContext, path: string, isLink: boolean): FileStat | undefined {
  const all = ctx.states.get(lookedAt);
  const key = isLink ? `link ${path}` : path;
  if (all.has(key)) return all.get(key);
  const found = (isLink ? lstatSync : statSync)(path, { bigint: true, throwIfNoEntry: false });
  all.set(key, found);
  return found;
}

function isDeviceNode({ mode }: FileStat): boolean {
  const type = Number(mode) & S_IFMT;
  return type === S_IFCHR || type === S_IFBLK;
}

const hostProcs = stateKey(
  "device of the host's /proc",
  (_: DumpContext) => statSync('/proc', { bigint: true }).dev,
);

function hostProc(ctx: DumpContext): bigint {
  return ctx.states.get(hostProcs);
}

const ended = stateKey(
  'ended tasks that files are about',
  (_: DumpContext): Set<number> => new Set<number>(),
);

/**
 * Records a file of /proc of an ended task: one remap for all of that task's files makes a restore bring its pid back.
 */
function noteEnded(ctx: DumpContext, id: number, pid: number): void {
  const known = ctx.states.get(ended);
  if (known.has(pid)) return;
  known.add(pid);
  ctx.images.add('REMAP_FPATH', { orig_id: id, remap_id: pid, remap_type: RemapType.PROCFS });
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The name of an external file (`--external file[MOUNT:INODE]`). */
function externalName(ctx: DumpContext, file: PathFile): string | undefined {
  if (!hasExternals(ctx, 'file')) return undefined;
  const id = externalId.file(mountIdOf(file.local, file.info), file.stat.ino);
  return isExternal(ctx, id) ? id : undefined;
}

const buildIds = stateKey(
  'build ids of files',
  (_: DumpContext): Map<string, () => readonly number[]> => new Map(),
);

/**
 * Returns a function that reads the build id. The file is opened once while tasks are stopped, and read when they may
 * run again.
 */
function buildIdOf(ctx: DumpContext, file: PathFile): () => readonly number[] {
  const all = ctx.states.get(buildIds);
  const key = `${file.stat.dev}:${file.stat.ino}`;
  const known = all.get(key);
  if (known) return known;
  const reader = readerOf(ctx, file);
  ctx.onClose(() => reader?.[Symbol.dispose]());
  let words: readonly number[] | undefined;
  const read = () => {
    words ??= reader ? readBuildId(reader.fd) : [];
    return words;
  };
  all.set(key, read);
  return read;
}

/** The entry of a file; adds further images if the file cannot be found by its name. */
export function regularEntry(ctx: DumpContext, id: number, file: PathFile): Encodable<RegFileEntry> {
  const external = externalName(ctx, file);
  if (external === undefined && !file.link.startsWith('/'))
    throw new CriuError('UNSUPPORTED', 'the file has no path that can be opened again', about(file));
  if (external === undefined) {
    checkMount(ctx, file);
    if (file.stat.nlink > 0n) checkAccess(ctx, file);
  }
  const mode = Number(file.stat.mode);
  const entry: { -readonly [K in keyof Encodable<RegFileEntry>]: Encodable<RegFileEntry>[K] } = {
    id,
    flags: file.flags,
    pos: file.pos,
    fown: file.fown,
    name: external ?? settleName(ctx, id, file),
    mode,
    ...(external === undefined ? {} : { ext: true }),
    ...mountOf(ctx, file),
  };
  // A log to which others append may grow until the restore.
  const grows = (file.flags & O_ACCMODE) === O_WRONLY && (file.flags & O_APPEND) !== 0;
  if ((mode & S_IFMT) === S_IFREG && !grows) {
    entry.size = file.stat.size;
    if (file.stat.size >= SMALLEST_ELF) {
      const buildId = buildIdOf(ctx, file);
      ctx.later(() => {
        const words = buildId();
        if (words.length > 0) entry.build_id = [...words];
      });
    }
  }
  return entry;
}

/** Adds a file to the images under an id of its own. */
export function dumpRegular(ctx: DumpContext, id: number, file: PathFile): void {
  ctx.images.add('FILES', { type: FdTypes.REG, id, reg: regularEntry(ctx, id, file) });
}

function isPlainDevice(file: OpenFile): boolean {
  const { rdev } = file.stat;
  return major(rdev) === MEM_MAJOR || (major(rdev) === MISC_MAJOR && (rdev & 0xffn) === AUTOFS_MINOR);
}

/**
 * Whether a file that a descriptor with O_PATH refers to is found again, whatever its type: the name of a message queue
 * is no path, and a socket whose name was removed has no other.
 */
function isReferred({ fsType, mode, stat }: OpenFile): boolean {
  return fsType !== FsMagic.MQUEUE && (mode !== S_IFSOCK || stat.nlink > 0n);
}

export const regularDump: FileDump = {
  matches(file) {
    // A file to which a namespace is bound is handled as the namespace.
    if (file.target.kind !== 'path' || file.fsType === FsMagic.NSFS) return false;
    if (file.flags & O_PATH) return isReferred(file);
    if (file.mode === S_IFCHR) return isPlainDevice(file);
    return file.mode === S_IFREG || file.mode === S_IFDIR || file.mode === S_IFLNK;
  },
  dump(ctx, task, file, id) {
    // Only signals about changes in a folder need an owner: fcntl(2), F_NOTIFY. The kernel does not tell which changes.
    if (file.mode === S_IFDIR && file.fown.pid !== 0)
      throw new CriuError(
        'UNSUPPORTED',
        'signals about changes in a folder are asked for (dnotify)',
        { pid: file.pid, fd: file.fd, file: file.target.kind === 'path' ? file.target.path : '' },
        'use inotify(7) instead, or close the folder before the dump',
      );
    const reg = regularEntry(ctx, id, pathFileOf(file));
    if (ctx.states.get(inPlace).has(id) && file.fown === NO_OWNER && file.info.locks.length === 0) {
      // With mount namespaces, each path may lead through other mounts.
      const place = reg.mnt_id === undefined ? '' : `${reg.mnt_id} ${reg.name}`;
      const sort = `file ${file.mode} ${file.flags} ${file.pos === 0n} ${place}`;
      repeatsOf(ctx).note(id, task.ids.files_id, sort);
    }
    return { reg };
  },
};
