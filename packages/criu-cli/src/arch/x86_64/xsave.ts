// Converts the XSAVE area for images: the legacy part by field, each later component as an array of words.
import type { Encodable, UserX86FpregsEntry, UserX86XsaveEntry } from '@criu/images';
import type { XsaveLayout } from '@criu/native';
import { user_fpregs_struct } from '@criu/native/uapi';

/** Size of the legacy part; the header behind it begins with XSTATE_BV. */
const LEGACY = user_fpregs_struct.sizeof;
const XSTATE_BV = LEGACY;

/** Components that images can hold, or whose state is dumped elsewhere (shadow stacks, by their mappings). */
const KEPT = 0b1_1010_1111_1111n;

/** Numbers of components in use that would be lost: those of newer CPUs, such as the tiles of AMX. */
export function lostComponents(area: Buffer): number[] {
  if (area.length <= LEGACY) return [];
  const lost = area.readBigUInt64LE(XSTATE_BV) & ~KEPT;
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (lost >> BigInt(bit)) & 1n);
}

/** Typed arrays need an aligned offset. */
function aligned(area: Buffer, offset: number, bytes: number): [ArrayBufferLike, number] {
  const at = area.byteOffset + offset;
  return at % 8 === 0
    ? [area.buffer, at]
    : [Uint8Array.from(area.subarray(offset, offset + bytes)).buffer, 0];
}

function read32(area: Buffer, offset: number, bytes: number): number[] {
  const [buffer, at] = aligned(area, offset, bytes);
  const view = new Uint32Array(buffer, at, bytes / 4);
  const out = new Array<number>(view.length);
  for (let i = 0; i < out.length; i++) out[i] = view[i] ?? 0;
  return out;
}

function read64(area: Buffer, offset: number, bytes: number): bigint[] {
  const [buffer, at] = aligned(area, offset, bytes);
  const view = new BigUint64Array(buffer, at, bytes / 8);
  const out = new Array<bigint>(view.length);
  for (let i = 0; i < out.length; i++) out[i] = view[i] ?? 0n;
  return out;
}

function zeros32(_area: Buffer, _offset: number, bytes: number): number[] {
  return new Array<number>(bytes / 4).fill(0);
}

function zeros64(_area: Buffer, _offset: number, bytes: number): bigint[] {
  return new Array<bigint>(bytes / 8).fill(0n);
}

function extended(area: Buffer, layout: XsaveLayout): Encodable<UserX86XsaveEntry> {
  const entry: { -readonly [K in keyof Encodable<UserX86XsaveEntry>]: Encodable<UserX86XsaveEntry>[K] } = {
    xstate_bv: area.readBigUInt64LE(XSTATE_BV),
  };
  const used = area.readUInt32LE(XSTATE_BV);
  for (const { bit, offset, size } of layout.components) {
    if (offset + size > area.length) continue;
    // A component in its initial state is all zeros. (PKRU is dumped elsewhere and has no such state.)
    const words32 = (used >> bit) & 1 ? read32 : zeros32;
    const words64 = (used >> bit) & 1 ? read64 : zeros64;
    if (bit === 2) entry.ymmh_space = words32(area, offset, size);
    else if (bit === 3) entry.bndreg_state = words64(area, offset, size);
    else if (bit === 4) entry.bndcsr_state = words64(area, offset, size);
    else if (bit === 5) entry.opmask_reg = words64(area, offset, size);
    else if (bit === 6) entry.zmm_upper = words64(area, offset, size);
    else if (bit === 7) entry.hi16_zmm = words64(area, offset, size);
    else if (bit === 9) entry.pkru = read32(area, offset, size);
  }
  if (layout.shstk) entry.cet = { cet: 0n, ssp: 0n };
  return entry;
}

/** Floating point and vector state from the result of PTRACE_GETREGSET with NT_X86_XSTATE. */
export function fpregsEntry(area: Buffer, layout: XsaveLayout): Encodable<UserX86FpregsEntry> {
  return {
    cwd: area.readUInt16LE(user_fpregs_struct.cwd),
    swd: area.readUInt16LE(user_fpregs_struct.swd),
    twd: area.readUInt16LE(user_fpregs_struct.ftw),
    fop: area.readUInt16LE(user_fpregs_struct.fop),
    rip: area.readBigUInt64LE(user_fpregs_struct.rip),
    rdp: area.readBigUInt64LE(user_fpregs_struct.rdp),
    mxcsr: area.readUInt32LE(user_fpregs_struct.mxcsr),
    mxcsr_mask: area.readUInt32LE(user_fpregs_struct.mxcr_mask),
    st_space: read32(area, user_fpregs_struct.st_space, 128),
    xmm_space: read32(area, user_fpregs_struct.xmm_space, 256),
    ...(area.length > LEGACY ? { xsave: extended(area, layout) } : {}),
  };
}
