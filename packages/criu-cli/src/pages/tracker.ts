// The tracker: a process that keeps a userfaultfd of each task open from one dump to the next, so that the kernel
// tracks writes (UFFD_FEATURE_WP_ASYNC): pages are write-protected, and the first write removes the protection.
import { addon, SysError, sys, sysRaw, waitForEvents } from '@criu/native';
import { closeSync, readdirSync, readFileSync } from '@criu/native/fs';
import {
  EPOLLIN,
  O_CLOEXEC,
  SIGTERM,
  UFFD_FEATURE_WP_ASYNC,
  UFFD_USER_MODE_ONLY,
  UFFDIO_REGISTER_MODE_WP,
} from '@criu/native/uapi';
import type { Logger } from '../log.js';
import { agreeOn, registerRange } from '../userfaultfd.js';
import { Pager } from './lazy/pager.js';
import type { Range } from './ranges.js';

/** Prefix of trackers' process names, and number of token characters in them. */
const NAME = 'ct-';
const TOKEN = 12;
/** First descriptor number for tasks in a tracker: for each task a userfaultfd, followed by the task's pidfd. */
const FIRST_FD = 100;

/** A stopped task. */
export interface TrackedTask {
  readonly pid: number;
  /** Mappings whose pages are to be tracked. */
  readonly mappings: readonly Range[];
  /** Makes a system call in the task. @returns its result; a negated errno on failure */
  syscall(name: 'userfaultfd' | 'close', args: readonly number[]): Promise<bigint>;
}

/** The tracker token of a dump, from its run id. */
export function tokenOf(runId: string): string {
  return runId.slice(0, TOKEN);
}

/** All tracker processes. */
function* trackers(): Generator<{ readonly pid: number; readonly name: string }> {
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!(pid > 0)) continue;
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
      if (name.startsWith(NAME) && name.length === NAME.length + TOKEN) yield { pid, name };
    } catch {
      // The process has ended.
    }
  }
}

/** Pids of the tasks of a tracker, with the number of the tracker's userfaultfd for each. */
function tasksOf(tracker: number): Map<number, number> {
  const out = new Map<number, number>();
  try {
    for (const entry of readdirSync(`/proc/${tracker}/fd`)) {
      const fd = Number(entry);
      if (fd < FIRST_FD || fd % 2 === 0) continue;
      const pid = /^Pid:\s+(\d+)$/m.exec(readFileSync(`/proc/${tracker}/fdinfo/${fd}`, 'latin1'))?.[1];
      if (pid !== undefined) out.set(Number(pid), fd - 1);
    }
  } catch {
    // The tracker has ended.
  }
  return out;
}

/** Pid of the tracker that a dump has left running; undefined if it has ended. */
function trackerByToken(token: string): number | undefined {
  for (const { pid, name } of trackers()) if (name === NAME + token) return pid;
  return undefined;
}

/** Pid of the tracker of a task. */
function trackerOf(task: number): number | undefined {
  for (const { pid } of trackers()) if (tasksOf(pid).has(task)) return pid;
  return undefined;
}

/** All tasks that any tracker tracks. */
export function trackedTasks(): Set<number> {
  return new Set([...trackers()].flatMap(({ pid }) => [...tasksOf(pid).keys()]));
}

/** The tasks of the tracker that a dump has left running; undefined if it has ended. */
export function tasksByToken(token: string): Set<number> | undefined {
  const tracker = trackerByToken(token);
  const tasks = tracker === undefined ? [] : tasksOf(tracker).keys();
  const all = new Set(tasks);
  // A tracker that is a zombie keeps its name, but has no descriptors.
  return all.size > 0 ? all : undefined;
}

/** Ends the tracker of a task, which makes its mappings untracked. @returns whether there was one */
export async function untrack(task: number): Promise<boolean> {
  const tracker = trackerOf(task);
  if (tracker === undefined) return false;
  await end(tracker);
  return true;
}

