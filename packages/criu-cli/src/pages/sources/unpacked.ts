// Decompresses pages images into files in which each page lies at its index.
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { type Block, PageCodec, type PageMemory } from '@criu/images';
import { addon, cstring, SysError, sys } from '@criu/native';
import { closeSync, openSync } from '@criu/native/fs';
import { EBADMSG, ENODATA, MFD_CLOEXEC, O_RDWR, O_TMPFILE } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../../errors.js';
import { needZstd } from '../packing.js';

const MOST_THREADS = 4;
/** Number of blocks that are decompressed with one call. */
const GROUP = 1 << 16;

/** Creates an unnamed file beside the images, where its pages can be written back from the page cache. */
function besideImages(file: string): number | undefined {
  try {
    return openSync(dirname(file), O_RDWR | O_TMPFILE, 0o600);
  } catch {
    // The images are read-only, or their file system does not support O_TMPFILE.
    return undefined;
  }
}

function inMemory(): number {
  return sys('memfd_create', cstring('criu: unpacked pages'), MFD_CLOEXEC);
}

/**
 * Opens a pages image; the caller closes the descriptor.
 * @param packed pagemap of the image, if its pages are compressed; they are decompressed into an unnamed file then
 * @throws CriuError
 */
export function openStored(file: string, packed: PageMemory | undefined): number {
  const source = openSync(file, 'r');
  if (!packed?.blocks) return source;
  try {
    if (packed.codec === PageCodec.ZSTD) needZstd('pages that are packed by zstd cannot be unpacked');
    const beside = besideImages(file);
    if (beside === undefined) return unpack(source, packed, inMemory());
    try {
      return unpack(source, packed, beside);
    } catch (error) {
      // Images are packed where there is little room.
      if (asCriuError(error, '').code !== 'NO_SPACE') throw error;
      return unpack(source, packed, inMemory());
    }
  } catch (error) {
    throw asCriuError(error, 'cannot unpack pages', { file });
  } finally {
    closeSync(source);
  }
}

/** Blocks as `unpackFile` takes them, in groups: there can be one for each page. */
function* quadruples(blocks: Iterable<Block>): Generator<BigUint64Array> {
  const words = new BigUint64Array(4 * GROUP);
  const halves = new Uint32Array(words.buffer);
  let next = 0;
  for (const { offset, size, start, length } of blocks) {
    for (const number of [offset, size, start, length]) {
      // An element takes the number modulo 2^32.
      halves[next++] = number;
      halves[next++] = number / 2 ** 32;
    }
    if (next < halves.length) continue;
    yield words;
    next = 0;
  }
  yield words.subarray(0, next / 2);
}

/** Decompresses all pages into a file. @returns that file, which is closed if this fails @throws CriuError, SysError */
function unpack(source: number, packed: PageMemory, fd: number): number {
  const { codec, file } = packed;
  try {
    sys('ftruncate', fd, packed.blocks?.bytes ?? 0);
    const threads = Math.min(availableParallelism(), MOST_THREADS);
    for (const words of quadruples(packed.blocks ?? [])) {
      const { errno, address } = addon().unpackFile(source, fd, words, codec, threads);
      if (errno === EBADMSG || errno === ENODATA)
        throw new CriuError('BAD_IMAGE', `the packed pages at offset ${address} are broken`, { file });
      if (errno) throw new SysError('unpacking pages', errno);
    }
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
