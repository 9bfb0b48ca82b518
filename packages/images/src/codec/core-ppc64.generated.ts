// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newUserPpc64RegsEntry(): T.UserPpc64RegsEntry {
  return { gpr: [], nip: undefined as never, msr: undefined as never, orig_gpr3: undefined as never, ctr: undefined as never, link: undefined as never, xer: undefined as never, ccr: undefined as never, trap: undefined as never };
}
export function readUserPpc64RegsEntry(r: Reader, m: T.UserPpc64RegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.gpr.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.gpr);
        r.leave(outer);
        break;
      }
      case 16:
        m.nip = r.u64();
        break;
      case 24:
        m.msr = r.u64();
        break;
      case 32:
        m.orig_gpr3 = r.u64();
        break;
      case 40:
        m.ctr = r.u64();
        break;
      case 48:
        m.link = r.u64();
        break;
      case 56:
        m.xer = r.u64();
        break;
      case 64:
        m.ccr = r.u64();
        break;
      case 72:
        m.trap = r.u64();
        break;
      case 80:
        m.texasr = r.u64();
        break;
      case 88:
        m.tfhar = r.u64();
        break;
      case 96:
        m.tfiar = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.nip === undefined) r.missing('user_ppc64_regs_entry.nip');
  if (m.msr === undefined) r.missing('user_ppc64_regs_entry.msr');
  if (m.orig_gpr3 === undefined) r.missing('user_ppc64_regs_entry.orig_gpr3');
  if (m.ctr === undefined) r.missing('user_ppc64_regs_entry.ctr');
  if (m.link === undefined) r.missing('user_ppc64_regs_entry.link');
  if (m.xer === undefined) r.missing('user_ppc64_regs_entry.xer');
  if (m.ccr === undefined) r.missing('user_ppc64_regs_entry.ccr');
  if (m.trap === undefined) r.missing('user_ppc64_regs_entry.trap');
}
export function writeUserPpc64RegsEntry(w: Writer, m: Encodable<T.UserPpc64RegsEntry>): void {
  if (m.gpr != null) for (const v of m.gpr) w.u64(8, v, 'user_ppc64_regs_entry.gpr');
  w.u64(16, m.nip, 'user_ppc64_regs_entry.nip');
  w.u64(24, m.msr, 'user_ppc64_regs_entry.msr');
  w.u64(32, m.orig_gpr3, 'user_ppc64_regs_entry.orig_gpr3');
  w.u64(40, m.ctr, 'user_ppc64_regs_entry.ctr');
  w.u64(48, m.link, 'user_ppc64_regs_entry.link');
  w.u64(56, m.xer, 'user_ppc64_regs_entry.xer');
  w.u64(64, m.ccr, 'user_ppc64_regs_entry.ccr');
  w.u64(72, m.trap, 'user_ppc64_regs_entry.trap');
  if (m.texasr != null) w.u64(80, m.texasr, 'user_ppc64_regs_entry.texasr');
  if (m.tfhar != null) w.u64(88, m.tfhar, 'user_ppc64_regs_entry.tfhar');
  if (m.tfiar != null) w.u64(96, m.tfiar, 'user_ppc64_regs_entry.tfiar');
  w.unknown(m);
}
export const UserPpc64RegsEntryCodec: Codec<T.UserPpc64RegsEntry> = { create: newUserPpc64RegsEntry, read: readUserPpc64RegsEntry, write: writeUserPpc64RegsEntry };

export function newUserPpc64FpstateEntry(): T.UserPpc64FpstateEntry {
  return { fpregs: [] };
}
export function readUserPpc64FpstateEntry(r: Reader, m: T.UserPpc64FpstateEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.fpregs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.fpregs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeUserPpc64FpstateEntry(w: Writer, m: Encodable<T.UserPpc64FpstateEntry>): void {
  if (m.fpregs != null) for (const v of m.fpregs) w.u64(8, v, 'user_ppc64_fpstate_entry.fpregs');
  w.unknown(m);
}
export const UserPpc64FpstateEntryCodec: Codec<T.UserPpc64FpstateEntry> = { create: newUserPpc64FpstateEntry, read: readUserPpc64FpstateEntry, write: writeUserPpc64FpstateEntry };

export function newUserPpc64VrstateEntry(): T.UserPpc64VrstateEntry {
  return { vrregs: [], vrsave: undefined as never };
}
export function readUserPpc64VrstateEntry(r: Reader, m: T.UserPpc64VrstateEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vrregs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.vrregs);
        r.leave(outer);
        break;
      }
      case 16:
        m.vrsave = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.vrsave === undefined) r.missing('user_ppc64_vrstate_entry.vrsave');
}
export function writeUserPpc64VrstateEntry(w: Writer, m: Encodable<T.UserPpc64VrstateEntry>): void {
  if (m.vrregs != null) for (const v of m.vrregs) w.u64(8, v, 'user_ppc64_vrstate_entry.vrregs');
  w.u32(16, m.vrsave, 'user_ppc64_vrstate_entry.vrsave');
  w.unknown(m);
}
export const UserPpc64VrstateEntryCodec: Codec<T.UserPpc64VrstateEntry> = { create: newUserPpc64VrstateEntry, read: readUserPpc64VrstateEntry, write: writeUserPpc64VrstateEntry };

