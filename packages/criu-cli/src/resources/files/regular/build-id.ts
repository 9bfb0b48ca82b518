// The build id of an ELF file (elf(5), note NT_GNU_BUILD_ID), by which a restore checks that it is the same file.
import { readSync } from '@criu/native/fs';
import {
  EI_CLASS,
  ELFCLASS64,
  Elf32_Ehdr,
  Elf32_Phdr,
  Elf64_Ehdr,
  Elf64_Nhdr,
  Elf64_Phdr,
  NT_GNU_BUILD_ID,
  PT_NOTE,
} from '@criu/native/uapi';

/** Bytes from the start of a file that are searched for notes. */
const LIMIT = 1 << 20;
const LARGEST = 512;

function read(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
}

function findNote(notes: Buffer): Buffer | undefined {
  for (let at = 0; at + Elf64_Nhdr.sizeof <= notes.length; ) {
    const nameSize = notes.readUInt32LE(at + Elf64_Nhdr.n_namesz);
    const size = notes.readUInt32LE(at + Elf64_Nhdr.n_descsz);
    const from = at + Elf64_Nhdr.sizeof + ((nameSize + 3) & ~3);
    if (notes.readUInt32LE(at + Elf64_Nhdr.n_type) === NT_GNU_BUILD_ID)
      return size > 0 && size <= LARGEST && from + size <= notes.length
        ? notes.subarray(from, from + size)
        : undefined;
    at = from + ((size + 3) & ~3);
  }
  return undefined;
}

/** Whether a file begins with ELFMAG. */
function isElf(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === '\x7fELF';
}

/** The build id as 32-bit words, padded with zeros; empty if the file is not ELF or has none. */
export function readBuildId(fd: number): number[] {
  const head = read(fd, 0, Elf64_Ehdr.sizeof);
  if (head.length < Elf64_Ehdr.sizeof || !isElf(head)) return [];
  const wide = head[EI_CLASS] === ELFCLASS64;
  const [file, program] = wide ? [Elf64_Ehdr, Elf64_Phdr] : [Elf32_Ehdr, Elf32_Phdr];
  const offsetAt = (bytes: Buffer, at: number) =>
    wide ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at);
  const table = offsetAt(head, file.e_phoff);
  const entrySize = head.readUInt16LE(file.e_phentsize);
  const count = head.readUInt16LE(file.e_phnum);
  if (count === 0 || entrySize < program.sizeof || table >= LIMIT) return [];
  const headers = read(fd, table, entrySize * count);
  for (let at = 0; at + entrySize <= headers.length; at += entrySize) {
    if (headers.readUInt32LE(at + program.p_type) !== PT_NOTE) continue;
    const offset = offsetAt(headers, at + program.p_offset);
    const size = offsetAt(headers, at + program.p_filesz);
    if (offset >= LIMIT) continue;
    const note = findNote(read(fd, offset, Math.min(size, LIMIT - offset)));
    if (!note) continue;
    const padded = Buffer.alloc((note.length + 3) & ~3);
    note.copy(padded);
    return Array.from({ length: padded.length / 4 }, (_, i) => padded.readUInt32LE(i * 4));
  }
  return [];
}
