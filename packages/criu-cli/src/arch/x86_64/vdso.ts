// The vDSO as an ELF image in memory (vdso(7), elf(5)).
import {
  ARCH_MAP_VDSO_64,
  DT_NULL,
  DT_STRSZ,
  DT_STRTAB,
  DT_SYMTAB,
  Elf64_Dyn,
  Elf64_Ehdr,
  Elf64_Phdr,
  PT_DYNAMIC,
} from '@criu/native/uapi';

/** The operation of arch_prctl(2) that maps a vDSO at an address. */
export const MAP_VDSO = ARCH_MAP_VDSO_64;

/** ELFMAG of <elf.h> as a big-endian number. */
const ELF_MAGIC = 0x7f454c46;

/**
 * The symbol table of a vDSO with its names, as one part of the image. Two vDSOs with equal parts have the same entry
 * points. Undefined if the image is malformed.
 */
export function vdsoSymbols(image: Buffer): Buffer | undefined {
  if (image.length < Elf64_Ehdr.sizeof || image.readUInt32BE(0) !== ELF_MAGIC) return undefined;
  const table = Number(image.readBigUInt64LE(Elf64_Ehdr.e_phoff));
  const count = image.readUInt16LE(Elf64_Ehdr.e_phnum);
  for (let i = 0; i < count; i++) {
    const at = table + i * Elf64_Phdr.sizeof;
    if (at + Elf64_Phdr.sizeof > image.length) return undefined;
    if (image.readUInt32LE(at + Elf64_Phdr.p_type) !== PT_DYNAMIC) continue;
    const from = Number(image.readBigUInt64LE(at + Elf64_Phdr.p_offset));
    return symbolsOf(image, from, from + Number(image.readBigUInt64LE(at + Elf64_Phdr.p_filesz)));
  }
  return undefined;
}

function symbolsOf(image: Buffer, from: number, end: number): Buffer | undefined {
  const found = new Map<number, number>();
  for (let at = from; at + Elf64_Dyn.sizeof <= Math.min(end, image.length); at += Elf64_Dyn.sizeof) {
    const tag = Number(image.readBigInt64LE(at + Elf64_Dyn.d_tag));
    if (tag === DT_NULL) break;
    found.set(tag, Number(image.readBigUInt64LE(at + Elf64_Dyn.d_un)));
  }
  const [symbols, names, size] = [DT_SYMTAB, DT_STRTAB, DT_STRSZ].map((tag) => found.get(tag));
  if (symbols === undefined || names === undefined || size === undefined) return undefined;
  // The names follow the symbols.
  return symbols < names && names + size <= image.length ? image.subarray(symbols, names + size) : undefined;
}
