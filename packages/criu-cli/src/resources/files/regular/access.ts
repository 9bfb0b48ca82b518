// Checks, for a dump without root, that who dumps may open a file again, which a task may have been given by somebody else.
import { cstring, sysRaw } from '@criu/native';
import { AT_EACCESS, AT_FDCWD, EACCES, EPERM, O_ACCMODE, O_PATH, R_OK, W_OK } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { mountIdOf } from '../../../views/mounts.js';
import { groupInside, idMaps, userInside } from '../../../views/users.js';
import { externalId } from '../../external.js';
import type { PathFile } from './dump.js';

/** R_OK and W_OK as needed for the access mode of open(2) flags. */
export function accessOf(flags: number): number {
  if (flags & O_PATH) return 0;
  return [R_OK, W_OK, R_OK | W_OK][flags & O_ACCMODE] ?? R_OK | W_OK;
}

/** Whether the root of the tasks' user namespace may do everything with the file: it is of users that are mapped there. */
function isInside(ctx: DumpContext, { uid, gid }: PathFile['stat']): boolean {
  if (!ctx.states.get(idMaps)) return false;
  return userInside(ctx, Number(uid)) !== undefined && groupInside(ctx, Number(gid)) !== undefined;
}

/** @throws CriuError NOT_PERMITTED for a file that a restore by the same user could not open */
export function checkAccess(ctx: DumpContext, file: PathFile): void {
  const access = accessOf(file.flags);
  if (!ctx.options.unprivileged || access === 0 || isInside(ctx, file.stat)) return;
  const path = cstring(`/proc/self/fd/${file.local}`);
  const result = sysRaw('faccessat2', AT_FDCWD, path, access, AT_EACCESS);
  if (result !== -EACCES && result !== -EPERM) return;
  throw new CriuError(
    'NOT_PERMITTED',
    `the task has it open for ${access & W_OK ? 'writing' : 'reading'}, as who runs criu may not open it`,
    { pid: file.pid, file: file.link, ...(file.fd === undefined ? {} : { fd: file.fd }) },
    `permit it, have it given at restore (--external '${externalId.file(mountIdOf(file.local, file.info), file.stat.ino)}', and --inherit-fd), or run as root`,
  );
}
