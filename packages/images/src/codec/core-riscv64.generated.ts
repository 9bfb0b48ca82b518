// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newUserRiscv64RegsEntry(): T.UserRiscv64RegsEntry {
  return { pc: undefined as never, ra: undefined as never, sp: undefined as never, gp: undefined as never, tp: undefined as never, t0: undefined as never, t1: undefined as never, t2: undefined as never, s0: undefined as never, s1: undefined as never, a0: undefined as never, a1: undefined as never, a2: undefined as never, a3: undefined as never, a4: undefined as never, a5: undefined as never, a6: undefined as never, a7: undefined as never, s2: undefined as never, s3: undefined as never, s4: undefined as never, s5: undefined as never, s6: undefined as never, s7: undefined as never, s8: undefined as never, s9: undefined as never, s10: undefined as never, s11: undefined as never, t3: undefined as never, t4: undefined as never, t5: undefined as never, t6: undefined as never };
}
export function readUserRiscv64RegsEntry(r: Reader, m: T.UserRiscv64RegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pc = r.u64();
        break;
      case 16:
        m.ra = r.u64();
        break;
      case 24:
        m.sp = r.u64();
        break;
      case 32:
        m.gp = r.u64();
        break;
      case 40:
        m.tp = r.u64();
        break;
      case 48:
        m.t0 = r.u64();
        break;
      case 56:
        m.t1 = r.u64();
        break;
      case 64:
        m.t2 = r.u64();
        break;
      case 72:
        m.s0 = r.u64();
        break;
      case 80:
        m.s1 = r.u64();
        break;
      case 88:
        m.a0 = r.u64();
        break;
      case 96:
        m.a1 = r.u64();
        break;
      case 104:
        m.a2 = r.u64();
        break;
      case 112:
        m.a3 = r.u64();
        break;
      case 120:
        m.a4 = r.u64();
        break;
      case 128:
        m.a5 = r.u64();
        break;
      case 136:
        m.a6 = r.u64();
        break;
      case 144:
        m.a7 = r.u64();
        break;
      case 152:
        m.s2 = r.u64();
        break;
      case 160:
        m.s3 = r.u64();
        break;
      case 168:
        m.s4 = r.u64();
        break;
      case 176:
        m.s5 = r.u64();
        break;
      case 184:
        m.s6 = r.u64();
        break;
      case 192:
        m.s7 = r.u64();
        break;
      case 200:
        m.s8 = r.u64();
        break;
      case 208:
        m.s9 = r.u64();
        break;
      case 216:
        m.s10 = r.u64();
        break;
      case 224:
        m.s11 = r.u64();
        break;
      case 232:
        m.t3 = r.u64();
        break;
      case 240:
        m.t4 = r.u64();
        break;
      case 248:
        m.t5 = r.u64();
        break;
      case 256:
        m.t6 = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pc === undefined) r.missing('user_riscv64_regs_entry.pc');
  if (m.ra === undefined) r.missing('user_riscv64_regs_entry.ra');
  if (m.sp === undefined) r.missing('user_riscv64_regs_entry.sp');
  if (m.gp === undefined) r.missing('user_riscv64_regs_entry.gp');
  if (m.tp === undefined) r.missing('user_riscv64_regs_entry.tp');
  if (m.t0 === undefined) r.missing('user_riscv64_regs_entry.t0');
  if (m.t1 === undefined) r.missing('user_riscv64_regs_entry.t1');
  if (m.t2 === undefined) r.missing('user_riscv64_regs_entry.t2');
  if (m.s0 === undefined) r.missing('user_riscv64_regs_entry.s0');
  if (m.s1 === undefined) r.missing('user_riscv64_regs_entry.s1');
  if (m.a0 === undefined) r.missing('user_riscv64_regs_entry.a0');
  if (m.a1 === undefined) r.missing('user_riscv64_regs_entry.a1');
  if (m.a2 === undefined) r.missing('user_riscv64_regs_entry.a2');
  if (m.a3 === undefined) r.missing('user_riscv64_regs_entry.a3');
  if (m.a4 === undefined) r.missing('user_riscv64_regs_entry.a4');
  if (m.a5 === undefined) r.missing('user_riscv64_regs_entry.a5');
  if (m.a6 === undefined) r.missing('user_riscv64_regs_entry.a6');
  if (m.a7 === undefined) r.missing('user_riscv64_regs_entry.a7');
  if (m.s2 === undefined) r.missing('user_riscv64_regs_entry.s2');
  if (m.s3 === undefined) r.missing('user_riscv64_regs_entry.s3');
  if (m.s4 === undefined) r.missing('user_riscv64_regs_entry.s4');
  if (m.s5 === undefined) r.missing('user_riscv64_regs_entry.s5');
  if (m.s6 === undefined) r.missing('user_riscv64_regs_entry.s6');
  if (m.s7 === undefined) r.missing('user_riscv64_regs_entry.s7');
  if (m.s8 === undefined) r.missing('user_riscv64_regs_entry.s8');
  if (m.s9 === undefined) r.missing('user_riscv64_regs_entry.s9');
  if (m.s10 === undefined) r.missing('user_riscv64_regs_entry.s10');
  if (m.s11 === undefined) r.missing('user_riscv64_regs_entry.s11');
  if (m.t3 === undefined) r.missing('user_riscv64_regs_entry.t3');
  if (m.t4 === undefined) r.missing('user_riscv64_regs_entry.t4');
  if (m.t5 === undefined) r.missing('user_riscv64_regs_entry.t5');
  if (m.t6 === undefined) r.missing('user_riscv64_regs_entry.t6');
}
export function writeUserRiscv64RegsEntry(w: Writer, m: Encodable<T.UserRiscv64RegsEntry>): void {
  w.u64(8, m.pc, 'user_riscv64_regs_entry.pc');
  w.u64(16, m.ra, 'user_riscv64_regs_entry.ra');
  w.u64(24, m.sp, 'user_riscv64_regs_entry.sp');
  w.u64(32, m.gp, 'user_riscv64_regs_entry.gp');
  w.u64(40, m.tp, 'user_riscv64_regs_entry.tp');
  w.u64(48, m.t0, 'user_riscv64_regs_entry.t0');
  w.u64(56, m.t1, 'user_riscv64_regs_entry.t1');
  w.u64(64, m.t2, 'user_riscv64_regs_entry.t2');
  w.u64(72, m.s0, 'user_riscv64_regs_entry.s0');
  w.u64(80, m.s1, 'user_riscv64_regs_entry.s1');
  w.u64(88, m.a0, 'user_riscv64_regs_entry.a0');
  w.u64(96, m.a1, 'user_riscv64_regs_entry.a1');
  w.u64(104, m.a2, 'user_riscv64_regs_entry.a2');
  w.u64(112, m.a3, 'user_riscv64_regs_entry.a3');
  w.u64(120, m.a4, 'user_riscv64_regs_entry.a4');
  w.u64(128, m.a5, 'user_riscv64_regs_entry.a5');
  w.u64(136, m.a6, 'user_riscv64_regs_entry.a6');
  w.u64(144, m.a7, 'user_riscv64_regs_entry.a7');
  w.u64(152, m.s2, 'user_riscv64_regs_entry.s2');
  w.u64(160, m.s3, 'user_riscv64_regs_entry.s3');
  w.u64(168, m.s4, 'user_riscv64_regs_entry.s4');
  w.u64(176, m.s5, 'user_riscv64_regs_entry.s5');
  w.u64(184, m.s6, 'user_riscv64_regs_entry.s6');
  w.u64(192, m.s7, 'user_riscv64_regs_entry.s7');
  w.u64(200, m.s8, 'user_riscv64_regs_entry.s8');
  w.u64(208, m.s9, 'user_riscv64_regs_entry.s9');
  w.u64(216, m.s10, 'user_riscv64_regs_entry.s10');
  w.u64(224, m.s11, 'user_riscv64_regs_entry.s11');
  w.u64(232, m.t3, 'user_riscv64_regs_entry.t3');
  w.u64(240, m.t4, 'user_riscv64_regs_entry.t4');
  w.u64(248, m.t5, 'user_riscv64_regs_entry.t5');
  w.u64(256, m.t6, 'user_riscv64_regs_entry.t6');
  w.unknown(m);
}
export const UserRiscv64RegsEntryCodec: Codec<T.UserRiscv64RegsEntry> = { create: newUserRiscv64RegsEntry, read: readUserRiscv64RegsEntry, write: writeUserRiscv64RegsEntry };

