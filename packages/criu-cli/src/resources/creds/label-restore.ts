// Restores labels of security modules (LSM), for threads and for the sockets that they create.
import type { Program } from '@criu/compel';
import { close, encodeName, sysRaw } from '@criu/native';
import { openSync, readFileSync } from '@criu/native/fs';
import { AT_FDCWD, EINVAL, O_CLOEXEC, O_WRONLY } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import type { CredsEntry } from '../../images/types.js';
import { readAttrCurrent } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { partsOf, renamed, replaceLabel } from './apparmor/labels.js';
import { CHOICES, CHOSEN, type Chosen, type ChosenLabels, labelOf, moduleOf, NAMES } from './label.js';
import { LSM, type Lsm, parseProfile } from './profile.js';

/**
 * The profiles loaded into AppArmor; undefined if they cannot be read. The file has one profile per line, with its
 * mode.
 */
function loadedProfiles(): ReadonlySet<string> | undefined {
  try {
    const lines = readFileSync('/sys/kernel/security/apparmor/profiles', 'latin1').split('\n');
    return new Set(lines.map((line) => line.replace(/ \(\w+\)$/, '')));
  } catch {
    return undefined;
  }
}

/** Whether the policy of SELinux has no such context; false if it does not say (security/selinux/selinuxfs.c). */
function isUnknownContext(label: string): boolean {
  let fd: number;
  try {
    fd = openSync('/sys/fs/selinux/context', 'r+');
  } catch {
    return false;
  }
  const text = encodeName(label);
  const result = sysRaw('write', fd, text, text.length);
  close(fd);
  return result === -EINVAL;
}

/** The first profile of a stacked label that is not loaded. Those of namespaces that images have are loaded by the restore. */
function missingProfile(
  label: string,
  loaded: ReadonlySet<string> | undefined,
  made: ReadonlySet<string>,
): string | undefined {
  if (!loaded) return undefined;
  return partsOf(label).flatMap(({ namespace, profile }) => {
    if (profile === undefined || profile === 'unconfined') return [];
    if (namespace === undefined) return loaded.has(profile) ? [] : profile;
    const name = `:${namespace}:${profile}`;
    return made.has(namespace.split('//')[0] ?? '') || loaded.has(name) ? [] : name;
  })[0];
}

/** The LSM label that a restored thread must have, if it differs from the one it inherits. */
export interface Label {
  readonly module: Lsm;
  readonly label: string;
}

/** The parsed value of `--lsm-profile`. */
function askedFor({ options }: PlanContext): ReturnType<typeof parseProfile> | undefined {
  return options.lsmProfile === undefined ? undefined : parseProfile(options.lsmProfile);
}

/** The label of a thread that had another one. */
function askedLabel(asked: ReturnType<typeof parseProfile> | undefined, was: string): string {
  if (asked?.label === undefined) return was;
  return asked.module === LSM.APPARMOR ? replaceLabel(asked.label, was) : asked.label;
}

/** New names of AppArmor's namespaces, by those of the images, that `--lsm-profile` asks for. */
export function renamedNamespaces(ctx: PlanContext): ReadonlyMap<string, string> {
  const { module, label } = askedFor(ctx) ?? {};
  if (module !== LSM.APPARMOR || label === undefined) return new Map();
  const all = ctx.tasks.flatMap(({ task }) => task.threads);
  return new Map(
    all.flatMap(({ core }) => [...renamed(label, core.thread_core.creds?.lsm_profile ?? 'unconfined')]),
  );
}

/** Whether labels of a security module are given to tasks. */
export function hasLabels(ctx: PlanContext, module: Lsm): boolean {
  return (askedFor(ctx)?.module ?? ctx.checkpoint.inventory.lsmtype) === module;
}

/** The facts about this machine from which labels are chosen. */
export interface Machine {
  /** /proc/PID/attr/current of this process; restored tasks inherit it. */
  readonly own: string | undefined;
  readonly profiles: ReadonlySet<string> | undefined;
  readonly module: Lsm;
  /** Whether SELinux does not know a label. */
  readonly isUnknown?: (label: string) => boolean;
}

function thisMachine(): Machine {
  const own = readAttrCurrent(process.pid);
  return { own, profiles: loadedProfiles(), module: moduleOf(own), isUnknown: isUnknownContext };
}

/**
 * The labels to be set. A restore that would leave a confined task unconfined is refused, unless `--lsm-profile none`
 * was given.
 */
