// Decides which task creates which, and when. setsid(2) only makes new sessions, so a task can be a member of an
// existing session only by being born into it.
import { CriuError } from '../errors.js';
import type { ImageTask } from '../images/checkpoint.js';

/** The children of one task, grouped by how they get into their sessions. */
export interface Births {
  /** Created before the task calls setsid(2): these children stay in the session in which the task was born. */
  readonly early: readonly ImageTask[];
  /** Created after the task has called setsid(2), if it leads a session. */
  readonly late: readonly ImageTask[];
  /**
   * Members of sessions whose leader has ended, by session id. A helper with the pid of the leader creates them as its
   * siblings (CLONE_PARENT), so that this task is their parent.
   */
  readonly orphaned: ReadonlyMap<number, readonly ImageTask[]>;
  /**
   * Members of sessions led by tasks below this one, whose original parents have ended. A helper below the session
   * leader creates them and ends; this task, as child subreaper, then becomes their parent.
   */
  readonly adopted: readonly ImageTask[];
}

function leads(task: ImageTask): boolean {
  return task.sid === task.pid;
}

function isBelow(task: ImageTask, pid: number): boolean {
  return task.children.some((child) => child.pid === pid || isBelow(child, pid));
}

/** Id of the session that a task has to be born in; undefined if any session will do. */
function birthSession(task: ImageTask): number | undefined {
  if (!leads(task)) return task.sid;
  for (const child of task.children) {
    const wanted = birthSession(child);
    if (wanted !== undefined && wanted !== task.pid) return wanted;
  }
  return undefined;
}

/**
 * The births of a whole tree, by the pid of the parent.
 * @param outer id of the session in which the root task is born
 * @param pids pids of all tasks of the checkpoint
 * @throws CriuError UNSUPPORTED for a session that a task cannot be born into
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

/**
 * Process groups whose leader is not in the tree, each with the task that will create it. The root's group is left out
 * if it was inherited from outside of the tree.
 */
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
