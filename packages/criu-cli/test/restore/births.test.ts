// Who makes which task, so that each is born into its session.
import { describe, expect, it } from 'vitest';
import { lostGroups, planBirths } from '../../src/engine/births.js';
import type { ImageTask } from '../../src/images/checkpoint.js';

function task(pid: number, sid: number, children: ImageTask[] = [], pgid = sid): ImageTask {
  return { pid, ppid: 0, sid, pgid, children, dead: false } as unknown as ImageTask;
}

function births(root: ImageTask, outer = 0) {
  const pids = new Set<number>();
  const add = (t: ImageTask): void => {
    pids.add(t.pid);
    t.children.forEach(add);
  };
  add(root);
  const plan = planBirths(root, outer, pids);
  return Object.fromEntries(
    [...plan].map(([pid, { early, late, orphaned, adopted }]) => [
      pid,
      {
        early: early.map((t) => t.pid),
        late: late.map((t) => t.pid),
        orphaned: [...orphaned].map(([sid, tasks]) => [sid, tasks.map((t) => t.pid)]),
        ...(adopted.length ? { adopted: adopted.map((t) => t.pid) } : {}),
      },
    ]),
  );
}

describe('births', () => {
  it('members of a session are made after its leader has made it', () => {
    expect(births(task(1, 1, [task(2, 1), task(3, 3)]))[1]).toEqual({
      early: [],
      late: [2, 3],
      orphaned: [],
    });
  });

  it('a child that stayed in the old session is made before its parent leaves that', () => {
    const plan = births(task(1, 1, [task(2, 2, [task(3, 1), task(4, 2)])]));
    expect(plan[2]).toEqual({ early: [3], late: [4], orphaned: [] });
  });

  it('and so is its parent, when that has left too', () => {
    const plan = births(task(1, 1, [task(2, 2, [task(3, 3, [task(4, 1)])])]));
    expect(plan[2]).toEqual({ early: [3], late: [], orphaned: [] });
    expect(plan[3]).toEqual({ early: [4], late: [], orphaned: [] });
  });

  it('members of a session without a leader come from a helper', () => {
    const plan = births(task(1, 1, [task(3, 2), task(4, 2, [task(5, 2)])]));
    expect(plan[1]).toEqual({ early: [], late: [], orphaned: [[2, [3, 4]]] });
    expect(plan[4]).toEqual({ early: [], late: [5], orphaned: [] });
  });

  it('an orphan in the session of one below its new parent is adopted', () => {
    const plan = births(task(1, 1, [task(3, 2), task(2, 2), task(4, 2)]));
    expect(plan[1]).toEqual({ early: [], late: [2], orphaned: [], adopted: [3, 4] });
    const deep = births(task(1, 1, [task(4, 3, [task(5, 3)]), task(2, 1, [task(3, 3)])]));
    expect(deep[1]).toEqual({ early: [], late: [2], orphaned: [], adopted: [4] });
    expect(deep[4]).toEqual({ early: [], late: [5], orphaned: [] });
  });

  it('a session of tasks elsewhere is refused, and the task named', () => {
    const root = task(1, 1, [task(2, 2), task(3, 3, [task(4, 2)])]);
    expect(() => births(root)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', object: { pid: 4 } }) as unknown as Error,
    );
  });

  it('a group without a leader is made by one of its members, the outer one by nobody', () => {
    const tasks = [task(1, 1, [], 1), task(2, 1, [], 9), task(3, 1, [], 9)];
    expect([...lostGroups(tasks)].map(([pgid, t]) => [pgid, t.pid])).toEqual([[9, 2]]);
    expect([...lostGroups([task(1, 50, [], 60), task(2, 50, [], 60)])]).toEqual([]);
  });
});
