// LZ4 blocks: what is packed comes back, broken blocks are refused, and blocks of lz4 itself are understood.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ImageError, layoutOf, PagemapFlags, packLz4, unpackLz4 } from '../src/index.js';

const text = Buffer.from(
  Array.from({ length: 600 }, (_, i) => `key ${i % 97}: value ${i * 7};`).join(''),
).subarray(0, 4096);

describe('LZ4 blocks', () => {
  it.each([
    ['text', text],
    ['one byte again and again', Buffer.alloc(4096, 7)],
    ['zeros', Buffer.alloc(1 << 16)],
    ['a long run behind noise', Buffer.concat([randomBytes(300), Buffer.alloc(60_000, 3), randomBytes(200)])],
    ['copies from farther than a copy can be', Buffer.concat([text, randomBytes(70_000), text, text])],
    ['halves', Buffer.concat([text.subarray(0, 2048), text.subarray(0, 2048)])],
  ])('come back: %s', (_name, plain) => {
    const packed = packLz4(plain);
    if (!packed) throw new Error('it was not packed');
    expect(packed.length).toBeLessThan(plain.length);
    expect(Buffer.from(unpackLz4(packed, plain.length)).equals(plain)).toBe(true);
  });
  it('are not made where they gain nothing', () => {
    expect(packLz4(randomBytes(4096))).toBeUndefined();
    expect(packLz4(Buffer.from('short'))).toBeUndefined();
  });
  it('are understood as the format describes them', () => {
    // By the description of the format: one literal, a copy of itself 39 bytes long, and the last five literals.
    const block = Buffer.from([0x1f, 0x61, 0x01, 0x00, 0x14, 0x50, 0x62, 0x63, 0x64, 0x65, 0x66]);
    expect(Buffer.from(unpackLz4(block, 45)).toString()).toBe(`${'a'.repeat(40)}bcdef`);
  });
  it('that are broken are refused, wherever they are cut or changed', () => {
    const packed = Buffer.from(packLz4(text) ?? []);
    for (let at = 0; at < packed.length; at += 3)
      expect(() => unpackLz4(packed.subarray(0, at), text.length)).toThrow(ImageError);
    expect(() => unpackLz4(packed, text.length - 1)).toThrow(ImageError);
    expect(() => unpackLz4(packed, text.length + 1)).toThrow(ImageError);
    for (let i = 0; i < 500; i++) {
      const changed = Buffer.from(packed);
      changed[(i * 31) % changed.length] = i & 255;
      try {
        expect(unpackLz4(changed, text.length)).toHaveLength(text.length);
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError);
      }
    }
  });
});

describe('the layout of packed pages', () => {
  const entry = (pages: number, sizes: number[], more = {}) => ({
    vaddr: 0x1000n,
    compat_nr_pages: 0,
    flags: PagemapFlags.PRESENT,
    nr_pages: BigInt(pages),
    compressed_size: sizes,
    ...more,
  });
  it('follows the entries, and begins anew at a page where they say so', () => {
    const { bytes, blocks } = layoutOf(
      [
        entry(2, [100, 0]),
        entry(1, []),
        entry(3, [4096, 7], { region_pages: 2, flags: PagemapFlags.PRESENT | PagemapFlags.ALIGNED }),
      ],
      'map',
    );
    expect(bytes).toBe(8192 + 4096 + 7);
    expect([...(blocks ?? [])]).toEqual([
      { start: 0, length: 4096, offset: 0, size: 100 },
      { start: 4096, length: 4096, offset: 100, size: 0 },
      { start: 8192, length: 4096, offset: 100, size: 4096 },
      { start: 12_288, length: 8192, offset: 8192, size: 4096 },
      { start: 20_480, length: 4096, offset: 12_288, size: 7 },
    ]);
    expect(layoutOf([entry(2, [])], 'map').blocks).toBeUndefined();
  });
  it.each([
    ['too few blocks', entry(3, [1, 1])],
    ['too many blocks', entry(1, [1, 1])],
    ['a block larger than its pages', entry(1, [4097])],
    ['a sum that is another', entry(1, [10], { total_compressed_size: 11n })],
    ['regions beyond all measure', entry(1, [10], { region_pages: 0xffffffff })],
  ])('is refused: %s', (_name, bad) => {
    expect(() => layoutOf([bad], 'map')).toThrow(ImageError);
  });
});
