// Zstandard frames (RFC 8878) with a content size. Node decodes them since 22.15; older versions use fzstd.
import { Decompress } from 'fzstd';
import { ImageError } from './errors.js';

const MAGIC = 0xfd2fb528;
/** Bits of the byte behind the magic. */
const SINGLE_SEGMENT = 0x20;
const RESERVED = 0x08;
const DICTIONARY = 0x03;
/** Bytes of the content size, by the two highest bits of that byte. */
const SIZE_BYTES = [0, 2, 4, 8];

interface Zlib {
  zstdDecompressSync?(bytes: Uint8Array, options: { readonly maxOutputLength: number }): Buffer;
}

function bad(reason: string): ImageError {
  return new ImageError('bad-value', reason);
}

/** Content size of a frame in bytes; undefined if the frame has none. */
function contentSize(from: Buffer): number | undefined {
  if (from.length < 6 || from.readUInt32LE(0) !== MAGIC) throw bad('a Zstandard frame does not begin as one');
  const descriptor = from.readUInt8(4);
  if (descriptor & (RESERVED | DICTIONARY))
    throw bad('a Zstandard frame needs a dictionary, or a later version of the format');
  const single = (descriptor & SINGLE_SEGMENT) !== 0;
  const bytes = SIZE_BYTES[descriptor >> 6] || (single ? 1 : 0);
  const at = single ? 5 : 6;
  if (from.length < at + bytes) throw bad('a Zstandard frame ends within its head');
  switch (bytes) {
    case 0:
      return undefined;
    case 1:
      return from.readUInt8(at);
    case 2:
      return from.readUInt16LE(at) + 256;
    case 4:
      return from.readUInt32LE(at);
    default:
      return Number(from.readBigUInt64LE(at));
  }
}

/**
 * Decompresses a frame.
 * @param size size of the contents in bytes, which also limits the memory used, whatever the frame says
 * @throws ImageError `bad-value` if the frame is invalid or its contents have another size
 */
export function unpackZstd(from: Uint8Array, size: number): Uint8Array {
  const frame = Buffer.from(from.buffer, from.byteOffset, from.byteLength);
  const says = contentSize(frame);
  if (says !== size) throw bad(`a Zstandard frame has ${says ?? 'an unknown number of'} bytes, not ${size}`);
  let out: Uint8Array;
  try {
    // Loaded only for images with such pages.
    const { zstdDecompressSync: unpack } = process.getBuiltinModule('node:zlib') as Zlib;
    out = unpack ? unpack(frame, { maxOutputLength: size }) : inScript(frame, size);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw bad(`a Zstandard frame is broken: ${(error as Error).message}`);
  }
  if (out.length !== size) throw bad(`a Zstandard frame has ${out.length} bytes, not ${size}`);
  return out;
}

function inScript(frame: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let done = 0;
  const decoder = new Decompress((bytes) => {
    if (bytes.length > size - done) throw bad(`a Zstandard frame has more than ${size} bytes`);
    out.set(bytes, done);
    done += bytes.length;
  });
  decoder.push(frame, true);
  return out.subarray(0, done);
}
