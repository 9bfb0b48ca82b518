// Converts registers of images for ptrace(2): to user_regs_struct and the XSAVE area.
import { FXSAVE_SIZE, fxsaveArea } from '@criu/images';
import { abi, addon } from '@criu/native';
import { CriuError } from '../../errors.js';
import type { ThreadInfoX86, UserX86FpregsEntry } from '../../images/types.js';

/** Field names of the image that differ from those of user_regs_struct. */
const NAMES: Readonly<Record<string, string>> = {
  rbp: 'bp',
  rbx: 'bx',
  rax: 'ax',
  rcx: 'cx',
  rdx: 'dx',
  rsi: 'si',
  rdi: 'di',
  orig_rax: 'orig_ax',
  rip: 'ip',
  eflags: 'flags',
  rsp: 'sp',
};
const COMPAT = 2;
const NO_CALL = 0xffffffffffffffffn;

/** Fields of the image, with the index of their word in user_regs_struct. */
const PLACES = Object.entries(abi.UserRegs)
  .filter(([field]) => field !== 'size')
  .map(([field, offset]) => ({ field: NAMES[field] ?? field, place: offset / 8 }));

/** struct user_regs_struct of a thread. The dump has already handled interrupted system calls. */
export function userRegs(info: ThreadInfoX86, tid: number): Buffer {
  const { gpregs } = info;
  if (gpregs.mode === COMPAT)
    throw new CriuError('UNSUPPORTED', 'the task is a 32-bit one', { pid: tid, file: `core-${tid}.img` });
  const fields = gpregs as unknown as Record<string, bigint | undefined>;
  const words = new BigUint64Array(abi.UserRegs.size / 8);
  for (let i = 0; i < PLACES.length; i++) {
    const { field, place } = PLACES[i] as (typeof PLACES)[number];
    words[place] = fields[field] ?? 0n;
  }
  // The task is not in a system call, whatever the value of rax.
  words[abi.UserRegs.orig_rax / 8] = NO_CALL;
  return Buffer.from(words.buffer);
}

/** State components of XCR0 with the fields of the image: [component, field, bytes per element]. */
const PARTS = [
  [2, 'ymmh_space', 4],
  [3, 'bndreg_state', 8],
  [4, 'bndcsr_state', 8],
  [5, 'opmask_reg', 8],
  [6, 'zmm_upper', 8],
  [7, 'hi16_zmm', 8],
  [9, 'pkru', 4],
] as const;

const HEADER = 64;
const XSTATE_BV = FXSAVE_SIZE;

/** The layout of an XSAVE area on this machine. */
export interface XsavePlaces {
  readonly size: number;
  readonly components: ReadonlyMap<number, { readonly offset: number; readonly size: number }>;
  /** Bit mask of the components that this machine supports. */
  readonly there: bigint;
}

export function xsavePlaces(): XsavePlaces {
  const { components } = addon().xsaveLayout();
  return {
    size: components.reduce((max, c) => Math.max(max, c.offset + c.size), FXSAVE_SIZE + HEADER),
    components: new Map(components.map((c) => [c.bit, c])),
    there: components.reduce((bits, { bit }) => bits | (1n << BigInt(bit)), 3n),
  };
}

/**
 * Builds an XSAVE area in the layout of this machine.
 * @throws CriuError if a component is in use that this machine does not support
 */
export function xsaveArea(fp: UserX86FpregsEntry, tid: number, places: XsavePlaces): Buffer {
  const { size, components, there } = places;
  const words = new BigUint64Array(Math.ceil(size / 8));
  const out = Buffer.from(words.buffer, 0, size);
  out.set(fxsaveArea(fp));
  const { xsave } = fp;
  if (!xsave) {
    out.writeBigUInt64LE(3n, XSTATE_BV);
    return out;
  }
  const present = xsave.xstate_bv;
  const halves = new Uint32Array(words.buffer);
  for (let i = 0; i < PARTS.length; i++) {
    const [component, field, width] = PARTS[i] as (typeof PARTS)[number];
    const values = xsave[field];
    if (values.length === 0) continue;
    const { offset, size: room } = components.get(component) ?? { offset: 0, size: 0 };
    if (room < values.length * width) {
      if (!((present >> BigInt(component)) & 1n)) continue;
      throw new CriuError(
        'UNSUPPORTED',
        `this machine lacks the register state ${field}`,
        { pid: tid, file: `core-${tid}.img` },
        'restore on a machine with the same processor features',
      );
    }
    // Components are aligned to 64 bytes.
    if (width === 8) words.set(values as bigint[], offset / 8);
    else halves.set(values as number[], offset / 4);
  }
  // The kernel refuses unsupported components; those have no contents in the image.
  out.writeBigUInt64LE(present & there, XSTATE_BV);
  return out;
}
