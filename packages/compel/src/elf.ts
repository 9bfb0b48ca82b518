// The parts of an ELF file that are packed into a parasite: segments, symbols, relative relocations (elf(5)).
import {
  EI_CLASS,
  EI_DATA,
  ELFCLASS64,
  ELFDATA2LSB,
  Elf64_Ehdr,
  Elf64_Phdr,
  Elf64_Rela,
  Elf64_Shdr,
  Elf64_Sym,
  ET_DYN,
  PF_X,
  PT_LOAD,
  SHT_RELA,
  SHT_SYMTAB,
} from '@criu/native/uapi';
import { MACHINE, RELATIVE } from './arch/index.js';

export interface ElfSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly memorySize: number;
  readonly executable: boolean;
}

export interface ElfSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
}

export interface Elf {
  readonly segments: ElfSegment[];
  readonly symbols: ElfSymbol[];
  /** Places that hold an address: (place, offset in the image). */
  readonly relative: [number, number][];
}

export class ElfError extends Error {
  readonly code = 'BAD_ELF';
}

/** ELFMAG of <elf.h>. */
const MAGIC = '\x7fELF';

/** Reads a 64-bit little-endian position-independent executable. @throws ElfError */
export function readElf(file: Uint8Array): Elf {
  const b = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (
    b.length < Elf64_Ehdr.sizeof ||
    b.toString('latin1', 0, MAGIC.length) !== MAGIC ||
    b[EI_CLASS] !== ELFCLASS64 ||
    b[EI_DATA] !== ELFDATA2LSB
  )
    throw new ElfError('not a 64-bit little-endian ELF file');
  if (b.readUInt16LE(Elf64_Ehdr.e_machine) !== MACHINE.number) throw new ElfError(`not for ${MACHINE.name}`);
  if (b.readUInt16LE(Elf64_Ehdr.e_type) !== ET_DYN)
    throw new ElfError('not position-independent: link with the flags of `compel ldflags`');
  const word = (at: number) => {
    if (at + 8 > b.length) throw new ElfError('the file is cut off');
    return Number(b.readBigUInt64LE(at));
  };
  const slice = (offset: number, size: number) => {
    if (offset + size > b.length) throw new ElfError('the file is cut off');
    return b.subarray(offset, offset + size);
  };
  const section = (header: number) =>
    slice(word(header + Elf64_Shdr.sh_offset), word(header + Elf64_Shdr.sh_size));
  const segments: ElfSegment[] = [];
  for (let i = 0; i < b.readUInt16LE(Elf64_Ehdr.e_phnum); i++) {
    const at = word(Elf64_Ehdr.e_phoff) + i * Elf64_Phdr.sizeof;
    if (b.readUInt32LE(at + Elf64_Phdr.p_type) !== PT_LOAD) continue;
    segments.push({
      address: word(at + Elf64_Phdr.p_vaddr),
      bytes: slice(word(at + Elf64_Phdr.p_offset), word(at + Elf64_Phdr.p_filesz)),
      memorySize: word(at + Elf64_Phdr.p_memsz),
      executable: (b.readUInt32LE(at + Elf64_Phdr.p_flags) & PF_X) !== 0,
    });
  }
  const symbols: ElfSymbol[] = [];
  const relative: [number, number][] = [];
  for (let i = 0; i < b.readUInt16LE(Elf64_Ehdr.e_shnum); i++) {
    const at = word(Elf64_Ehdr.e_shoff) + i * Elf64_Shdr.sizeof;
    const type = b.readUInt32LE(at + Elf64_Shdr.sh_type);
    if (type !== SHT_SYMTAB && type !== SHT_RELA) continue;
    const body = section(at);
    if (type === SHT_RELA) readRelocations(body, relative);
    else {
      const strings = word(Elf64_Ehdr.e_shoff) + b.readUInt32LE(at + Elf64_Shdr.sh_link) * Elf64_Shdr.sizeof;
      readSymbols(body, section(strings), symbols);
    }
  }
  return { segments, symbols, relative };
}

function readRelocations(body: Buffer, out: [number, number][]): void {
  for (let i = 0; i + Elf64_Rela.sizeof <= body.length; i += Elf64_Rela.sizeof) {
    // ELF64_R_TYPE is the lower half of r_info.
    const type = body.readUInt32LE(i + Elf64_Rela.r_info);
    if (type !== RELATIVE)
      throw new ElfError(`relocation of type ${type}: a parasite cannot refer to anything outside itself`);
    out.push([
      Number(body.readBigUInt64LE(i + Elf64_Rela.r_offset)),
      Number(body.readBigInt64LE(i + Elf64_Rela.r_addend)),
    ]);
  }
}

function readSymbols(body: Buffer, strings: Buffer, out: ElfSymbol[]): void {
  for (let i = 0; i + Elf64_Sym.sizeof <= body.length; i += Elf64_Sym.sizeof) {
    const start = body.readUInt32LE(i + Elf64_Sym.st_name);
    const name = strings.subarray(start, strings.indexOf(0, start)).toString();
    if (name === '') continue;
    out.push({
      name,
      value: Number(body.readBigUInt64LE(i + Elf64_Sym.st_value)),
      size: Number(body.readBigUInt64LE(i + Elf64_Sym.st_size)),
    });
  }
}
