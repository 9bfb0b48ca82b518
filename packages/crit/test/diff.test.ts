// What changed between two images and two checkpoints.
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  encodePagemap,
  FdTypes,
  ImageError,
  ImageSet,
  PAGE_SIZE,
  unknownFields,
  writeImageSync,
} from '@criu/images';
import { expect, it } from 'vitest';
import { checkpointDiffText, diffCheckpoints, diffImages, imageDiffText } from '../src/index.js';
import { fown, PARENT, PRESENT, run, sound, vma } from './checkpoint.js';
import { defined, goldenSets, scratch } from './support.js';

/** A checkpoint and a copy of it that a test may change. */
function two(): { before: string; after: string; set: ImageSet } {
  const before = sound().dir;
  const after = scratch();
  cpSync(before, after, { recursive: true });
  return { before, after, set: new ImageSet(after) };
}

it('finds nothing between a checkpoint and its copy', () => {
  const { before, after } = two();
  expect(diffCheckpoints(before, after)).toEqual({ processes: [], sharedMemory: [], images: [], same: true });
  for (const { images } of goldenSets.slice(0, 4)) {
    // Pages images were left out of the golden sets, so there is nothing to compare memory with but itself.
    expect(diffCheckpoints(images, images).same).toBe(true);
  }
});

