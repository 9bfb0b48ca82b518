// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newUserS390RegsEntry(): T.UserS390RegsEntry {
  return { psw_mask: undefined as never, psw_addr: undefined as never, gprs: [], acrs: [], orig_gpr2: undefined as never, system_call: undefined as never };
}
export function readUserS390RegsEntry(r: Reader, m: T.UserS390RegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.psw_mask = r.u64();
        break;
      case 16:
        m.psw_addr = r.u64();
        break;
      case 24:
        m.gprs.push(r.u64());
        break;
      case 26: {
        const outer = r.enter();
        r.u64s(m.gprs);
        r.leave(outer);
        break;
      }
      case 32:
        m.acrs.push(r.u32());
        break;
      case 34: {
        const outer = r.enter();
        r.u32s(m.acrs);
        r.leave(outer);
        break;
      }
      case 40:
        m.orig_gpr2 = r.u64();
        break;
      case 48:
        m.system_call = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.psw_mask === undefined) r.missing('user_s390_regs_entry.psw_mask');
  if (m.psw_addr === undefined) r.missing('user_s390_regs_entry.psw_addr');
  if (m.orig_gpr2 === undefined) r.missing('user_s390_regs_entry.orig_gpr2');
  if (m.system_call === undefined) r.missing('user_s390_regs_entry.system_call');
}
export function writeUserS390RegsEntry(w: Writer, m: Encodable<T.UserS390RegsEntry>): void {
  w.u64(8, m.psw_mask, 'user_s390_regs_entry.psw_mask');
  w.u64(16, m.psw_addr, 'user_s390_regs_entry.psw_addr');
  if (m.gprs != null) for (const v of m.gprs) w.u64(24, v, 'user_s390_regs_entry.gprs');
  if (m.acrs != null) for (const v of m.acrs) w.u32(32, v, 'user_s390_regs_entry.acrs');
  w.u64(40, m.orig_gpr2, 'user_s390_regs_entry.orig_gpr2');
  w.u32(48, m.system_call, 'user_s390_regs_entry.system_call');
  w.unknown(m);
}
export const UserS390RegsEntryCodec: Codec<T.UserS390RegsEntry> = { create: newUserS390RegsEntry, read: readUserS390RegsEntry, write: writeUserS390RegsEntry };

