// The files of a small file system in memory: archived and created without tar(1). Hard links, holes and
// attributes are left to tar; sockets are in no archive.
import { cstring, decodeName, sys } from '@criu/native';
import { closeSync, constants, openSync, writeSync } from '@criu/native/fs';
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
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
import { splitSeconds } from '../../../nanoseconds.js';
import type { TreeFile } from './small-tree.js';

/** Two struct timespec, of which the time of access stays as it is. */
export function modified(mtime: bigint): Buffer {
  const [atim, mtim] = [0, timespec.sizeof];
  const times = Buffer.alloc(2 * timespec.sizeof);
  times.writeBigInt64LE(BigInt(UTIME_OMIT), atim + timespec.tv_nsec);
  const { sec, nsec } = splitSeconds(mtime);
  times.writeBigInt64LE(sec, mtim + timespec.tv_sec);
  times.writeBigInt64LE(nsec, mtim + timespec.tv_nsec);
  return times;
}

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

/** The files that an archive has, all of which are plain; undefined if any is not. */
export function plainFiles(tree: readonly TreeFile[]): PlainFile[] | undefined {
  const files: PlainFile[] = [];
  for (const { path, mode, uid, gid, mtime, content, device, ...more } of tree) {
    const type = mode & S_IFMT;
    if (type === S_IFSOCK) continue;
    const kind = KINDS.find((one) => TYPES[one] === type);
    if (kind === undefined || more.foreign || more.hasXattrs) return undefined;
    if (kind !== 'folder' && more.nlink !== 1) return undefined;
    const read = kind === 'file' || kind === 'link';
    if (read && (!content || (kind === 'file' && more.stored < more.size))) return undefined;
    files.push({
      path,
      kind,
      mode: mode & 0o7777,
      uid,
      gid,
      mtime,
      content: content ?? NOTHING,
      ...(kind === 'character' || kind === 'block' ? { device } : {}),
    });
  }
  return files;
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
  for (const { path, mtime } of [...files].reverse())
    sys('utimensat', AT_FDCWD, cstring(placeOf(path)), modified(mtime), AT_SYMLINK_NOFOLLOW);
}
