// What a restore of mounts needs of the kernel: all of them are made detached, and get their peer groups when they are in place.
import { cstring, sysRaw } from '@criu/native';
import { EBADF } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { SET_GROUP } from './calls.js';

/** Unknown flags are refused before anybody looks at the descriptors: then it is another errno than EBADF. */
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