export function newUserS390VxrsLowEntry(): T.UserS390VxrsLowEntry {
  return { regs: [] };
}
export function readUserS390VxrsLowEntry(r: Reader, m: T.UserS390VxrsLowEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeUserS390VxrsLowEntry(w: Writer, m: Encodable<T.UserS390VxrsLowEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_s390_vxrs_low_entry.regs');
  w.unknown(m);
}
export const UserS390VxrsLowEntryCodec: Codec<T.UserS390VxrsLowEntry> = { create: newUserS390VxrsLowEntry, read: readUserS390VxrsLowEntry, write: writeUserS390VxrsLowEntry };

export function newUserS390VxrsHighEntry(): T.UserS390VxrsHighEntry {
  return { regs: [] };
}
export function readUserS390VxrsHighEntry(r: Reader, m: T.UserS390VxrsHighEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeUserS390VxrsHighEntry(w: Writer, m: Encodable<T.UserS390VxrsHighEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_s390_vxrs_high_entry.regs');
  w.unknown(m);
}
export const UserS390VxrsHighEntryCodec: Codec<T.UserS390VxrsHighEntry> = { create: newUserS390VxrsHighEntry, read: readUserS390VxrsHighEntry, write: writeUserS390VxrsHighEntry };

export function newUserS390FpregsEntry(): T.UserS390FpregsEntry {
  return { fpc: undefined as never, fprs: [] };
}
export function readUserS390FpregsEntry(r: Reader, m: T.UserS390FpregsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.fpc = r.u32();
        break;
      case 16:
        m.fprs.push(r.u64());
        break;
      case 18: {
        const outer = r.enter();
        r.u64s(m.fprs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fpc === undefined) r.missing('user_s390_fpregs_entry.fpc');
}
export function writeUserS390FpregsEntry(w: Writer, m: Encodable<T.UserS390FpregsEntry>): void {
  w.u32(8, m.fpc, 'user_s390_fpregs_entry.fpc');
  if (m.fprs != null) for (const v of m.fprs) w.u64(16, v, 'user_s390_fpregs_entry.fprs');
  w.unknown(m);
}
export const UserS390FpregsEntryCodec: Codec<T.UserS390FpregsEntry> = { create: newUserS390FpregsEntry, read: readUserS390FpregsEntry, write: writeUserS390FpregsEntry };

export function newUserS390GsCbEntry(): T.UserS390GsCbEntry {
  return { regs: [] };
}
export function readUserS390GsCbEntry(r: Reader, m: T.UserS390GsCbEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeUserS390GsCbEntry(w: Writer, m: Encodable<T.UserS390GsCbEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_s390_gs_cb_entry.regs');
  w.unknown(m);
}
export const UserS390GsCbEntryCodec: Codec<T.UserS390GsCbEntry> = { create: newUserS390GsCbEntry, read: readUserS390GsCbEntry, write: writeUserS390GsCbEntry };

export function newUserS390RiEntry(): T.UserS390RiEntry {
  return { ri_on: undefined as never, regs: [] };
}
export function readUserS390RiEntry(r: Reader, m: T.UserS390RiEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.ri_on = r.u32();
        break;
      case 16:
        m.regs.push(r.u64());
        break;
      case 18: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.ri_on === undefined) r.missing('user_s390_ri_entry.ri_on');
}
export function writeUserS390RiEntry(w: Writer, m: Encodable<T.UserS390RiEntry>): void {
  w.u32(8, m.ri_on, 'user_s390_ri_entry.ri_on');
  if (m.regs != null) for (const v of m.regs) w.u64(16, v, 'user_s390_ri_entry.regs');
  w.unknown(m);
}
export const UserS390RiEntryCodec: Codec<T.UserS390RiEntry> = { create: newUserS390RiEntry, read: readUserS390RiEntry, write: writeUserS390RiEntry };

export function newThreadInfoS390(): T.ThreadInfoS390 {
  return { clear_tid_addr: undefined as never, gpregs: undefined as never, fpregs: undefined as never };
}
export function readThreadInfoS390(r: Reader, m: T.ThreadInfoS390): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 18: {
        const outer = r.enter();
        m.gpregs ??= newUserS390RegsEntry();
        readUserS390RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.fpregs ??= newUserS390FpregsEntry();
        readUserS390FpregsEntry(r, m.fpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.vxrs_low ??= newUserS390VxrsLowEntry();
        readUserS390VxrsLowEntry(r, m.vxrs_low);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.vxrs_high ??= newUserS390VxrsHighEntry();
        readUserS390VxrsHighEntry(r, m.vxrs_high);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.gs_cb ??= newUserS390GsCbEntry();
        readUserS390GsCbEntry(r, m.gs_cb);
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        m.gs_bc ??= newUserS390GsCbEntry();
        readUserS390GsCbEntry(r, m.gs_bc);
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.ri_cb ??= newUserS390RiEntry();
        readUserS390RiEntry(r, m.ri_cb);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_s390.clear_tid_addr');
  if (m.gpregs === undefined) r.missing('thread_info_s390.gpregs');
  if (m.fpregs === undefined) r.missing('thread_info_s390.fpregs');
}
export function writeThreadInfoS390(w: Writer, m: Encodable<T.ThreadInfoS390>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_s390.clear_tid_addr');
  { const start = w.begin(18, m.gpregs, 'thread_info_s390.gpregs'); writeUserS390RegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(26, m.fpregs, 'thread_info_s390.fpregs'); writeUserS390FpregsEntry(w, m.fpregs); w.end(start); }
  if (m.vxrs_low != null) { const start = w.begin(34, m.vxrs_low, 'thread_info_s390.vxrs_low'); writeUserS390VxrsLowEntry(w, m.vxrs_low); w.end(start); }
  if (m.vxrs_high != null) { const start = w.begin(42, m.vxrs_high, 'thread_info_s390.vxrs_high'); writeUserS390VxrsHighEntry(w, m.vxrs_high); w.end(start); }
  if (m.gs_cb != null) { const start = w.begin(50, m.gs_cb, 'thread_info_s390.gs_cb'); writeUserS390GsCbEntry(w, m.gs_cb); w.end(start); }
  if (m.gs_bc != null) { const start = w.begin(58, m.gs_bc, 'thread_info_s390.gs_bc'); writeUserS390GsCbEntry(w, m.gs_bc); w.end(start); }
  if (m.ri_cb != null) { const start = w.begin(66, m.ri_cb, 'thread_info_s390.ri_cb'); writeUserS390RiEntry(w, m.ri_cb); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoS390Codec: Codec<T.ThreadInfoS390> = { create: newThreadInfoS390, read: readThreadInfoS390, write: writeThreadInfoS390 };
