// Checks the kernel for the restore of mounts: all mounts are created detached, and get their peer groups when they are
// attached.
import { cstring, sysRaw } from '@criu/native';
import { EBADF } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { SET_GROUP } from './calls.js';

/** Unknown flags are refused before descriptors are checked, with another errno than EBADF. */
const ask = () => sysRaw('move_mount', -1, cstring(''), -1, cstring(''), SET_GROUP);

/** @throws CriuError UNSUPPORTED before Linux 5.15 */
export function needsSetGroup(result = ask()): void {
  if (result === -EBADF) return;
  throw new CriuError(
    'UNSUPPORTED',
    'this kernel cannot restore mount namespaces: it has no MOVE_MOUNT_SET_GROUP',
    {},
    'restore on Linux 5.15 or newer',
  );
}
