// Memory that is restored while the tasks already run: the choice of pages, the bringer, and the userfaultfd of each
// task.
import { Program, type StepRef } from '@criu/compel';
import { sys } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import { MAP_GROWSDOWN, O_CLOEXEC, O_NONBLOCK, USERFAULTFD_IOC_NEW } from '@criu/native/uapi';
import type { PlanContext, TaskPlan, TaskRun } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import { missing } from '../../features/index.js';
import type { VmaAttributes, VmaEntry } from '../../images/types.js';
import { isInherited, VMA } from '../../images/vma.js';
import { type Bringer, DaemonBringer, LocalBringer } from '../../pages/lazy/bringer.js';
import { agreeOnEvents, closeDevice, openDevice, reportMissing } from '../../pages/lazy/userfaultfd.js';
import { common, type Range, touches, union } from '../../pages/ranges.js';
import { cutStored, type StoredRange, type StoredRuns } from '../../pages/sources/stored.js';
import { stateKey } from '../../states.js';
import { canBeLazy } from './vmas-dump.js';

const bringer = stateKey('who brings memory', (ctx: PlanContext): Bringer => {
  const { options, log, checkpoint } = ctx;
  const made = options.lazyPages
    ? new DaemonBringer(options.workDir ?? options.imagesDir)
    : new LocalBringer(options.workDir ?? options.imagesDir, log, (file) => ctx.pages.open(file));
  if (options.autoDedup)
    log.warn('the images are kept: memory comes from them when the tasks run already (--auto-dedup)');
  const pids = checkpoint.tasks.flatMap(({ threads, pid }) => [pid, ...threads.map(({ tid }) => tid)]);
  ctx.prepare('have memory brought later', async () => {
    const lack = await missing('uffd-noncoop');
    if (lack !== null)
      throw new CriuError(
        'UNSUPPORTED',
        `memory cannot come later here: ${lack}`,
        {},
        'leave out --lazy and --lazy-pages',
      );
    await made.start(new Set(pids));
    for (const task of checkpoint.tasks) if (task.dead) made.dead(task.pid);
  });
  ctx.cleanup('end who brings memory', () => made.stop());
  ctx.beforeGo('have memory brought', () => made.go());
  if (!options.lazyPages) ctx.goesOn('bring the memory of the tasks', () => made.finished());
  return made;
});

/** The pages of a task, divided by the time of their restore. */
export interface PartedPages {
  /** Pages that are in memory before the task runs. */
  readonly now: StoredRuns;
  /** Plans the restore of the other pages; called after `now` was planned. */
  planLater(): void;
}

/** Divides the pages of a task. @throws CriuError */
export function partPages(ctx: PlanContext, plan: TaskPlan): PartedPages {
  const { lazy, lazyPages } = ctx.options;
  const all = ctx.pages.ranges({ pid: plan.pid });
  if (!lazy && !lazyPages) return { now: all, planLater() {} };
  const vmas = plan.task.mm.vmas.list((v) => canBeLazy(v) && (lazyPages || isOrdinary(v)));
  // `criu lazy-pages` relies on the lazy flags in the images; our own pager does not need them.
  const wanted = lazyPages ? ctx.pages.later({ pid: plan.pid }) : byMapping(vmas);
  const later = common(all.list, wanted, cutStored);
  return { now: all.without(wanted), planLater: () => planLater(ctx, plan, vmas, later) };
}

/**
 * Whether the memory can be restored lazily. A fork has no copy of mappings that are not inherited, which the pager
 * would not know; and rings of asynchronous I/O become the kernel's in the end.
 */
function isOrdinary(vma: VmaAttributes): boolean {
  return !(vma.status & VMA.AIORING) && isInherited(vma);
}

/** The stack is restored at once: it is small, and every task needs it first. */
function byMapping(vmas: readonly VmaEntry[]): Range[] {
  return union(vmas.filter(({ flags }) => !(flags & MAP_GROWSDOWN)));
}

function planLater(
  ctx: PlanContext,
  plan: TaskPlan,
  vmas: readonly VmaEntry[],
  later: readonly StoredRange[],
): void {
  if (later.length === 0 && !ctx.options.lazyPages) return;
  const who = ctx.states.get(bringer);
  who.expect(later);
  const concerned = ctx.options.lazyPages ? vmas : vmas.filter((vma) => touches(later, vma));
  let device: number | undefined;
  let kept: StepRef | undefined;
  plan.step('memory', {
    title: 'memory that comes later',
    does: ['userfaultfd()'],
    program: () => {
      device = openDevice();
      const opening = open(device);
      kept = opening.kept;
      return opening.program;
    },
    after: async (result, run) => {
      const [uffd = -1] = result.fds;
      try {
        if (kept) await run.agent.run(closing(result.value(kept)));
        agreeOnEvents(uffd);
        for (const { start, end } of concerned) reportMissing(uffd, start, end);
        bring(who, run, uffd, later);
      } finally {
        closeSync(uffd);
        closeDevice(device);
      }
    },
  });
}

/** The task creates the userfaultfd, as it is for its own memory. */
function open(device: number | undefined): { program: Program; kept: StepRef } {
  const p = new Program('memory that comes later');
  if (device === undefined) {
    const uffd = p.syscall('userfaultfd', [O_NONBLOCK | O_CLOEXEC], { label: 'userfaultfd' });
    p.sendFd(uffd);
    return { program: p, kept: uffd };
  }
  const there = p.fd(() => device);
  const uffd = p.syscall('ioctl', [there, USERFAULTFD_IOC_NEW, O_NONBLOCK | O_CLOEXEC], {
    label: 'userfaultfd',
  });
  p.sendFd(uffd);
  p.syscall('close', [there]);
  return { program: p, kept: uffd };
}

/**
 * The task keeps no userfaultfd. A descriptor is sent when its program has ended, so another program has to close it.
 */
function closing(uffd: number): Program {
  const p = new Program('memory that comes later');
  p.syscall('close', [uffd]);
  return p;
}

function bring(who: Bringer, { plan, hostPid }: TaskRun, uffd: number, later: readonly StoredRange[]): void {
  const pidfd = sys('pidfd_open', hostPid, 0);
  try {
    who.add({ pid: plan.pid, uffd, pidfd }, later);
  } finally {
    closeSync(pidfd);
  }
}
