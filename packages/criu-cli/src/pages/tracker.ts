// The tracker: a process that has the kernel note which pages tasks write to (UFFD_FEATURE_WP_ASYNC), from one dump to the next.
// It keeps a userfaultfd of each task open, nothing more: pages are write-protected, and whoever writes takes that away.
import { addon, SysError, sys, sysRaw, waitForEvents } from '@criu/native';
import { closeSync, readdirSync, readFileSync } from '@criu/native/fs';
import {
  EPOLLIN,
  O_CLOEXEC,
  SIGTERM,
  UFFD_API,
  UFFD_FEATURE_WP_ASYNC,
  UFFD_USER_MODE_ONLY,
  UFFDIO_API,
  UFFDIO_REGISTER,
  UFFDIO_REGISTER_MODE_WP,
} from '@criu/native/uapi';
import type { Logger } from '../log.js';
import { Pager } from './lazy/pager.js';
import type { Range } from './ranges.js';

/** Names of trackers, and how many characters of a token they have. */
const NAME = 'ct-';
const TOKEN = 12;
/** Descriptors of a tracker: a userfaultfd, and the pidfd of its task behind it, for each. */
const FIRST_FD = 100;

/** A task that stands still. */
export interface TrackedTask {
  readonly pid: number;
  /** Its mappings whose pages are to be tracked. */
  readonly mappings: readonly Range[];
  /** A system call in it; a failure is a negated errno. */
  syscall(name: 'userfaultfd' | 'close', args: readonly number[]): Promise<bigint>;
}

/** The token of a dump by its id. */
export function tokenOf(runId: string): string {
  return runId.slice(0, TOKEN);
}

/** Trackers, by whom they track. */
function* trackers(): Generator<{ readonly pid: number; readonly name: string }> {
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!(pid > 0)) continue;
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
      if (name.startsWith(NAME) && name.length === NAME.length + TOKEN) yield { pid, name };
    } catch {
      // It has ended.
    }
  }
}

/** Tasks of a tracker, and the number of the userfaultfd that it has for each. */
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
    // It has ended.
  }
  return out;
}

/** The tracker that a dump has left; undefined if it is gone. */
function trackerByToken(token: string): number | undefined {
  for (const { pid, name } of trackers()) if (name === NAME + token) return pid;
  return undefined;
}

/** The tracker of a task. */
function trackerOf(task: number): number | undefined {
  for (const { pid } of trackers()) if (tasksOf(pid).has(task)) return pid;
  return undefined;
}

/** All tasks that are tracked by anybody. */
export function trackedTasks(): Set<number> {
  return new Set([...trackers()].flatMap(({ pid }) => [...tasksOf(pid).keys()]));
}

/** The tasks of the tracker that a dump has left; undefined if it is gone. */
export function tasksByToken(token: string): Set<number> | undefined {
  const tracker = trackerByToken(token);
  const tasks = tracker === undefined ? [] : tasksOf(tracker).keys();
  const all = new Set(tasks);
  // One that has ended keeps its name until it is waited for.
  return all.size > 0 ? all : undefined;
}

/** Ends the tracker of a task; its mappings are as before then. @returns whether there was one */
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
    // All that it had open is closed when that can be read.
    await waitForEvents(pidfd, EPOLLIN);
  } finally {
    closeSync(pidfd);
  }
}

/** Descriptor of ours of one that another process has. @throws SysError */
function take(pid: number, fd: number): number {
  const pidfd = sys('pidfd_open', pid, 0);
  try {
    return sys('pidfd_getfd', pidfd, fd, 0);
  } finally {
    closeSync(pidfd);
  }
}

/** A userfaultfd of a task, made by itself; it keeps none. @throws SysError */
async function make({ pid, syscall }: TrackedTask): Promise<number> {
  const fd = Number(await syscall('userfaultfd', [O_CLOEXEC | UFFD_USER_MODE_ONLY]));
  if (fd < 0) throw new SysError('userfaultfd', -fd);
  let uffd: number;
  try {
    uffd = take(pid, fd);
  } finally {
    await syscall('close', [fd]);
  }
  const api = new BigUint64Array([BigInt(UFFD_API), BigInt(UFFD_FEATURE_WP_ASYNC), 0n]);
  const agreed = sysRaw('ioctl', uffd, UFFDIO_API, api);
  if (agreed < 0) {
    closeSync(uffd);
    throw new SysError('UFFDIO_API', -agreed);
  }
  return uffd;
}

/**
 * Has the kernel note what is written to mappings from here on. Those that cannot be tracked are compared later. Only pages that
 * there are get protected: UFFDIO_WRITEPROTECT would leave a mark in place of each page that there is not, with page tables
 * for all of a mapping, and every mark looks like a page that is swapped out.
 */
function arm(pid: number, uffd: number, mappings: readonly Range[]): void {
  const noted = mappings.filter(({ start, end }) => {
    const register = new BigUint64Array([start, end - start, BigInt(UFFDIO_REGISTER_MODE_WP), 0n]);
    return sysRaw('ioctl', uffd, UFFDIO_REGISTER, register) >= 0;
  });
  const errno = addon().pagemapProtect(
    pid,
    BigUint64Array.from(noted.flatMap(({ start, end }) => [start, end])),
  );
  if (errno) throw new SysError('PAGEMAP_SCAN', errno);
}

/**
 * Has tasks tracked from here on, by a new tracker with that token; those before of the same tasks end. Without one, memory
 * is compared at the next dump: a failure costs no more than that.
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
      const kept = before === undefined ? undefined : tasksOf(before).get(task.pid);
      const uffd = before === undefined || kept === undefined ? await make(task) : take(before, kept);
      uffds.push(uffd);
      arm(task.pid, uffd, task.mappings);
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
