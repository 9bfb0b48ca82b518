// The XSAVE area as images have it: the legacy part by field, every later component as an array of words.
import type { Encodable, UserX86FpregsEntry, UserX86XsaveEntry } from '@criu/images';
import type { XsaveLayout } from '@criu/native';

const XSTATE_BV = 512;
const LEGACY = 512;

function words32(area: Buffer, offset: number, bytes: number): number[] {
  const out = new Array<number>(bytes / 4);
  for (let i = 0; i < out.length; i++) out[i] = area.readUInt32LE(offset + i * 4);
  return out;
}

function words64(area: Buffer, offset: number, bytes: number): bigint[] {
  const out = new Array<bigint>(bytes / 8);
  for (let i = 0; i < out.length; i++) out[i] = area.readBigUInt64LE(offset + i * 8);
  return out;
}

function extended(area: Buffer, layout: XsaveLayout): Encodable<UserX86XsaveEntry> {
  const entry: { -readonly [K in keyof Encodable<UserX86XsaveEntry>]: Encodable<UserX86XsaveEntry>[K] } = {
    xstate_bv: area.readBigUInt64LE(XSTATE_BV),
  };
  for (const { bit, offset, size } of layout.components) {
    if (offset + size > area.length) continue;
    if (bit === 2) entry.ymmh_space = words32(area, offset, size);
    else if (bit === 3) entry.bndreg_state = words64(area, offset, size);
    else if (bit === 4) entry.bndcsr_state = words64(area, offset, size);
    else if (bit === 5) entry.opmask_reg = words64(area, offset, size);
    else if (bit === 6) entry.zmm_upper = words64(area, offset, size);
    else if (bit === 7) entry.hi16_zmm = words64(area, offset, size);
    else if (bit === 9) entry.pkru = words32(area, offset, size);
  }
  if (layout.shstk) entry.cet = { cet: 0n, ssp: 0n };
  return entry;
}

/** Floating point and vector state from the bytes of PTRACE_GETREGSET, NT_X86_XSTATE. */
export function fpregsEntry(area: Buffer, layout: XsaveLayout): Encodable<UserX86FpregsEntry> {
  return {
    cwd: area.readUInt16LE(0),
    swd: area.readUInt16LE(2),
    twd: area.readUInt16LE(4),
    fop: area.readUInt16LE(6),
    rip: area.readBigUInt64LE(8),
    rdp: area.readBigUInt64LE(16),
    mxcsr: area.readUInt32LE(24),
    mxcsr_mask: area.readUInt32LE(28),
    st_space: words32(area, 32, 128),
    xmm_space: words32(area, 160, 256),
    ...(area.length > LEGACY ? { xsave: extended(area, layout) } : {}),
  };
}
