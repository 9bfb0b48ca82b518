// Dumps bind mounts of removed files: a file or folder that is only reachable through the mount is stored as a ghost
// file.
import { type Agent, Program } from '@criu/compel';
import { close } from '@criu/native';
import { fstatSync } from '@criu/native/fs';
import { AT_FDCWD, O_CLOEXEC, O_PATH, S_IFMT, S_IFREG } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { FsMagic, fsTypeOf } from '../../files/open-file.js';
import { unopened } from '../../files/regular/dump.js';
import { keepGhost } from '../../files/regular/ghost-dump.js';
import type { FoundMount } from './table.js';

/** Opens the root of a mount with an agent that sees it. */
export async function rootOf(mount: FoundMount, agent: Agent): Promise<number> {
  const label = `mount at ${mount.mountpoint}`;
  const p = new Program(label);
  const at = p.syscall('openat', [AT_FDCWD, p.cstring(mount.mountpoint), O_PATH | O_CLOEXEC], { label });
  p.sendFd(at);
  const result = await agent.run(p);
  // A descriptor is sent at the end of its program, so another one closes it.
  const after = new Program(label);
  after.syscall('close', [result.value(at)]);
  await agent.run(after);
  const [fd] = result.fds;
  if (fd === undefined) throw new CriuError('INTERNAL', 'no descriptor came', { file: mount.mountpoint });
  return fd;
}

/**
 * Stores the file or folder at the root of a mount as a ghost.
 * @param agent an agent for which the mount is not covered
 * @returns id of its ghost image
 * @throws CriuError UNSUPPORTED if the file has another name: a restore would create two files
 */
export async function keepRemoved(ctx: DumpContext, mount: FoundMount, agent: Agent): Promise<number> {
  const local = await rootOf(mount, agent);
  try {
    const stat = fstatSync(local, { bigint: true });
    const fsType = fsTypeOf(local);
    const isFile = (Number(stat.mode) & S_IFMT) === S_IFREG;
    // overlayfs reports a link count for removed files as well.
    if (isFile && stat.nlink > 0n && fsType !== FsMagic.OVERLAYFS)
      throw new CriuError(
        'UNSUPPORTED',
        `mount ${mount.id} is a bind of a file by a name that has been removed, and the file has another one`,
        { file: mount.mountpoint },
        'unmount it before the dump, or bind the file by the name that it has',
      );
    return keepGhost(ctx, unopened({ pid: ctx.root.pid, local, link: mount.mountpoint, stat, fsType }));
  } finally {
    close(local);
  }
}
