// An address space with its mappings in columns has the bytes, and the meaning, of one with entries.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeImage,
  decodeMmTable,
  encodeImage,
  encodeMmTable,
  ImageError,
  type ImageItem,
  type MmEntry,
  RangeTable,
  unknownFields,
  type VmaEntry,
  vmaTable,
} from '../src/index.js';
import { anyMessage } from './support.js';

const HEAD = 12;
const page = fc.bigInt({ min: 0n, max: (1n << 52n) - 1n }).map((number) => number * 4096n);
const mms = fc
  .tuple(anyMessage('MmEntry'), fc.array(fc.tuple(page, page), { maxLength: 8 }))
  .map(([mm, places]) => {
    const entry = mm as unknown as MmEntry;
    for (const [i, vma] of entry.vmas.entries()) [vma.start, vma.end] = places[i] ?? [0n, 4096n];
    return entry;
  });

const { start: _, ...attributes } = {
  start: 0n,
  pgoff: 0n,
  shmid: 0n,
  prot: 3,
  flags: 0x22,
  status: 513,
  fd: -1n,
};
const mm: MmEntry = {
  mm_start_code: 1n,
  mm_end_code: 2n,
  mm_start_data: 3n,
  mm_end_data: 4n,
  mm_start_stack: 5n,
  mm_start_brk: 6n,
  mm_brk: 7n,
  mm_arg_start: 8n,
  mm_arg_end: 9n,
  mm_env_start: 10n,
  mm_env_end: 11n,
  exe_file_id: 12,
  mm_saved_auxv: [1n, 2n ** 64n - 1n],
  vmas: [],
  dumpable: 1,
  aios: [],
  coredump_filter: 0x33,
};
const places: readonly (readonly [bigint, bigint])[] = [
  [0x1000n, 0x3000n],
  [0x400000n, 0x401000n],
  [0x7ffff7fff000n, 0x7ffff8000000n],
  [0xffffffffff600000n, 0xffffffffff601000n],
  [0n, 0xfffffffffffff000n],
];
const vmas = places.map(
  ([start, end], i): VmaEntry => ({
    ...attributes,
    start,
    end,
    ...(i === 1 ? { anon_name: 'n'.repeat(200), madv: 1n << 14n } : {}),
  }),
);
const whole = encodeImage('MM', [{ entry: { ...mm, vmas } }]);
const asEntries = (bytes: Buffer) => {
  const { vmas: table, ...rest } = decodeMmTable(bytes);
  return { ...rest, vmas: table.list() };
};

