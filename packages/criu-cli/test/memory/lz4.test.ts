// LZ4 blocks of the native part: what it packs, it and the decoder of @criu/images unpack, whatever the contents.
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PageCodec, unpackLz4 } from '@criu/images';
import { addon } from '@criu/native';
import { expect, it } from 'vitest';
import { freshDir } from '../support.js';

const PAGE = 4096;
const BYTES = 96 * PAGE;

/** Numbers from 0 up to `most`, always the same ones. */
function numbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

/** Contents with repetitions at all distances and of all lengths, with noise, zeros and text between them. */
function contents(seed: number): Buffer {
  const next = numbers(seed);
  const out = Buffer.alloc(BYTES);
  for (let at = 0; at < BYTES; ) {
    const length = Math.min(BYTES - at, 1 + next(next(4) ? 40 : 9000));
    const back = 1 + next(Math.min(at, next(3) ? 24 : 80_000) || 1);
    const kind = next(5);
    for (let i = 0; i < length; i++) {
      if (kind === 0) out[at + i] = next(256);
      else if (kind === 1) out[at + i] = 97 + next(3);
      else if (kind < 4 && at >= back) out[at + i] = out[at + i - back] ?? 0;
    }
    at += length;
  }
  return out;
}

it.each([1, 16, 17, 64, 96])('blocks of %i pages are what they were', async (pages) => {
  const dir = freshDir();
  const open = (name: string) => openSync(join(dir, name), 'w+');
  for (let seed = 1; seed <= 12; seed++) {
    const plain = contents(seed);
    const [source, packed, unpacked] = ['plain', 'packed', 'unpacked'].map(open) as [number, number, number];
    try {
      writeFileSync(source, plain);
      const ranges = new BigUint64Array([0n, BigInt(BYTES)]);
      const { errno, sizes } = await addon().packToFile(
        0,
        source,
        ranges,
        packed,
        pages * PAGE,
        PageCodec.LZ4,
        seed % 3 ? 1 : 4,
        2,
        false,
      );
      expect(errno).toBe(0);
      const bytes = readFileSync(join(dir, 'packed'));
      const blocks: bigint[] = [];
      let offset = 0;
      let start = 0;
      for (const size of sizes) {
        const length = Math.min(pages * PAGE, BYTES - start);
        const block = bytes.subarray(offset, offset + size);
        const same = plain.subarray(start, start + length);
        if (size === 0) expect(same.equals(Buffer.alloc(length))).toBe(true);
        else if (size < length) {
          const got = Buffer.from(unpackLz4(block, length));
          expect(got.equals(same), `seed ${seed}, at ${start}`).toBe(true);
        }
        blocks.push(BigInt(offset), BigInt(size), BigInt(start), BigInt(length));
        offset += size;
        start += length;
      }
      expect(bytes).toHaveLength(offset);
      expect(offset).toBeLessThan(BYTES);
      expect(addon().unpackFile(packed, unpacked, new BigUint64Array(blocks), PageCodec.LZ4, 2).errno).toBe(
        0,
      );
      expect(readFileSync(join(dir, 'unpacked')).equals(plain), `seed ${seed}`).toBe(true);
    } finally {
      for (const fd of [source, packed, unpacked]) closeSync(fd);
    }
  }
});
