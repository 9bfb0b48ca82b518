// Checkpoints as a whole: tree, files, and pages through chains of parents.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodePagemap, FdTypes, ImageSet, PAGE_SIZE, PagemapFlags, writeImageSync } from '../src/index.js';
import { fixtures } from './support.js';

const { PARENT, LAZY, PRESENT } = PagemapFlags;
const fown = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'image-set-'));
});
afterEach(() => rmSync(root, { recursive: true }));

type Run = [page: number, count: number, flags: number];

/** Writes a checkpoint of process 1 with runs of pages; each stored page is filled with its own letter. */
function checkpoint(name: string, runs: readonly Run[], letters: string, parent?: string): ImageSet {
  const dir = join(root, name);
  mkdirSync(dir);
  if (parent !== undefined) symlinkSync(join('..', parent), join(dir, 'parent'));
  const entries = runs.map(([page, count, flags]) => ({
    vaddr: BigInt(page * PAGE_SIZE),
    compat_nr_pages: count,
    flags,
    nr_pages: BigInt(count),
  }));
  writeFileSync(join(dir, 'pagemap-1.img'), encodePagemap({ pages_id: 1 }, entries));
  writeFileSync(
    join(dir, 'pages-1.img'),
    Buffer.concat([...letters].map((letter) => Buffer.alloc(PAGE_SIZE, letter))),
  );
  return new ImageSet(dir);
}

const at = (page: number, offset = 0) => BigInt(page * PAGE_SIZE + offset);
const letter = (page: Buffer | undefined) => page && String.fromCharCode(page[0]!);

describe('pages', () => {
  it('are found by address in the pages image', () => {
    using memory = checkpoint(
      'a',
      [
        [16, 2, PRESENT],
        [32, 1, LAZY],
        [40, 1, PRESENT | LAZY],
      ],
      'xyz',
    ).memory(1)!;
    expect([16, 17, 40].map((page) => letter(memory.page(at(page, 5))))).toEqual(['x', 'y', 'z']);
    expect(memory.page(at(15))).toBeUndefined();
    expect(memory.page(at(32))).toBeUndefined();
    expect(memory.locate(at(17))).toMatchObject({ offset: PAGE_SIZE, generation: 0 });
    expect(memory.storedPages).toBe(3);
  });

  it('are found through two parents', () => {
    checkpoint('a', [[16, 4, PRESENT]], 'abcd');
    checkpoint(
      'b',
      [
        [16, 1, PRESENT],
        [17, 3, PARENT],
      ],
      'B',
      'a',
    );
    const set = checkpoint(
      'c',
      [
        [16, 2, PARENT],
        [18, 1, PRESENT],
        [19, 1, PARENT],
      ],
      'C',
      'b',
    );
    using memory = set.memory(1)!;
    expect([16, 17, 18, 19].map((page) => letter(memory.page(at(page))))).toEqual(['B', 'b', 'C', 'd']);
    expect(memory.locate(at(19))!.generation).toBe(2);
  });

  it('that old images give to the parent by a boolean are found there', () => {
    checkpoint('a', [[16, 1, PRESENT]], 'a');
    const set = checkpoint('b', [], '', 'a');
    const entry = { vaddr: at(16), compat_nr_pages: 1, in_parent: true };
    writeFileSync(set.path('pagemap-1.img'), encodePagemap({ pages_id: 1 }, [entry]));
    using memory = set.memory(1)!;
    expect(letter(memory.page(at(16)))).toBe('a');
  });

  it('are read across runs, with zeros where there is nothing', () => {
    using memory = checkpoint(
      'a',
      [
        [16, 1, PRESENT],
        [18, 1, PRESENT],
      ],
      'xy',
    ).memory(1)!;
    const read = memory.read(at(16, 4094), 4100);
    expect(read.subarray(0, 2).toString()).toBe('xx');
    expect(read.subarray(2, 4098).every((byte) => byte === 0)).toBe(true);
    expect(read.subarray(4098).toString()).toBe('yy');
  });

  it('that a parent should have and has not are an error', () => {
    checkpoint('a', [[16, 1, PRESENT]], 'a');
    using memory = checkpoint('b', [[17, 1, PARENT]], '', 'a').memory(1)!;
    expect(() => memory.page(at(17))).toThrowError(
      expect.objectContaining({ code: 'unresolved' }) as unknown as Error,
    );
    using orphan = checkpoint('c', [[17, 1, PARENT]], '').memory(1)!;
    expect(() => orphan.page(at(17))).toThrowError(/parent/);
  });

  it('that the pages image is too short for are an error', () => {
    const set = checkpoint('a', [[16, 2, PRESENT]], 'xy');
    truncateSync(set.path('pages-1.img'), PAGE_SIZE + 100);
    using memory = set.memory(1)!;
    expect(letter(memory.page(at(16)))).toBe('x');
    expect(() => memory.page(at(17))).toThrowError(
      expect.objectContaining({ code: 'truncated' }) as unknown as Error,
    );
  });

  it('of checkpoints that are their own parents are an error', () => {
    checkpoint('a', [[16, 1, PARENT]], '', 'b');
    using memory = checkpoint('b', [[16, 1, PARENT]], '', 'a').memory(1)!;
    expect(() => memory.page(at(16))).toThrowError(/lead back/);
  });
});

