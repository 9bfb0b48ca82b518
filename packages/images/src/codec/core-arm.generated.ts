// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newUserArmRegsEntry(): T.UserArmRegsEntry {
  return { r0: undefined as never, r1: undefined as never, r2: undefined as never, r3: undefined as never, r4: undefined as never, r5: undefined as never, r6: undefined as never, r7: undefined as never, r8: undefined as never, r9: undefined as never, r10: undefined as never, fp: undefined as never, ip: undefined as never, sp: undefined as never, lr: undefined as never, pc: undefined as never, cpsr: undefined as never, orig_r0: undefined as never };
}
export function readUserArmRegsEntry(r: Reader, m: T.UserArmRegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.r0 = r.u32();
        break;
      case 16:
        m.r1 = r.u32();
        break;
      case 24:
        m.r2 = r.u32();
        break;
      case 32:
        m.r3 = r.u32();
        break;
      case 40:
        m.r4 = r.u32();
        break;
      case 48:
        m.r5 = r.u32();
        break;
      case 56:
        m.r6 = r.u32();
        break;
      case 64:
        m.r7 = r.u32();
        break;
      case 72:
        m.r8 = r.u32();
        break;
      case 80:
        m.r9 = r.u32();
        break;
      case 88:
        m.r10 = r.u32();
        break;
      case 96:
        m.fp = r.u32();
        break;
      case 104:
        m.ip = r.u32();
        break;
      case 112:
        m.sp = r.u32();
        break;
      case 120:
        m.lr = r.u32();
        break;
      case 128:
        m.pc = r.u32();
        break;
      case 136:
        m.cpsr = r.u32();
        break;
      case 144:
        m.orig_r0 = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.r0 === undefined) r.missing('user_arm_regs_entry.r0');
  if (m.r1 === undefined) r.missing('user_arm_regs_entry.r1');
  if (m.r2 === undefined) r.missing('user_arm_regs_entry.r2');
  if (m.r3 === undefined) r.missing('user_arm_regs_entry.r3');
  if (m.r4 === undefined) r.missing('user_arm_regs_entry.r4');
  if (m.r5 === undefined) r.missing('user_arm_regs_entry.r5');
  if (m.r6 === undefined) r.missing('user_arm_regs_entry.r6');
  if (m.r7 === undefined) r.missing('user_arm_regs_entry.r7');
  if (m.r8 === undefined) r.missing('user_arm_regs_entry.r8');
  if (m.r9 === undefined) r.missing('user_arm_regs_entry.r9');
  if (m.r10 === undefined) r.missing('user_arm_regs_entry.r10');
  if (m.fp === undefined) r.missing('user_arm_regs_entry.fp');
  if (m.ip === undefined) r.missing('user_arm_regs_entry.ip');
  if (m.sp === undefined) r.missing('user_arm_regs_entry.sp');
  if (m.lr === undefined) r.missing('user_arm_regs_entry.lr');
  if (m.pc === undefined) r.missing('user_arm_regs_entry.pc');
  if (m.cpsr === undefined) r.missing('user_arm_regs_entry.cpsr');
  if (m.orig_r0 === undefined) r.missing('user_arm_regs_entry.orig_r0');
}
export function writeUserArmRegsEntry(w: Writer, m: Encodable<T.UserArmRegsEntry>): void {
  w.u32(8, m.r0, 'user_arm_regs_entry.r0');
  w.u32(16, m.r1, 'user_arm_regs_entry.r1');
  w.u32(24, m.r2, 'user_arm_regs_entry.r2');
  w.u32(32, m.r3, 'user_arm_regs_entry.r3');
  w.u32(40, m.r4, 'user_arm_regs_entry.r4');
  w.u32(48, m.r5, 'user_arm_regs_entry.r5');
  w.u32(56, m.r6, 'user_arm_regs_entry.r6');
  w.u32(64, m.r7, 'user_arm_regs_entry.r7');
  w.u32(72, m.r8, 'user_arm_regs_entry.r8');
  w.u32(80, m.r9, 'user_arm_regs_entry.r9');
  w.u32(88, m.r10, 'user_arm_regs_entry.r10');
  w.u32(96, m.fp, 'user_arm_regs_entry.fp');
  w.u32(104, m.ip, 'user_arm_regs_entry.ip');
  w.u32(112, m.sp, 'user_arm_regs_entry.sp');
  w.u32(120, m.lr, 'user_arm_regs_entry.lr');
  w.u32(128, m.pc, 'user_arm_regs_entry.pc');
  w.u32(136, m.cpsr, 'user_arm_regs_entry.cpsr');
  w.u32(144, m.orig_r0, 'user_arm_regs_entry.orig_r0');
  w.unknown(m);
}
export const UserArmRegsEntryCodec: Codec<T.UserArmRegsEntry> = { create: newUserArmRegsEntry, read: readUserArmRegsEntry, write: writeUserArmRegsEntry };

