// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newUserMipsRegsEntry(): T.UserMipsRegsEntry {
  return { r0: undefined as never, r1: undefined as never, r2: undefined as never, r3: undefined as never, r4: undefined as never, r5: undefined as never, r6: undefined as never, r7: undefined as never, r8: undefined as never, r9: undefined as never, r10: undefined as never, r11: undefined as never, r12: undefined as never, r13: undefined as never, r14: undefined as never, r15: undefined as never, r16: undefined as never, r17: undefined as never, r18: undefined as never, r19: undefined as never, r20: undefined as never, r21: undefined as never, r22: undefined as never, r23: undefined as never, r24: undefined as never, r25: undefined as never, r26: undefined as never, r27: undefined as never, r28: undefined as never, r29: undefined as never, r30: undefined as never, r31: undefined as never, lo: undefined as never, hi: undefined as never, cp0_epc: undefined as never, cp0_badvaddr: undefined as never, cp0_status: undefined as never, cp0_cause: undefined as never };
}
export function readUserMipsRegsEntry(r: Reader, m: T.UserMipsRegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.r0 = r.u64();
        break;
      case 16:
        m.r1 = r.u64();
        break;
      case 24:
        m.r2 = r.u64();
        break;
      case 32:
        m.r3 = r.u64();
        break;
      case 40:
        m.r4 = r.u64();
        break;
      case 48:
        m.r5 = r.u64();
        break;
      case 56:
        m.r6 = r.u64();
        break;
      case 64:
        m.r7 = r.u64();
        break;
      case 72:
        m.r8 = r.u64();
        break;
      case 80:
        m.r9 = r.u64();
        break;
      case 88:
        m.r10 = r.u64();
        break;
      case 96:
        m.r11 = r.u64();
        break;
      case 104:
        m.r12 = r.u64();
        break;
      case 112:
        m.r13 = r.u64();
        break;
      case 120:
        m.r14 = r.u64();
        break;
      case 128:
        m.r15 = r.u64();
        break;
      case 136:
        m.r16 = r.u64();
        break;
      case 144:
        m.r17 = r.u64();
        break;
      case 152:
        m.r18 = r.u64();
        break;
      case 160:
        m.r19 = r.u64();
        break;
      case 168:
        m.r20 = r.u64();
        break;
      case 176:
        m.r21 = r.u64();
        break;
      case 184:
        m.r22 = r.u64();
        break;
      case 192:
        m.r23 = r.u64();
        break;
      case 200:
        m.r24 = r.u64();
        break;
      case 208:
        m.r25 = r.u64();
        break;
      case 216:
        m.r26 = r.u64();
        break;
      case 224:
        m.r27 = r.u64();
        break;
      case 232:
        m.r28 = r.u64();
        break;
      case 240:
        m.r29 = r.u64();
        break;
      case 248:
        m.r30 = r.u64();
        break;
      case 256:
        m.r31 = r.u64();
        break;
      case 264:
        m.lo = r.u64();
        break;
      case 272:
        m.hi = r.u64();
        break;
      case 280:
        m.cp0_epc = r.u64();
        break;
      case 288:
        m.cp0_badvaddr = r.u64();
        break;
      case 296:
        m.cp0_status = r.u64();
        break;
      case 304:
        m.cp0_cause = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.r0 === undefined) r.missing('user_mips_regs_entry.r0');
  if (m.r1 === undefined) r.missing('user_mips_regs_entry.r1');
  if (m.r2 === undefined) r.missing('user_mips_regs_entry.r2');
  if (m.r3 === undefined) r.missing('user_mips_regs_entry.r3');
  if (m.r4 === undefined) r.missing('user_mips_regs_entry.r4');
  if (m.r5 === undefined) r.missing('user_mips_regs_entry.r5');
  if (m.r6 === undefined) r.missing('user_mips_regs_entry.r6');
  if (m.r7 === undefined) r.missing('user_mips_regs_entry.r7');
  if (m.r8 === undefined) r.missing('user_mips_regs_entry.r8');
  if (m.r9 === undefined) r.missing('user_mips_regs_entry.r9');
  if (m.r10 === undefined) r.missing('user_mips_regs_entry.r10');
  if (m.r11 === undefined) r.missing('user_mips_regs_entry.r11');
  if (m.r12 === undefined) r.missing('user_mips_regs_entry.r12');
  if (m.r13 === undefined) r.missing('user_mips_regs_entry.r13');
  if (m.r14 === undefined) r.missing('user_mips_regs_entry.r14');
  if (m.r15 === undefined) r.missing('user_mips_regs_entry.r15');
  if (m.r16 === undefined) r.missing('user_mips_regs_entry.r16');
  if (m.r17 === undefined) r.missing('user_mips_regs_entry.r17');
  if (m.r18 === undefined) r.missing('user_mips_regs_entry.r18');
  if (m.r19 === undefined) r.missing('user_mips_regs_entry.r19');
  if (m.r20 === undefined) r.missing('user_mips_regs_entry.r20');
  if (m.r21 === undefined) r.missing('user_mips_regs_entry.r21');
  if (m.r22 === undefined) r.missing('user_mips_regs_entry.r22');
  if (m.r23 === undefined) r.missing('user_mips_regs_entry.r23');
  if (m.r24 === undefined) r.missing('user_mips_regs_entry.r24');
  if (m.r25 === undefined) r.missing('user_mips_regs_entry.r25');
  if (m.r26 === undefined) r.missing('user_mips_regs_entry.r26');
  if (m.r27 === undefined) r.missing('user_mips_regs_entry.r27');
  if (m.r28 === undefined) r.missing('user_mips_regs_entry.r28');
  if (m.r29 === undefined) r.missing('user_mips_regs_entry.r29');
  if (m.r30 === undefined) r.missing('user_mips_regs_entry.r30');
  if (m.r31 === undefined) r.missing('user_mips_regs_entry.r31');
  if (m.lo === undefined) r.missing('user_mips_regs_entry.lo');
  if (m.hi === undefined) r.missing('user_mips_regs_entry.hi');
  if (m.cp0_epc === undefined) r.missing('user_mips_regs_entry.cp0_epc');
  if (m.cp0_badvaddr === undefined) r.missing('user_mips_regs_entry.cp0_badvaddr');
  if (m.cp0_status === undefined) r.missing('user_mips_regs_entry.cp0_status');
  if (m.cp0_cause === undefined) r.missing('user_mips_regs_entry.cp0_cause');
}
export function writeUserMipsRegsEntry(w: Writer, m: Encodable<T.UserMipsRegsEntry>): void {
  w.u64(8, m.r0, 'user_mips_regs_entry.r0');
  w.u64(16, m.r1, 'user_mips_regs_entry.r1');
  w.u64(24, m.r2, 'user_mips_regs_entry.r2');
  w.u64(32, m.r3, 'user_mips_regs_entry.r3');
  w.u64(40, m.r4, 'user_mips_regs_entry.r4');
  w.u64(48, m.r5, 'user_mips_regs_entry.r5');
  w.u64(56, m.r6, 'user_mips_regs_entry.r6');
  w.u64(64, m.r7, 'user_mips_regs_entry.r7');
  w.u64(72, m.r8, 'user_mips_regs_entry.r8');
  w.u64(80, m.r9, 'user_mips_regs_entry.r9');
  w.u64(88, m.r10, 'user_mips_regs_entry.r10');
  w.u64(96, m.r11, 'user_mips_regs_entry.r11');
  w.u64(104, m.r12, 'user_mips_regs_entry.r12');
  w.u64(112, m.r13, 'user_mips_regs_entry.r13');
  w.u64(120, m.r14, 'user_mips_regs_entry.r14');
  w.u64(128, m.r15, 'user_mips_regs_entry.r15');
  w.u64(136, m.r16, 'user_mips_regs_entry.r16');
  w.u64(144, m.r17, 'user_mips_regs_entry.r17');
  w.u64(152, m.r18, 'user_mips_regs_entry.r18');
  w.u64(160, m.r19, 'user_mips_regs_entry.r19');
  w.u64(168, m.r20, 'user_mips_regs_entry.r20');
  w.u64(176, m.r21, 'user_mips_regs_entry.r21');
  w.u64(184, m.r22, 'user_mips_regs_entry.r22');
  w.u64(192, m.r23, 'user_mips_regs_entry.r23');
  w.u64(200, m.r24, 'user_mips_regs_entry.r24');
  w.u64(208, m.r25, 'user_mips_regs_entry.r25');
  w.u64(216, m.r26, 'user_mips_regs_entry.r26');
  w.u64(224, m.r27, 'user_mips_regs_entry.r27');
  w.u64(232, m.r28, 'user_mips_regs_entry.r28');
  w.u64(240, m.r29, 'user_mips_regs_entry.r29');
  w.u64(248, m.r30, 'user_mips_regs_entry.r30');
  w.u64(256, m.r31, 'user_mips_regs_entry.r31');
  w.u64(264, m.lo, 'user_mips_regs_entry.lo');
  w.u64(272, m.hi, 'user_mips_regs_entry.hi');
  w.u64(280, m.cp0_epc, 'user_mips_regs_entry.cp0_epc');
  w.u64(288, m.cp0_badvaddr, 'user_mips_regs_entry.cp0_badvaddr');
  w.u64(296, m.cp0_status, 'user_mips_regs_entry.cp0_status');
  w.u64(304, m.cp0_cause, 'user_mips_regs_entry.cp0_cause');
  w.unknown(m);
}
export const UserMipsRegsEntryCodec: Codec<T.UserMipsRegsEntry> = { create: newUserMipsRegsEntry, read: readUserMipsRegsEntry, write: writeUserMipsRegsEntry };