export function newUserRiscv64DExtEntry(): T.UserRiscv64DExtEntry {
  return { f: [], fcsr: undefined as never };
}
export function readUserRiscv64DExtEntry(r: Reader, m: T.UserRiscv64DExtEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.f.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.f);
        r.leave(outer);
        break;
      }
      case 16:
        m.fcsr = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fcsr === undefined) r.missing('user_riscv64_d_ext_entry.fcsr');
}
export function writeUserRiscv64DExtEntry(w: Writer, m: Encodable<T.UserRiscv64DExtEntry>): void {
  if (m.f != null) for (const v of m.f) w.u64(8, v, 'user_riscv64_d_ext_entry.f');
  w.u32(16, m.fcsr, 'user_riscv64_d_ext_entry.fcsr');
  w.unknown(m);
}
export const UserRiscv64DExtEntryCodec: Codec<T.UserRiscv64DExtEntry> = { create: newUserRiscv64DExtEntry, read: readUserRiscv64DExtEntry, write: writeUserRiscv64DExtEntry };

export function newThreadInfoRiscv64(): T.ThreadInfoRiscv64 {
  return { clear_tid_addr: undefined as never, tls: undefined as never, gpregs: undefined as never, fpsimd: undefined as never };
}
export function readThreadInfoRiscv64(r: Reader, m: T.ThreadInfoRiscv64): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 16:
        m.tls = r.u64();
        break;
      case 26: {
        const outer = r.enter();
        m.gpregs ??= newUserRiscv64RegsEntry();
        readUserRiscv64RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.fpsimd ??= newUserRiscv64DExtEntry();
        readUserRiscv64DExtEntry(r, m.fpsimd);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_riscv64.clear_tid_addr');
  if (m.tls === undefined) r.missing('thread_info_riscv64.tls');
  if (m.gpregs === undefined) r.missing('thread_info_riscv64.gpregs');
  if (m.fpsimd === undefined) r.missing('thread_info_riscv64.fpsimd');
}
export function writeThreadInfoRiscv64(w: Writer, m: Encodable<T.ThreadInfoRiscv64>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_riscv64.clear_tid_addr');
  w.u64(16, m.tls, 'thread_info_riscv64.tls');
  { const start = w.begin(26, m.gpregs, 'thread_info_riscv64.gpregs'); writeUserRiscv64RegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(34, m.fpsimd, 'thread_info_riscv64.fpsimd'); writeUserRiscv64DExtEntry(w, m.fpsimd); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoRiscv64Codec: Codec<T.ThreadInfoRiscv64> = { create: newThreadInfoRiscv64, read: readThreadInfoRiscv64, write: writeThreadInfoRiscv64 };