describe('an address space in columns', () => {
  it('has the bytes of one with entries, and is decoded to the same', () => {
    expect(encodeMmTable({ ...mm, vmas: undefined } as never, vmaTable(vmas))).toEqual(whole);
    expect(asEntries(whole)).toEqual({ ...mm, vmas });
  });

  it('has attributes once that mappings have alike', () => {
    const { vmas: table } = decodeMmTable(whole);
    expect(table.attributes).toHaveLength(2);
    expect([...table.indexes]).toEqual([0, 1, 0, 0, 0]);
    expect(encodeMmTable(mm, table)).toEqual(whole);
  });

  it('is the same for all that entries may have', () => {
    fc.assert(
      fc.property(mms, (entry) => {
        const bytes = encodeImage('MM', [{ entry }]);
        const read = (decodeImage('MM', bytes)[0] as ImageItem<MmEntry>).entry;
        expect(asEntries(bytes)).toEqual(read);
        const { vmas: table, ...rest } = decodeMmTable(bytes);
        expect(encodeMmTable(rest, table)).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps fields that the schema does not know', () => {
    const unknown = Buffer.from([0xf8, 0xff, 0x03, 0x05]);
    const odd = {
      ...mm,
      vmas: [{ ...(vmas[0] as VmaEntry), [unknownFields]: [unknown] }],
      [unknownFields]: [unknown],
    };
    const bytes = encodeImage('MM', [{ entry: odd }]);
    const { vmas: table, ...rest } = decodeMmTable(bytes);
    expect(rest[unknownFields as never]).toEqual([unknown]);
    expect(encodeMmTable(rest, table)).toEqual(bytes);
  });

  it('reads fields in any order, as the general decoder does', () => {
    const field = (vma: Buffer) => Buffer.concat([Buffer.from([114, vma.length]), vma]);
    const tail = [24, 0, 32, 0, 40, 3, 48, 34, 56, 1, 64, 1];
    const image = (...messages: number[][]) => {
      const bytes = Buffer.concat([
        encodeImage('MM', [{ entry: mm }]),
        ...messages.map((bytes) => field(Buffer.from(bytes))),
      ]);
      bytes.writeInt32LE(bytes.length - HEAD, 8);
      return bytes;
    };
    const addresses = [8, 0x80, 0x20, 16, 0x80, 0x40];
    for (const bytes of [
      image([...addresses, ...tail]),
      image([...tail, ...addresses]),
      image([16, 0x80, 0x40, 8, 0x80, 0x20, ...tail]),
      // The last value of a field counts.
      image([...addresses, ...tail, 8, 0], [...addresses, ...tail, 16, 0x80, 0x60]),
      image([8, 1, 16, 0x80, 0x40, ...tail]),
      image([8, 0x80, 0xa0, 0x80, 0, 16, 0x80, 0x40, ...tail]),
    ])
      expect(asEntries(bytes)).toEqual((decodeImage('MM', bytes)[0] as ImageItem<MmEntry>).entry);
  });

  it('is refused with the error of the general decoder when it is cut off or damaged', () => {
    const failure = (decode: () => unknown) => {
      try {
        decode();
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError);
        return (error as Error).message;
      }
      return undefined;
    };
    for (let size = 0; size < whole.length; size++) {
      const cut = whole.subarray(0, size);
      expect(
        failure(() => decodeMmTable(cut, 'f')),
        `${size}`,
      ).toBe(failure(() => decodeImage('MM', cut, 'f')) ?? 'f: the image has no entry (truncated, offset 0)');
      expect(
        failure(() => decodeMmTable(cut, 'f')),
        `${size}`,
      ).toBeDefined();
    }
    for (let at = 0; at < whole.length; at++)
      for (const bit of [1, 8, 128]) {
        const other = Buffer.from(whole);
        other[at] = (other[at] ?? 0) ^ bit;
        const wanted = failure(() => decodeImage('MM', other, 'f'));
        const got = failure(() => decodeMmTable(other, 'f'));
        // A double has no address of 64 bits that lies within a page.
        if (wanted === undefined && got !== undefined) expect(got).toContain('is not possible');
        else expect(got).toBe(wanted);
        if (wanted === undefined && got === undefined)
          expect(asEntries(other)).toEqual((decodeImage('MM', other)[0] as ImageItem<MmEntry>).entry);
      }
  });
});

describe('a table of ranges', () => {
  const table = new RangeTable<{ a: number }>();
  const [one, two] = [table.attribute({ a: 1 }), table.attribute({ a: 2 })];
  for (let i = 0; i < 1000; i++) table.add(i * 4096, i * 4096 + 4096, i % 3 === 0 ? one : two);

  it('asks once for all ranges with the same attributes', () => {
    let asked = 0;
    const found = table.where(({ a }) => ++asked && a === 1);
    expect(found).toEqual(Array.from({ length: 334 }, (_, i) => i * 3));
    expect(asked).toBe(2);
    expect(table.some(({ a }) => a === 3)).toBe(false);
    expect(table.list(({ a }) => a === 1)[1]).toEqual({ a: 1, start: 3n * 4096n, end: 4n * 4096n });
  });

  it('has attributes that belong to one range', () => {
    table.own(6).a = 7;
    expect(table.where(({ a }) => a === 7)).toEqual([6]);
    expect(table.where(({ a }) => a === 1)).toHaveLength(333);
    table.endLastAt(5);
    expect([table.length, table.end(999), table.starts.length]).toEqual([1000, 5, 1000]);
  });
});
