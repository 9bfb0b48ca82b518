// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newUserX86RegsEntry(): T.UserX86RegsEntry {
  return { r15: undefined as never, r14: undefined as never, r13: undefined as never, r12: undefined as never, bp: undefined as never, bx: undefined as never, r11: undefined as never, r10: undefined as never, r9: undefined as never, r8: undefined as never, ax: undefined as never, cx: undefined as never, dx: undefined as never, si: undefined as never, di: undefined as never, orig_ax: undefined as never, ip: undefined as never, cs: undefined as never, flags: undefined as never, sp: undefined as never, ss: undefined as never, fs_base: undefined as never, gs_base: undefined as never, ds: undefined as never, es: undefined as never, fs: undefined as never, gs: undefined as never };
}
export function readUserX86RegsEntry(r: Reader, m: T.UserX86RegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.r15 = r.u64();
        break;
      case 16:
        m.r14 = r.u64();
        break;
      case 24:
        m.r13 = r.u64();
        break;
      case 32:
        m.r12 = r.u64();
        break;
      case 40:
        m.bp = r.u64();
        break;
      case 48:
        m.bx = r.u64();
        break;
      case 56:
        m.r11 = r.u64();
        break;
      case 64:
        m.r10 = r.u64();
        break;
      case 72:
        m.r9 = r.u64();
        break;
      case 80:
        m.r8 = r.u64();
        break;
      case 88:
        m.ax = r.u64();
        break;
      case 96:
        m.cx = r.u64();
        break;
      case 104:
        m.dx = r.u64();
        break;
      case 112:
        m.si = r.u64();
        break;
      case 120:
        m.di = r.u64();
        break;
      case 128:
        m.orig_ax = r.u64();
        break;
      case 136:
        m.ip = r.u64();
        break;
      case 144:
        m.cs = r.u64();
        break;
      case 152:
        m.flags = r.u64();
        break;
      case 160:
        m.sp = r.u64();
        break;
      case 168:
        m.ss = r.u64();
        break;
      case 176:
        m.fs_base = r.u64();
        break;
      case 184:
        m.gs_base = r.u64();
        break;
      case 192:
        m.ds = r.u64();
        break;
      case 200:
        m.es = r.u64();
        break;
      case 208:
        m.fs = r.u64();
        break;
      case 216:
        m.gs = r.u64();
        break;
      case 224:
        m.mode = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.r15 === undefined) r.missing('user_x86_regs_entry.r15');
  if (m.r14 === undefined) r.missing('user_x86_regs_entry.r14');
  if (m.r13 === undefined) r.missing('user_x86_regs_entry.r13');
  if (m.r12 === undefined) r.missing('user_x86_regs_entry.r12');
  if (m.bp === undefined) r.missing('user_x86_regs_entry.bp');
  if (m.bx === undefined) r.missing('user_x86_regs_entry.bx');
  if (m.r11 === undefined) r.missing('user_x86_regs_entry.r11');
  if (m.r10 === undefined) r.missing('user_x86_regs_entry.r10');
  if (m.r9 === undefined) r.missing('user_x86_regs_entry.r9');
  if (m.r8 === undefined) r.missing('user_x86_regs_entry.r8');
  if (m.ax === undefined) r.missing('user_x86_regs_entry.ax');
  if (m.cx === undefined) r.missing('user_x86_regs_entry.cx');
  if (m.dx === undefined) r.missing('user_x86_regs_entry.dx');
  if (m.si === undefined) r.missing('user_x86_regs_entry.si');
  if (m.di === undefined) r.missing('user_x86_regs_entry.di');
  if (m.orig_ax === undefined) r.missing('user_x86_regs_entry.orig_ax');
  if (m.ip === undefined) r.missing('user_x86_regs_entry.ip');
  if (m.cs === undefined) r.missing('user_x86_regs_entry.cs');
  if (m.flags === undefined) r.missing('user_x86_regs_entry.flags');
  if (m.sp === undefined) r.missing('user_x86_regs_entry.sp');
  if (m.ss === undefined) r.missing('user_x86_regs_entry.ss');
  if (m.fs_base === undefined) r.missing('user_x86_regs_entry.fs_base');
  if (m.gs_base === undefined) r.missing('user_x86_regs_entry.gs_base');
  if (m.ds === undefined) r.missing('user_x86_regs_entry.ds');
  if (m.es === undefined) r.missing('user_x86_regs_entry.es');
  if (m.fs === undefined) r.missing('user_x86_regs_entry.fs');
  if (m.gs === undefined) r.missing('user_x86_regs_entry.gs');
}
export function writeUserX86RegsEntry(w: Writer, m: Encodable<T.UserX86RegsEntry>): void {
  w.u64(8, m.r15, 'user_x86_regs_entry.r15');
  w.u64(16, m.r14, 'user_x86_regs_entry.r14');
  w.u64(24, m.r13, 'user_x86_regs_entry.r13');
  w.u64(32, m.r12, 'user_x86_regs_entry.r12');
  w.u64(40, m.bp, 'user_x86_regs_entry.bp');
  w.u64(48, m.bx, 'user_x86_regs_entry.bx');
  w.u64(56, m.r11, 'user_x86_regs_entry.r11');
  w.u64(64, m.r10, 'user_x86_regs_entry.r10');
  w.u64(72, m.r9, 'user_x86_regs_entry.r9');
  w.u64(80, m.r8, 'user_x86_regs_entry.r8');
  w.u64(88, m.ax, 'user_x86_regs_entry.ax');
  w.u64(96, m.cx, 'user_x86_regs_entry.cx');
  w.u64(104, m.dx, 'user_x86_regs_entry.dx');
  w.u64(112, m.si, 'user_x86_regs_entry.si');
  w.u64(120, m.di, 'user_x86_regs_entry.di');
  w.u64(128, m.orig_ax, 'user_x86_regs_entry.orig_ax');
  w.u64(136, m.ip, 'user_x86_regs_entry.ip');
  w.u64(144, m.cs, 'user_x86_regs_entry.cs');
  w.u64(152, m.flags, 'user_x86_regs_entry.flags');
  w.u64(160, m.sp, 'user_x86_regs_entry.sp');
  w.u64(168, m.ss, 'user_x86_regs_entry.ss');
  w.u64(176, m.fs_base, 'user_x86_regs_entry.fs_base');
  w.u64(184, m.gs_base, 'user_x86_regs_entry.gs_base');
  w.u64(192, m.ds, 'user_x86_regs_entry.ds');
  w.u64(200, m.es, 'user_x86_regs_entry.es');
  w.u64(208, m.fs, 'user_x86_regs_entry.fs');
  w.u64(216, m.gs, 'user_x86_regs_entry.gs');
  if (m.mode != null) w.i32(224, m.mode, 'user_x86_regs_entry.mode');
  w.unknown(m);
}
export const UserX86RegsEntryCodec: Codec<T.UserX86RegsEntry> = { create: newUserX86RegsEntry, read: readUserX86RegsEntry, write: writeUserX86RegsEntry };