export function newUserPpc64VsxstateEntry(): T.UserPpc64VsxstateEntry {
  return { vsxregs: [] };
}
export function readUserPpc64VsxstateEntry(r: Reader, m: T.UserPpc64VsxstateEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vsxregs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.vsxregs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeUserPpc64VsxstateEntry(w: Writer, m: Encodable<T.UserPpc64VsxstateEntry>): void {
  if (m.vsxregs != null) for (const v of m.vsxregs) w.u64(8, v, 'user_ppc64_vsxstate_entry.vsxregs');
  w.unknown(m);
}
export const UserPpc64VsxstateEntryCodec: Codec<T.UserPpc64VsxstateEntry> = { create: newUserPpc64VsxstateEntry, read: readUserPpc64VsxstateEntry, write: writeUserPpc64VsxstateEntry };

export function newUserPpc64TmRegsEntry(): T.UserPpc64TmRegsEntry {
  return { gpregs: undefined as never };
}
export function readUserPpc64TmRegsEntry(r: Reader, m: T.UserPpc64TmRegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.gpregs ??= newUserPpc64RegsEntry();
        readUserPpc64RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.fpstate ??= newUserPpc64FpstateEntry();
        readUserPpc64FpstateEntry(r, m.fpstate);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.vrstate ??= newUserPpc64VrstateEntry();
        readUserPpc64VrstateEntry(r, m.vrstate);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.vsxstate ??= newUserPpc64VsxstateEntry();
        readUserPpc64VsxstateEntry(r, m.vsxstate);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.gpregs === undefined) r.missing('user_ppc64_tm_regs_entry.gpregs');
}
export function writeUserPpc64TmRegsEntry(w: Writer, m: Encodable<T.UserPpc64TmRegsEntry>): void {
  { const start = w.begin(10, m.gpregs, 'user_ppc64_tm_regs_entry.gpregs'); writeUserPpc64RegsEntry(w, m.gpregs); w.end(start); }
  if (m.fpstate != null) { const start = w.begin(18, m.fpstate, 'user_ppc64_tm_regs_entry.fpstate'); writeUserPpc64FpstateEntry(w, m.fpstate); w.end(start); }
  if (m.vrstate != null) { const start = w.begin(26, m.vrstate, 'user_ppc64_tm_regs_entry.vrstate'); writeUserPpc64VrstateEntry(w, m.vrstate); w.end(start); }
  if (m.vsxstate != null) { const start = w.begin(34, m.vsxstate, 'user_ppc64_tm_regs_entry.vsxstate'); writeUserPpc64VsxstateEntry(w, m.vsxstate); w.end(start); }
  w.unknown(m);
}
export const UserPpc64TmRegsEntryCodec: Codec<T.UserPpc64TmRegsEntry> = { create: newUserPpc64TmRegsEntry, read: readUserPpc64TmRegsEntry, write: writeUserPpc64TmRegsEntry };

export function newThreadInfoPpc64(): T.ThreadInfoPpc64 {
  return { clear_tid_addr: undefined as never, gpregs: undefined as never };
}
export function readThreadInfoPpc64(r: Reader, m: T.ThreadInfoPpc64): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 18: {
        const outer = r.enter();
        m.gpregs ??= newUserPpc64RegsEntry();
        readUserPpc64RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.fpstate ??= newUserPpc64FpstateEntry();
        readUserPpc64FpstateEntry(r, m.fpstate);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.vrstate ??= newUserPpc64VrstateEntry();
        readUserPpc64VrstateEntry(r, m.vrstate);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.vsxstate ??= newUserPpc64VsxstateEntry();
        readUserPpc64VsxstateEntry(r, m.vsxstate);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.tmstate ??= newUserPpc64TmRegsEntry();
        readUserPpc64TmRegsEntry(r, m.tmstate);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_ppc64.clear_tid_addr');
  if (m.gpregs === undefined) r.missing('thread_info_ppc64.gpregs');
}
export function writeThreadInfoPpc64(w: Writer, m: Encodable<T.ThreadInfoPpc64>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_ppc64.clear_tid_addr');
  { const start = w.begin(18, m.gpregs, 'thread_info_ppc64.gpregs'); writeUserPpc64RegsEntry(w, m.gpregs); w.end(start); }
  if (m.fpstate != null) { const start = w.begin(26, m.fpstate, 'thread_info_ppc64.fpstate'); writeUserPpc64FpstateEntry(w, m.fpstate); w.end(start); }
  if (m.vrstate != null) { const start = w.begin(34, m.vrstate, 'thread_info_ppc64.vrstate'); writeUserPpc64VrstateEntry(w, m.vrstate); w.end(start); }
  if (m.vsxstate != null) { const start = w.begin(42, m.vsxstate, 'thread_info_ppc64.vsxstate'); writeUserPpc64VsxstateEntry(w, m.vsxstate); w.end(start); }
  if (m.tmstate != null) { const start = w.begin(50, m.tmstate, 'thread_info_ppc64.tmstate'); writeUserPpc64TmRegsEntry(w, m.tmstate); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoPpc64Codec: Codec<T.ThreadInfoPpc64> = { create: newThreadInfoPpc64, read: readThreadInfoPpc64, write: writeThreadInfoPpc64 };
