// Huge pages come back as huge pages, and a machine that has too few of them says how many are needed.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { PagemapFlags, readImageSync, readPagemapSync } from '@criu/images';
import { MAP_HUGETLB } from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import { TaskPlan } from '../../src/engine/plan.js';
import { VMA } from '../../src/images/vma.js';
import { dump, restore } from '../../src/operations.js';
import { hugeSegments, readIntoHugeFile } from '../../src/resources/shared-memory/huge-file.js';
import { hugeBytes, hugeFlag, hugeSize } from '../../src/resources/shared-memory/hugetlb.js';
import { cleanUp, isRoot, peer, scratch, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';
import { free, freshDir } from '../support.js';
import { LOCAL, server } from './support.js';

afterAll(cleanUp);

const COUNT = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages';
const NEEDED = 14;

/** Has the machine have so many; what it can spare. */
function setPages(count: number): number {
  try {
    writeFileSync(COUNT, String(count));
    return Number(readFileSync(COUNT, 'latin1'));
  } catch {
    return 0;
  }
}

const before = isRoot && existsSync(COUNT) ? Number(readFileSync(COUNT, 'latin1')) : 0;
// Those of others stay theirs.
const wanted = before + NEEDED;
const enough = isRoot && setPages(wanted) >= wanted;
setPages(before);

async function withVictim(
  work: (victim: Victim) => Promise<void>,
  name = 'huge',
  env: Record<string, string> = {},
): Promise<void> {
  setPages(wanted);
  const victim = await Victim.start(name, env, new URL(`victims/${name}.c`, import.meta.url));
  try {
    await work(victim);
  } finally {
    await victim.end();
    await free([victim.pid]);
    setPages(before);
  }
}

describe.skipIf(!enough)(`huge pages (need root and ${NEEDED} pages of 2 MiB)`, () => {
  it('come back as such, with their contents, twice in a row', () =>
    withVictim(async (victim) => {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < 2; i++) {
        await roundTrip(victim);
        expect(await victim.verify()).toBe('ok');
      }
    }));

  it('of System V segments come back, with those who made them', () =>
    withVictim(async (victim) => {
      for (let i = 0; i < 2; i++) {
        await roundTrip(victim);
        expect(await victim.verify()).toBe('ok');
      }
    }, 'huge-segment'));

  it.skipIf(!peer)('of System V segments go to CRIU 4.2 and back (needs CRIU_PEER)', () =>
    withVictim(
      async (victim) => {
        const [first, second] = [freshDir(), freshDir()];
        await dump({ pid: victim.pid, imagesDir: first });
        await free([victim.pid]);
        execFileSync(peer!, ['restore', '-d', '-D', first, '-o', 'peer.log'], { stdio: 'ignore' });
        // CRIU makes all segments itself, and so is the one who made them.
        expect(await victim.verify()).toMatch(/cuid == 12/);
        execFileSync(peer!, ['dump', '-t', `${victim.pid}`, '-D', second, '-o', 'peer.log'], {
          stdio: 'ignore',
        });
        await free([victim.pid]);
        await restore({ imagesDir: second, detached: true });
        expect(await victim.verify()).toMatch(/cuid == 12/);
      },
      'huge-segment',
      { WHOLE: '1' },
    ),
  );

  it('that have not changed are not left to the dump before: the kernel does not tell', () =>
    withVictim(async (victim) => {
      const [first, second] = [freshDir(), freshDir()];
      await dump({ pid: victim.pid, imagesDir: first, leaveRunning: true, trackMem: true });
      await dump({ pid: victim.pid, imagesDir: second, prevImagesDir: join('..', basename(first)) });
      await free([victim.pid]);
      const [mm] = readImageSync(join(second, `mm-${victim.pid}.img`), 'MM');
      const huge = mm!.entry.vmas.filter(
        ({ flags, status }) => flags & MAP_HUGETLB && status & VMA.ANON_PRIVATE,
      );
      const { entries } = readPagemapSync(join(second, `pagemap-${victim.pid}.img`));
      const flags = huge.map(({ start }) => entries.find(({ vaddr }) => vaddr === start)?.flags);
      expect(flags).toEqual([PagemapFlags.PRESENT, PagemapFlags.PRESENT]);
      expect(entries.some((entry) => entry.flags! & PagemapFlags.PARENT)).toBe(true);
      await restore({ imagesDir: second, detached: true });
      expect(await victim.verify()).toBe('ok');
    }));

  it('that are not there are an error that says how many, and nothing is made', () =>
    withVictim(async (victim) => {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await free([victim.pid]);
      setPages(2);
      await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({
        code: 'NO_SPACE',
        message: expect.stringMatching(/huge pages of 2 MiB are needed, \d+ are free/),
        remedy: expect.stringMatching(/echo \d+ > .*nr_hugepages/),
      });
      expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
      setPages(wanted);
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    }));

  it('go to a page server', () =>
    withVictim(async (victim) => {
      const [dir, there] = [freshDir(), freshDir()];
      const { port, done } = server(there);
      await dump({ pid: victim.pid, imagesDir: dir, pageServer: { address: LOCAL, port: await port } });
      await done;
      await free([victim.pid]);
      for (const name of readdirSync(there)) cpSync(join(there, name), join(dir, name));
      await restore({ imagesDir: dir, detached: true });
      expect(await victim.verify()).toBe('ok');
    }));

  it.skipIf(!peer)('go to CRIU 4.2 and back (needs CRIU_PEER)', () =>
    withVictim(async (victim) => {
      const [first, second] = [freshDir(), freshDir()];
      await dump({ pid: victim.pid, imagesDir: first });
      await free([victim.pid]);
      execFileSync(peer!, ['restore', '-d', '-D', first, '-o', 'peer.log'], { stdio: 'ignore' });
      expect(await victim.verify()).toBe('ok');
      execFileSync(peer!, ['dump', '-t', `${victim.pid}`, '-D', second, '-o', 'peer.log'], {
        stdio: 'ignore',
      });
      await free([victim.pid]);
      await restore({ imagesDir: second, detached: true });
      expect(await victim.verify()).toBe('ok');
    }),
  );
});

