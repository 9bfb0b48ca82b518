// Restores control groups: creates groups, moves tasks and threads into them, and sets limits when all are in.
import { posix } from 'node:path';
import { mkdirSync, rmdirSync, writeFileSync } from '@criu/native/fs';
import type { PlanContext, TaskPlan, TaskRun } from '../../engine/plan.js';
import { slow } from '../../engine/priority.js';
import type { RestorePart } from '../../engine/resource.js';
import { asCriuError, CriuError } from '../../errors.js';
import type { ImageTask } from '../../images/checkpoint.js';
import { type CgroupEntry, readCgroup } from '../../proc/index.js';
import type { HostPid, NsPid } from '../../proc/pids.js';
import { stateKey } from '../../states.js';
import { Stopwatch } from '../../stopwatch.js';
import { exists, Hierarchies, hasController, hierarchyTitle } from './hierarchy.js';
import { CgroupImage, type Group, type Member } from './image.js';
import { type CgroupMode, modeOf } from './mode.js';
import { parseRoots } from './roots.js';
import { settleEarly, settleFreeze, settleLate, settlePermissions } from './settle.js';

/** Milliseconds that the kernel may take to remove the last task from a group. */
const EMPTY_MS = 10_000;

export const cgroupsRestore: RestorePart = {
  plan(ctx: PlanContext): void {
    const work = cgroupsOf(ctx);
    if (!work) return;
    ctx.prepare('make cgroups', () => work.make());
    ctx.cleanup('remove cgroups', () => work.remove());
    ctx.afterSpawn('move the tasks into their cgroups', (runs) => work.moveTasks(runs));
    ctx.beforeGo('configure cgroups', () => work.configure());
    ctx.afterGo('freeze cgroups', () => work.finish());
  },
};

/** What has to be done about cgroups; undefined for nothing. @throws CriuError for invalid images */
export function cgroupsOf(ctx: PlanContext): CgroupsWork | undefined {
  return ctx.states.get(cgroupsWork);
}

const cgroupsWork = stateKey('cgroups', (ctx: PlanContext): CgroupsWork | undefined => {
  const mode = modeOf(ctx.options);
  const entry = ctx.checkpoint.images.optional('CGROUP')[0]?.entry;
  if (!entry || entry.sets.length === 0) return undefined;
  if (mode === 'ignore') {
    ctx.log.info('The cgroups of the tasks are ignored, as was asked for');
    return undefined;
  }
  return new CgroupsWork(ctx, new CgroupImage(entry, parseRoots(ctx.options.cgroupRoots ?? [])), mode);
});

/** Id of the set of a thread; 0 if the images do not have it. */
function setOf(task: ImageTask, index = 0): number {
  const core = task.threads[index]?.core;
  return core?.thread_core.cg_set ?? (index === 0 ? task.core.tc?.cg_set : undefined) ?? 0;
}

type Place = Pick<Member, 'hierarchy' | 'path'> & Partial<Pick<Member, 'root'>>;

/** The groups of a task, and of those threads that are in other ones. */
interface Target {
  readonly members: readonly Member[];
  readonly threads: readonly { readonly tid: NsPid; readonly members: readonly Member[] }[];
}

export class CgroupsWork {
  private readonly hierarchies: Hierarchies;
  /** Folders that were created, parents first. */
  private readonly made: string[] = [];
  private readonly configured: Group[] = [];
  private runs: readonly TaskRun[] = [];
  /** Some tasks have been moved into the root of a cgroup namespace, so tasks created since may be there, too. */
  private haveMoved = false;
  private readonly targets = new Map<TaskPlan, Target>();

  constructor(
    ctx: PlanContext,
    private readonly image: CgroupImage,
    private readonly mode: CgroupMode,
  ) {
    this.hierarchies = new Hierarchies(ctx.options.cgroupYard);
    const outside = ctx.checkpoint.inventory.root_cg_set;
    const membersOf = (id: number, pid: number): readonly Member[] =>
      id === 0 || id === outside ? [] : image.set(id, pid);
    for (const plan of ctx.tasks) {
      const { task } = plan;
      const members = membersOf(setOf(task), task.pid);
      const threads = task.threads.flatMap(({ tid }, index) =>
        setOf(task, index) === setOf(task) ? [] : [{ tid, members: membersOf(setOf(task, index), task.pid) }],
      );
      this.targets.set(plan, { members, threads });
    }
  }

  make(): void {
    const { mode } = this;
    for (const group of this.image.groups) {
      const folder = this.folder(group);
      const there = exists(folder);
      if (there && mode === 'strict')
        throw this.refuse(
          group,
          'is there already',
          'remove it, or restore with another mode of --manage-cgroups',
        );
      if (!there && (mode === 'none' || mode === 'props'))
        throw this.refuse(group, 'is not there', 'make it, or restore with --manage-cgroups=soft');
      if (!there) this.makeFolder(group);
      if (there && mode !== 'full' && mode !== 'props') continue;
      this.configured.push(group);
      try {
        settlePermissions(folder, group);
      } catch (error) {
        throw asCriuError(error, `cannot set the permissions of the cgroup ${group.path}`);
      }
      if (!there) settleEarly(folder, group);
    }
  }

