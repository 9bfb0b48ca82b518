// Chooses temporary names for files without a name: the original path, whose folder may have been removed as well. If
// that path is taken by now, a name beside it is used.

import { basename, dirname, join } from 'node:path';
import type { Agent } from '@criu/compel';
import { abi, cstring, sys } from '@criu/native';
import { type BigIntStats, lstatSync, statSync } from '@criu/native/fs';
import { AT_FDCWD, O_CLOEXEC, O_NOFOLLOW, O_PATH } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { isFolder, type Moment, MomentError, type Nameless, runMoment, TMPFILE } from './moment.js';

/** Number of descriptors per program, and bytes of names, leaving room for the rest. */
const MOST_HOLDS = abi.AGENT_MAX_FDS - 10;
const MOST_BYTES = 192 * 1024;
/** Retries, since other processes may create and remove files at the same time. */
const TRIES = 20;
const CHANGED = new Set(['EEXIST', 'ENOENT', 'ENOTDIR']);
/** Errors of file systems without O_TMPFILE. */
const NO_TMPFILE = new Set(['EOPNOTSUPP', 'EISDIR', 'EINVAL']);
/** Errors if the file cannot be linked to the old name, for instance because its folder is on another mount now. */
const NO_LINK = new Set(['EXDEV', 'EPERM', 'EMLINK', 'EROFS']);

/** Where files are created: an agent in that place, and a path under which this process reaches its root. */
export interface FileView {
  readonly agent: Agent;
  readonly root: string;
}