export function newUserX86CetEntry(): T.UserX86CetEntry {
  return { cet: undefined as never, ssp: undefined as never };
}
export function readUserX86CetEntry(r: Reader, m: T.UserX86CetEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.cet = r.u64();
        break;
      case 16:
        m.ssp = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.cet === undefined) r.missing('user_x86_cet_entry.cet');
  if (m.ssp === undefined) r.missing('user_x86_cet_entry.ssp');
}
export function writeUserX86CetEntry(w: Writer, m: Encodable<T.UserX86CetEntry>): void {
  w.u64(8, m.cet, 'user_x86_cet_entry.cet');
  w.u64(16, m.ssp, 'user_x86_cet_entry.ssp');
  w.unknown(m);
}
export const UserX86CetEntryCodec: Codec<T.UserX86CetEntry> = { create: newUserX86CetEntry, read: readUserX86CetEntry, write: writeUserX86CetEntry };

export function newUserX86XsaveEntry(): T.UserX86XsaveEntry {
  return { xstate_bv: undefined as never, ymmh_space: [], bndreg_state: [], bndcsr_state: [], opmask_reg: [], zmm_upper: [], hi16_zmm: [], pkru: [] };
}
export function readUserX86XsaveEntry(r: Reader, m: T.UserX86XsaveEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.xstate_bv = r.u64();
        break;
      case 16:
        m.ymmh_space.push(r.u32());
        break;
      case 18: {
        const outer = r.enter();
        r.u32s(m.ymmh_space);
        r.leave(outer);
        break;
      }
      case 24:
        m.bndreg_state.push(r.u64());
        break;
      case 26: {
        const outer = r.enter();
        r.u64s(m.bndreg_state);
        r.leave(outer);
        break;
      }
      case 32:
        m.bndcsr_state.push(r.u64());
        break;
      case 34: {
        const outer = r.enter();
        r.u64s(m.bndcsr_state);
        r.leave(outer);
        break;
      }
      case 40:
        m.opmask_reg.push(r.u64());
        break;
      case 42: {
        const outer = r.enter();
        r.u64s(m.opmask_reg);
        r.leave(outer);
        break;
      }
      case 48:
        m.zmm_upper.push(r.u64());
        break;
      case 50: {
        const outer = r.enter();
        r.u64s(m.zmm_upper);
        r.leave(outer);
        break;
      }
      case 56:
        m.hi16_zmm.push(r.u64());
        break;
      case 58: {
        const outer = r.enter();
        r.u64s(m.hi16_zmm);
        r.leave(outer);
        break;
      }
      case 64:
        m.pkru.push(r.u32());
        break;
      case 66: {
        const outer = r.enter();
        r.u32s(m.pkru);
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        m.cet ??= newUserX86CetEntry();
        readUserX86CetEntry(r, m.cet);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.xstate_bv === undefined) r.missing('user_x86_xsave_entry.xstate_bv');
}
export function writeUserX86XsaveEntry(w: Writer, m: Encodable<T.UserX86XsaveEntry>): void {
  w.u64(8, m.xstate_bv, 'user_x86_xsave_entry.xstate_bv');
  if (m.ymmh_space != null) for (const v of m.ymmh_space) w.u32(16, v, 'user_x86_xsave_entry.ymmh_space');
  if (m.bndreg_state != null) for (const v of m.bndreg_state) w.u64(24, v, 'user_x86_xsave_entry.bndreg_state');
  if (m.bndcsr_state != null) for (const v of m.bndcsr_state) w.u64(32, v, 'user_x86_xsave_entry.bndcsr_state');
  if (m.opmask_reg != null) for (const v of m.opmask_reg) w.u64(40, v, 'user_x86_xsave_entry.opmask_reg');
  if (m.zmm_upper != null) for (const v of m.zmm_upper) w.u64(48, v, 'user_x86_xsave_entry.zmm_upper');
  if (m.hi16_zmm != null) for (const v of m.hi16_zmm) w.u64(56, v, 'user_x86_xsave_entry.hi16_zmm');
  if (m.pkru != null) for (const v of m.pkru) w.u32(64, v, 'user_x86_xsave_entry.pkru');
  if (m.cet != null) { const start = w.begin(74, m.cet, 'user_x86_xsave_entry.cet'); writeUserX86CetEntry(w, m.cet); w.end(start); }
  w.unknown(m);
}
export const UserX86XsaveEntryCodec: Codec<T.UserX86XsaveEntry> = { create: newUserX86XsaveEntry, read: readUserX86XsaveEntry, write: writeUserX86XsaveEntry };

