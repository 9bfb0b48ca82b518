// The vDSO as an ELF image in memory (vdso(7), elf(5)).
import { ARCH_MAP_VDSO_64, PT_DYNAMIC } from '@criu/native/uapi';

/** The operation of arch_prctl(2) that maps a vDSO at an address. */
export const MAP_VDSO = ARCH_MAP_VDSO_64;

const ELF_MAGIC = 0x7f454c46;
const DT = { NULL: 0n, STRTAB: 5n, SYMTAB: 6n, STRSZ: 10n } as const;
const PROGRAM_HEADER = 56;
const DYNAMIC_ENTRY = 16;

/**
 * The symbol table of a vDSO with its names, as one part of the image. Two vDSOs with equal parts have the same entry
 * points. Undefined if the image is malformed.
 */
export function vdsoSymbols(image: Buffer): Buffer | undefined {
  if (image.length < 64 || image.readUInt32BE(0) !== ELF_MAGIC) return undefined;
  const table = Number(image.readBigUInt64LE(32));
  const count = image.readUInt16LE(56);
  for (let i = 0; i < count; i++) {
    const at = table + i * PROGRAM_HEADER;
    if (at + PROGRAM_HEADER > image.length) return undefined;
    if (image.readUInt32LE(at) !== PT_DYNAMIC) continue;
    const from = Number(image.readBigUInt64LE(at + 8));
    return symbolsOf(image, from, from + Number(image.readBigUInt64LE(at + 32)));
  }
  return undefined;
}

function symbolsOf(image: Buffer, from: number, end: number): Buffer | undefined {
  const found = new Map<bigint, number>();
  for (let at = from; at + DYNAMIC_ENTRY <= Math.min(end, image.length); at += DYNAMIC_ENTRY) {
    const tag = image.readBigUInt64LE(at);
    if (tag === DT.NULL) break;
    found.set(tag, Number(image.readBigUInt64LE(at + 8)));
  }
  const [symbols, names, size] = [DT.SYMTAB, DT.STRTAB, DT.STRSZ].map((tag) => found.get(tag));
  if (symbols === undefined || names === undefined || size === undefined) return undefined;
  // The names follow the symbols.
  return symbols < names && names + size <= image.length ? image.subarray(symbols, names + size) : undefined;
}
