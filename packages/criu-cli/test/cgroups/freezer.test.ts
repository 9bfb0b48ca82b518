// `--freeze-cgroup`: whatever happens, the group is in the state in which it was found, and its tasks are as they were.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from '@criu/native/fs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump, preDump, restore } from '../../src/operations.js';
import { Hierarchy } from '../../src/resources/cgroups/hierarchy.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { family, free, freshDir, until } from '../support.js';

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));

const KINDS = [
  { hierarchy: 'freezer', file: 'freezer.state', frozen: 'FROZEN', thawed: 'THAWED' },
  { hierarchy: '', file: 'cgroup.freeze', frozen: '1', thawed: '0' },
];

/** Machines have the one, the other, or both. */
function possible({ hierarchy }: { hierarchy: string }): boolean {
  if (!isRoot) return false;
  try {
    Hierarchy.open(hierarchy, undefined).close();
    return true;
  } catch {
    return false;
  }
}

afterAll(cleanUp);

for (const kind of KINDS)
  describe.skipIf(!possible(kind))(`a frozen cgroup of ${kind.hierarchy || 'v2'} (needs root)`, () => {
    let tree: Hierarchy;
    let group: string;
    let victim: Victim;
    let stranger: ChildProcess;
    let imagesDir: string;
    let groups = 0;

    const set = (state: string) => writeFileSync(join(group, kind.file), state);
    const state = () => readFileSync(join(group, kind.file), 'utf8').trim();
    const put = (pid: number) => writeFileSync(join(group, 'cgroup.procs'), String(pid));

    beforeEach(async () => {
      tree = Hierarchy.open(kind.hierarchy, undefined);
      group = tree.path(`/criu-test-freezer-${process.pid}-${groups++}`);
      mkdirSync(group);
      imagesDir = freshDir();
      victim = await Victim.start('everything');
      // Somebody of the group who is not of the tree.
      stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
      for (const pid of [...family(victim.pid), stranger.pid ?? 0]) put(pid);
    });
    afterEach(async () => {
      set(kind.thawed);
      stranger.kill('SIGKILL');
      await victim.end();
      await until('the group is empty', () => {
        try {
          rmdirSync(group);
          return true;
        } catch {
          return !existsSync(group);
        }
      });
      tree.close();
    });

    const tracerOf = (pid = 0) =>
      /^TracerPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const frozenBefore = [false, true];

    it.each(frozenBefore)(
      'is as it was after a dump that leaves the tasks running (frozen before: %s)',
      async (before) => {
        if (before) set(kind.frozen);
        await dump({ pid: victim.pid, imagesDir, leaveRunning: true, freezeCgroup: group });
        expect(state()).toBe(before ? kind.frozen : kind.thawed);
        await preDump({ pid: victim.pid, imagesDir: freshDir(), freezeCgroup: group });
        expect(state()).toBe(before ? kind.frozen : kind.thawed);
        set(kind.thawed);
        expect(tracerOf(stranger.pid)).toBe('0');
        expect(await victim.verify()).toBe('ok');
      },
    );

    it.each(frozenBefore)(
      'is as it was after a dump that fails anywhere (frozen before: %s)',
      async (before) => {
        if (before) set(kind.frozen);
        for (const fault of ['freeze', 'frozen', 'collect', 'describe', 'write', 'guard', 'cure']) {
          const failing = dump({
            pid: victim.pid,
            imagesDir: freshDir(),
            freezeCgroup: group,
            faults: [fault],
          });
          await expect(failing).rejects.toThrow(/fault point/);
          expect([fault, state()]).toEqual([fault, before ? kind.frozen : kind.thawed]);
        }
        set(kind.thawed);
        expect(tracerOf(stranger.pid)).toBe('0');
        expect(await victim.verify()).toBe('ok');
      },
    );

    it('is frozen when no task waits in vfork(2), for a child that needs longer than a freeze', async () => {
      const often = await Victim.start('vforks', {}, new URL('./victims/vforks.c', import.meta.url));
      try {
        for (const pid of family(often.pid)) put(pid);
        for (let i = 0; i < 5; i++)
          await dump({ pid: often.pid, imagesDir: freshDir(), leaveRunning: true, freezeCgroup: group });
        expect(state()).toBe(kind.thawed);
        expect(await often.verify()).toBe('ok');
      } finally {
        await often.end();
      }
    });

    it.each(frozenBefore)('is as it was when the dumper is killed (frozen before: %s)', async (before) => {
      if (before) set(kind.frozen);
      const path = group.replace('self', String(process.pid));
      const dir = freshDir();
      const script = join(dir, 'script');
      const reached = join(dir, 'reached');
      const wait = `touch ${reached}; while [ -d /proc/$PPID ]; do sleep 0.1; done`;
      writeFileSync(script, `#!/bin/sh\n[ "$CRTOOLS_SCRIPT_ACTION" = post-dump ] || exit 0\n${wait}\n`, {
        mode: 0o700,
      });
      const args = ['dump', '-t', String(victim.pid), '-D', dir, '-R', '--freeze-cgroup', path];
      const dumper = spawn(criu, [...args, '--action-script', script], { stdio: 'ignore' });
      const ended = new Promise((resolve) => dumper.once('exit', resolve));
      await until('the script runs', () => existsSync(reached));
      expect(tracerOf(stranger.pid)).not.toBe('0');
      dumper.kill('SIGKILL');
      await ended;
      await until('nobody is traced', () => [victim.pid, stranger.pid].every((pid) => tracerOf(pid) === '0'));
      // Tasks that are let go freeze a moment later.
      await until('it is as it was', () => state() === (before ? kind.frozen : kind.thawed));
      set(kind.thawed);
      expect(await victim.verify()).toBe('ok');
    });

    it('is thawed when its tasks are ended, and they come back into it', async () => {
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir, freezeCgroup: group });
      await free(pids);
      expect(state()).toBe(kind.thawed);
      expect(stranger.exitCode).toBe(null);
      await restore({ imagesDir, detached: true, manageCgroups: 'full' });
      expect(readFileSync(join(group, 'cgroup.procs'), 'utf8')).toContain(`${victim.pid}\n`);
      expect(await victim.verify()).toBe('ok');
    });

    it('may have tasks that come and go all the time', async () => {
      const busy = spawn('bash', ['-c', 'while :; do (true) & (true); wait; done'], {
        detached: true,
        stdio: 'ignore',
      });
      try {
        put(busy.pid ?? 0);
        for (let i = 0; i < 12; i++)
          await dump({ pid: busy.pid ?? 0, imagesDir: freshDir(), leaveRunning: true, freezeCgroup: group });
        expect(state()).toBe(kind.thawed);
        expect(busy.exitCode).toBe(null);
      } finally {
        process.kill(-(busy.pid ?? 0), 'SIGKILL');
      }
    });

    it('that has the dumper in it is refused', async () => {
      put(process.pid);
      try {
        await expect(dump({ pid: victim.pid, imagesDir, freezeCgroup: group })).rejects.toThrow(
          /has the dumping process in it/,
        );
      } finally {
        writeFileSync(join(tree.path('/'), 'cgroup.procs'), String(process.pid));
      }
      expect(state()).toBe(kind.thawed);
    });
  });

describe.skipIf(!isRoot)('a group that does not freeze, or is none (needs root)', () => {
  it('is left as it was in time, and said to be in the way', async () => {
    const victim = await Victim.start('everything');
    try {
      // A folder that looks like a group with a task that never freezes.
      const group = freshDir();
      for (const [file, text] of [
        ['cgroup.freeze', '0'],
        ['cgroup.events', 'populated 1\nfrozen 0\n'],
        ['cgroup.procs', ''],
      ] as const)
        writeFileSync(join(group, file), text);
      const options = { pid: victim.pid, imagesDir: freshDir(), freezeCgroup: group, timeout: 0.3 };
      await expect(dump(options)).rejects.toThrow(/did not freeze within|took longer than/);
      expect(readFileSync(join(group, 'cgroup.freeze'), 'utf8')).toBe('0');
      await expect(dump({ ...options, timeout: 10, freezeCgroup: freshDir() })).rejects.toThrow(
        /neither freezer.state nor cgroup.freeze/,
      );
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
