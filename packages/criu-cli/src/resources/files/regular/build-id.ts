// The build id of an ELF file (elf(5), note NT_GNU_BUILD_ID), by which a restore checks that it is the same file.
import { readSync } from '@criu/native/fs';
import { NT_GNU_BUILD_ID, PT_NOTE } from '@criu/native/uapi';

/** Bytes from the start of a file that are searched for notes. */
const LIMIT = 1 << 20;
const LARGEST = 512;

function read(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
}

function findNote(notes: Buffer): Buffer | undefined {
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameSize = notes.readUInt32LE(at);
    const size = notes.readUInt32LE(at + 4);
    const from = at + 12 + ((nameSize + 3) & ~3);
    if (notes.readUInt32LE(at + 8) === NT_GNU_BUILD_ID)
      return size > 0 && size <= LARGEST && from + size <= notes.length
        ? notes.subarray(from, from + size)
        : undefined;
    at = from + ((size + 3) & ~3);
  }
  return undefined;
}

/** The build id as 32-bit words, padded with zeros; empty if the file is not ELF or has none. */
export function readBuildId(fd: number): number[] {
  const head = read(fd, 0, 64);
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return [];
  const wide = head[4] === 2;
  const table = wide ? Number(head.readBigUInt64LE(32)) : head.readUInt32LE(28);
  const entrySize = head.readUInt16LE(wide ? 54 : 42);
  const count = head.readUInt16LE(wide ? 56 : 44);
  if (count === 0 || entrySize < (wide ? 56 : 32) || table >= LIMIT) return [];
  const headers = read(fd, table, entrySize * count);
  for (let at = 0; at + entrySize <= headers.length; at += entrySize) {
    if (headers.readUInt32LE(at) !== PT_NOTE) continue;
    const offset = wide ? Number(headers.readBigUInt64LE(at + 8)) : headers.readUInt32LE(at + 4);
    const size = wide ? Number(headers.readBigUInt64LE(at + 32)) : headers.readUInt32LE(at + 16);
    if (offset >= LIMIT) continue;
    const note = findNote(read(fd, offset, Math.min(size, LIMIT - offset)));
    if (!note) continue;
    const padded = Buffer.alloc((note.length + 3) & ~3);
    note.copy(padded);
    return Array.from({ length: padded.length / 4 }, (_, i) => padded.readUInt32LE(i * 4));
  }
  return [];
}