function look(stat: typeof statSync, path: string): BigIntStats | 'no folder' | undefined {
  try {
    return stat(path, { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') return 'no folder';
    throw new CriuError('SYSCALL', 'cannot look where a deleted file was', { file: path }, undefined, error);
  }
}

/** A free name beside one that is taken, in CRIU's form. */
function freeName(root: string, path: string, others: { has(path: string): boolean }): string {
  for (let n = 1; ; n++) {
    const name = `${path}.cr.${n.toString(16)}.ghost`;
    if (!others.has(name) && look(lstatSync, root + name) === undefined) return name;
  }
}

/** One look at the file system. */
class Places {
  /** Folders that do not exist, with the deleted folder that each of them is, if it was open. */
  readonly missing = new Map<string, Nameless | undefined>();
  private readonly known = new Map<string, string>([['/', '/']]);

  constructor(private readonly root: string) {}

  /** The path at which a folder exists, or is to be created. */
  folder(path: string): string {
    const known = this.known.get(path);
    if (known !== undefined) return known;
    let place = join(this.folder(dirname(path)), basename(path));
    if (!this.missing.has(place)) {
      const found = this.missing.has(dirname(place)) ? undefined : look(statSync, this.root + place);
      const there = found !== undefined && found !== 'no folder' && found.isDirectory();
      if (found !== undefined && !there) place = freeName(this.root, place, this.missing);
      if (!there) this.missing.set(place, undefined);
    }
    this.known.set(path, place);
    return place;
  }

  /** The path at which a file can be created. */
  file(path: string): string {
    const folder = this.folder(dirname(path));
    const place = join(folder, basename(path));
    if (this.missing.has(folder) || look(lstatSync, this.root + place) === undefined) return place;
    return freeName(this.root, place, this.missing);
  }

  /** Folders that have to be created for a place, upper ones first. */
  above(place: string): string[] {
    const out: string[] = [];
    for (let up = dirname(place); this.missing.has(up); up = dirname(up)) out.unshift(up);
    return out;
  }
}

/** Chooses a place for each file; those in `alone` cannot exist at the same time as others. */
function settle(places: Places, files: readonly Nameless[]): { together: Nameless[]; alone: Nameless[] } {
  const together: Nameless[] = [];
  const alone: Nameless[] = [];
  for (const file of files.filter(isFolder)) {
    for (const name of file.names) name.place = places.file(name.path);
    const place = firstPlace(file);
    // Two folders of the same name have to be created one after the other.
    if (places.missing.get(place)) alone.push(file);
    else {
      places.missing.set(place, file);
      together.push(file);
    }
  }
  for (const file of files.filter((f) => !isFolder(f))) {
    for (const name of file.names) name.place = places.file(name.path);
    together.push(file);
  }
  // Sorted, so that the contents of a folder follow it.
  together.sort((a, b) => (firstPlace(a) < firstPlace(b) ? -1 : 1));
  return { together, alone };
}

function firstPlace({ names }: Nameless): string {
  return names[0]?.place ?? '/';
}

class Chunk implements Moment {
  readonly files: Nameless[] = [];
  private readonly paths = new Map<string, Nameless | undefined>();
  private holds = 0;
  private bytes = 0;

  constructor(
    private readonly places: Places,
    first?: Nameless,
  ) {
    if (first) this.add(first);
  }

  get folders(): { path: string; file?: Nameless }[] {
    return [...this.paths].map(([path, file]) => (file ? { path, file } : { path }));
  }

  get empty(): boolean {
    return this.paths.size + this.files.length === 0;
  }

  /** Adds a file to the program. @returns false if there is no room for it */
  add(file: Nameless): boolean {
    const places = file.names.map(({ place }) => place);
    const above = places.flatMap((place) => this.places.above(place)).filter((path) => !this.paths.has(path));
    const holds = file.names.reduce((sum, name) => sum + name.holds.length, 0);
    const bytes = [...places, ...above].reduce((sum, path) => sum + 3 * path.length + 512, 512 * holds);
    if (!this.empty && (this.holds + holds > MOST_HOLDS || this.bytes + bytes > MOST_BYTES)) return false;
    this.holds += holds;
    this.bytes += bytes;
    for (const path of above) this.paths.set(path, undefined);
    if (isFolder(file)) this.paths.set(firstPlace(file), file);
    else this.files.push(file);
    return true;
  }
}

function chunks(root: string, files: readonly Nameless[]): Chunk[] {
  const places = new Places(root);
  const { together, alone } = settle(places, files);
  const out = [new Chunk(places)];
  for (const file of together) if (!out.at(-1)?.add(file)) out.push(new Chunk(places, file));
  return [...out, ...alone.map((file) => new Chunk(places, file))].filter((chunk) => !chunk.empty);
}

/** Opens a file by its existing name. @throws SysError */
function openByLink({ names }: Nameless, path: string): void {
  for (const { holds } of names) {
    for (const hold of holds) {
      const flags = hold.flags === undefined ? O_PATH | O_NOFOLLOW : hold.flags & ~TMPFILE;
      hold.fd = sys('openat', AT_FDCWD, cstring(path), flags | O_CLOEXEC, 0);
    }
  }
}

function isOpen({ names }: Nameless): boolean {
  return names.every(({ holds }) => holds.every(({ fd }) => fd !== undefined));
}

function asError(error: MomentError): CriuError {
  const readOnly = error.code === 'EROFS';
  return new CriuError(
    error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'NO_SPACE' : 'SYSCALL',
    'cannot put a deleted file back for its tasks to open',
    { file: error.path },
    readOnly ? 'the file system has to be writable for a moment' : undefined,
    error,
  );
}

/**
 * Opens files without a name; no name is left behind.
 * @throws CriuError SYSCALL, NO_SPACE
 */
export async function openNameless({ agent, root }: FileView, files: readonly Nameless[]): Promise<void> {
  for (let tries = TRIES; ; tries--) {
    try {
      for (const chunk of chunks(
        root,
        files.filter((file) => !isOpen(file)),
      ))
        await runMoment(agent, chunk);
      return;
    } catch (error) {
      if (!(error instanceof MomentError)) throw error;
      const { file } = error;
      if (file && error.unborn && NO_TMPFILE.has(error.code)) file.plain = true;
      else if (file?.what.kind === 'link' && NO_LINK.has(error.code)) openByLink(file, root + file.what.from);
      else if (tries === 0 || !CHANGED.has(error.code)) throw asError(error);
    }
  }
}
