// Floating-point registers of an x86-64 thread in the layout of the FXSAVE instruction (struct user_fpregs_struct,
// <sys/user.h>).
import { Buffer } from 'node:buffer';
import type { UserX86FpregsEntry } from './types.generated.js';

/** Bytes of the area. */
export const FXSAVE_SIZE = 512;
const ST_AT = 32;
const XMM_AT = 160;
/** Registers ST0 to ST7 and XMM0 to XMM15, in 32-bit words. */
const ST_WORDS = 32;
const XMM_WORDS = 64;

/** @returns 512 bytes, which are also the beginning of an XSAVE area. Excess words of an image are ignored */
export function fxsaveArea(fp: UserX86FpregsEntry): Buffer {
  const words = new Uint32Array(FXSAVE_SIZE / 4);
  const out = Buffer.from(words.buffer);
  out.writeUInt16LE(fp.cwd & 0xffff, 0);
  out.writeUInt16LE(fp.swd & 0xffff, 2);
  out.writeUInt16LE(fp.twd & 0xffff, 4);
  out.writeUInt16LE(fp.fop & 0xffff, 6);
  out.writeBigUInt64LE(fp.rip, 8);
  out.writeBigUInt64LE(fp.rdp, 16);
  out.writeUInt32LE(fp.mxcsr >>> 0, 24);
  out.writeUInt32LE(fp.mxcsr_mask >>> 0, 28);
  words.set(upTo(fp.st_space, ST_WORDS), ST_AT / 4);
  words.set(upTo(fp.xmm_space, XMM_WORDS), XMM_AT / 4);
  return out;
}

function upTo(words: readonly number[], most: number): readonly number[] {
  return words.length > most ? words.slice(0, most) : words;
}
