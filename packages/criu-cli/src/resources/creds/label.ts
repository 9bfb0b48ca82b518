// Labels of security modules (AppArmor, SELinux) as the kernel shows them and images have them.
import { cstring, decodeCString, SysError, sysRaw } from '@criu/native';
import { existsSync } from '@criu/native/fs';
import { ENODATA, EOPNOTSUPP } from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import { CriuError } from '../../errors.js';
import { readAttr, readAttrCurrent } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { LSM, type Lsm } from './profile.js';

/** Bytes; the kernel returns at most a page for a label. */
const MOST_LABEL = 4096;

export const NAMES: Readonly<Record<Lsm, string>> = {
  [LSM.NONE]: 'no security module',
  [LSM.SELINUX]: 'SELinux',
  [LSM.APPARMOR]: 'AppArmor',
};

/** User, role, type, and mostly a level. AppArmor's namespaces have a colon in front (`:NAMESPACE:PROFILE`). */
const CONTEXT = /^[^:/ ]+:[^:/ ]+:[^:/ ]+/;

/** The mode that AppArmor appends to the label of a confined task. */
const MODE = / \(\w+\)$/;

/**
 * The module to which the label of /proc/PID/attr/current belongs. AppArmor writes `unconfined`, or a mode at the end;
 * labels of SELinux are contexts. A container need not have a securityfs.
 */
export function moduleOf(label: string | undefined): Lsm {
  if (label === 'unconfined' || (label !== undefined && MODE.test(label))) return LSM.APPARMOR;
  if (label !== undefined && CONTEXT.test(label)) return LSM.SELINUX;
  return existsSync('/sys/kernel/security/apparmor') ? LSM.APPARMOR : LSM.NONE;
}

/** The label in a text of /proc/PID/attr/current; undefined if the task is not confined. AppArmor appends the mode. */
export function labelOf(text: string | undefined, module: Lsm): string | undefined {
  if (text === undefined || module === LSM.NONE) return undefined;
  const label = module === LSM.APPARMOR ? text.replace(MODE, '') : text;
  return label === 'unconfined' ? undefined : label;
}

const host = stateKey('security module', (_: DumpContext): Lsm => moduleOf(readAttrCurrent(process.pid)));

/** The security module of this machine. */
export function securityModule(ctx: DumpContext): Lsm {
  return ctx.states.get(host);
}

/** All labels of threads that were met. */
export const knownLabels = stateKey('labels of threads', (_: DumpContext): Set<string> => new Set());

/** The label of a thread; undefined if it is not confined. */
export function dumpLabel(ctx: DumpContext, tid: number): string | undefined {
  const module = securityModule(ctx);
  const label = module === LSM.NONE ? undefined : labelOf(readAttrCurrent(tid), module);
  if (label !== undefined) ctx.states.get(knownLabels).add(label);
  return label;
}

/** Fields for the labels that a thread has chosen for what it makes, by the names of the files in /proc/PID/attr. */
export const CHOSEN = {
  sockcreate: 'lsm_sockcreate',
  exec: 'lsm_exec',
  fscreate: 'lsm_fscreate',
  keycreate: 'lsm_keycreate',
} as const;
export type Chosen = keyof typeof CHOSEN;
export const CHOICES = Object.keys(CHOSEN) as readonly Chosen[];

/** Labels for what a thread makes; those that it has not chosen are absent. */
export type ChosenLabels = { readonly [Field in (typeof CHOSEN)[Chosen]]?: string };

/**
 * The labels that the thread has chosen for what it makes (setsockcreatecon(3), setexeccon(3) and their likes).
 * @throws CriuError for a profile of AppArmor that it is to have from its next execve(2) on: the kernel does not tell whether it has its
 * present one, too
 */
export function dumpChosenLabels(ctx: DumpContext, tid: number): ChosenLabels {
  const module = securityModule(ctx);
  const next = module === LSM.APPARMOR ? readAttr(tid, 'exec') : undefined;
  if (next)
    throw new CriuError(
      'UNSUPPORTED',
      `it has chosen a profile of AppArmor for the next program that it executes (${next})`,
      { pid: tid },
      'dump it when it has executed the program',
    );
  if (module !== LSM.SELINUX) return {};
  const chosen = CHOICES.map((name) => [CHOSEN[name], readAttr(tid, name)] as const);
  return Object.fromEntries(chosen.filter(([, label]) => label));
}

/** The SELinux label of a socket, by our copy of its descriptor; undefined if there is none. @throws SysError */
export function dumpLabelOfSocket(ctx: DumpContext, local: number): string | undefined {
  if (securityModule(ctx) !== LSM.SELINUX) return undefined;
  const room = Buffer.alloc(MOST_LABEL);
  const size = sysRaw('fgetxattr', local, cstring('security.selinux'), room, room.length);
  if (size === -ENODATA || size === -EOPNOTSUPP) return undefined;
  if (size < 0) throw new SysError('fgetxattr', -size, 'security.selinux');
  return decodeCString(room.subarray(0, size)) || undefined;
}

/** Replaces the SELinux context in mount options. */
export function withContext(options: string, context: string | undefined): string {
  if (context === undefined) return options;
  return options.replace(
    /(^|,)context=(?:"[^"]*"|[^,]*)/,
    (_, before: string) => `${before}context="${context}"`,
  );
}
