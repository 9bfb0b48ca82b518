// One task with many resources: its images, and that it runs on unharmed.
import { mkdirSync, readdirSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { join } from 'node:path';
import { readImageSync, readPagemapSync } from '@criu/images';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from './victim.js';

afterAll(cleanUp);

describe.skipIf(!isRoot)('a task with many resources (needs root)', () => {
  let victim: Victim;
  let dir: string;
  let n = 0;
  beforeEach(async () => {
    victim = await Victim.start('everything');
    n += 1;
    dir = join(scratch(), `images-${n}`);
    mkdirSync(dir);
  });
  afterEach(() => victim.end());

  it('runs on as it was after a dump that leaves it running, ten times', async () => {
    for (let i = 0; i < 10; i++) {
      const result = await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true });
      expect(result).toMatchObject({ pid: victim.pid, tasks: 1 });
      expect(victim.tracer).toBe(0);
      expect(await victim.verify()).toBe('ok');
    }
  });

  it('is gone after a dump', async () => {
    await dump({ pid: victim.pid, imagesDir: dir });
    await victim.gone();
    expect(victim.state).toBeUndefined();
  });

  it('stays stopped when asked, and goes on with SIGCONT', async () => {
    await dump({ pid: victim.pid, imagesDir: dir, leaveStopped: true });
    expect(victim.state).toBe('T');
    process.kill(victim.pid, 'SIGCONT');
    expect(await victim.verify()).toBe('ok');
  });

  it('has its resources in the images', async () => {
    await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true });
    const files = readImageSync(join(dir, 'files.img'), 'FILES').map((i) => i.entry);
    const reg = (name: string) => files.find((f) => f.reg?.name === name)?.reg;
    expect(files.find((f) => f.efd)?.efd?.counter).toBe(5n);
    expect(files.find((f) => f.epfd)?.epfd?.tfd).toMatchObject([{ data: 77n }]);
    expect(files.find((f) => f.tfd)?.tfd).toMatchObject({ clockid: 1, isec: 10n });
    expect(files.find((f) => f.sgfd)?.sgfd?.sigmask).toBe(1n << 11n);
    expect(reg('/usr/lib/x86_64-linux-gnu/libc.so.6')?.build_id?.length ?? 5).toBe(5);
    const data = readImageSync(join(dir, 'pipes-data.img'), 'PIPES_DATA');
    expect(data.map((d) => d.payload?.toString())).toContain('hello');
    const ghost = readImageSync(join(dir, 'ghost-file-1.img'), 'GHOST_FILE');
    expect(ghost[0]?.payload?.toString()).toBe('ghost data');
    const memfds = readImageSync(join(dir, 'memfd.img'), 'MEMFD_INODE').map((i) => i.entry.name);
    expect(memfds).toEqual(expect.arrayContaining(['mymem', '/dev/zero']));
    const core = readImageSync(join(dir, `core-${victim.pid}.img`), 'CORE')[0]!.entry;
    expect(core.tc?.timers?.posix).toMatchObject([{ it_id: 0, isec: 5n, clock_id: 1 }]);
    expect(core.tc?.signals_s?.signals.map((s) => s.siginfo[0])).toEqual([12]);
    expect(core.tc?.blk_sigset).toBe(1n << 11n);
    expect(core.tc?.sigactions).toHaveLength(62);
    expect(core.thread_core?.sas?.ss_size).toBe(16384n);
    expect(readImageSync(join(dir, `fs-${victim.pid}.img`), 'FS')[0]!.entry.umask).toBe(0o27);
    expect(readdirSync(dir)).toContain('inventory.img');
  });

  it('says in the images when, where and by what it was dumped', async () => {
    const before = BigInt(Math.floor(Date.now() / 1000));
    await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true });
    const origin = readImageSync(join(dir, 'stats-dump'), 'STATS')[0]?.entry.origin;
    expect(origin?.dumped_at).toBeGreaterThanOrEqual(before);
    expect(origin?.dumped_at).toBeLessThanOrEqual(BigInt(Math.ceil(Date.now() / 1000)));
    expect(origin).toMatchObject({ kernel: release(), machine: hostname() });
    expect(origin?.dumped_by).toMatch(/^criu 4\.2 /);
  });

  it('keeps holes as holes: pages never touched are not in the images', async () => {
    await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true });
    const mm = readImageSync(join(dir, `mm-${victim.pid}.img`), 'MM')[0]!.entry;
    const { entries } = readPagemapSync(join(dir, `pagemap-${victim.pid}.img`));
    const big = mm.vmas.find((v) => v.end - v.start === 64n * 4096n && v.status & 0x200);
    // The kernel may have merged it with a neighbour of the same kind.
    if (big) {
      const inside = entries.filter((e) => e.vaddr >= big.start && e.vaddr < big.end);
      expect(inside.map((e) => [(e.vaddr - big.start) / 4096n, e.nr_pages])).toEqual([
        [0n, 1n],
        [3n, 1n],
      ]);
    }
    for (let i = 1; i < entries.length; i++)
      expect(entries[i]!.vaddr).toBeGreaterThanOrEqual(
        entries[i - 1]!.vaddr + entries[i - 1]!.nr_pages! * 4096n,
      );
  });
});
