// Memory is filled by several at once, as huge pages where it is whole, and takes no more room than it did.
import { readFileSync } from 'node:fs';
import { Program } from '@criu/compel';
import { vmaTable } from '@criu/images';
import { addon } from '@criu/native';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { hugeRanges, readIntoFile, readIntoMemory } from '../../src/pages/sinks/task-memory.js';
import { StoredRuns } from '../../src/pages/sources/stored.js';
import { readChildren } from '../../src/proc/index.js';
import { hugeFill, hugeMappings } from '../../src/resources/memory/huge-fill.js';
import { cleanUp, isRoot, peer, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';
import { criu } from './support.js';

afterAll(cleanUp);

const MiB = 1 << 20;
const range = (start: number, end: number) => ({ start: BigInt(start * MiB), end: BigInt(end * MiB) });
const stored = (start: number, end: number, offset: number, file = 'a') => ({
  ...range(start, end),
  file,
  offset: offset * MiB,
});

describe('which memory gets huge pages', () => {
  it('is whole, and in one mapping', () => {
    const mappings = [range(1, 9), range(9, 20)];
    expect(hugeRanges([range(0, 3), range(3, 7), range(8, 15)], mappings)).toEqual([
      range(2, 6),
      range(10, 14),
    ]);
    expect(hugeRanges([range(0, 20)], [])).toEqual([]);
  });
  it('is private and anonymous, and nobody has forbidden it', () => {
    const anonymous = { status: 0x201, flags: 0x22, start: 0n, end: 1n };
    const vmas = [
      anonymous,
      { ...anonymous, madv: 1n << 15n },
      { ...anonymous, madv: 1n << 12n },
      { ...anonymous, flags: 0x122 },
      { ...anonymous, flags: 0x40022 },
      { ...anonymous, status: 0x41 },
    ] as never[];
    expect(hugeMappings({ vmas: vmaTable(vmas) })).toEqual([anonymous]);
    expect(hugeMappings({ vmas: vmaTable(vmas), thp_disabled: true })).toEqual([]);
  });
  it('is decided when it is filled, by what the machine has', () => {
    const vmas = vmaTable([{ status: 0x201, flags: 0x22, start: 0n, end: 1n } as never]);
    /** What the agent is told on a machine. */
    const made = (bytes: number, machine: Record<string, boolean>) => {
      const states = { get: ({ name }: { name: string }) => machine[name] };
      return hugeFill({ states } as never, { vmas } as never, bytes).made.value();
    };
    const [yes, dear, never] = [
      { 'huge pages wanted': true, 'huge pages pay': true },
      { 'huge pages wanted': true, 'huge pages pay': false },
      { 'huge pages wanted': false, 'huge pages pay': true },
    ];
    expect([yes, dear, never].map((machine) => made(64 * MiB, machine))).toEqual([1, 0, 0]);
    expect([yes, dear, never].map((machine) => made(16 * MiB, machine))).toEqual([1, 1, 0]);
  });
  it('is measured without leaving anything', () => {
    const size = () => /^VmSize:.*/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[0];
    addon().hugePagesPay(16);
    const before = size();
    expect(addon().hugePagesPay(16)).toBeTypeOf('boolean');
    expect(size()).toBe(before);
  });
});

describe('the steps of a fill', () => {
  const steps = (ranges: ReturnType<typeof stored>[]) => {
    const p = new Program();
    const all = [range(0, 1000)];
    readIntoMemory(
      {
        program: () => p,
        fdOf: (file) => (file === 'a' ? 7 : 8),
        anonymous: all,
        huge: { mappings: all, made: { kind: 'late', name: 'huge pages pay', value: () => 1 } },
      },
      StoredRuns.of(ranges),
    );
    return p.describe().map(({ call }) => call.replace(/data\[\d+\]/g, 'data'));
  };
  it('put what is small into few calls, and give work to several where there is much', () => {
    expect(steps([stored(1, 1.5, 0), stored(3, 3.25, 0.5), stored(6, 30, 1)])).toEqual([
      'preadv(7, data, 2, 0)',
      'pages(data, 2, 0, 0, huge pages pay, 0)',
    ]);
    expect(steps([stored(6, 70, 1)])).toEqual(['pages(data, 4, 3, data, huge pages pay, 0)']);
  });
  it('give work to several also where much lies apart, of more than one file', () => {
    const page = 1 / 256;
    const some = Array.from({ length: 10_000 }, (_, i) =>
      stored(2 * i * page, (2 * i + 1) * page, (i % 9000) * page, i < 9000 ? 'a' : 'b'),
    );
    expect(steps(some)).toEqual([
      'pages(data, 16, 3, data, 0, data)',
      'pages(data, 16, 3, data, 0, data)',
      // 808 of one file and 1,000 of the other.
      'pages(data, 8, 3, data, 0, data)',
    ]);
  });
  it('copy into a file by several, too', () => {
    const p = new Program();
    readIntoFile({ program: () => p, fdOf: () => 7 }, StoredRuns.of([stored(0, 1, 4), stored(8, 48, 5)]), 9);
    expect(p.describe().map(({ call }) => call.replace(/data\[\d+\]/g, 'data'))).toEqual([
      'pages(data, 11, 3, data, 0, 0)',
    ]);
  });
  it('make memory huge before whatever file its contents come from', () => {
    expect(steps([stored(4, 5, 0), stored(5, 6, 0, 'b')])[0]).toBe('pages(data, 1, 0, 0, huge pages pay, 0)');
  });
});

async function twice(
  first: (pid: number, dir: string) => unknown,
  second: (dir: string) => unknown,
  name = 'fill',
) {
  const victim = await Victim.start(name, {}, new URL(`victims/${name}.c`, import.meta.url));
  try {
    for (let i = 0; i < 2; i++) {
      const dir = freshDir();
      const pids = [victim.pid, ...readChildren(victim.pid)];
      await first(victim.pid, dir);
      await free(pids);
      await second(dir);
      expect(await victim.verify()).toBe('ok');
    }
  } finally {
    await victim.end();
  }
}

describe.skipIf(!isRoot)('memory of many kinds (needs root)', () => {
  const ours = {
    dump: (pid: number, imagesDir: string) => dump({ pid, imagesDir }),
    restore: (imagesDir: string) => restore({ imagesDir, detached: true }),
  };
  it('comes back whole, and takes no more room', () => twice(ours.dump, ours.restore));
  it('comes back whole where it is shared, with its holes', () =>
    twice(ours.dump, ours.restore, 'fill-shared'));
  it.skipIf(!peer)('goes to CRIU 4.2 and comes from there (needs CRIU_PEER)', async () => {
    for (const name of ['fill', 'fill-shared']) {
      await twice(ours.dump, (dir) => criu('restore', '-d', '-D', dir, '-o', 'peer.log'), name);
      await twice(
        (pid, dir) => criu('dump', '-t', `${pid}`, '-D', dir, '-o', 'peer.log'),
        ours.restore,
        name,
      );
    }
  });
});
