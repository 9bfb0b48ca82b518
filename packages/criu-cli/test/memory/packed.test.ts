// Pages are packed, and come back; and what reads images understands both.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rewritePages, verify } from '@criu/crit';
import {
  ImageSet,
  PageCodec,
  packLz4,
  readImageSync,
  readPagemapSync,
  unpackLz4,
  unpackZstd,
} from '@criu/images';
import { addon } from '@criu/native';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, preDump, restore } from '../../src/operations.js';
import { packedFields, packingOf } from '../../src/pages/packing.js';
import { cleanUp, isRoot, peer, scratch, Victim } from '../dump/victim.js';
import { criu as criuCommand } from '../rpc/real.js';
import { free, freshDir } from '../support.js';
import { chain, criu, modelVictim, room } from './support.js';

afterAll(cleanUp);

const PAGE = 4096;
const packsZstd =
  'zstdCompressSync' in process.getBuiltinModule('node:zlib') ||
  spawnSync('zstd', ['--version']).status === 0;

describe('packing natively', () => {
  const pages = Buffer.concat([
    Buffer.alloc(PAGE),
    randomBytes(PAGE),
    Buffer.from('some words again and again; '.repeat(1000)).subarray(0, 5 * PAGE),
  ]);
  const file = (content: Buffer): string => {
    const path = join(scratch(), randomBytes(4).toString('hex'));
    writeFileSync(path, content);
    return path;
  };
  const { LZ4, ZSTD } = PageCodec;
  const ways: [codec: number, block: number][] = [
    [LZ4, PAGE],
    [LZ4, 2 * PAGE],
    [LZ4, 64 * PAGE],
  ];
  if (addon().zstdThere()) ways.push([ZSTD, PAGE], [ZSTD, 64 * PAGE]);
  it.each(ways)('is understood by the other decoder: codec %i by %i bytes', async (codec, block) => {
    const out = file(Buffer.alloc(0));
    const [from, to] = [openSync(file(pages), 'r'), openSync(out, 'w')];
    const ranges = new BigUint64Array([0n, BigInt(pages.length)]);
    const { errno, sizes, bytes } = await addon().packToFile(0, from, ranges, to, block, codec, 1, 3, false);
    expect(errno).toBe(0);
    const packed = readFileSync(out);
    expect(packed).toHaveLength(bytes);
    let at = 0;
    const plain = [...sizes].map((size, i) => {
      const length = Math.min(block, pages.length - i * block);
      const part = packed.subarray(at, at + size);
      at += size;
      if (size === 0) return Buffer.alloc(length);
      if (size === length) return part;
      return codec === ZSTD ? unpackZstd(part, length) : unpackLz4(part, length);
    });
    expect(Buffer.concat(plain).equals(pages)).toBe(true);
    closeSync(from);
    closeSync(to);
  });
  it('unpacks what the other codec has packed, and refuses what is broken', () => {
    const plain = pages.subarray(2 * PAGE);
    const packed = Buffer.from(packLz4(plain) ?? []);
    const out = file(Buffer.alloc(0));
    const words = new BigUint64Array([0n, BigInt(packed.length), 0n, BigInt(plain.length)]);
    const run = (content: Buffer) => {
      const [from, to] = [openSync(file(content), 'r'), openSync(out, 'w')];
      const { errno } = addon().unpackFile(from, to, words, LZ4, 2);
      closeSync(from);
      closeSync(to);
      return errno;
    };
    expect(run(packed)).toBe(0);
    expect(readFileSync(out).equals(plain)).toBe(true);
    expect(run(packed.subarray(0, -1))).toBe(61);
    expect(run(Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8, 255)]))).toBe(74);
  });
  it('has limits', () => {
    const options = { pid: 1, imagesDir: '.' };
    expect(packingOf(options)).toBeUndefined();
    expect(packingOf({ ...options, compress: true })).toEqual({
      codec: LZ4,
      region: PAGE,
      acceleration: 1,
    });
    for (const bad of [
      { compressRegion: 5000 },
      { compressRegion: 8 << 20 },
      { compress: true, compressAcceleration: 0 },
    ])
      expect(() => packingOf({ ...options, ...bad })).toThrow(/packed by|from 1 up/);
  });
});

