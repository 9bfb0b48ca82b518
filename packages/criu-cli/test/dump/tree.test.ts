// A process tree: what the images say of it, and that it runs on unharmed.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { freshDir, until } from '../support.js';
import { cleanUp, isRoot, Victim } from './victim.js';

afterAll(cleanUp);

/** Pid, parent, group, session and state of a task and all below it, as ps(1) has them. */
function family(root: number): string[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,pgid=,sid=,stat=,nlwp='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const mine = new Set([String(root)]);
  for (let size = 0; size !== mine.size; ) {
    size = mine.size;
    for (const [pid, ppid] of rows) if (mine.has(ppid!)) mine.add(pid!);
  }
  return rows.filter(([pid]) => mine.has(pid!)).map((row) => row.join(' '));
}

describe.skipIf(!isRoot)('a process tree (needs root)', () => {
  let victim: Victim;
  beforeEach(async () => {
    victim = await Victim.start('tree');
  });
  afterEach(() => victim.end());

  it('is the same after dumps that leave it running or fail', async () => {
    // Tasks that were just let go need a processor to wait again.
    const quiet = () =>
      until('all tasks wait', () => {
        const rows = family(victim.pid);
        return !rows.some((row) => / [RDt]\S* \d+$/.test(row)) && rows;
      });
    const before = await quiet();
    for (const faults of [[], ['infected'], ['pages'], ['describe'], []]) {
      const work = dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true, faults });
      if (faults.length > 0) await expect(work).rejects.toMatchObject({ code: 'INTERNAL' });
      else await expect(work).resolves.toMatchObject({ tasks: 8 });
      expect(await quiet()).toEqual(before);
      for (const row of before) {
        const pid = row.split(' ')[0]!;
        expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^TracerPid:\s+0$/m);
      }
    }
  });

  it('has its groups, sessions, threads, zombies and shared descriptors in the images', async () => {
    const dir = freshDir();
    await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true });
    const tree = readImageSync(join(dir, 'pstree.img'), 'PSTREE').map((i) => i.entry);
    expect(tree[0]).toMatchObject({ pid: victim.pid, ppid: 0, sid: victim.pid });
    expect(tree[0]!.threads).toHaveLength(4);
    // Parents come before their children.
    const seen = new Set([0]);
    for (const task of tree) {
      expect(seen.has(task.ppid)).toBe(true);
      seen.add(task.pid);
    }
    const core = (pid: number) => readImageSync(join(dir, `core-${pid}.img`), 'CORE')[0]!.entry;
    const states = tree.map((task) => core(task.pid).tc!.task_state).sort();
    expect(states).toEqual([1, 1, 1, 1, 1, 2, 2, 3]);
    const ends = tree.map((task) => core(task.pid).tc!).filter((tc) => tc.task_state === 2);
    expect(ends.map((tc) => tc.exit_code).sort()).toEqual([0x300, 9]);
    expect(tree.filter((t) => t.sid === t.pid)).toHaveLength(2);
    const tids = tree[0]!.threads.filter((tid) => tid !== victim.pid);
    expect(tids.map((tid) => core(tid).thread_core!.comm).sort()).toEqual([
      'thread-0',
      'thread-1',
      'thread-2',
    ]);
    for (const tid of tids) {
      const { thread_core } = core(tid);
      expect(thread_core!.signals_p!.signals).toHaveLength(1);
      expect(thread_core!.blk_sigset).toBeGreaterThanOrEqual(1n << 33n);
    }
    const alive = tree.filter((task) => core(task.pid).tc!.task_state !== 2);
    const ids = alive.map((task) => readImageSync(join(dir, `ids-${task.pid}.img`), 'IDS')[0]!.entry);
    // One of the children was made with CLONE_FILES.
    expect(new Set(ids.map((i) => i.files_id)).size).toBe(alive.length - 1);
    expect(new Set(ids.map((i) => i.vm_id)).size).toBe(alive.length);
  });
});

describe.skipIf(!isRoot)('a terminal with queued data (needs root)', () => {
  it('is as it was after a dump that leaves its task running, or fails', async () => {
    const victim = await Victim.start('terminal');
    try {
      for (let i = 0; i < 3; i++) {
        const dir = freshDir();
        await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true });
        const data = readImageSync(join(dir, 'tty-data.img'), 'TTY_DATA').map((d) => d.entry.data.toString());
        expect(data.sort()).toEqual(['one\ntwo\n', 'out\r\n']);
        expect(await victim.verify()).toBe('ok');
      }
      await expect(
        dump({ pid: victim.pid, imagesDir: freshDir(), faults: ['describe'] }),
      ).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
