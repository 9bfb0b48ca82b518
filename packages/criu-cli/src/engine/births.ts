// Who makes which task, and when: a session is entered only by being born into it.
import { CriuError } from '../errors.js';
import type { ImageTask } from '../images/checkpoint.js';

/** The children of one task, by how they come into their sessions. */
export interface Births {
  /** Made before the task has a session of its own: they stay in the one it was born in. */
  readonly early: readonly ImageTask[];
  readonly late: readonly ImageTask[];
  /** Members of sessions whose leaders are gone: a helper with the leader's pid makes them in the task's name. */
  readonly orphaned: ReadonlyMap<number, readonly ImageTask[]>;
  /** Members of sessions further down whose own parents are gone: made there, and left to this task as it was then. */
  readonly adopted: readonly ImageTask[];
}

function leads(task: ImageTask): boolean {
  return task.sid === task.pid;
}

function isBelow(task: ImageTask, pid: number): boolean {
  return task.children.some((child) => child.pid === pid || isBelow(child, pid));
}

/** The session that a task has to be born in; undefined if any will do. */
function birthSession(task: ImageTask): number | undefined {
  if (!leads(task)) return task.sid;
  for (const child of task.children) {
    const wanted = birthSession(child);
    if (wanted !== undefined && wanted !== task.pid) return wanted;
  }
  return undefined;
}

/**
 * The births of a whole tree, by the pid of the parent. `outer` is the session that the root is born in.
 * @throws CriuError for sessions that a task cannot get into
 */
export function planBirths(root: ImageTask, outer: number, pids: ReadonlySet<number>): Map<number, Births> {
  const all = new Map<number, Births>();
  const helped = new Map<number, number>();
  const visit = (task: ImageTask, bornIn: number): void => {
    const early: ImageTask[] = [];
    const late: ImageTask[] = [];
    const orphaned = new Map<number, ImageTask[]>();
    const adopted: ImageTask[] = [];
    for (const child of task.children) {
      const wanted = birthSession(child);
      if (leads(task) && bornIn !== task.sid && wanted === bornIn) early.push(child);
      else if (leads(child) || wanted === task.sid) late.push(child);
      else if (isBelow(task, child.sid)) adopted.push(child);
      else {
        const { sid } = child;
        const other = helped.get(sid) ?? task.pid;
        if (pids.has(sid) || other !== task.pid)
          throw new CriuError(
            'UNSUPPORTED',
            `it is in session ${sid}, of which none of its ancestors is`,
            { pid: child.pid },
            'end it before the dump',
          );
        helped.set(sid, task.pid);
        orphaned.set(sid, [...(orphaned.get(sid) ?? []), child]);
      }
    }
    all.set(task.pid, { early, late, orphaned, adopted });
    for (const child of early) visit(child, bornIn);
    for (const child of late) visit(child, task.sid);
    for (const [sid, children] of orphaned) for (const child of children) visit(child, sid);
    for (const child of adopted) visit(child, child.sid);
  };
  visit(root, outer);
  return all;
}

/** Process groups without a leader in the tree, and a task that can make each. */
export function lostGroups(tasks: readonly ImageTask[]): Map<number, ImageTask> {
  const [root] = tasks;
  const pids = new Set(tasks.map(({ pid }) => pid));
  const groups = new Map<number, ImageTask>();
  for (const task of tasks) {
    const outside = root && root.pgid !== root.pid && task.pgid === root.pgid;
    if (outside || pids.has(task.pgid)) continue;
    if (!groups.has(task.pgid)) groups.set(task.pgid, task);
  }
  return groups;
}