export function newUserX86FpregsEntry(): T.UserX86FpregsEntry {
  return { cwd: undefined as never, swd: undefined as never, twd: undefined as never, fop: undefined as never, rip: undefined as never, rdp: undefined as never, mxcsr: undefined as never, mxcsr_mask: undefined as never, st_space: [], xmm_space: [], padding: [] };
}
export function readUserX86FpregsEntry(r: Reader, m: T.UserX86FpregsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.cwd = r.u32();
        break;
      case 16:
        m.swd = r.u32();
        break;
      case 24:
        m.twd = r.u32();
        break;
      case 32:
        m.fop = r.u32();
        break;
      case 40:
        m.rip = r.u64();
        break;
      case 48:
        m.rdp = r.u64();
        break;
      case 56:
        m.mxcsr = r.u32();
        break;
      case 64:
        m.mxcsr_mask = r.u32();
        break;
      case 72:
        m.st_space.push(r.u32());
        break;
      case 74: {
        const outer = r.enter();
        r.u32s(m.st_space);
        r.leave(outer);
        break;
      }
      case 80:
        m.xmm_space.push(r.u32());
        break;
      case 82: {
        const outer = r.enter();
        r.u32s(m.xmm_space);
        r.leave(outer);
        break;
      }
      case 88:
        m.padding.push(r.u32());
        break;
      case 90: {
        const outer = r.enter();
        r.u32s(m.padding);
        r.leave(outer);
        break;
      }
      case 106: {
        const outer = r.enter();
        m.xsave ??= newUserX86XsaveEntry();
        readUserX86XsaveEntry(r, m.xsave);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.cwd === undefined) r.missing('user_x86_fpregs_entry.cwd');
  if (m.swd === undefined) r.missing('user_x86_fpregs_entry.swd');
  if (m.twd === undefined) r.missing('user_x86_fpregs_entry.twd');
  if (m.fop === undefined) r.missing('user_x86_fpregs_entry.fop');
  if (m.rip === undefined) r.missing('user_x86_fpregs_entry.rip');
  if (m.rdp === undefined) r.missing('user_x86_fpregs_entry.rdp');
  if (m.mxcsr === undefined) r.missing('user_x86_fpregs_entry.mxcsr');
  if (m.mxcsr_mask === undefined) r.missing('user_x86_fpregs_entry.mxcsr_mask');
}
export function writeUserX86FpregsEntry(w: Writer, m: Encodable<T.UserX86FpregsEntry>): void {
  w.u32(8, m.cwd, 'user_x86_fpregs_entry.cwd');
  w.u32(16, m.swd, 'user_x86_fpregs_entry.swd');
  w.u32(24, m.twd, 'user_x86_fpregs_entry.twd');
  w.u32(32, m.fop, 'user_x86_fpregs_entry.fop');
  w.u64(40, m.rip, 'user_x86_fpregs_entry.rip');
  w.u64(48, m.rdp, 'user_x86_fpregs_entry.rdp');
  w.u32(56, m.mxcsr, 'user_x86_fpregs_entry.mxcsr');
  w.u32(64, m.mxcsr_mask, 'user_x86_fpregs_entry.mxcsr_mask');
  if (m.st_space != null) for (const v of m.st_space) w.u32(72, v, 'user_x86_fpregs_entry.st_space');
  if (m.xmm_space != null) for (const v of m.xmm_space) w.u32(80, v, 'user_x86_fpregs_entry.xmm_space');
  if (m.padding != null) for (const v of m.padding) w.u32(88, v, 'user_x86_fpregs_entry.padding');
  if (m.xsave != null) { const start = w.begin(106, m.xsave, 'user_x86_fpregs_entry.xsave'); writeUserX86XsaveEntry(w, m.xsave); w.end(start); }
  w.unknown(m);
}
export const UserX86FpregsEntryCodec: Codec<T.UserX86FpregsEntry> = { create: newUserX86FpregsEntry, read: readUserX86FpregsEntry, write: writeUserX86FpregsEntry };