export function newUserArmVfpstateEntry(): T.UserArmVfpstateEntry {
  return { vfp_regs: [], fpscr: undefined as never, fpexc: undefined as never, fpinst: undefined as never, fpinst2: undefined as never };
}
export function readUserArmVfpstateEntry(r: Reader, m: T.UserArmVfpstateEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vfp_regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.vfp_regs);
        r.leave(outer);
        break;
      }
      case 16:
        m.fpscr = r.u32();
        break;
      case 24:
        m.fpexc = r.u32();
        break;
      case 32:
        m.fpinst = r.u32();
        break;
      case 40:
        m.fpinst2 = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fpscr === undefined) r.missing('user_arm_vfpstate_entry.fpscr');
  if (m.fpexc === undefined) r.missing('user_arm_vfpstate_entry.fpexc');
  if (m.fpinst === undefined) r.missing('user_arm_vfpstate_entry.fpinst');
  if (m.fpinst2 === undefined) r.missing('user_arm_vfpstate_entry.fpinst2');
}
export function writeUserArmVfpstateEntry(w: Writer, m: Encodable<T.UserArmVfpstateEntry>): void {
  if (m.vfp_regs != null) for (const v of m.vfp_regs) w.u64(8, v, 'user_arm_vfpstate_entry.vfp_regs');
  w.u32(16, m.fpscr, 'user_arm_vfpstate_entry.fpscr');
  w.u32(24, m.fpexc, 'user_arm_vfpstate_entry.fpexc');
  w.u32(32, m.fpinst, 'user_arm_vfpstate_entry.fpinst');
  w.u32(40, m.fpinst2, 'user_arm_vfpstate_entry.fpinst2');
  w.unknown(m);
}
export const UserArmVfpstateEntryCodec: Codec<T.UserArmVfpstateEntry> = { create: newUserArmVfpstateEntry, read: readUserArmVfpstateEntry, write: writeUserArmVfpstateEntry };

export function newThreadInfoArm(): T.ThreadInfoArm {
  return { clear_tid_addr: undefined as never, tls: undefined as never, gpregs: undefined as never, fpstate: undefined as never };
}
export function readThreadInfoArm(r: Reader, m: T.ThreadInfoArm): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 16:
        m.tls = r.u32();
        break;
      case 26: {
        const outer = r.enter();
        m.gpregs ??= newUserArmRegsEntry();
        readUserArmRegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.fpstate ??= newUserArmVfpstateEntry();
        readUserArmVfpstateEntry(r, m.fpstate);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_arm.clear_tid_addr');
  if (m.tls === undefined) r.missing('thread_info_arm.tls');
  if (m.gpregs === undefined) r.missing('thread_info_arm.gpregs');
  if (m.fpstate === undefined) r.missing('thread_info_arm.fpstate');
}
export function writeThreadInfoArm(w: Writer, m: Encodable<T.ThreadInfoArm>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_arm.clear_tid_addr');
  w.u32(16, m.tls, 'thread_info_arm.tls');
  { const start = w.begin(26, m.gpregs, 'thread_info_arm.gpregs'); writeUserArmRegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(34, m.fpstate, 'thread_info_arm.fpstate'); writeUserArmVfpstateEntry(w, m.fpstate); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoArmCodec: Codec<T.ThreadInfoArm> = { create: newThreadInfoArm, read: readThreadInfoArm, write: writeThreadInfoArm };