describe('what inventories say of packed pages', () => {
  const lz4 = { codec: PageCodec.LZ4, region: PAGE, acceleration: 1 };
  const zstd = { ...lz4, codec: PageCodec.ZSTD, region: 4 * PAGE };
  const plain = { img_version: 2 };
  it('is a version that older readers refuse', () => {
    expect(packedFields(undefined, undefined)).toEqual(plain);
    expect(packedFields(undefined, plain)).toEqual(plain);
    expect(packedFields(lz4, plain)).toEqual({ img_version: 3, compress: 1 });
    expect(packedFields(zstd, undefined)).toEqual({
      img_version: 1003,
      compress: 2,
      compress_region_size: 4 * PAGE,
      page_codec: 1,
    });
  });
  it('holds for what builds on them, too', () => {
    expect(packedFields(undefined, { img_version: 0, compress: 1 })).toEqual({ img_version: 3 });
    expect(packedFields(lz4, { img_version: 1003 })).toEqual({
      img_version: 1003,
      compress: 1,
      page_codec: 1,
    });
    const before = { img_version: 0, compress: 1, page_codec: 1 };
    expect(packedFields(undefined, before)).toEqual({ img_version: 1003, page_codec: 1 });
  });
});

const fillVictim = () => Victim.start('fill', {}, new URL('victims/fill.c', import.meta.url));

