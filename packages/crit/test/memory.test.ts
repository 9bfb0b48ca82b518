// The memory of a process: what is mapped, where some bytes are, and what an address holds.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePagemap, ImageError, ImageSet, PAGE_SIZE, writeImageSync } from '@criu/images';
import { expect, it } from 'vitest';
import {
  AddressSpace,
  hexDump,
  listingText,
  listMappings,
  readMemory,
  searchBytes,
  searchRegex,
} from '../src/index.js';
import { parseRange } from '../src/memory/dump.js';
import { LONGEST_MATCH } from '../src/memory/search.js';
import { sizeText } from '../src/memory/size.js';
import { mmNumbers, PARENT, PRESENT, run, sound, vma } from './checkpoint.js';

const START = 0x10000n;
const LAZY = 2;

/** The process has mappings of the given pages, and the runs with their bytes. */
function memory(runs: ReturnType<typeof run>[], pages: Buffer, vmas = [vma(START, 0x18000n)]) {
  const { dir, set } = sound();
  writeImageSync(set.path('mm-1.img'), 'MM', [{ entry: { ...mmNumbers, exe_file_id: 1, vmas } as never }]);
  writeFileSync(set.path('pagemap-1.img'), encodePagemap({ pages_id: 1 }, runs));
  writeFileSync(set.path('pages-1.img'), pages);
  return { dir, space: new AddressSpace(new ImageSet(dir), 1) };
}

const addresses = (matches: Iterable<{ address: bigint }>) => [...matches].map(({ address }) => address);

it('finds bytes across pages, mappings and pieces, all of them and nothing else', () => {
  const size = 3 << 20;
  const pages = Buffer.alloc(size);
  const places = [0, PAGE_SIZE - 3, (1 << 20) - 2, (2 << 20) - 6, size - 6];
  for (const place of places) pages.write('needle', place);
  const middle = START + BigInt(1 << 20);
  const vmas = [vma(START, middle), vma(middle, START + BigInt(size))];
  const { space } = memory([run(16, size / PAGE_SIZE, PRESENT)], pages, vmas);
  const expected = places.map((place) => START + BigInt(place));
  expect(addresses(searchBytes(space, Buffer.from('needle')))).toEqual(expected);
  expect(addresses(searchRegex(space, 'n[e]{2}d\\w{2}'))).toEqual(expected);
  expect(addresses(searchRegex(space, 'NEEDLE', { ignoreCase: true }))).toEqual(expected);
  const [, second] = searchBytes(space, Buffer.from('needle'));
  expect(second?.bytes.toString()).toBe('needle');
  expect(second?.before).toHaveLength(24);
  expect(second?.mapping.start).toBe(START);
  space.close();
});

it('does not join what only looks joined: pages with a hole between them', () => {
  const pages = Buffer.alloc(2 * PAGE_SIZE);
  pages.write('nee', PAGE_SIZE - 3);
  pages.write('dle', PAGE_SIZE);
  expect(
    addresses(searchBytes(memory([run(16, 2, PRESENT)], pages).space, Buffer.from('needle'))),
  ).toHaveLength(1);
  const apart = memory([run(16, 1, PRESENT), run(18, 1, PRESENT)], pages).space;
  expect(addresses(searchBytes(apart, Buffer.from('needle')))).toEqual([]);
});

it('gives overlapping places of bytes, and cuts endless matches of an expression', () => {
  const pages = Buffer.alloc(40 * PAGE_SIZE, 'a');
  const { space } = memory([run(16, 40, PRESENT)], pages, [vma(START, START + 40n * 4096n)]);
  expect([...searchBytes(space, Buffer.from('aa'))]).toHaveLength(pages.length - 1);
  const matches = [...searchRegex(space, 'a+')];
  expect(matches.every(({ bytes }) => bytes.length <= LONGEST_MATCH)).toBe(true);
  expect(() => [...searchRegex(space, '(')]).toThrow(SyntaxError);
});

it('finds letters beyond ASCII by their UTF-8 bytes', () => {
  const pages = Buffer.alloc(PAGE_SIZE);
  pages.write('grün', 100);
  const { space } = memory([run(16, 1, PRESENT)], pages);
  expect(addresses(searchRegex(space, 'gr(ü|ö)n'))).toEqual([START + 100n]);
});