async function end(tracker: number): Promise<void> {
  const pidfd = sysRaw('pidfd_open', tracker, 0);
  if (pidfd < 0) return;
  try {
    sysRaw('pidfd_send_signal', pidfd, SIGTERM, null, 0);
    // The pidfd becomes readable after all descriptors of the tracker have been closed.
    await waitForEvents(pidfd, EPOLLIN);
  } finally {
    closeSync(pidfd);
  }
}

/** Copies a descriptor of another process (pidfd_getfd(2)). @throws SysError */
function take(pid: number, fd: number): number {
  const pidfd = sys('pidfd_open', pid, 0);
  try {
    return sys('pidfd_getfd', pidfd, fd, 0);
  } finally {
    closeSync(pidfd);
  }
}

/** Creates a userfaultfd in the task and moves it to this process. @throws SysError */
async function make({ pid, syscall }: TrackedTask): Promise<number> {
  const fd = Number(await syscall('userfaultfd', [O_CLOEXEC | UFFD_USER_MODE_ONLY]));
  if (fd < 0) throw new SysError('userfaultfd', -fd);
  let uffd: number;
  try {
    uffd = take(pid, fd);
  } finally {
    await syscall('close', [fd]);
  }
  try {
    agreeOn(uffd, UFFD_FEATURE_WP_ASYNC);
  } catch (error) {
    closeSync(uffd);
    throw error;
  }
  return uffd;
}

/**
 * Starts tracking writes to mappings; those that cannot be tracked are compared later. Only existing pages get
 * write-protected: UFFDIO_WRITEPROTECT would also put a marker into the page table for each missing page, needing page
 * tables for the whole mapping, and each marker looks like a swapped-out page.
 * @returns whether any mapping is tracked
 */
function arm(pid: number, uffd: number, mappings: readonly Range[]): boolean {
  const noted = mappings.filter(
    ({ start, end }) => registerRange(uffd, start, end, UFFDIO_REGISTER_MODE_WP) >= 0,
  );
  const errno = addon().pagemapProtect(
    pid,
    BigUint64Array.from(noted.flatMap(({ start, end }) => [start, end])),
  );
  if (errno) throw new SysError('PAGEMAP_SCAN', errno);
  return noted.length > 0;
}

/**
 * Tracks a task, by the userfaultfd of its earlier tracker if there is one. That one is for memory that the task no
 * longer has if it has executed another program since.
 * @param opened gets every descriptor that was opened
 * @returns the userfaultfd of the task
 */
async function follow(task: TrackedTask, earlier: number | undefined, opened: number[]): Promise<number> {
  const { pid, mappings } = task;
  const kept = earlier === undefined ? undefined : tasksOf(earlier).get(pid);
  if (earlier !== undefined && kept !== undefined) {
    const uffd = take(earlier, kept);
    opened.push(uffd);
    if (arm(pid, uffd, mappings)) return uffd;
  }
  const uffd = await make(task);
  opened.push(uffd);
  arm(pid, uffd, mappings);
  return uffd;
}

/**
 * Tracks tasks from now on, with a new tracker of that token; earlier trackers of the same tasks end. A failure is only
 * logged: the next dump then compares memory.
 */
export async function track(tasks: readonly TrackedTask[], token: string, log: Logger): Promise<void> {
  const uffds: number[] = [];
  const old = new Set<number>();
  let pager: Pager | undefined;
  try {
    pager = Pager.start(undefined, true);
    for (const task of tasks) {
      const before = trackerOf(task.pid);
      if (before !== undefined) old.add(before);
      const uffd = await follow(task, before, uffds);
      const pidfd = sys('pidfd_open', task.pid, 0);
      pager.addMemory({ pid: task.pid, uffd, pidfd, missing: [] });
      closeSync(pidfd);
    }
    pager.name(token);
    await pager.go();
    pager.leave();
    log.info(`Process ${pager.pid} has the kernel note changed pages from here on`);
  } catch (error) {
    pager?.stop();
    log.warn(`changed pages are not tracked: ${(error as Error).message}; memory will be compared`);
  } finally {
    for (const uffd of uffds) closeSync(uffd);
    for (const tracker of old) await end(tracker);
  }
}