export function newUserMipsFpregsEntry(): T.UserMipsFpregsEntry {
  return { r0: undefined as never, r1: undefined as never, r2: undefined as never, r3: undefined as never, r4: undefined as never, r5: undefined as never, r6: undefined as never, r7: undefined as never, r8: undefined as never, r9: undefined as never, r10: undefined as never, r11: undefined as never, r12: undefined as never, r13: undefined as never, r14: undefined as never, r15: undefined as never, r16: undefined as never, r17: undefined as never, r18: undefined as never, r19: undefined as never, r20: undefined as never, r21: undefined as never, r22: undefined as never, r23: undefined as never, r24: undefined as never, r25: undefined as never, r26: undefined as never, r27: undefined as never, r28: undefined as never, r29: undefined as never, r30: undefined as never, r31: undefined as never, lo: undefined as never, hi: undefined as never, fpu_fcr31: undefined as never, fpu_id: undefined as never };
}
export function readUserMipsFpregsEntry(r: Reader, m: T.UserMipsFpregsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.r0 = r.u64();
        break;
      case 16:
        m.r1 = r.u64();
        break;
      case 24:
        m.r2 = r.u64();
        break;
      case 32:
        m.r3 = r.u64();
        break;
      case 40:
        m.r4 = r.u64();
        break;
      case 48:
        m.r5 = r.u64();
        break;
      case 56:
        m.r6 = r.u64();
        break;
      case 64:
        m.r7 = r.u64();
        break;
      case 72:
        m.r8 = r.u64();
        break;
      case 80:
        m.r9 = r.u64();
        break;
      case 88:
        m.r10 = r.u64();
        break;
      case 96:
        m.r11 = r.u64();
        break;
      case 104:
        m.r12 = r.u64();
        break;
      case 112:
        m.r13 = r.u64();
        break;
      case 120:
        m.r14 = r.u64();
        break;
      case 128:
        m.r15 = r.u64();
        break;
      case 136:
        m.r16 = r.u64();
        break;
      case 144:
        m.r17 = r.u64();
        break;
      case 152:
        m.r18 = r.u64();
        break;
      case 160:
        m.r19 = r.u64();
        break;
      case 168:
        m.r20 = r.u64();
        break;
      case 176:
        m.r21 = r.u64();
        break;
      case 184:
        m.r22 = r.u64();
        break;
      case 192:
        m.r23 = r.u64();
        break;
      case 200:
        m.r24 = r.u64();
        break;
      case 208:
        m.r25 = r.u64();
        break;
      case 216:
        m.r26 = r.u64();
        break;
      case 224:
        m.r27 = r.u64();
        break;
      case 232:
        m.r28 = r.u64();
        break;
      case 240:
        m.r29 = r.u64();
        break;
      case 248:
        m.r30 = r.u64();
        break;
      case 256:
        m.r31 = r.u64();
        break;
      case 264:
        m.lo = r.u64();
        break;
      case 272:
        m.hi = r.u64();
        break;
      case 280:
        m.fpu_fcr31 = r.u32();
        break;
      case 288:
        m.fpu_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.r0 === undefined) r.missing('user_mips_fpregs_entry.r0');
  if (m.r1 === undefined) r.missing('user_mips_fpregs_entry.r1');
  if (m.r2 === undefined) r.missing('user_mips_fpregs_entry.r2');
  if (m.r3 === undefined) r.missing('user_mips_fpregs_entry.r3');
  if (m.r4 === undefined) r.missing('user_mips_fpregs_entry.r4');
  if (m.r5 === undefined) r.missing('user_mips_fpregs_entry.r5');
  if (m.r6 === undefined) r.missing('user_mips_fpregs_entry.r6');
  if (m.r7 === undefined) r.missing('user_mips_fpregs_entry.r7');
  if (m.r8 === undefined) r.missing('user_mips_fpregs_entry.r8');
  if (m.r9 === undefined) r.missing('user_mips_fpregs_entry.r9');
  if (m.r10 === undefined) r.missing('user_mips_fpregs_entry.r10');
  if (m.r11 === undefined) r.missing('user_mips_fpregs_entry.r11');
  if (m.r12 === undefined) r.missing('user_mips_fpregs_entry.r12');
  if (m.r13 === undefined) r.missing('user_mips_fpregs_entry.r13');
  if (m.r14 === undefined) r.missing('user_mips_fpregs_entry.r14');
  if (m.r15 === undefined) r.missing('user_mips_fpregs_entry.r15');
  if (m.r16 === undefined) r.missing('user_mips_fpregs_entry.r16');
  if (m.r17 === undefined) r.missing('user_mips_fpregs_entry.r17');
  if (m.r18 === undefined) r.missing('user_mips_fpregs_entry.r18');
  if (m.r19 === undefined) r.missing('user_mips_fpregs_entry.r19');
  if (m.r20 === undefined) r.missing('user_mips_fpregs_entry.r20');
  if (m.r21 === undefined) r.missing('user_mips_fpregs_entry.r21');
  if (m.r22 === undefined) r.missing('user_mips_fpregs_entry.r22');
  if (m.r23 === undefined) r.missing('user_mips_fpregs_entry.r23');
  if (m.r24 === undefined) r.missing('user_mips_fpregs_entry.r24');
  if (m.r25 === undefined) r.missing('user_mips_fpregs_entry.r25');
  if (m.r26 === undefined) r.missing('user_mips_fpregs_entry.r26');
  if (m.r27 === undefined) r.missing('user_mips_fpregs_entry.r27');
  if (m.r28 === undefined) r.missing('user_mips_fpregs_entry.r28');
  if (m.r29 === undefined) r.missing('user_mips_fpregs_entry.r29');
  if (m.r30 === undefined) r.missing('user_mips_fpregs_entry.r30');
  if (m.r31 === undefined) r.missing('user_mips_fpregs_entry.r31');
  if (m.lo === undefined) r.missing('user_mips_fpregs_entry.lo');
  if (m.hi === undefined) r.missing('user_mips_fpregs_entry.hi');
  if (m.fpu_fcr31 === undefined) r.missing('user_mips_fpregs_entry.fpu_fcr31');
  if (m.fpu_id === undefined) r.missing('user_mips_fpregs_entry.fpu_id');
}
export function writeUserMipsFpregsEntry(w: Writer, m: Encodable<T.UserMipsFpregsEntry>): void {
  w.u64(8, m.r0, 'user_mips_fpregs_entry.r0');
  w.u64(16, m.r1, 'user_mips_fpregs_entry.r1');
  w.u64(24, m.r2, 'user_mips_fpregs_entry.r2');
  w.u64(32, m.r3, 'user_mips_fpregs_entry.r3');
  w.u64(40, m.r4, 'user_mips_fpregs_entry.r4');
  w.u64(48, m.r5, 'user_mips_fpregs_entry.r5');
  w.u64(56, m.r6, 'user_mips_fpregs_entry.r6');
  w.u64(64, m.r7, 'user_mips_fpregs_entry.r7');
  w.u64(72, m.r8, 'user_mips_fpregs_entry.r8');
  w.u64(80, m.r9, 'user_mips_fpregs_entry.r9');
  w.u64(88, m.r10, 'user_mips_fpregs_entry.r10');
  w.u64(96, m.r11, 'user_mips_fpregs_entry.r11');
  w.u64(104, m.r12, 'user_mips_fpregs_entry.r12');
  w.u64(112, m.r13, 'user_mips_fpregs_entry.r13');
  w.u64(120, m.r14, 'user_mips_fpregs_entry.r14');
  w.u64(128, m.r15, 'user_mips_fpregs_entry.r15');
  w.u64(136, m.r16, 'user_mips_fpregs_entry.r16');
  w.u64(144, m.r17, 'user_mips_fpregs_entry.r17');
  w.u64(152, m.r18, 'user_mips_fpregs_entry.r18');
  w.u64(160, m.r19, 'user_mips_fpregs_entry.r19');
  w.u64(168, m.r20, 'user_mips_fpregs_entry.r20');
  w.u64(176, m.r21, 'user_mips_fpregs_entry.r21');
  w.u64(184, m.r22, 'user_mips_fpregs_entry.r22');
  w.u64(192, m.r23, 'user_mips_fpregs_entry.r23');
  w.u64(200, m.r24, 'user_mips_fpregs_entry.r24');
  w.u64(208, m.r25, 'user_mips_fpregs_entry.r25');
  w.u64(216, m.r26, 'user_mips_fpregs_entry.r26');
  w.u64(224, m.r27, 'user_mips_fpregs_entry.r27');
  w.u64(232, m.r28, 'user_mips_fpregs_entry.r28');
  w.u64(240, m.r29, 'user_mips_fpregs_entry.r29');
  w.u64(248, m.r30, 'user_mips_fpregs_entry.r30');
  w.u64(256, m.r31, 'user_mips_fpregs_entry.r31');
  w.u64(264, m.lo, 'user_mips_fpregs_entry.lo');
  w.u64(272, m.hi, 'user_mips_fpregs_entry.hi');
  w.u32(280, m.fpu_fcr31, 'user_mips_fpregs_entry.fpu_fcr31');
  w.u32(288, m.fpu_id, 'user_mips_fpregs_entry.fpu_id');
  w.unknown(m);
}
export const UserMipsFpregsEntryCodec: Codec<T.UserMipsFpregsEntry> = { create: newUserMipsFpregsEntry, read: readUserMipsFpregsEntry, write: writeUserMipsFpregsEntry };

