// IPC objects belong to the user that creates them.
import type { Program } from '@criu/compel';
import type { AgentIds } from '../../../views/planned-users.js';

const KEEP = -1;

/** Executes steps as the user who has created an object: the kernel records the creator's ids. */
export function asCreator(
  p: Program,
  own: AgentIds,
  { cuid, cgid }: { readonly cuid: number; readonly cgid: number },
  make: () => void,
): void {
  const { uid, gid } = own;
  const other = cuid !== uid || cgid !== gid;
  if (other) {
    p.syscall('setresgid', [KEEP, cgid, KEEP], { label: `group ${cgid} for a moment` });
    p.syscall('setresuid', [KEEP, cuid, KEEP], { label: `user ${cuid} for a moment` });
  }
  make();
  if (other) {
    p.syscall('setresuid', [KEEP, uid, KEEP]);
    p.syscall('setresgid', [KEEP, gid, KEEP]);
  }
}