  private folder({ hierarchy, path }: Pick<Group, 'hierarchy' | 'path'>): string {
    return this.hierarchies.get(hierarchy).path(path);
  }

  /** Creates a group with missing parents, which the images may lack. */
  private makeFolder(group: Group): void {
    const parts = group.path.split('/').filter(Boolean);
    for (const [index] of parts.entries()) {
      const path = posix.join('/', ...parts.slice(0, index + 1));
      const folder = this.folder({ ...group, path });
      if (exists(folder)) continue;
      try {
        mkdirSync(folder);
      } catch (error) {
        throw asCriuError(error, `cannot make the cgroup ${path} in ${hierarchyTitle(group.hierarchy)}`);
      }
      this.made.push(folder);
    }
  }

  private refuse(group: Group, what: string, remedy: string): CriuError {
    return new CriuError(
      'BAD_OPTION',
      `the cgroup ${group.path} in ${hierarchyTitle(group.hierarchy)} ${what}`,
      {},
      remedy,
    );
  }

  /** Moves a task into the groups in which it creates a cgroup namespace: they become the root of that namespace. */
  moveToRoot(plan: TaskPlan, pid: HostPid): void {
    this.haveMoved = true;
    for (const { hierarchy, root = '/' } of this.membersOf(plan))
      this.move({ hierarchy, path: root }, readCgroup(pid), pid, plan.pid);
  }

  /** Moves tasks before they have any memory of their own, so that memory is charged to the right group. */
  moveTasks(runs: readonly TaskRun[]): void {
    this.runs = runs;
    // New tasks are in the groups of this process, unless some have been moved to the root of a namespace.
    const own = readCgroup(process.pid);
    for (const { plan, agent } of runs) {
      const now = this.haveMoved ? readCgroup(agent.pid) : own;
      for (const member of this.membersOf(plan)) this.move(member, now, agent.pid, plan.pid);
    }
  }

  /** The groups of a task; for a task that was in the dumper's groups, those of this process. */
  private membersOf(plan: TaskPlan): readonly Place[] {
    const members = this.targets.get(plan)?.members ?? [];
    if (members.length > 0 || !this.haveMoved) return members;
    return readCgroup(process.pid).map(({ controllers, path }) => ({ hierarchy: controllers, path }));
  }

  private move(place: Place, now: readonly CgroupEntry[], tid: number, pid: number): void {
    const here = now.find(({ controllers }) => hasController(controllers, place.hierarchy));
    if (here?.path === place.path) return;
    // A group of the controller `cpu` that has no time for real-time tasks, as new ones have none (RT_GROUP_SCHED), takes none.
    const again = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EINVAL' && slow(tid);
    this.put(place, 'cgroup.procs', tid, pid, again);
  }

  /** @param again whether it can be tried once more after an error */
  private put(
    member: Place,
    file: string,
    tid: number,
    pid: number,
    again: (error: unknown) => boolean = () => false,
  ): void {
    const path = posix.join(this.folder(member), file);
    try {
      writeFileSync(path, String(tid), { flag: 'r+' });
    } catch (error) {
      if (again(error)) {
        this.put(member, file, tid, pid);
        return;
      }
      throw new CriuError(
        'SYSCALL',
        `cannot put it into the cgroup ${member.path} in ${hierarchyTitle(member.hierarchy)}`,
        { pid },
        'make the group take tasks, name another place with --cgroup-root, or leave cgroups alone with --manage-cgroups=ignore',
        error,
      );
    }
  }

  /** Runs when all threads exist. Limits are set this late so as not to hinder the restore itself. */
  configure(): void {
    for (const run of this.runs) {
      const { plan } = run;
      for (const { tid, members } of this.targets.get(plan)?.threads ?? [])
        for (const member of members) {
          if (!member.threaded) continue;
          const file = member.hierarchy === '' ? 'cgroup.threads' : 'tasks';
          this.put(member, file, run.hostTid(tid), plan.pid);
        }
    }
    for (const group of this.configured) settleLate(this.folder(group), group);
  }

  finish(): void {
    try {
      for (const group of this.configured) settleFreeze(this.folder(group), group);
    } finally {
      this.hierarchies.close();
    }
  }

  /** Removes created groups after a failure. */
  async remove(): Promise<void> {
    try {
      for (const folder of this.made.reverse()) await removeFolder(folder);
    } finally {
      this.hierarchies.close();
    }
  }
}

/** A task that has just ended remains in its group for a moment. */
async function removeFolder(folder: string): Promise<void> {
  for (const waited = new Stopwatch(); ; ) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || waited.milliseconds > EMPTY_MS)
        throw asCriuError(error, 'cannot remove a cgroup', { file: folder });
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
