// Profiles and contexts of security modules: kept in the images, and compared with what restored tasks will have.
import { existsSync } from '@criu/native/fs';
import type { DumpContext } from '../../engine/dump-context.js';
import type { PlanContext } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import { readAttrCurrent } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { LSM, type Lsm, parseProfile } from './profile.js';

const NAMES: Readonly<Record<Lsm, string>> = {
  [LSM.NONE]: 'no security module',
  [LSM.SELINUX]: 'SELinux',
  [LSM.APPARMOR]: 'AppArmor',
};

/** The module whose label /proc/PID/attr/current has; SELinux's have user, role, type and level, with colons between them. */
function moduleOf(label: string | undefined): Lsm {
  if (existsSync('/sys/kernel/security/apparmor')) return LSM.APPARMOR;
  return label !== undefined && label.split(':').length > 3 ? LSM.SELINUX : LSM.NONE;
}

/** What /proc/PID/attr/current says; undefined if the task is not confined. AppArmor has the mode behind the name. */
export function labelOf(text: string | undefined, module: Lsm): string | undefined {
  if (text === undefined || module === LSM.NONE) return undefined;
  const label = module === LSM.APPARMOR ? text.replace(/ \(\w+\)$/, '') : text;
  return label === 'unconfined' ? undefined : label;
}

const host = stateKey('security module', (_: DumpContext): Lsm => moduleOf(readAttrCurrent(process.pid)));

/** The module of this machine. */
export function securityModule(ctx: DumpContext): Lsm {
  return ctx.states.get(host);
}

/** The label of a thread; undefined if none confines it. */
export function dumpLabel(ctx: DumpContext, tid: number): string | undefined {
  const module = securityModule(ctx);
  return module === LSM.NONE ? undefined : labelOf(readAttrCurrent(tid), module);
}

/** How to run a command with a label. */
const RUN: Readonly<Record<Lsm, (label: string) => string>> = {
  [LSM.NONE]: () => 'restore',
  [LSM.APPARMOR]: (label) => `aa-exec -p '${label}' criu restore …`,
  [LSM.SELINUX]: (label) => `runcon '${label}' criu restore …`,
};

/**
 * Restored tasks have the label of whoever restores. To let a task go that was confined is worse than not to restore it: so
 * labels have to be the same, unless it is said that there is to be none.
 */
export function checkLabels(ctx: PlanContext, own = readAttrCurrent(process.pid)): void {
  if (ctx.onPaper) return;
  const { options } = ctx;
  const asked = options.lsmProfile === undefined ? undefined : parseProfile(options.lsmProfile);
  if (asked && asked.label === undefined) return;
  const here = moduleOf(own);
  const there = asked?.module ?? ctx.checkpoint.inventory.lsmtype ?? LSM.NONE;
  for (const { task } of ctx.tasks)
    for (const { tid, core } of task.threads) {
      const label = asked?.label ?? core.thread_core.creds?.lsm_profile;
      if (label === undefined || (here === there && label === labelOf(own, here))) continue;
      const title = `${NAMES[there as Lsm]} (${label})`;
      ctx.refusals.add(
        new CriuError(
          'UNSUPPORTED',
          here === there
            ? `it is to be confined by ${title}, and would have the label of criu (${labelOf(own, here) ?? 'unconfined'})`
            : `it is to be confined by ${title}, and this machine has ${NAMES[here]}`,
          { pid: tid },
          `${here === there ? `restore with that label (${RUN[here](label)})` : 'restore on a machine that has it'}, ` +
            'or let the task go without it: --lsm-profile none',
        ),
      );
      // All of a container have the same.
      if (asked) return;
    }
}

/** Mount options with another context. */
export function withContext(options: string, context: string | undefined): string {
  if (context === undefined) return options;
  return options.replace(
    /(^|,)context=(?:"[^"]*"|[^,]*)/,
    (_, before: string) => `${before}context="${context}"`,
  );
}
