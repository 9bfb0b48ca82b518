// Zstandard frames (RFC 8878), one for each block, by Node since 22.15, or by the program zstd(1).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageError } from '@criu/images';
import { UsageError } from '../io.js';

interface Zlib {
  zstdCompressSync?(bytes: Uint8Array): Buffer;
}

const MAGIC_BYTES = 4;
/** Bits of the byte behind the magic: the window size is missing; a checksum follows the blocks. */
const SINGLE_SEGMENT = 0x20;
const CHECKSUM = 0x04;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];
/** Size of a block header in bytes, and the type of a block of which one byte stands for all. */
const BLOCK_HEAD = 3;
const REPEATED = 1;

/**
 * Number of bytes of the frame that begins at an offset: the sum of the sizes in its block headers.
 * @throws ImageError `bad-value` if the bytes end before the frame
 */
export function frameBytes(bytes: Buffer, start: number): number {
  const at = (offset: number) => {
    const byte = bytes[offset];
    if (byte === undefined) throw new ImageError('bad-value', 'a Zstandard frame is cut off');
    return byte;
  };
  const descriptor = at(start + MAGIC_BYTES);
  const single = (descriptor & SINGLE_SEGMENT) !== 0;
  const sizeBytes = SIZE_BYTES[descriptor >> 6] || (single ? 1 : 0);
  let end = start + MAGIC_BYTES + 1 + (single ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0) + sizeBytes;
  for (let last = false; !last; ) {
    const head = at(end) | (at(end + 1) << 8) | (at(end + 2) << 16);
    last = (head & 1) !== 0;
    end += BLOCK_HEAD + (((head >> 1) & 3) === REPEATED ? 1 : head >> 3);
  }
  if (descriptor & CHECKSUM) end += 4;
  if (end > bytes.length) throw new ImageError('bad-value', 'a Zstandard frame is cut off');
  return end - start;
}

/** Compresses each block to a frame. @throws UsageError if this machine cannot */
export function packZstd(blocks: readonly Uint8Array[]): Uint8Array[] {
  const { zstdCompressSync: pack } = process.getBuiltinModule('node:zlib') as Zlib;
  return pack ? blocks.map((block) => pack(block)) : byProgram(blocks);
}

/** zstd(1) writes a frame for each input file, so it is started once for all blocks. */
function byProgram(blocks: readonly Uint8Array[]): Uint8Array[] {
  if (blocks.length === 0) return [];
  const dir = mkdtempSync(join(tmpdir(), 'crit-'));
  try {
    const names = blocks.map((block, i) => {
      writeFileSync(join(dir, `${i}`), block);
      return `${i}`;
    });
    const room = blocks.reduce((sum, { length }) => sum + length + 1024, 0);
    const { status, stdout, stderr, error } = spawnSync('zstd', ['-cq', '--no-check', '--', ...names], {
      cwd: dir,
      maxBuffer: room,
    });
    if (error || status !== 0)
      throw new UsageError(
        'pages cannot be packed by zstd: node has it from 22.15 on, and the program zstd ' +
          (error ? `cannot be started: ${error.message}` : `says: ${stderr.toString().trim()}`),
        'install zstd or a later node, or leave out --zstd',
      );
    let at = 0;
    return names.map(() => {
      const length = frameBytes(stdout, at);
      at += length;
      return stdout.subarray(at - length, at);
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
