// Attributes of chattr(1) (immutable, append-only, nodump, noatime) of files on tmpfs, which archives do not contain.
// They are set last, since an immutable or append-only file could not be written and no file could be created in such a
// directory.
import { cstring, SysError, sysRaw } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import { O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, open_how } from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { asCriuError } from '../../../errors.js';
import type { FlaggedFile } from '../../../images/types.js';
import { writeInodeFlags } from '../../files/regular/inode-flags.js';
import { RESOLVE_INSIDE } from './calls.js';

/** Opens a file or directory without side effects. */
export const READ = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;

/** Opens a path within a mount, without symbolic links. @throws SysError */
export function openInside(root: number, path: string, flags = READ): number {
  const how = Buffer.alloc(open_how.sizeof);
  how.writeBigUInt64LE(BigInt(flags), open_how.flags);
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
