/** Ids with which files are made (setfsuid(2)): a file system of a user namespace takes no files of users that this does not have. */

import { sys, sysRaw } from '@criu/native';
import { PR_GET_SECUREBITS, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP } from '@criu/native/uapi';

/**
 * Does something at once with other file system ids, as far as this process may have them. They are those of this thread, and no
 * other does anything for it meanwhile. Undefined: with its own.
 */
export function withFsIds<T>(
  ids: { readonly uid: number; readonly gid: number } | undefined,
  act: () => T,
): T {
  if (!ids) return act();
  const bits = sysRaw('prctl', PR_GET_SECUREBITS, 0, 0, 0, 0);
  // Capabilities stay what they are.
  sys('prctl', PR_SET_SECUREBITS, bits | SECBIT_NO_SETUID_FIXUP, 0, 0, 0);
  // The calls give the ids of before, and nothing else.
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
