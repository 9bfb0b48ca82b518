// Reads tar archives of engines (ustar, with pax and GNU names; see tar(5)) as a stream.
import { UsageError } from '../io.js';

const BLOCK = 512;
/** Limit in bytes for names and pax records. A larger header is an error in the archive. */
const LONGEST_HEADER = 1 << 20;

export interface TarEntry {
  readonly name: string;
  readonly size: number;
  /** A regular file, in contrast to a directory, link or device. */
  readonly isFile: boolean;
}

/** Receives the bytes of a file in pieces; `end` is called after the last. */
export interface Sink {
  write(bytes: Uint8Array): void;
  end(): void;
}

/** The bytes of a NUL-terminated field. */
function text(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** The value of a field with an octal number, or with a binary one if its first bit is set (GNU). */
function number(block: Buffer, at: number, length: number): number {
  const field = block.subarray(at, at + length);
  if (field.readUInt8(0) & 0x80) {
    let value = field.readUInt8(0) & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return value;
  }
  const digits = text(block, at, length).trim();
  return digits === '' ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

function checksum(block: Buffer): number {
  let sum = 0;
  for (const [at, byte] of block.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte;
  return sum;
}

/** The records of a pax header, each of the form `LENGTH KEY=VALUE\n`. */
function paxRecords(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, space));
    if (space < 0 || !Number.isInteger(length) || length <= 0 || at + length > bytes.length) break;
    const record = bytes.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

/** Whether a file begins with the header of a tar archive. */
export function isTarHeader(block: Buffer): boolean {
  return block.length >= BLOCK && number(block, 148, 8) === checksum(block.subarray(0, BLOCK));
}

/**
 * Reads an archive.
 * @param want returns the sink for a file, or undefined to skip the file
 * @throws UsageError if the input is no archive, or ends early
 */
export async function readTar(
  chunks: AsyncIterable<Buffer>,
  file: string,
  want: (entry: TarEntry) => Sink | undefined,
): Promise<void> {
  let pending: Buffer = Buffer.alloc(0);
  let offset = 0;
  const source = chunks[Symbol.asyncIterator]();
  const bad = (what: string) => new UsageError(`${file}: offset ${offset}: ${what}`);
  /** Reads up to `length` bytes, but at least one; undefined at the end. */
  const take = async (length: number): Promise<Buffer | undefined> => {
    while (pending.length === 0) {
      const next = await source.next();
      if (next.done) return undefined;
      pending = next.value;
    }
    const part = pending.subarray(0, length);
    pending = pending.subarray(part.length);
    offset += part.length;
    return part;
  };
  const exactly = async (length: number): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const part = await take(left);
      if (!part) throw bad('the archive ends in the middle');
      parts.push(part);
      left -= part.length;
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  };
  let longName: string | undefined;
  let pax = new Map<string, string>();
  for (;;) {
    const first = await take(BLOCK);
    if (!first) return;
    const block =
      first.length === BLOCK ? first : Buffer.concat([first, await exactly(BLOCK - first.length)]);
    // Two blocks of zeros end an archive; padding follows.
    if (block.every((byte) => byte === 0)) return;
    if (!isTarHeader(block)) throw bad('not the header of a tar archive');
    const type = String.fromCharCode(block.readUInt8(156));
    const size = Number(pax.get('size') ?? number(block, 124, 12));
    if (!Number.isSafeInteger(size) || size < 0) throw bad('a file has no size');
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (type === 'L' || type === 'x' || type === 'g' || type === 'K') {
      if (size > LONGEST_HEADER) throw bad('a header is longer than 1 MiB');
      const body = await exactly(size);
      await exactly(padding);
      if (type === 'L') longName = text(body, 0, body.length);
      else if (type === 'x') pax = paxRecords(body);
      continue;
    }
    const prefix = block.toString('latin1', 257, 262) === 'ustar' ? text(block, 345, 155) : '';
    const plain = text(block, 0, 100);
    const name = pax.get('path') ?? longName ?? (prefix === '' ? plain : `${prefix}/${plain}`);
    longName = undefined;
    pax = new Map();
    const sink = want({ name, size, isFile: type === '0' || type === '\0' || type === '7' });
    try {
      for (let left = size; left > 0; ) {
        const part = await take(left);
        if (!part) throw bad(`the archive ends in the middle of ${name}`);
        sink?.write(part);
        left -= part.length;
      }
    } finally {
      sink?.end();
    }
    if (padding > 0) await exactly(padding);
  }
}