it('reads memory in pieces and says which are in no image', () => {
  const pages = Buffer.alloc(2 * PAGE_SIZE, 'x');
  const { space } = memory([run(16, 1, PRESENT), run(17, 1, LAZY), run(18, 1, PRESENT)], pages);
  const pieces = [...readMemory(space, START + 4090n, 8192n)].map(({ start, end, bytes }) => [
    start,
    end,
    bytes?.length,
  ]);
  expect(pieces).toEqual([
    [0x10ffan, 0x11000n, 6],
    [0x11000n, 0x12000n, undefined],
    [0x12000n, 0x12ffan, 4090],
  ]);
  expect(() => [...readMemory(space, 0x17000n, 8192n)]).toThrowError(/nothing is mapped at 0x18000/);
});

it('dumps like the tools people know, equal lines once', () => {
  const pages = Buffer.alloc(PAGE_SIZE);
  pages.write('Hello, dump!', 8);
  const { space } = memory([run(16, 1, PRESENT)], pages);
  expect([...hexDump(readMemory(space, START, 70n))].join('')).toBe(
    [
      '000000010000  00 00 00 00 00 00 00 00  48 65 6c 6c 6f 2c 20 64  |........Hello, d|',
      '000000010010  75 6d 70 21 00 00 00 00  00 00 00 00 00 00 00 00  |ump!............|',
      '000000010020  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|',
      '*',
      '000000010040  00 00 00 00 00 00                                 |......|',
      '',
    ].join('\n'),
  );
  expect([...hexDump(readMemory(space, 0x11000n, 4096n))].join('')).toMatch(/4096 bytes that are not in/);
});

it('knows how much of each mapping is stored, here or in a parent', () => {
  const { dir, space } = memory(
    [run(16, 2, PRESENT), run(18, 1, PARENT), run(19, 1, LAZY)],
    Buffer.alloc(8192),
  );
  mkdirSync(join(dir, 'before'));
  symlinkSync('before', join(dir, 'parent'));
  writeFileSync(join(dir, 'before', 'pagemap-1.img'), encodePagemap({ pages_id: 1 }, [run(18, 1, PRESENT)]));
  writeFileSync(join(dir, 'before', 'pages-1.img'), Buffer.alloc(4096, 'from the parent'));
  expect(listMappings(space)).toEqual([
    expect.objectContaining({
      size: 32768n,
      stored: 12288n,
      inParent: 4096n,
      lazy: 4096n,
      kind: 'anonymous',
    }),
  ]);
  expect(listingText(listMappings(space))).toMatch(/^1 mappings +32 KiB +12 KiB +4 KiB$/m);
  expect(addresses(searchBytes(space, Buffer.from('from the parent')))[0]).toBe(0x12000n);
});

it('shows shared memory at the addresses at which the process has it', () => {
  const shared = { ...vma(0x20000n, 0x24000n), status: 1 | (1 << 8), shmid: 77n, pgoff: 4096n };
  const { dir } = memory([], Buffer.alloc(0), [shared]);
  const set = new ImageSet(dir);
  writeFileSync(set.path('pagemap-shmem-77.img'), encodePagemap({ pages_id: 2 }, [run(0, 3, PRESENT)]));
  const bytes = Buffer.alloc(3 * PAGE_SIZE);
  bytes.write('shared', 2 * PAGE_SIZE + 5);
  writeFileSync(set.path('pages-2.img'), bytes);
  using space = new AddressSpace(set, 1);
  expect(addresses(searchBytes(space, Buffer.from('shared')))).toEqual([0x21005n]);
  expect(listMappings(space)[0]).toMatchObject({ kind: 'shared', stored: 8192n });
});

it('says which process there is not', () => {
  expect(() => new AddressSpace(sound().set, 9)).toThrowError(/there is no process 9/);
  expect(() => new AddressSpace(sound().set, 9)).toThrowError(ImageError);
});

it('takes ranges as people write them', () => {
  expect(parseRange('0x7f00:16')).toEqual({ address: 0x7f00n, length: 16n });
  expect(parseRange('4096:0x10')).toEqual({ address: 4096n, length: 16n });
  expect(parseRange('0x1000:2k')).toEqual({ address: 4096n, length: 2048n });
  for (const wrong of ['', '1', '0x1:', 'x:1', '1:0', '0xffffffffffffffff:2', '1:-1']) {
    expect(parseRange(wrong), wrong).toBeUndefined();
  }
});

it('writes sizes with one digit at most behind the point', () => {
  expect([0, 1023, 1024, 1536, 1024 ** 2 - 1, 3n * 1024n ** 3n].map(sizeText)).toEqual([
    '0 B',
    '1023 B',
    '1 KiB',
    '1.5 KiB',
    '1 MiB',
    '3 GiB',
  ]);
});
