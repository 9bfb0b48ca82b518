// Zstandard frames that crit makes are understood by the decoder of the images, whichever way they were made.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { unpackZstd } from '@criu/images';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { frameBytes, packZstd } from '../src/pack/zstd.js';

const words = Buffer.from('some words again and again; '.repeat(20_000));
const blocks = [
  Buffer.from('x'),
  Buffer.alloc(4096, 7),
  words.subarray(0, 4096),
  // More than a block of a frame can have.
  words,
  randomBytes(300_000),
  Buffer.concat([randomBytes(5000), words.subarray(0, 65_536)]),
];
const program = spawnSync('zstd', ['--version']).status === 0;
const builtIn = 'zstdCompressSync' in process.getBuiltinModule('node:zlib');

afterEach(() => void vi.unstubAllEnvs());

describe('Zstandard frames', () => {
  it.skipIf(!program && !builtIn)('hold the blocks that they were made of (needs zstd)', () => {
    const frames = packZstd(blocks);
    expect(frames).toHaveLength(blocks.length);
    for (const [i, block] of blocks.entries())
      expect(block.equals(unpackZstd(frames[i] ?? Buffer.alloc(0), block.length)), `block ${i}`).toBe(true);
    expect(packZstd([])).toEqual([]);
  });

  it.skipIf(!program && !builtIn)('end where they say, and nowhere before', () => {
    const frames = packZstd(blocks);
    const all = Buffer.concat(frames);
    let at = 0;
    for (const { length } of frames) {
      expect(frameBytes(all, at)).toBe(length);
      at += length;
    }
    const [first = Buffer.alloc(0)] = frames;
    for (let length = 0; length < first.length; length++)
      expect(() => frameBytes(Buffer.from(first).subarray(0, length), 0)).toThrow(/cut off/);
  });

  it.skipIf(builtIn)('need the program where node cannot make them', () => {
    vi.stubEnv('PATH', '/nonexistent');
    expect(() => packZstd(blocks)).toThrow(/cannot be packed by zstd: node has it from 22\.15 on/);
  });
});
