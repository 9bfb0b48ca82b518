// Registers of an x86-64 thread in a core file: struct user_regs_struct, the FXSAVE area and the XSAVE area.
import { Buffer } from 'node:buffer';
import { fxsaveArea, type UserX86FpregsEntry, type UserX86RegsEntry } from '@criu/images';

/** Members of struct user_regs_struct (sys/user.h) in order, named as in images. */
const GENERAL = [
  'r15',
  'r14',
  'r13',
  'r12',
  'bp',
  'bx',
  'r11',
  'r10',
  'r9',
  'r8',
  'ax',
  'cx',
  'dx',
  'si',
  'di',
  'orig_ax',
  'ip',
  'cs',
  'flags',
  'sp',
  'ss',
  'fs_base',
  'gs_base',
  'ds',
  'es',
  'fs',
  'gs',
] as const;
export const GENERAL_SIZE = GENERAL.length * 8;

export function generalRegisters(regs: UserX86RegsEntry): Buffer {
  const out = Buffer.alloc(GENERAL_SIZE);
  GENERAL.forEach((name, index) => {
    out.writeBigUInt64LE(BigInt.asUintN(64, regs[name]), index * 8);
  });
  return out;
}

/** Offset of XCR0 among the bytes for software use, from which debuggers learn the components. */
const XCR0_AT = 464;
const XSTATE_BV_AT = 512;
const HEADER_END = 576;

/**
 * State components in the layout of Intel's processors, which debuggers assume for the size of the area: [bit of XCR0,
 * offset, bytes, field, bytes of an element]. Images have no offsets.
 */
const COMPONENTS = [
  [2, 576, 256, 'ymmh_space', 4],
  [3, 960, 64, 'bndreg_state', 8],
  [4, 1024, 64, 'bndcsr_state', 8],
  [5, 1088, 64, 'opmask_reg', 8],
  [6, 1152, 512, 'zmm_upper', 8],
  [7, 1664, 1024, 'hi16_zmm', 8],
  [9, 2688, 8, 'pkru', 4],
] as const;

/** The XSAVE area as in NT_X86_XSTATE of ptrace(2); undefined if the processor had none. */
export function extendedState(fp: UserX86FpregsEntry): Buffer | undefined {
  const { xsave } = fp;
  if (xsave === undefined) return undefined;
  const present = COMPONENTS.filter(([, , , field]) => xsave[field].length > 0);
  const size = present.reduce((end, [, offset, bytes]) => Math.max(end, offset + bytes), HEADER_END);
  // x87 and SSE always exist.
  const mask = present.reduce((bits, [bit]) => bits | (1n << BigInt(bit)), 3n);
  const out = Buffer.alloc(size);
  fxsaveArea(fp).copy(out);
  out.writeBigUInt64LE(mask, XCR0_AT);
  out.writeBigUInt64LE(xsave.xstate_bv & mask, XSTATE_BV_AT);
  for (const [, offset, bytes, field, width] of present) {
    if (width === 4) words32(out, offset, bytes, xsave[field]);
    else words64(out, offset, bytes, xsave[field]);
  }
  return out;
}

function words32(out: Buffer, offset: number, bytes: number, words: readonly number[]): void {
  words.slice(0, bytes / 4).forEach((word, index) => {
    out.writeUInt32LE(word >>> 0, offset + index * 4);
  });
}

function words64(out: Buffer, offset: number, bytes: number, words: readonly bigint[]): void {
  words.slice(0, bytes / 8).forEach((word, index) => {
    out.writeBigUInt64LE(BigInt.asUintN(64, word), offset + index * 8);
  });
}
