// Which pages are left to the parent: by comparing, and by what the kernel says.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeImage, encodePagemap, PagemapFlags } from '@criu/images';
import { addon } from '@criu/native';
import { afterAll, expect, it } from 'vitest';
import { missing } from '../../src/features/index.js';
import { ChangeFinder, uptime } from '../../src/pages/changes.js';
import { sizeOf, totalOf } from '../../src/pages/ranges.js';
import { joined, type PageJob } from '../../src/pages/runs.js';
import { ParentPages } from '../../src/pages/sources/parents.js';
import { asNsPid } from '../../src/proc/pids.js';
import { cleanUp } from '../dump/victim.js';
import { chain } from './support.js';

afterAll(cleanUp);

const PAGE = 4096;
const { PARENT, PRESENT, LAZY } = PagemapFlags;

/** Eight pages of ours, each with its number in it. */
const room = Buffer.alloc(10 * PAGE);
const base = Number((addon().addressOf(room) + BigInt(PAGE - 1)) / BigInt(PAGE)) * PAGE;
const pages = room.subarray(base - Number(addon().addressOf(room)));
for (let i = 0; i < 8; i++) pages.fill(i + 1, i * PAGE, (i + 1) * PAGE);

/** A parent that has pages 1 to 6 of them, but for one that is another, and one that its images lack. */
function parent(which: 'task' | 'shared'): ParentPages {
  const [prev, dir] = chain(2) as [string, string];
  const inventory = { img_version: 0, dump_uptime: uptime() };
  writeFileSync(join(prev, 'inventory.img'), encodeImage('INVENTORY', [{ entry: inventory }]));
  const start = which === 'task' ? base : 0;
  const entry = (page: number, count: number) => ({
    vaddr: BigInt(start + page * PAGE),
    compat_nr_pages: 0,
    flags: PRESENT,
    nr_pages: BigInt(count),
  });
  const name = which === 'task' ? 'pagemap-7.img' : 'pagemap-shmem-7.img';
  writeFileSync(join(prev, name), encodePagemap({ pages_id: 1 }, [entry(1, 2), entry(4, 3)]));
  const kept = Buffer.concat([pages.subarray(PAGE, 3 * PAGE), pages.subarray(4 * PAGE, 7 * PAGE)]);
  kept[4 * PAGE - 1]! ^= 1;
  writeFileSync(join(prev, 'pages-1.img'), kept);
  return new ParentPages(dir, '../1');
}

function job(start: number, more: Partial<PageJob>): PageJob {
  const run = (page: number, count: number, flags: number) => ({
    start: BigInt(start + page * PAGE),
    end: BigInt(start + (page + count) * PAGE),
    flags,
  });
  return {
    which: { pid: asNsPid(7) },
    pid: process.pid,
    fd: -1,
    runs: joined([run(0, 2, PRESENT), run(2, 4, PRESENT | LAZY), run(7, 1, PRESENT)]),
    ...more,
  };
}

async function found(finder: ChangeFinder, work: PageJob): Promise<string[]> {
  const [first] = work.runs.pages;
  const { pages, bytes } = await finder.apply(finder.look(work));
  expect(bytes).toBe(totalOf(pages.filter(({ flags }) => flags & PRESENT)));
  const number = (address: bigint) => Number(address - (first?.start ?? 0n)) / PAGE;
  return pages.map((run) => `${number(run.start)}+${sizeOf(run) / PAGE} ${run.flags}`);
}

const marks = (since: bigint) => ({ by: 'soft-dirty', since }) as const;

/** Pages 1, 2 and 4 are equal; 5 has one bit of its own; 3 and 7 are not in the parent. */
const EQUAL = [
  `0+1 ${PRESENT}`,
  `1+2 ${PARENT}`,
  `3+1 ${PRESENT | LAZY}`,
  `4+1 ${PARENT}`,
  `5+1 ${PRESENT | LAZY}`,
  `7+1 ${PRESENT}`,
];

it('by comparing memory of a task', async () => {
  const parents = parent('task');
  // The changed bit is in the last byte of page 5 there.
  expect(await found(new ChangeFinder(parents, undefined), job(base, {}))).toEqual(EQUAL);
  parents.close();
});

it('by comparing a file, also where it is said that the kernel tracks changes of tasks', async () => {
  const [dir] = chain(1) as [string];
  writeFileSync(join(dir, 'file'), pages.subarray(0, 8 * PAGE));
  const fd = openSync(join(dir, 'file'), 'r');
  for (const since of [undefined, marks(uptime())]) {
    const parents = parent('shared');
    const work = job(0, { which: { shmid: 7n }, pid: 0, fd });
    expect(await found(new ChangeFinder(parents, since), work)).toEqual(EQUAL);
    parents.close();
  }
  closeSync(fd);
});

it('by the marks of the kernel, which do not count for a task that is younger than the parent', async () => {
  const parents = parent('task');
  const all = [`0+2 ${PRESENT}`, `2+4 ${PRESENT | LAZY}`, `7+1 ${PRESENT}`];
  expect(await found(new ChangeFinder(parents, marks(0n)), job(base, {}))).toEqual(all);
  // Without tracking no page is marked; with it, all that was written since we were started.
  const unmarked = [
    `0+1 ${PRESENT}`,
    `1+2 ${PARENT}`,
    `3+1 ${PRESENT | LAZY}`,
    `4+2 ${PARENT}`,
    `7+1 ${PRESENT}`,
  ];
  const tracked = (await missing('soft_dirty')) === null;
  const expected = tracked ? all : unmarked;
  expect(await found(new ChangeFinder(parents, marks(uptime())), job(base, {}))).toEqual(expected);
  parents.close();
  const everything = tracked ? all : [`0+6 ${PARENT}`, `7+1 ${PARENT}`];
  expect(await found(new ChangeFinder(undefined, marks(uptime())), job(base, {}))).toEqual(everything);
});

it('by the marks of a tracker, in a mapping of nearly the whole address space', () => {
  const work = job(base, {});
  Object.assign(work.runs.notes, { tracked: [{ start: 0n, end: 1n << 46n }] });
  const finder = new ChangeFinder(undefined, { by: 'tracker', tasks: new Set([process.pid]) });
  // No tracker has protected any page, and so all have changed.
  expect(finder.look(work).unchanged).toEqual([]);
});

it('with errors for memory that is gone', async () => {
  const parents = parent('task');
  await expect(
    found(new ChangeFinder(parents, undefined), job(base, { pid: 0x3fffff })),
  ).rejects.toMatchObject({ code: 'SYSCALL' });
  parents.close();
});