export function newThreadInfoMips(): T.ThreadInfoMips {
  return { clear_tid_addr: undefined as never, tls: undefined as never, gpregs: undefined as never, fpregs: undefined as never };
}
export function readThreadInfoMips(r: Reader, m: T.ThreadInfoMips): void {
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
        m.gpregs ??= newUserMipsRegsEntry();
        readUserMipsRegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.fpregs ??= newUserMipsFpregsEntry();
        readUserMipsFpregsEntry(r, m.fpregs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_mips.clear_tid_addr');
  if (m.tls === undefined) r.missing('thread_info_mips.tls');
  if (m.gpregs === undefined) r.missing('thread_info_mips.gpregs');
  if (m.fpregs === undefined) r.missing('thread_info_mips.fpregs');
}
export function writeThreadInfoMips(w: Writer, m: Encodable<T.ThreadInfoMips>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_mips.clear_tid_addr');
  w.u64(16, m.tls, 'thread_info_mips.tls');
  { const start = w.begin(26, m.gpregs, 'thread_info_mips.gpregs'); writeUserMipsRegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(34, m.fpregs, 'thread_info_mips.fpregs'); writeUserMipsFpregsEntry(w, m.fpregs); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoMipsCodec: Codec<T.ThreadInfoMips> = { create: newThreadInfoMips, read: readThreadInfoMips, write: writeThreadInfoMips };
