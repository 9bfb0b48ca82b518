// Restores a ghost file's contents, owner, mode, attributes and times to an unnamed file.

import { cstring, SysError, sys, sysRaw } from '@criu/native';
import { chmodSync, closeSync, ftruncateSync, openSync } from '@criu/native/fs';
import { AT_EMPTY_PATH, AT_FDCWD, EIO, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, timespec } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../../../errors.js';
import type { GhostFileEntry } from '../../../images/types.js';
import type { GhostImage } from './ghost-image.js';
import { writeInodeFlags } from './inode-flags.js';
import { writeXattrs } from './xattrs.js';

/** Large files are copied in pieces of this many bytes, so that a restore can be cancelled meanwhile. */
const PIECE = 64 << 20;
/** Errors of file systems that do not support an attribute. */
const UNKNOWN = new Set(['EOPNOTSUPP', 'ENOTTY']);

async function copy(image: number, from: number, file: number, to: number, length: number): Promise<void> {
  sys('lseek', file, to, 0);
  const position = new BigInt64Array([BigInt(from)]);
  for (let left = length; left > 0; ) {
    // Copies within the kernel.
    const n = sysRaw('sendfile', file, image, position, Math.min(left, PIECE));
    if (n <= 0) throw new SysError('sendfile', n < 0 ? -n : EIO);
    left -= n;
    if (left > 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function content({ path, size, pieces }: GhostImage, name: string): Promise<void> {
  const file = openSync(name, 'r+');
  try {
    ftruncateSync(file, size);
    if (pieces.length === 0) return;
    const image = openSync(path, 'r');
    try {
      for (const { from, to, length } of pieces) await copy(image, from, file, to, length);
    } finally {
      closeSync(image);
    }
  } finally {
    closeSync(file);
  }
}

/** Two struct timespec: access and modification time. */
function timespecs({ atim, mtim, atim_nsec, mtim_nsec }: GhostFileEntry): Buffer | undefined {
  if (!atim || !mtim) return undefined;
  const out = Buffer.alloc(2 * timespec.sizeof);
  const times = [
    { ...atim, nsec: atim_nsec },
    { ...mtim, nsec: mtim_nsec },
  ];
  for (const [i, { tv_sec, tv_usec, nsec }] of times.entries()) {
    const at = i * timespec.sizeof;
    const nanoseconds = nsec === undefined ? BigInt.asIntN(64, tv_usec * 1000n) : BigInt(nsec);
    out.writeBigInt64LE(BigInt.asIntN(64, tv_sec), at + timespec.tv_sec);
    out.writeBigInt64LE(nanoseconds, at + timespec.tv_nsec);
  }
  return out;
}

/** Sets inode flags (chattr(1)); called before contents are written. */
function inodeFlags({ mode, inode_flags: flags = 0 }: GhostFileEntry, name: string): void {
  const type = mode & S_IFMT;
  if (type !== S_IFREG && type !== S_IFDIR) return;
  const fd = openSync(name, 'r');
  try {
    writeInodeFlags(fd, flags);
  } finally {
    closeSync(fd);
  }
}

/** Fills in the file of a descriptor. @param owner ids as this process sees them @throws CriuError */
export async function fillGhost(
  ghost: GhostImage,
  owner: { readonly uid: number; readonly gid: number },
  fd: number,
  file: string,
): Promise<void> {
  const { entry } = ghost;
  const type = entry.mode & S_IFMT;
  const name = `/proc/self/fd/${fd}`;
  // CRIU's images have neither inode flags nor extended attributes; that does not mean that the file had none.
  const complete = entry.atim_nsec !== undefined;
  try {
    if (complete) inodeFlags(entry, name);
    if (type === S_IFREG) await content(ghost, name);
    // Writing and changing the owner clear set-id bits and capabilities, so mode and attributes are set afterwards.
    sys('fchownat', fd, cstring(''), owner.uid, owner.gid, AT_EMPTY_PATH);
    if (type !== S_IFLNK) chmodSync(name, entry.mode & 0o7777);
    if (complete) writeXattrs(fd, ghost.xattrs);
    const times = timespecs(entry);
    if (times) sys('utimensat', AT_FDCWD, cstring(name), times, 0);
  } catch (error) {
    const what = `cannot bring back the deleted file of ${ghost.name}`;
    if (UNKNOWN.has((error as NodeJS.ErrnoException).code ?? ''))
      throw new CriuError(
        'UNSUPPORTED',
        what,
        { file },
        'restore it where the file system has such attributes, as that of the dump',
        error,
      );
    throw asCriuError(error, what, { file });
  }
}
