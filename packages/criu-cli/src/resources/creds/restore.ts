// Restores the credentials of one thread: ids, groups, capabilities, securebits, no_new_privs.

import { Mark, type Program } from '@criu/compel';
import {
  _LINUX_CAPABILITY_VERSION_3,
  CAP_CHECKPOINT_RESTORE,
  PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_RAISE,
  PR_CAPBSET_DROP,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_SECUREBITS,
  SECBIT_NO_SETUID_FIXUP,
} from '@criu/native/uapi';
import type { CapabilityName } from '../../capabilities.js';
import type { CredsEntry } from '../../images/types.js';
import type { ChosenLabels } from './label.js';
import { chooseLabels, giveLabel, type Label } from './label-restore.js';

/** Capabilities that the format of images, and capset(2), have room for. */
const MOST_CAPABILITIES = 64;

/** Conditions for changing credentials. */
export interface Changes {
  /** Supplementary groups cannot be set; tasks have those with which they were created. */
  readonly groupsFixed: boolean;
  /** Capabilities that the restore does not have: what needs them is not set, and was checked to be equal already. */
  readonly fixed: ReadonlySet<CapabilityName>;
}

/** The LSM labels that a thread gets at the end. */
export interface Confinement {
  readonly label: Label | undefined;
  /** Labels for what it will make. */
  readonly chosen: ChosenLabels;
}

const word = (words: readonly number[], i: number) => (words[i] ?? 0) >>> 0;
const bit = (words: readonly number[], cap: number) => ((word(words, cap >> 5) >>> (cap & 31)) & 1) === 1;

/** Adds the steps; afterwards the thread has no more privileges than at the dump. */
export function restoreCreds(
  p: Program,
  creds: CredsEntry,
  { groupsFixed, fixed }: Changes,
  { label, chosen }: Confinement,
): void {
  // Keeps capabilities while ids change; they are set as a whole at the end.
  if (!fixed.has('CAP_SETPCAP'))
    p.syscall('prctl', [PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0], { label: 'secure bits' });
  const groups = creds.groups;
  if (!groupsFixed && !fixed.has('CAP_SETGID'))
    p.syscall('setgroups', [groups.length, groups.length ? p.i32(...groups) : null], {
      label: 'supplementary groups',
    });
  p.syscall('setresgid', [creds.gid, creds.egid, creds.sgid], { label: 'group ids' });
  p.syscall('setfsgid', [creds.fsgid], { expect: 'any' });
  p.syscall('setresuid', [creds.uid, creds.euid, creds.suid], { label: 'user ids' });
  p.syscall('setfsuid', [creds.fsuid], { expect: 'any' });
  if (!fixed.has('CAP_SETPCAP'))
    p.syscall('prctl', [PR_SET_SECUREBITS, creds.secbits, 0, 0, 0], { label: 'secure bits' });
  if (!fixed.has('CAP_SETPCAP')) limitBounds(p, creds.cap_bnd);
  const header = p.i32(_LINUX_CAPABILITY_VERSION_3, 0);
  const data = p.i32(
    ...[0, 1].flatMap((i) => [word(creds.cap_eff, i), word(creds.cap_prm, i), word(creds.cap_inh, i)]),
  );
  p.syscall('capset', [header, data], { label: 'capabilities' });
  for (let cap = 0; cap < MOST_CAPABILITIES; cap++) {
    if (bit(creds.cap_amb, cap))
      p.syscall('prctl', [PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0], {
        label: `ambient capability ${cap}`,
      });
  }
  if (label) giveLabel(p, label);
  chooseLabels(p, chosen);
  if (creds.no_new_privs) p.syscall('prctl', [PR_SET_NO_NEW_PRIVS, creds.no_new_privs, 0, 0, 0]);
}

/** Drops all capabilities that are not in the bounding set of the images. */
function limitBounds(p: Program, bounds: readonly number[]): void {
  const done = new Mark();
  const dropped: number[] = [];
  for (let cap = 0; cap < MOST_CAPABILITIES; cap++) if (!bit(bounds, cap)) dropped.push(cap);
  const label = (row: number) => `drop capability ${dropped[row]} from the bounding set`;
  const rows = { args: [PR_CAPBSET_DROP, dropped, 0, 0, 0], label };
  // Every supported kernel has the capabilities up to CAP_CHECKPOINT_RESTORE; a newer one may have more, and prctl(2)
  // fails with EINVAL at the first that it does not have.
  const certain = dropped.filter((cap) => cap <= CAP_CHECKPOINT_RESTORE).length;
  p.rows('prctl', rows, 0, certain);
  p.rows('prctl', { ...rows, orGoTo: done }, certain, dropped.length);
  p.here(done);
}
