// gzip (RFC 1952) without compression, for small archives: loading Node's zlib takes longer than all other work on
// them.

/** Most bytes of a stored block (RFC 1951, 3.2.4). */
const MOST = 0xffff;
/** Magic, method deflate, no flags, no time, no level, made on Unix. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** The last block, stored without compression. */
const STORED = 1;
const BLOCK_HEAD = 5;
const TRAILER = 8;

let table: Uint32Array | undefined;

/** The table for gzip's CRC, with reversed bits. */
function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
    return rest;
  });
}

function crc32(bytes: Uint8Array): number {
  table ??= crcTable();
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}

/** The bytes as a gzip file; undefined if they do not fit into one block. */
export function storeGzip(bytes: Buffer): Buffer | undefined {
  if (bytes.length > MOST) return undefined;
  const head = Buffer.alloc(BLOCK_HEAD);
  head.writeUInt8(STORED, 0);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(bytes.length ^ MOST, 3);
  const trailer = Buffer.alloc(TRAILER);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([HEADER, head, bytes, trailer]);
}

/** The bytes in such a file, as a view; undefined for other gzip files, or a malformed one. */
export function readStoredGzip(file: Buffer): Buffer | undefined {
  const start = HEADER.length + BLOCK_HEAD;
  const length = file.length - start - TRAILER;
  if (length < 0 || length > MOST || !file.subarray(0, HEADER.length).equals(HEADER)) return undefined;
  const bytes = file.subarray(start, start + length);
  const isWhole =
    file.readUInt8(HEADER.length) === STORED &&
    file.readUInt16LE(HEADER.length + 1) === length &&
    file.readUInt16LE(HEADER.length + 3) === (length ^ MOST) &&
    file.readUInt32LE(start + length) === crc32(bytes) &&
    file.readUInt32LE(start + length + 4) === length;
  return isWhole ? bytes : undefined;
}
