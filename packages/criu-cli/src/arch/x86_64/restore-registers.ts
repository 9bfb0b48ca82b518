// Registers of a thread from the image's fields to what ptrace(2) takes: user_regs_struct and the XSAVE area.
import { FXSAVE_SIZE, fxsaveArea } from '@criu/images';
import { abi, addon } from '@criu/native';
import { CriuError } from '../../errors.js';
import type { ThreadInfoX86, UserX86FpregsEntry } from '../../images/types.js';

/** Names of the image for those of user_regs_struct where they differ. */
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

/** struct user_regs_struct. The system call that was interrupted, if any, has been settled by the dump. */
export function userRegs(info: ThreadInfoX86, tid: number): Buffer {
  const { gpregs } = info;
  if (gpregs.mode === COMPAT)
    throw new CriuError('UNSUPPORTED', 'the task is a 32-bit one', { pid: tid, file: `core-${tid}.img` });
  const fields = gpregs as unknown as Record<string, bigint | undefined>;
  const out = Buffer.alloc(abi.UserRegs.size);
  for (const [field, offset] of Object.entries(abi.UserRegs)) {
    if (field === 'size') continue;
    out.writeBigUInt64LE(BigInt.asUintN(64, fields[NAMES[field] ?? field] ?? 0n), offset);
  }
  // -1: not in a system call, whatever rax looks like.
  out.writeBigInt64LE(-1n, abi.UserRegs.orig_rax);
  return out;
}

/** State components of XCR0 and the image's fields for them: [component, field, bytes of an element]. */
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

/** The XSAVE area in this machine's layout. @throws CriuError when it has a component that this machine has not */
export function xsaveArea(fp: UserX86FpregsEntry, tid: number): Buffer {
  const layout = addon().xsaveLayout();
  const components = new Map(layout.components.map((c) => [c.bit, c]));
  const size = layout.components.reduce((max, c) => Math.max(max, c.offset + c.size), FXSAVE_SIZE + HEADER);
  const out = Buffer.alloc(size);
  fxsaveArea(fp).copy(out);
  const { xsave } = fp;
  if (!xsave) {
    out.writeBigUInt64LE(3n, XSTATE_BV);
    return out;
  }
  let present = xsave.xstate_bv;
  for (const [component, field, width] of PARTS) {
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
    for (const [i, v] of values.entries()) {
      if (width === 8) out.writeBigUInt64LE(BigInt(v), offset + i * 8);
      else out.writeUInt32LE(Number(v) >>> 0, offset + i * 4);
    }
  }
  // The kernel refuses what this machine does not have; of these parts nothing is in the image either.
  for (let i = 2; i < 64; i++) {
    if ((present >> BigInt(i)) & 1n && !components.has(i)) present &= ~(1n << BigInt(i));
  }
  out.writeBigUInt64LE(present, XSTATE_BV);
  return out;
}
