// ELF core files (elf(5), core(5)): headers and notes, 64-bit and little-endian.
import { Buffer } from 'node:buffer';

export const EHDR_SIZE = 64;
export const PHDR_SIZE = 56;
const SHDR_SIZE = 64;
/** From this number of program headers on, the first section header has their number. */
const PN_XNUM = 0xffff;
const ET_CORE = 4;
const EM_X86_64 = 62;

export const PT_LOAD = 1;
export const PT_NOTE = 4;

export const NT_PRSTATUS = 1;
export const NT_FPREGSET = 2;
export const NT_PRPSINFO = 3;
export const NT_AUXV = 6;
export const NT_SIGINFO = 0x53494749;
export const NT_FILE = 0x46494c45;
export const NT_X86_XSTATE = 0x202;

export interface ProgramHeader {
  readonly type: number;
  /** PF_X 1, PF_W 2, PF_R 4. */
  readonly flags: number;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  readonly address: bigint;
  readonly fileSize: number;
  readonly memorySize: bigint;
  readonly align: number;
}

export interface Note {
  readonly owner: 'CORE' | 'LINUX';
  readonly type: number;
  readonly data: Uint8Array;
}

/** Bytes of all headers of a file with `count` program headers. */
export function headersSize(count: number): number {
  return EHDR_SIZE + count * PHDR_SIZE + (count < PN_XNUM ? 0 : SHDR_SIZE);
}

/**
 * The ELF header, the program headers, and, if these are too many for the ELF header, the section header with their
 * number.
 */
export function encodeHeaders(headers: readonly ProgramHeader[]): Buffer {
  const many = headers.length >= PN_XNUM;
  const out = Buffer.alloc(headersSize(headers.length));
  const sections = EHDR_SIZE + headers.length * PHDR_SIZE;
  // 64-bit, little-endian, version 1.
  out.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  out.writeUInt16LE(ET_CORE, 16);
  out.writeUInt16LE(EM_X86_64, 18);
  out.writeUInt32LE(1, 20);
  out.writeBigUInt64LE(BigInt(EHDR_SIZE), 32);
  out.writeUInt16LE(EHDR_SIZE, 52);
  out.writeUInt16LE(PHDR_SIZE, 54);
  out.writeUInt16LE(many ? PN_XNUM : headers.length, 56);
  if (many) {
    out.writeBigUInt64LE(BigInt(sections), 40);
    out.writeUInt16LE(SHDR_SIZE, 58);
    out.writeUInt16LE(1, 60);
    // Fields of the section header: sh_size is the number of sections, sh_info that of program headers.
    out.writeBigUInt64LE(1n, sections + 32);
    out.writeUInt32LE(headers.length, sections + 44);
  }
  headers.forEach((header, index) => {
    const at = EHDR_SIZE + index * PHDR_SIZE;
    out.writeUInt32LE(header.type, at);
    out.writeUInt32LE(header.flags, at + 4);
    out.writeBigUInt64LE(BigInt(header.offset), at + 8);
    out.writeBigUInt64LE(header.address, at + 16);
    out.writeBigUInt64LE(BigInt(header.fileSize), at + 32);
    out.writeBigUInt64LE(header.memorySize, at + 40);
    out.writeBigUInt64LE(BigInt(header.align), at + 48);
  });
  return out;
}

const padded = (size: number) => (size + 3) & ~3;

/** The contents of a PT_NOTE segment. Name and data of each note begin at multiples of four bytes. */
export function encodeNotes(notes: readonly Note[]): Buffer {
  return Buffer.concat(
    notes.map(({ owner, type, data }) => {
      const nameSize = owner.length + 1;
      const out = Buffer.alloc(12 + padded(nameSize) + padded(data.length));
      out.writeUInt32LE(nameSize, 0);
      out.writeUInt32LE(data.length, 4);
      out.writeUInt32LE(type, 8);
      out.write(owner, 12, 'latin1');
      out.set(data, 12 + padded(nameSize));
      return out;
    }),
  );
}
