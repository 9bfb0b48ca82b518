/**
 * File system ids, with which files are created (setfsuid(2)). A file system mounted in a user namespace refuses files
 * of users that this namespace does not map.
 */

import { sys, sysRaw } from '@criu/native';
import { PR_GET_SECUREBITS, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP } from '@criu/native/uapi';

/**
 * Calls `act` with other file system ids, as far as this process may set them. The ids are per thread, and `act` is
 * synchronous, so nothing else runs with them. With `ids` undefined, the own ids stay.
 */
export function withFsIds<T>(
  ids: { readonly uid: number; readonly gid: number } | undefined,
  act: () => T,
): T {
  if (!ids) return act();
  const bits = sysRaw('prctl', PR_GET_SECUREBITS, 0, 0, 0, 0);
  // SECBIT_NO_SETUID_FIXUP keeps the capabilities as they are.
  sys('prctl', PR_SET_SECUREBITS, bits | SECBIT_NO_SETUID_FIXUP, 0, 0, 0);
  // setfsuid(2) and setfsgid(2) return the former ids, and report no errors.
  const gid = sysRaw('setfsgid', ids.gid);
  const uid = sysRaw('setfsuid', ids.uid);
  try {
    return act();
  } finally {
    sysRaw('setfsuid', uid);
    sysRaw('setfsgid', gid);
    sys('prctl', PR_SET_SECUREBITS, bits, 0, 0, 0);
  }
}
