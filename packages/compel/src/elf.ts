// The parts of an ELF file that a parasite is packed from: segments, symbols, relative relocations (elf(5)).
import { PT_LOAD, SHT_RELA, SHT_SYMTAB } from '@criu/native/uapi';
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
  /** Places that hold an address: (where, offset in the image). */
  readonly relative: [number, number][];
}

export class ElfError extends Error {
  readonly code = 'BAD_ELF';
}

/** Reads a 64-bit little-endian position-independent executable. @throws ElfError */
export function readElf(file: Uint8Array): Elf {
  const b = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (b.length < 64 || b.readUInt32BE(0) !== 0x7f454c46 || b[4] !== 2 || b[5] !== 1)
    throw new ElfError('not a 64-bit little-endian ELF file');
  if (b.readUInt16LE(18) !== MACHINE.number) throw new ElfError(`not for ${MACHINE.name}`);
  if (b.readUInt16LE(16) !== 3)
    throw new ElfError('not position-independent: link with the flags of `compel ldflags`');
  const word = (at: number) => {
    if (at + 8 > b.length) throw new ElfError('the file is cut off');
    return Number(b.readBigUInt64LE(at));
  };
  const slice = (offset: number, size: number) => {
    if (offset + size > b.length) throw new ElfError('the file is cut off');
    return b.subarray(offset, offset + size);
  };
  const segments: ElfSegment[] = [];
  for (let i = 0; i < b.readUInt16LE(56); i++) {
    const at = word(32) + i * 56;
    if (b.readUInt32LE(at) !== PT_LOAD) continue;
    segments.push({
      address: word(at + 16),
      bytes: slice(word(at + 8), word(at + 32)),
      memorySize: word(at + 40),
      executable: (b.readUInt32LE(at + 4) & 1) !== 0,
    });
  }
  const symbols: ElfSymbol[] = [];
  const relative: [number, number][] = [];
  for (let i = 0; i < b.readUInt16LE(60); i++) {
    const at = word(40) + i * 64;
    const type = b.readUInt32LE(at + 4);
    if (type !== SHT_SYMTAB && type !== SHT_RELA) continue;
    const body = slice(word(at + 24), word(at + 32));
    if (type === SHT_RELA) readRelocations(body, relative);
    else {
      const strings = word(40) + b.readUInt32LE(at + 40) * 64;
      readSymbols(body, slice(word(strings + 24), word(strings + 32)), symbols);
    }
  }
  return { segments, symbols, relative };
}

function readRelocations(body: Buffer, out: [number, number][]): void {
  for (let i = 0; i + 24 <= body.length; i += 24) {
    const type = body.readUInt32LE(i + 8);
    if (type !== RELATIVE)
      throw new ElfError(`relocation of type ${type}: a parasite cannot refer to anything outside itself`);
    out.push([Number(body.readBigUInt64LE(i)), Number(body.readBigInt64LE(i + 16))]);
  }
}

function readSymbols(body: Buffer, strings: Buffer, out: ElfSymbol[]): void {
  for (let i = 0; i + 24 <= body.length; i += 24) {
    const start = body.readUInt32LE(i);
    const name = strings.subarray(start, strings.indexOf(0, start)).toString();
    if (name === '') continue;
    out.push({
      name,
      value: Number(body.readBigUInt64LE(i + 8)),
      size: Number(body.readBigUInt64LE(i + 16)),
    });
  }
}