it('names the fields that changed, with values as crit shows them', () => {
  const { before, after, set } = two();
  const [first, second] = set.entries('FILES');
  writeImageSync(join(after, 'files.img'), 'FILES', [
    { entry: defined(second) },
    { entry: { ...defined(first), reg: { ...defined(first?.reg), flags: 0o2001, pos: 5n } } },
    { entry: { type: FdTypes.PIPE, id: 9, pipe: { id: 9, pipe_id: 7, flags: 0, fown } } },
  ]);
  const diff = diffImages(join(before, 'files.img'), join(after, 'files.img'));
  expect(diff.kind).toBe('FILES');
  expect(diff.changes).toEqual([
    { change: 'changed', path: '[id=1].reg.flags', before: '""', after: '"O_WRONLY | O_APPEND"' },
    { change: 'changed', path: '[id=1].reg.pos', before: '0', after: '5' },
    { change: 'added', path: '[id=9]', after: expect.stringMatching(/^\{"type": "PIPE", "id": 9/) },
  ]);
  expect(imageDiffText(diff)).toMatch(/^~ \[id=1\]\.reg\.pos: 0 → 5$/m);
});

it('pairs entries that nothing identifies by their place between what is equal', () => {
  const dir = scratch();
  const write = (name: string, values: number[]) =>
    writeImageSync(
      join(dir, name),
      'RLIMIT',
      values.map((value) => ({ entry: { cur: BigInt(value), max: 1n } })),
    );
  write('rlimit-1.img', [1, 2, 3, 4]);
  write('rlimit-2.img', [1, 9, 3, 4]);
  write('rlimit-3.img', [1, 2, 4]);
  const paths = (a: number, b: number) =>
    diffImages(join(dir, `rlimit-${a}.img`), join(dir, `rlimit-${b}.img`)).changes.map(
      ({ change, path }) => `${change} ${path}`,
    );
  expect(paths(1, 2)).toEqual(['changed [1].cur']);
  expect(paths(1, 3)).toEqual(['removed [2]']);
  expect(paths(3, 1)).toEqual(['added [2]']);
});

it('tells of payloads', () => {
  const { before, after } = two();
  writeImageSync(join(after, 'pipes-data.img'), 'PIPES_DATA', [
    { entry: { pipe_id: 7, bytes: 2 }, payload: Buffer.from('xy') },
  ]);
  const [, payload] = diffImages(join(before, 'pipes-data.img'), join(after, 'pipes-data.img')).changes;
  expect(payload).toEqual({
    change: 'changed',
    path: '[pipe_id=7].extra',
    before: '1 bytes, from 1: ',
    after: '2 bytes, from 1: 79',
  });
});

it('tells of fields that the schema does not know', () => {
  const { before, after } = two();
  const entry = { cwd_id: 1, root_id: 1, umask: 0o22, [unknownFields]: [Buffer.from([0xf8, 0x3e, 5])] };
  writeImageSync(join(after, 'fs-1.img'), 'FS', [{ entry }]);
  expect(diffImages(join(before, 'fs-1.img'), join(after, 'fs-1.img')).changes).toEqual([
    { change: 'added', path: '(fields without a name)', after: 'f83e05' },
  ]);
});

it('compares files that hold no entries by their bytes', () => {
  const dir = scratch();
  writeFileSync(join(dir, 'a'), Buffer.alloc(3 * PAGE_SIZE));
  const other = Buffer.alloc(3 * PAGE_SIZE + 1);
  other[PAGE_SIZE + 5] = 1;
  writeFileSync(join(dir, 'b'), other);
  expect(diffImages(join(dir, 'a'), join(dir, 'b')).raw).toEqual({
    sizeBefore: 3 * PAGE_SIZE,
    sizeAfter: 3 * PAGE_SIZE + 1,
    firstDifference: PAGE_SIZE + 5,
    blocks: 2,
  });
});

it('refuses images of two kinds', () => {
  const { before } = two();
  expect(() => diffImages(join(before, 'files.img'), join(before, 'mm-1.img'))).toThrowError(ImageError);
  expect(() => diffImages(join(before, 'files.img'), join(before, 'none.img'))).toThrowError(/ENOENT/);
});

it('counts the pages that changed, came and went, by mapping', () => {
  const { before, after, set } = two();
  const pages = Buffer.alloc(3 * PAGE_SIZE);
  pages[PAGE_SIZE + 7] = 1;
  writeFileSync(
    set.path('pagemap-1.img'),
    encodePagemap({ pages_id: 1 }, [run(16, 2, PRESENT), run(20, 1, PRESENT)]),
  );
  writeFileSync(set.path('pages-1.img'), pages);
  const [process] = diffCheckpoints(before, after, { pages: true }).processes;
  expect(process?.memory).toEqual({
    ...{ same: 1, changed: 1, added: 1, removed: 0 },
    mappings: [
      { start: 0x10000n, end: 0x18000n, what: 'anonymous', same: 1, changed: 1, added: 1, removed: 0 },
    ],
    ranges: [
      { start: 0x11000n, end: 0x12000n, change: 'changed' },
      { start: 0x14000n, end: 0x15000n, change: 'added' },
    ],
  });
  const back = diffCheckpoints(after, before);
  expect(back.processes[0]?.memory).toMatchObject({ same: 1, changed: 1, added: 0, removed: 1 });
  expect(checkpointDiffText(back)).toMatch(/pages: 1 changed, 1 gone, 1 the same/);
});

it('compares pages at odd addresses, which only a broken image has', () => {
  const { before, after, set } = two();
  const odd = { ...run(16, 1, PRESENT), vaddr: 0x10010n };
  for (const dir of [before, after])
    writeFileSync(join(dir, 'pagemap-1.img'), encodePagemap({ pages_id: 1 }, [odd]));
  const mm = defined(set.mm(1));
  mm.vmas = [vma(0x10000n, 0x10100n)];
  writeImageSync(set.path('mm-1.img'), 'MM', [{ entry: mm }]);
  writeFileSync(set.path('pages-1.img'), Buffer.alloc(2 * PAGE_SIZE, 1));
  expect(diffCheckpoints(before, after).processes[0]?.memory).toMatchObject({ changed: 1, removed: 1 });
});

it('does not read what two increments take from the same place', () => {
  const { before, after, set } = two();
  symlinkSync(before, join(after, 'parent'));
  writeFileSync(set.path('pagemap-1.img'), encodePagemap({ pages_id: 1 }, [run(16, 2, PARENT)]));
  // Nothing to be read: the pages would be missed if anybody looked.
  writeFileSync(join(before, 'pages-1.img'), '');
  expect(diffCheckpoints(before, after).same).toBe(true);
});

it('tells of descriptors, mappings and processes', () => {
  const { before, after, set } = two();
  writeImageSync(set.path('fdinfo-2.img'), 'FDINFO', [
    { entry: { id: 2, flags: 0, type: FdTypes.PIPE, fd: 3 } },
  ]);
  const mm = defined(set.mm(1));
  mm.vmas = [vma(0x10000n, 0x19000n)];
  writeImageSync(set.path('mm-1.img'), 'MM', [{ entry: mm }]);
  const text = checkpointDiffText(diffCheckpoints(before, after));
  expect(text).toContain('~ process 1 sound\n    - fd 0: /\n    + fd 3: pipe[7]\n');
  expect(text).toContain('~ 000000010000-000000018000 rw- → 000000010000-000000019000 rw-');
  const [task] = set.tasks();
  const core = set.items('CORE', 1);
  writeImageSync(set.path('core-2.img'), 'CORE', core);
  writeImageSync(set.path('pstree.img'), 'PSTREE', [
    { entry: defined(task) },
    { entry: { ...defined(task), pid: 2, ppid: 1, threads: [2] } },
  ]);
  expect(diffCheckpoints(before, after).processes).toContainEqual(
    expect.objectContaining({ pid: 2, comm: 'sound', change: 'added' }),
  );
  expect(checkpointDiffText(diffCheckpoints(before, after))).toMatch(/^\+ core-2\.img$/m);
});

it('shortens long lists unless all is asked for', () => {
  const { before, after } = two();
  const entries = Array.from({ length: 40 }, (_, id) => ({
    entry: { id, flags: 0, type: FdTypes.PIPE, fd: id },
  }));
  writeImageSync(join(after, 'fdinfo-2.img'), 'FDINFO', entries);
  const diff = diffImages(join(before, 'fdinfo-2.img'), join(after, 'fdinfo-2.img'));
  expect(imageDiffText(diff)).toMatch(/… and \d+ more \(--all shows them\)\n$/);
  expect(imageDiffText(diff, { all: true }).split('\n').length).toBeGreaterThan(39);
});