describe.skipIf(!isRoot)('a packed checkpoint (needs root)', () => {
  async function cycle(make: (pid: number, dir: string) => unknown, back: (dir: string) => unknown) {
    const victim = await fillVictim();
    try {
      const dir = freshDir();
      await make(victim.pid, dir);
      await free([victim.pid]);
      expect(verify(dir).problems).toEqual([]);
      await back(dir);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  }
  const ours = (imagesDir: string) => restore({ imagesDir, detached: true });

  it.each([
    { compress: true },
    { compressRegion: 256 << 10 },
    { compressRegion: 4 << 20, compressAcceleration: 8 },
    { compress: 'zstd', compressRegion: 256 << 10 },
    { compress: 'zstd', compressAcceleration: 5 },
  ] as const)('comes back: %o', (how) =>
    cycle(async (pid, imagesDir) => {
      await dump({ pid, imagesDir, ...how });
      const [inventory] = readImageSync(join(imagesDir, 'inventory.img'), 'INVENTORY');
      expect(inventory?.entry).toMatchObject({
        img_version: 'compress' in how && how.compress === 'zstd' ? 1003 : 3,
        compress: 'compressRegion' in how ? 2 : 1,
      });
      const { entries } = readPagemapSync(join(imagesDir, `pagemap-${pid}.img`));
      expect(entries.some(({ compressed_size: sizes }) => sizes.length > 0)).toBe(true);
      expect(room(imagesDir)).toBeLessThan(60 << 20);
    }, ours),
  );

  it('comes back lazily', () =>
    cycle(
      (pid, imagesDir) => dump({ pid, imagesDir, compress: true }),
      (imagesDir) => restore({ imagesDir, detached: true, lazy: true }),
    ));

  it('comes back where the file system of the images has no room to unpack it', () =>
    cycle(
      (pid, imagesDir) => dump({ pid, imagesDir, compressRegion: 256 << 10 }),
      (dir) => {
        const size = `${(room(dir) >> 20) + 2}m`;
        const script = 'mount -t tmpfs -o size=$1 none $2 && cp $3/*.img $2 && shift 3 && exec "$@"';
        const small = freshDir();
        const args = ['sh', '-c', script, 'sh', size, small, dir, criuCommand, 'restore', '-d', '-D', small];
        execFileSync('unshare', ['--mount', ...args], { stdio: 'pipe' });
      },
    ));

  it.skipIf(!peer)("is CRIU 4.2's again when it is unpacked (needs CRIU_PEER)", () =>
    cycle(
      async (pid, imagesDir) => {
        await dump({ pid, imagesDir, compressRegion: 64 << 10 });
        rewritePages(imagesDir, undefined);
      },
      (dir) => criu('restore', '-d', '-D', dir, '-o', 'peer.log'),
    ),
  );

  it.skipIf(!peer)('by zstd is refused by CRIU 4.2, whose it is when it is unpacked (needs CRIU_PEER)', () =>
    cycle(
      async (pid, imagesDir) => {
        await dump({ pid, imagesDir, compress: 'zstd' });
        await free([pid]);
        expect(() => criu('restore', '-d', '-D', imagesDir, '-o', 'peer.log')).toThrow(/failed/);
        expect(readFileSync(join(imagesDir, 'peer.log'), 'utf8')).toMatch(
          /Not supported images version 1003/,
        );
        rewritePages(imagesDir, undefined);
      },
      (dir) => criu('restore', '-d', '-D', dir, '-o', 'peer.log'),
    ),
  );

  it('of zstd becomes one of LZ4', () =>
    cycle(async (pid, imagesDir) => {
      await dump({ pid, imagesDir, compress: 'zstd', compressRegion: 64 << 10 });
      rewritePages(imagesDir, PAGE);
      expect(new ImageSet(imagesDir).inventory().img_version).toBe(3);
    }, ours));

  it.skipIf(!packsZstd).each([PAGE, 64 << 10])(
    'by %i bytes may be made of one that is not (needs zstd)',
    (region) =>
      cycle(async (pid, imagesDir) => {
        await dump({ pid, imagesDir });
        const { before, after } = rewritePages(imagesDir, region, PageCodec.ZSTD);
        expect(after).toBeLessThan(before / 2);
        expect(new ImageSet(imagesDir).inventory().img_version).toBe(1003);
      }, ours),
    // zstd(1), where node does not have it, takes a millisecond for each page, and many times that on a busy machine.
    300_000,
  );

  it.skipIf(!peer)('may be made of one of CRIU 4.2 (needs CRIU_PEER)', () =>
    cycle((pid, dir) => {
      criu('dump', '-t', `${pid}`, '-D', dir, '-o', 'peer.log');
      expect(rewritePages(dir, PAGE).after).toBeLessThan(room(dir));
    }, ours),
  );

  it('is built on by others, packed or not', async () => {
    const victim = await modelVictim();
    try {
      const [first, second, third] = chain(3) as [string, string, string];
      const { pid } = victim;
      await preDump({ pid, imagesDir: first, compress: true });
      await dump({ pid, imagesDir: second, prevImagesDir: '../1', leaveRunning: true });
      await dump({ pid, imagesDir: third, prevImagesDir: '../2', compressRegion: 16 << 10 });
      await free([pid]);
      const version = (dir: string) => new ImageSet(dir).inventory().img_version;
      expect([second, third].map(version)).toEqual([3, 3]);
      expect(room(third)).toBeLessThan(room(first));
      await ours(third);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('that is broken is refused, and nothing is made', async () => {
    const victim = await fillVictim();
    try {
      const dir = freshDir();
      await dump({ pid: victim.pid, imagesDir: dir, compress: true });
      await free([victim.pid]);
      const pages = join(dir, 'pages-1.img');
      const good = readFileSync(pages);
      const bad = Buffer.from(good);
      bad.fill(255, 0, 2000);
      writeFileSync(pages, bad);
      await expect(ours(dir)).rejects.toMatchObject({ code: 'BAD_IMAGE' });
      writeFileSync(pages, good.subarray(0, -1));
      await expect(ours(dir)).rejects.toMatchObject({ code: 'BAD_IMAGE' });
      writeFileSync(pages, good);
      await ours(dir);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
