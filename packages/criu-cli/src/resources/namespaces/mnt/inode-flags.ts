// Attributes of chattr(1) (immutable, append-only, nodump, noatime) of files on tmpfs, which archives do not contain.
// They are set last, since an immutable or append-only file could not be written and no file could be created in such a
// directory.
import { cstring, SysError, sysRaw } from '@criu/native';
import { closeSync, lstatSync, openSync, readdirSync } from '@criu/native/fs';
import { O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, open_how } from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { asCriuError } from '../../../errors.js';
import type { FlaggedFile } from '../../../images/types.js';
import { readInodeFlags, writeInodeFlags } from '../../files/regular/inode-flags.js';
import { RESOLVE_INSIDE } from './calls.js';

const READ = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;

/** All files and directories below an open directory that have attributes. @throws SysError */
export function listFlagged(root: number): FlaggedFile[] {
  const found: FlaggedFile[] = [];
  const placeOf = (path: string) => `/proc/self/fd/${root}/${path === '' ? '.' : path}`;
  /** Records the attributes of a file. Returns whether its file system supports attributes. */
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
      // Devices and FIFOs are left out: opening one has side effects.
      if (stat.isFile() || stat.isDirectory()) look(path);
      if (stat.isDirectory()) visit(path);
    }
  };
  // tmpfs has attributes since Linux 6.6.
  if (look('')) visit('');
  return found;
}

function openInside(root: number, path: string): number {
  const how = Buffer.alloc(open_how.sizeof);
  how.writeBigUInt64LE(BigInt(READ), open_how.flags);
  how.writeBigUInt64LE(BigInt(RESOLVE_INSIDE), open_how.resolve);
  const fd = sysRaw('openat2', root, cstring(path || '.'), how, how.length);
  if (fd < 0) throw new SysError('openat2', -fd, path);
  return fd;
}

/**
 * Sets the attributes of files shortly before the tasks run. The files are opened earlier, while no mounts cover them.
 */
export class Flagging {
  private readonly open: { readonly fd: number; readonly file: FlaggedFile; readonly what: string }[] = [];

  constructor(ctx: PlanContext) {
    ctx.beforeGo('give files in memory their attributes', () => {
      // Files before the directories that contain them.
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
