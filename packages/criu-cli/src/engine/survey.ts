// Looks at what a restore would find on this machine, without creating or changing anything.
import { PAGE_SIZE, totalPages } from '@criu/images';
import { existsSync, readFileSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../errors.js';
import { missing } from '../features/index.js';
import { Checkpoint, isAlive } from '../images/checkpoint.js';
import { VMA } from '../images/vma.js';
import type { RestoreOptions } from '../options.js';
import { readStat } from '../proc/index.js';
import { CLONE_NEW, NAMESPACES, type NamespaceName } from '../proc/namespaces.js';
import type { Expectation } from './plan.js';
import type { Resources } from './resource.js';
import { RestorePlan } from './restore-plan.js';

/** A file, mount point or address, and whether it is as the plan needs it. */
export interface SurveyedFile {
  readonly kind: Expectation['kind'];
  readonly name: string;
  readonly found: 'there' | 'unseen' | CriuError;
}

export interface Survey {
  readonly checkpoint: Checkpoint;
  /** Undefined if no plan can be made; `problems` has the reasons. */
  readonly plan: RestorePlan | undefined;
  readonly files: readonly SurveyedFile[];
  /**
   * Pids that have to be free and are taken, with the name of the owner; undefined if the tasks get a pid namespace of
   * their own.
   */
  readonly takenPids: ReadonlyMap<number, string> | undefined;
  readonly namespaces: readonly NamespaceName[];
  /** Bytes of memory that the restore brings back, and bytes that this machine has available (MemAvailable). */
  readonly memory: { readonly wanted: number; readonly available: number | undefined };
  /** Kernel features that were probed. */
  readonly features: readonly string[];
  /** Everything that prevents the restore. */
  readonly problems: readonly CriuError[];
}

export interface SurveyOptions {
  /** Whether to probe the kernel, which needs root. */
  readonly probes: boolean;
}

interface Need {
  readonly feature: string;
  readonly of: (checkpoint: Checkpoint, options: RestoreOptions, born: readonly NamespaceName[]) => boolean;
}

const threads = ({ tasks }: Checkpoint) => tasks.filter(isAlive).flatMap((task) => task.threads);
const born =
  (name: NamespaceName) =>
  (_checkpoint: Checkpoint, _options: RestoreOptions, made: readonly NamespaceName[]) =>
    made.includes(name);

/** Kernel features that only some checkpoints need. */
const NEEDS: readonly Need[] = [
  { feature: 'clone3_set_tid', of: () => true },
  { feature: 'prctl_mm_map', of: () => true },
  { feature: 'timens', of: born('time') },
  { feature: 'userns', of: born('user') },
  { feature: 'mount_setattr', of: born('mnt') },
  { feature: 'cgroupns', of: born('cgroup') },
  {
    feature: 'seccomp_suspend',
    of: (c) => threads(c).some(({ core }) => core.thread_core.seccomp_mode === 2),
  },
  { feature: 'uffd-noncoop', of: (_, { lazy, lazyPages }) => Boolean(lazy || lazyPages) },
  { feature: 'tun', of: ({ files }) => [...files.values()].some(({ tunf }) => tunf !== undefined) },
  { feature: 'aio_remap', of: ({ tasks }) => tasks.some(({ mm }) => (mm?.aios.length ?? 0) > 0) },
  {
    feature: 'pagemap_scan_guard_pages',
    of: ({ tasks }) => tasks.some(({ mm }) => mm?.vmas.some(({ status }) => status & VMA.GUARD)),
  },
];

/** A plan with all permissions granted, to find out what else the restore would need. */
function onPaper(
  checkpoint: Checkpoint,
  options: RestoreOptions,
  resources: Resources,
): RestorePlan | undefined {
  const allowed = {
    shellJob: true,
    extUnixSk: true,
    fileLocks: true,
    tcpEstablished: true,
    allowUprobes: true,
  };
  try {
    return new RestorePlan(checkpoint, { ...options, ...allowed }, resources, { onPaper: true });
  } catch {
    // The first attempt has recorded the reason among the problems.
    return undefined;
  }
}

function lookAt({ kind, name, look }: Expectation): SurveyedFile {
  try {
    return { kind, name, found: look() };
  } catch (error) {
    return { kind, name, found: asCriuError(error, 'cannot look at it', { file: name }) };
  }
}

/** Looks at each file once; a failure found by one expectation is kept over later successes. */
function lookAtAll(expectations: readonly Expectation[]): SurveyedFile[] {
  const all = new Map<string, SurveyedFile>();
  for (const expectation of expectations) {
    const known = all.get(expectation.name);
    if (known?.found instanceof CriuError) continue;
    all.set(expectation.name, lookAt(expectation));
  }
  return [...all.values()];
}

/** Name of the task that has a pid. A zombie keeps its pid until its parent waits for it. */
function ownerOf(pid: number): string {
  try {
    const { comm, state, ppid } = readStat(pid);
    return state === 'Z' || state === 'X'
      ? `${comm}, which has ended and which its parent ${ppid} has not waited for`
      : comm;
  } catch {
    return 'another task';
  }
}

function takenPids({ tasks }: Checkpoint): Map<number, string> {
  const pids = tasks.flatMap(({ pid, threads: all }) => [pid, ...all.map(({ tid }) => tid)]);
  return new Map(
    [...new Set(pids)].filter((pid) => existsSync(`/proc/${pid}`)).map((pid) => [pid, ownerOf(pid)]),
  );
}

function memoryOf({ tasks }: Checkpoint): Survey['memory'] {
  const pages = tasks.reduce((sum, { pagemap }) => sum + (pagemap ? totalPages(pagemap) : 0), 0);
  const free = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'latin1'))?.[1];
  return {
    wanted: pages * PAGE_SIZE,
    available: free === undefined ? undefined : Number(free) * 1024,
  };
}

