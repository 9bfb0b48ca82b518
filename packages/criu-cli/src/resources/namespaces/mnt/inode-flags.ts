// Attributes of files in memory as chattr(1) sets them (immutable, append-only, no dump, no times of access): archives
// do not have them. They come back last of all: nobody could open such a file for writing, or make others in such a
// folder.
import { cstring, SysError, sysRaw } from '@criu/native';
import { closeSync, lstatSync, openSync, readdirSync } from '@criu/native/fs';
import { O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { asCriuError } from '../../../errors.js';
import type { FlaggedFile } from '../../../images/types.js';
import { readInodeFlags, writeInodeFlags } from '../../files/regular/inode-flags.js';
import { RESOLVE_INSIDE } from './calls.js';

const READ = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;

/** All files and folders below an open folder that have any. @throws SysError */
export function listFlagged(root: number): FlaggedFile[] {
  const found: FlaggedFile[] = [];
  const placeOf = (path: string) => `/proc/self/fd/${root}/${path === '' ? '.' : path}`;
  /** Whether files of this file system can have any. */
  const look = (path: string): boolean => {
    const fd = openSync(placeOf(path), READ);
    try {
      const flags = readInodeFlags(fd);
      if (flags) found.push({ path, flags });
      return flags !== undefined;
    } finally {
      closeSync(fd);
    }
  };
  const visit = (folder: string): void => {
    for (const name of readdirSync(placeOf(folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const stat = lstatSync(placeOf(path));
      // Opening a device or FIFO would be noticed.
      if (stat.isFile() || stat.isDirectory()) look(path);
      if (stat.isDirectory()) visit(path);
    }
  };
  // Before Linux 6.6 files in memory have none.
  if (look('')) visit('');
  return found;
}

function openInside(root: number, path: string): number {
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(READ), 0);
  how.writeBigUInt64LE(BigInt(RESOLVE_INSIDE), 16);
  const fd = sysRaw('openat2', root, cstring(path || '.'), how, how.length);
  if (fd < 0) throw new SysError('openat2', -fd, path);
  return fd;
}

/** Gives files their attributes when tasks are about to go; they are opened as long as nothing is mounted on their file system. */
export class Flagging {
  private readonly open: { readonly fd: number; readonly file: FlaggedFile; readonly what: string }[] = [];

  constructor(ctx: PlanContext) {
    ctx.beforeGo('give files in memory their attributes', () => {
      // Files before the folders that they are in.
      for (const { fd, file, what } of this.open.toReversed())
        try {
          writeInodeFlags(fd, file.flags);
        } catch (error) {
          throw asCriuError(error, `cannot give a file of the ${what} its attributes`, { file: file.path });
        }
      this.close();
    });
    ctx.cleanup('close files in memory', () => this.close());
  }

  /** @throws CriuError */
  add(root: number, files: readonly FlaggedFile[], what: string): void {
    for (const file of files)
      try {
        this.open.push({ fd: openInside(root, file.path), file, what });
      } catch (error) {
        throw asCriuError(error, `the ${what} has no such file`, { file: file.path });
      }
  }

  private close(): void {
    for (const { fd } of this.open.splice(0)) closeSync(fd);
  }
}