describe('sizes of huge pages', () => {
  it.each([
    [2 << 20, 0x54000000],
    [1 << 30, 0x78000000],
  ])('%i is in the flags as a logarithm', (bytes, flag) => {
    expect(hugeFlag(bytes)).toBe(flag);
    expect(hugeSize(flag | 0x40002)).toBe(bytes);
  });
  it('are those of the machine where flags say nothing', () => expect(hugeSize(0x40002)).toBeUndefined());
  it('count whole pages, each once', () => {
    const range = (start: number, bytes: number) => ({ start: BigInt(start), end: BigInt(start + bytes) });
    expect(hugeBytes([range(0, 10), range(20, 100), range(190, 20), range(350, 1)], 100)).toBe(400);
    expect(hugeBytes([], 100)).toBe(0);
  });
});

describe('a file of huge pages', () => {
  it('is searched for what it holds only where that is not known', () => {
    const path = join(scratch(), 'sparse');
    writeFileSync(path, Buffer.concat([Buffer.alloc(100), Buffer.from('x'), Buffer.alloc(199)]));
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, 600);
    expect(hugeSegments(fd, 600, 100, 300)).toEqual([[100, 100]]);
    expect(hugeSegments(fd, 600, 100, 600)).toEqual([[0, 600]]);
    expect(hugeSegments(fd, 600, 100, 0)).toEqual([]);
    closeSync(fd);
  });

  it('is filled through mappings of whole pages', () => {
    const task = { pid: 5, fds: [], threads: [] } as unknown as ConstructorParameters<typeof TaskPlan>[0];
    const plan = new TaskPlan(task, { region: 0 } as never);
    const MiB = 1 << 20;
    const ranges = [
      [MiB, 4096, 0],
      [3 * MiB, 2 * MiB, 4096],
      [20 * MiB, 4096, 2 * MiB + 4096],
    ].map(([start = 0, bytes = 0, offset = 0]) => ({
      start: BigInt(start),
      end: BigInt(start + bytes),
      file: 'a',
      offset,
    }));
    readIntoHugeFile(plan, ranges, 9, 2 * MiB, () => 8);
    const calls = plan
      .program('files')
      .describe()
      .map((line) => line.call);
    expect(calls).toEqual([
      'mmap(0, 0x600000, 3, 1, 9, 0)',
      'pread64(8, $0+1048576, 4096, 0)',
      'pread64(8, $0+3145728, 0x100000, 4096)',
      'pread64(8, $0+4194304, 0x100000, 0x101000)',
      'munmap($0, 0x600000)',
      'mmap(0, 0x200000, 3, 1, 9, 0x1400000)',
      'pread64(8, $5, 4096, 0x201000)',
      'munmap($5, 0x200000)',
    ]);
  });
});
