// The files of a small file system in memory: read and created without tar(1). Hard links, holes and
// attributes are left to tar; sockets are in no archive.
import { cstring, decodeName, encodeName, sys } from '@criu/native';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  writeSync,
} from '@criu/native/fs';
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_PATH,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  timespec,
  UTIME_OMIT,
} from '@criu/native/uapi';
import { major, minor } from '../../files/open-file.js';
import { readXattrs } from '../../files/regular/xattrs.js';

const MOST_ENTRIES = 256;
/** Limit in bytes for all contents. */
export const MOST_BYTES = 1 << 18;
export const NANOSECONDS = 1_000_000_000n;

export const KINDS = ['file', 'folder', 'link', 'character', 'block', 'fifo'] as const;
export type Kind = (typeof KINDS)[number];

const TYPES: Readonly<Record<Kind, number>> = {
  file: S_IFREG,
  folder: S_IFDIR,
  link: S_IFLNK,
  character: S_IFCHR,
  block: S_IFBLK,
  fifo: S_IFIFO,
};

export interface PlainFile {
  /** Path below the root; empty for the root itself. */
  readonly path: string;
  readonly kind: Kind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  /** Contents of a file; target of a symbolic link, as bytes. */
  readonly content: Buffer;
  /** Numbers of a device. */
  readonly device?: { readonly major: number; readonly minor: number };
}

const NOTHING = Buffer.alloc(0);

function readAll(path: string, size: number): Buffer | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const content = Buffer.alloc(size);
    return readSync(fd, content, 0, size, 0) === size ? content : undefined;
  } finally {
    closeSync(fd);
  }
}

function hasAttributes(path: string): boolean {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    return readXattrs(fd).length > 0;
  } finally {
    closeSync(fd);
  }
}

/**
 * The files below an open folder, folders before their contents; undefined if any file is not plain.
 * @throws SysError
 */
export function plainFiles(root: number): PlainFile[] | undefined {
  const files: PlainFile[] = [];
  let room = MOST_BYTES;
  const own = fstatSync(root, { bigint: true }).dev;
  const visit = (path: string): boolean => {
    const place = `/proc/self/fd/${root}/${path === '' ? '.' : path}`;
    const stat = lstatSync(place, { bigint: true });
    const type = Number(stat.mode) & S_IFMT;
    if (type === S_IFSOCK) return true;
    const kind = KINDS.find((one) => TYPES[one] === type);
    if (kind === undefined || files.length >= MOST_ENTRIES || stat.dev !== own || hasAttributes(place))
      return false;
    if (kind !== 'folder' && stat.nlink !== 1n) return false;
    let content: Buffer | undefined = NOTHING;
    if (kind === 'link') content = encodeName(readlinkSync(place));
    else if (kind === 'file') {
      room -= Number(stat.size);
      if (room < 0 || stat.blocks * 512n < stat.size) return false;
      content = readAll(place, Number(stat.size));
    }
    if (!content) return false;
    const device =
      kind === 'character' || kind === 'block'
        ? { device: { major: major(stat.rdev), minor: minor(stat.rdev) } }
        : {};
    const [uid, gid, mode] = [Number(stat.uid), Number(stat.gid), Number(stat.mode) & 0o7777];
    files.push({ path, kind, mode, uid, gid, mtime: stat.mtimeNs, content, ...device });
    return (
      kind !== 'folder' || readdirSync(place).every((name) => visit(path === '' ? name : `${path}/${name}`))
    );
  };
  return visit('') ? files : undefined;
}

/** A device number for mknod(2). */
function packed({ major: high, minor: low }: { readonly major: number; readonly minor: number }): number {
  return (low & 0xff) | ((high & 0xfff) << 8) | ((low & ~0xff) << 12);
}

function makeOne(place: string, { kind, content, device }: PlainFile): void {
  const path = cstring(place);
  switch (kind) {
    case 'folder':
      sys('mkdirat', AT_FDCWD, path, 0o700);
      return;
    case 'link':
      sys('symlinkat', cstring(decodeName(content)), AT_FDCWD, path);
      return;
    case 'file': {
      const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
      const fd = openSync(place, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
      try {
        for (let at = 0; at < content.length; ) at += writeSync(fd, content, at);
      } finally {
        closeSync(fd);
      }
      return;
    }
    default:
      sys('mknodat', AT_FDCWD, path, TYPES[kind] | 0o600, device ? packed(device) : 0);
  }
}

/** Creates the files in an empty open folder. @throws SysError */
export function placeFiles(root: number, files: readonly PlainFile[]): void {
  const placeOf = (path: string) => `/proc/self/fd/${root}/${path === '' ? '.' : path}`;
  for (const file of files) {
    const { path, kind, mode, uid, gid } = file;
    if (path !== '') makeOne(placeOf(path), file);
    const place = cstring(placeOf(path));
    sys('fchownat', AT_FDCWD, place, uid, gid, AT_SYMLINK_NOFOLLOW);
    // A symbolic link has no mode of its own; fchmodat would follow it.
    if (kind !== 'link') sys('fchmodat', AT_FDCWD, place, mode);
  }
  // Creating files changes the time of their folder, so times are set last.
  for (const { path, mtime } of [...files].reverse()) {
    const [atim, mtim] = [0, timespec.sizeof];
    const times = Buffer.alloc(2 * timespec.sizeof);
    times.writeBigInt64LE(BigInt(UTIME_OMIT), atim + timespec.tv_nsec);
    times.writeBigInt64LE(mtime / NANOSECONDS, mtim + timespec.tv_sec);
    times.writeBigInt64LE(mtime % NANOSECONDS, mtim + timespec.tv_nsec);
    sys('utimensat', AT_FDCWD, cstring(placeOf(path)), times, AT_SYMLINK_NOFOLLOW);
  }
}
