// gzip (RFC 1952) without compression, for small archives: loading Node's zlib takes longer than all other work on
// them.
import { addon } from '@criu/native';

/** Most bytes of a stored block (RFC 1951, 3.2.4). */
const MOST_IN_BLOCK = 0xffff;
/** Limit in bytes for what is stored: more is worth compressing. */
const MOST = 1 << 19;
/** Magic, method deflate, no flags, no time, no level, made on Unix. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** Types of a block that is stored without compression; the last block has a mark. */
const [STORED, LAST] = [0, 1];
const BLOCK_HEAD = 5;
const TRAILER = 8;

/** The bytes as a gzip file; undefined if they are too many to be stored. */
export function storeGzip(bytes: Buffer): Buffer | undefined {
  if (bytes.length > MOST) return undefined;
  const parts: Buffer[] = [HEADER];
  let at = 0;
  do {
    const block = bytes.subarray(at, at + MOST_IN_BLOCK);
    at += block.length;
    const head = Buffer.alloc(BLOCK_HEAD);
    head.writeUInt8(at === bytes.length ? LAST : STORED, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(block.length ^ 0xffff, 3);
    parts.push(head, block);
  } while (at < bytes.length);
  const trailer = Buffer.alloc(TRAILER);
  trailer.writeUInt32LE(addon().crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([...parts, trailer]);
}

/** The bytes in such a file; undefined for other gzip files, or a malformed one. */
export function readStoredGzip(file: Buffer): Buffer | undefined {
  const end = file.length - TRAILER;
  if (!file.subarray(0, HEADER.length).equals(HEADER)) return undefined;
  const blocks: Buffer[] = [];
  for (let at = HEADER.length, last = false; !last; ) {
    if (at + BLOCK_HEAD > end) return undefined;
    const type = file.readUInt8(at);
    const length = file.readUInt16LE(at + 1);
    if (type !== STORED && type !== LAST) return undefined;
    if (file.readUInt16LE(at + 3) !== (length ^ 0xffff)) return undefined;
    at += BLOCK_HEAD;
    const block = file.subarray(at, Math.min(at + length, end));
    if (block.length !== length) return undefined;
    blocks.push(block);
    at += length;
    last = type === LAST;
    if (last && at !== end) return undefined;
  }
  const [only] = blocks;
  const bytes = only && blocks.length === 1 ? only : Buffer.concat(blocks);
  const isWhole =
    bytes.length <= MOST &&
    file.readUInt32LE(end) === addon().crc32(bytes) &&
    file.readUInt32LE(end + 4) === bytes.length;
  return isWhole ? bytes : undefined;
}
