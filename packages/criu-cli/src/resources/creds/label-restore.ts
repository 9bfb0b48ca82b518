// Profiles and contexts of security modules, given to restored threads and to the sockets that they make.
import type { Program } from '@criu/compel';
import { encodeName } from '@criu/native';
import { readFileSync } from '@criu/native/fs';
import { AT_FDCWD, O_CLOEXEC, O_WRONLY } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import type { CredsEntry } from '../../images/types.js';
import { readAttrCurrent } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { labelOf, moduleOf, NAMES } from './label.js';
import { LSM, type Lsm, parseProfile } from './profile.js';

/** Profiles that AppArmor has been told of, one a line with its mode; undefined if that may not be read. */
function loadedProfiles(): ReadonlySet<string> | undefined {
  try {
    const lines = readFileSync('/sys/kernel/security/apparmor/profiles', 'latin1').split('\n');
    return new Set(lines.map((line) => line.replace(/ \(\w+\)$/, '')));
  } catch {
    return undefined;
  }
}

/** The first profile of a stack of them that is not there; those of namespaces of AppArmor's own are not listed. */
function missingProfile(label: string, loaded: ReadonlySet<string> | undefined): string | undefined {
  if (!loaded) return undefined;
  return label
    .split('//&')
    .find((profile) => !profile.startsWith(':') && profile !== 'unconfined' && !loaded.has(profile));
}

/** What a restored thread is to have of a security module, where that is not what it is born with. */
export interface Label {
  readonly module: Lsm;
  readonly label: string;
}

/** What `--lsm-profile` says. */
function askedFor({ options }: PlanContext): ReturnType<typeof parseProfile> | undefined {
  return options.lsmProfile === undefined ? undefined : parseProfile(options.lsmProfile);
}

/** All that a plan needs to know to choose labels. */
export interface Machine {
  /** /proc/PID/attr/current of this process, of which restored tasks are born. */
  readonly own: string | undefined;
  readonly profiles: ReadonlySet<string> | undefined;
}

/**
 * Labels that threads have to be given. To let a task go that was confined is worse than not to restore it: it is refused where this
 * machine cannot confine it, unless it is said that there is to be no label.
 */
export function labelsOf(
  ctx: PlanContext,
  { own, profiles }: Machine = { own: readAttrCurrent(process.pid), profiles: loadedProfiles() },
): ReadonlyMap<number, Label> {
  const labels = new Map<number, Label>();
  if (ctx.onPaper) return labels;
  const asked = askedFor(ctx);
  if (asked && asked.label === undefined) return labels;
  const module = moduleOf(own);
  const there = asked?.module ?? ctx.checkpoint.inventory.lsmtype ?? LSM.NONE;
  const refuse = (pid: number, label: string, why: string, remedy: string) =>
    ctx.refusals.add(
      new CriuError(
        'UNSUPPORTED',
        `it is to be confined by ${NAMES[there as Lsm]} (${label}), ${why}`,
        { pid },
        `${remedy}, or let the task go without it: --lsm-profile none`,
      ),
    );
  for (const { task } of ctx.tasks)
    for (const { tid, core } of task.threads) {
      const was = core.thread_core.creds?.lsm_profile;
      // A task that nothing confined stays so.
      if (was === undefined) continue;
      const label = asked?.label ?? was;
      if (module !== there) {
        refuse(tid, label, `and this machine has ${NAMES[module]}`, 'restore on a machine that has it');
        // All of a container have the same.
        if (asked) return labels;
        continue;
      }
      if (label === labelOf(own, module)) continue;
      const missing = module === LSM.APPARMOR ? missingProfile(label, profiles) : undefined;
      if (missing === undefined) labels.set(tid, { module, label });
      else
        refuse(
          tid,
          label,
          `and this machine has no profile ${missing}`,
          'load it (apparmor_parser), or name another one (--lsm-profile apparmor:NAME)',
        );
    }
  return labels;
}

const planned = stateKey('labels of a security module', (ctx: PlanContext) => labelsOf(ctx));

/** The label that a thread has to be given; undefined if it is born with it, or has none. */
export function labelFor(ctx: PlanContext, tid: number): Label | undefined {
  return ctx.states.get(planned).get(tid);
}

/** Whether labels of SELinux in the images are to be those of restored sockets. */
const socketsLabelled = stateKey('labels of sockets', (ctx: PlanContext) => {
  if (ctx.onPaper || ctx.checkpoint.inventory.lsmtype !== LSM.SELINUX) return false;
  const asked = askedFor(ctx);
  return asked === undefined || asked.module === LSM.SELINUX;
});

/** The label that sockets of a thread are to have (setsockcreatecon(3)); undefined for the usual one. */
export function socketLabelFor(ctx: PlanContext, creds: CredsEntry | undefined): string | undefined {
  return ctx.states.get(socketsLabelled) ? creds?.lsm_sockcreate : undefined;
}

/** The label that one of these files, a socket, is to be made with. All of those that are made together have the same. */
export function labelOfSockets(
  ctx: PlanContext,
  plan: TaskPlan,
  files: readonly { readonly id: number }[],
): string | undefined {
  if (!ctx.states.get(socketsLabelled)) return undefined;
  const all = files.flatMap(({ id }) => plan.fdsOf(id));
  const label = all.find(({ xattr_security_selinux: one }) => one)?.xattr_security_selinux;
  // It is that of the task mostly, which may get another one (`--lsm-profile`).
  const own = plan.task.threads[0]?.core.thread_core.creds?.lsm_profile;
  return label !== undefined && label === own ? (askedFor(ctx)?.label ?? label) : label;
}

/** Adds steps by which a thread writes to a file of its own for security modules: only itself may, whoever has opened the file. */
function writeAttribute(p: Program, name: 'current' | 'sockcreate', text: string, label: string): void {
  const bytes = encodeName(text);
  const fd = p.syscall(
    'openat',
    [AT_FDCWD, p.cstring(`/proc/thread-self/attr/${name}`), O_WRONLY | O_CLOEXEC],
    {
      label,
    },
  );
  p.syscall('write', [fd, bytes.length > 0 ? p.data(bytes) : null, bytes.length], { label });
  p.syscall('close', [fd]);
}

/**
 * Adds steps that give a thread its label. SELinux changes that of a process as long as it has one thread, which the others are
 * made like; AppArmor that of each thread, and not any more once it can get no new privileges (no_new_privs).
 */
export function giveLabel(p: Program, { module, label }: Label): void {
  const text = module === LSM.APPARMOR ? `changeprofile ${label}` : label;
  writeAttribute(p, 'current', text, `${NAMES[module]} label ${label}`);
}

/** Adds steps after which sockets that a thread makes have a label; the usual one by an empty text. */
export function labelSockets(p: Program, label: string): void {
  writeAttribute(p, 'sockcreate', label, `SELinux label of sockets ${label}`);
}