export function newUserDescT(): T.UserDescT {
  return { entry_number: undefined as never, base_addr: undefined as never, limit: undefined as never, seg_32bit: undefined as never, contents_h: undefined as never, contents_l: undefined as never, read_exec_only: undefined as never, limit_in_pages: undefined as never, seg_not_present: undefined as never, usable: undefined as never };
}
export function readUserDescT(r: Reader, m: T.UserDescT): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.entry_number = r.u32();
        break;
      case 16:
        m.base_addr = r.u32();
        break;
      case 24:
        m.limit = r.u32();
        break;
      case 32:
        m.seg_32bit = r.bool();
        break;
      case 40:
        m.contents_h = r.bool();
        break;
      case 48:
        m.contents_l = r.bool();
        break;
      case 56:
        m.read_exec_only = r.bool();
        break;
      case 64:
        m.limit_in_pages = r.bool();
        break;
      case 72:
        m.seg_not_present = r.bool();
        break;
      case 80:
        m.usable = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.entry_number === undefined) r.missing('user_desc_t.entry_number');
  if (m.base_addr === undefined) r.missing('user_desc_t.base_addr');
  if (m.limit === undefined) r.missing('user_desc_t.limit');
  if (m.seg_32bit === undefined) r.missing('user_desc_t.seg_32bit');
  if (m.contents_h === undefined) r.missing('user_desc_t.contents_h');
  if (m.contents_l === undefined) r.missing('user_desc_t.contents_l');
  if (m.read_exec_only === undefined) r.missing('user_desc_t.read_exec_only');
  if (m.limit_in_pages === undefined) r.missing('user_desc_t.limit_in_pages');
  if (m.seg_not_present === undefined) r.missing('user_desc_t.seg_not_present');
  if (m.usable === undefined) r.missing('user_desc_t.usable');
}
export function writeUserDescT(w: Writer, m: Encodable<T.UserDescT>): void {
  w.u32(8, m.entry_number, 'user_desc_t.entry_number');
  w.u32(16, m.base_addr, 'user_desc_t.base_addr');
  w.u32(24, m.limit, 'user_desc_t.limit');
  w.bool(32, m.seg_32bit, 'user_desc_t.seg_32bit');
  w.bool(40, m.contents_h, 'user_desc_t.contents_h');
  w.bool(48, m.contents_l, 'user_desc_t.contents_l');
  w.bool(56, m.read_exec_only, 'user_desc_t.read_exec_only');
  w.bool(64, m.limit_in_pages, 'user_desc_t.limit_in_pages');
  w.bool(72, m.seg_not_present, 'user_desc_t.seg_not_present');
  w.bool(80, m.usable, 'user_desc_t.usable');
  w.unknown(m);
}
export const UserDescTCodec: Codec<T.UserDescT> = { create: newUserDescT, read: readUserDescT, write: writeUserDescT };