describe('a checkpoint', () => {
  const set = new ImageSet(join(fixtures, 'criu-4.2', 'ipc'));

  it('has a tree of processes', () => {
    const [top] = set.tree();
    expect(top!.entry.pid).toBe(1);
    expect(top!.children.map((node) => node.entry.pid)).toEqual([5]);
    expect(top!.children[0]!.children.map((node) => node.entry.pid)).toEqual([6, 7]);
  });

  it('has descriptors that refer to files', () => {
    const files = set.descriptors(6).map(({ fd, id }) => [fd, set.files().get(id)?.reg?.name]);
    expect(files[0]).toEqual([0, '/dev/null']);
    expect(set.inventory().img_version).toBe(2);
    expect(set.mm(6)!.vmas.length).toBeGreaterThan(10);
    expect(set.fs(99)).toBeUndefined();
  });

  it('with files in the images by type of an older CRIU is read the same way', () => {
    const old = new ImageSet(root);
    const reg = { id: 5, flags: 0, pos: 0n, fown, name: '/etc/hosts' };
    writeImageSync(old.path('reg-files.img'), 'REG_FILES', [{ entry: reg }]);
    expect(old.files().get(5)).toMatchObject({ type: FdTypes.REG, id: 5, reg });
  });

  it('with a process whose parent is missing is an error', () => {
    const broken = new ImageSet(root);
    writeImageSync(broken.path('pstree.img'), 'PSTREE', [{ entry: { pid: 2, ppid: 1, pgid: 2, sid: 2 } }]);
    expect(() => broken.tree()).toThrowError(/parent 1 of process 2/);
  });
});

describe('pages as segments', () => {
  const shown = (set: ImageSet, from?: bigint, to?: bigint) =>
    [...set.memory(1)!.segments(from, to)].map(({ start, end, source, offset }) => [
      Number(start) / PAGE_SIZE,
      Number(end - start) / PAGE_SIZE,
      source?.file.split('/').slice(-2).join('/').replace('/pages-1.img', ''),
      offset / PAGE_SIZE,
    ]);

  it('follow the chain of parents by run', () => {
    checkpoint('a', [[16, 8, PRESENT]], 'abcdefgh');
    checkpoint(
      'b',
      [
        [16, 2, PARENT],
        [18, 1, PRESENT],
        [19, 4, PARENT],
      ],
      'C',
      'a',
    );
    const set = checkpoint(
      'c',
      [
        [17, 4, PARENT],
        [22, 1, PRESENT],
        [30, 2, LAZY],
      ],
      'G',
      'b',
    );
    expect(shown(set)).toEqual([
      [17, 1, 'parent', 1],
      [18, 1, 'parent', 0],
      [19, 2, 'parent', 3],
      [22, 1, 'c', 0],
      [30, 2, undefined, 0],
    ]);
    expect(shown(set, at(20), at(22))).toEqual([[20, 1, 'parent', 4]]);
  });

  it('of runs that overlap count once', () => {
    const set = checkpoint(
      'a',
      [
        [16, 4, PRESENT],
        [17, 2, PRESENT],
        [18, 4, PRESENT],
      ],
      'abcdefghij',
    );
    expect(shown(set)).toEqual([
      [16, 4, 'a', 0],
      [20, 2, 'a', 8],
    ]);
  });
});