/** Kinds of namespace in which the root task was not in the same namespace as the dumper. */
function namespacesOf({ root, inventory }: Checkpoint): NamespaceName[] {
  const outside = inventory.root_ids;
  return NAMESPACES.filter((name) => {
    const key = `${name}_ns_id` as const;
    const [inside, own] = [root.ids[key], outside?.[key]];
    return inside !== undefined && own !== undefined && inside !== own;
  });
}

/** Surveys this machine for a checkpoint. @throws CriuError if the checkpoint cannot be read */
export async function survey(
  options: RestoreOptions,
  resources: Resources,
  { probes }: SurveyOptions,
): Promise<Survey> {
  const checkpoint = Checkpoint.of(options.imagesDir);
  const problems: CriuError[] = [];
  let plan: RestorePlan | undefined;
  try {
    plan = new RestorePlan(checkpoint, options, resources);
  } catch (error) {
    problems.push(...asCriuError(error, 'no plan can be made').all);
  }
  const whole = plan ?? onPaper(checkpoint, options, resources);
  const files = lookAtAll(whole?.context.expectations ?? []);
  for (const { found } of files) if (found instanceof CriuError) problems.push(found);
  const namespaces = whole?.born ?? namespacesOf(checkpoint);
  const isolated = whole
    ? (whole.context.root.birthFlags & BigInt(CLONE_NEW.pid)) !== 0n
    : namespaces.includes('pid');
  const taken = isolated ? undefined : takenPids(checkpoint);
  for (const [pid, name] of taken ?? [])
    problems.push(
      new CriuError(
        'PID_IN_USE',
        `the pid is taken by ${name}`,
        { pid },
        'end that task, or restore in a pid namespace of its own: criu-ns restore',
      ),
    );
  const features = probes
    ? NEEDS.filter(({ of }) => of(checkpoint, options, namespaces)).map(({ feature }) => feature)
    : [];
  for (const feature of features) {
    const lack = await missing(feature);
    if (lack !== null)
      problems.push(
        new CriuError(
          'UNSUPPORTED',
          `this machine lacks ${feature}: ${lack}`,
          {},
          '`criu check --all` tells what else it lacks; restore on a machine that has it',
        ),
      );
  }
  return {
    checkpoint,
    plan,
    files,
    takenPids: taken,
    namespaces,
    memory: memoryOf(checkpoint),
    features,
    problems,
  };
}