export function newThreadInfoX86(): T.ThreadInfoX86 {
  return { clear_tid_addr: undefined as never, gpregs: undefined as never, fpregs: undefined as never, tls: [] };
}
export function readThreadInfoX86(r: Reader, m: T.ThreadInfoX86): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 18: {
        const outer = r.enter();
        m.gpregs ??= newUserX86RegsEntry();
        readUserX86RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.fpregs ??= newUserX86FpregsEntry();
        readUserX86FpregsEntry(r, m.fpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        const v = newUserDescT();
        readUserDescT(r, v);
        m.tls.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_x86.clear_tid_addr');
  if (m.gpregs === undefined) r.missing('thread_info_x86.gpregs');
  if (m.fpregs === undefined) r.missing('thread_info_x86.fpregs');
}
export function writeThreadInfoX86(w: Writer, m: Encodable<T.ThreadInfoX86>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_x86.clear_tid_addr');
  { const start = w.begin(18, m.gpregs, 'thread_info_x86.gpregs'); writeUserX86RegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(26, m.fpregs, 'thread_info_x86.fpregs'); writeUserX86FpregsEntry(w, m.fpregs); w.end(start); }
  if (m.tls != null) for (const v of m.tls) { const start = w.begin(34, v, 'thread_info_x86.tls'); writeUserDescT(w, v); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoX86Codec: Codec<T.ThreadInfoX86> = { create: newThreadInfoX86, read: readThreadInfoX86, write: writeThreadInfoX86 };