export function labelsOf(
  ctx: PlanContext,
  { own, profiles, module, isUnknown }: Machine = thisMachine(),
): ReadonlyMap<number, Label> {
  const labels = new Map<number, Label>();
  if (ctx.onPaper) return labels;
  const asked = askedFor(ctx);
  if (asked && asked.label === undefined) return labels;
  const there = asked?.module ?? ctx.checkpoint.inventory.lsmtype ?? LSM.NONE;
  /** AppArmor's namespaces that the restore fills, by their names here. */
  const made = (): ReadonlySet<string> => {
    const named = renamedNamespaces(ctx);
    const filled = ctx.checkpoint.images.optional('APPARMOR').flatMap(({ entry }) => entry.namespaces);
    return new Set(filled.map(({ name }) => named.get(name) ?? name));
  };
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
      // A task that was not confined stays so.
      if (was === undefined) continue;
      const label = askedLabel(asked, was);
      if (module !== there) {
        refuse(tid, label, `and this machine has ${NAMES[module]}`, 'restore on a machine that has it');
        // All tasks of a container have the same label.
        if (asked) return labels;
        continue;
      }
      if (label === labelOf(own, module)) continue;
      if (module === LSM.SELINUX && isUnknown?.(label)) {
        refuse(
          tid,
          label,
          'and the policy of this machine has no such context',
          'load a policy that has it, or name another one (--lsm-profile selinux:CONTEXT)',
        );
        if (asked) return labels;
        continue;
      }
      const missing = module === LSM.APPARMOR ? missingProfile(label, profiles, made()) : undefined;
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

/** The label to be set for a thread; undefined if it inherits the right one, or has none. */
export function labelFor(ctx: PlanContext, tid: number): Label | undefined {
  return ctx.states.get(planned).get(tid);
}

/** Whether sockets, and what threads make later, get the SELinux labels of the images. */
const selinuxKept = stateKey('labels of SELinux', (ctx: PlanContext) => {
  if (ctx.onPaper || ctx.checkpoint.inventory.lsmtype !== LSM.SELINUX) return false;
  const asked = askedFor(ctx);
  return asked === undefined || asked.module === LSM.SELINUX;
});

/** The label of something that a task with the label `own` has made: mostly the same, which `--lsm-profile` may replace. */
function labelOfMade(ctx: PlanContext, label: string, own: string | undefined): string {
  return label === own ? (askedFor(ctx)?.label ?? label) : label;
}

/** The labels for what a thread makes, as far as it has chosen any. */
export function chosenLabelsFor(ctx: PlanContext, creds: CredsEntry | undefined): ChosenLabels {
  if (!creds || !ctx.states.get(selinuxKept)) return {};
  const fields = CHOICES.map((name) => CHOSEN[name]);
  return Object.fromEntries(
    fields.flatMap((field) => {
      const label = creds[field];
      return label === undefined ? [] : [[field, labelOfMade(ctx, label, creds.lsm_profile)]];
    }),
  );
}

/**
 * The label with which the sockets among these files are created. Files that are created together have the same label.
 */
export function labelOfSockets(
  ctx: PlanContext,
  plan: TaskPlan,
  files: readonly { readonly id: number }[],
): string | undefined {
  if (!ctx.states.get(selinuxKept)) return undefined;
  const all = files.flatMap(({ id }) => plan.fdsOf(id));
  const label = all.find(({ xattr_security_selinux: one }) => one)?.xattr_security_selinux;
  const own = plan.task.threads[0]?.core.thread_core.creds?.lsm_profile;
  return label === undefined ? undefined : labelOfMade(ctx, label, own);
}

const MADE: Readonly<Record<Chosen, string>> = {
  sockcreate: 'sockets',
  exec: 'programs',
  fscreate: 'files',
  keycreate: 'keys',
};

/** Adds steps by which a thread writes to its /proc/thread-self/attr; only the thread itself may do so. */
function writeAttribute(p: Program, name: 'current' | Chosen, text: string, label: string): void {
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
 * Adds steps that set the label of a thread. SELinux sets that of a process while it has one thread, and later threads
 * inherit it. AppArmor sets it for each thread, and refuses after no_new_privs is set.
 * @returns what the steps are called
 */
export function giveLabel(p: Program, { module, label }: Label): string {
  const text = module === LSM.APPARMOR ? `changeprofile ${label}` : label;
  const title = `${NAMES[module]} label ${label}`;
  writeAttribute(p, 'current', text, title);
  return title;
}

/** Adds steps that set the label for sockets that the thread creates; an empty text resets it. */
export function labelSockets(p: Program, label: string): void {
  chooseLabels(p, { lsm_sockcreate: label });
}

/**
 * Adds steps by which the leader of a task changes the SELinux label of the task, which has no other threads yet.
 * @throws CriuError when the steps fail: names the label
 */
export function giveTaskLabel(plan: TaskPlan, { module, label }: Label): void {
  const title = giveLabel(plan.program('threads'), { module, label });
  plan.means(
    'threads',
    title,
    (error) =>
      new CriuError(
        'NOT_PERMITTED',
        `SELinux does not permit that it changes to the label ${label}`,
        { pid: plan.pid },
        'permit it to the label of whoever restores (process: setcurrent, dyntransition; see ausearch -m avc), or name another label (--lsm-profile selinux:CONTEXT)',
        error,
      ),
  );
}

/** Adds steps that set the labels for what the thread makes. */
export function chooseLabels(p: Program, chosen: ChosenLabels): void {
  for (const name of CHOICES) {
    const label = chosen[CHOSEN[name]];
    if (label !== undefined) writeAttribute(p, name, label, `SELinux label for ${MADE[name]} ${label}`);
  }
}
