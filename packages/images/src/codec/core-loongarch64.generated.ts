// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newUserLoongarch64GpregsEntry(): T.UserLoongarch64GpregsEntry {
  return { regs: [], pc: undefined as never };
}
export function readUserLoongarch64GpregsEntry(r: Reader, m: T.UserLoongarch64GpregsEntry): void {
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
      case 16:
        m.pc = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pc === undefined) r.missing('user_loongarch64_gpregs_entry.pc');
}
export function writeUserLoongarch64GpregsEntry(w: Writer, m: Encodable<T.UserLoongarch64GpregsEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_loongarch64_gpregs_entry.regs');
  w.u64(16, m.pc, 'user_loongarch64_gpregs_entry.pc');
  w.unknown(m);
}
export const UserLoongarch64GpregsEntryCodec: Codec<T.UserLoongarch64GpregsEntry> = { create: newUserLoongarch64GpregsEntry, read: readUserLoongarch64GpregsEntry, write: writeUserLoongarch64GpregsEntry };

export function newUserLoongarch64FpregsEntry(): T.UserLoongarch64FpregsEntry {
  return { regs: [], fcc: undefined as never, fcsr: undefined as never };
}
export function readUserLoongarch64FpregsEntry(r: Reader, m: T.UserLoongarch64FpregsEntry): void {
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
      case 16:
        m.fcc = r.u64();
        break;
      case 24:
        m.fcsr = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fcc === undefined) r.missing('user_loongarch64_fpregs_entry.fcc');
  if (m.fcsr === undefined) r.missing('user_loongarch64_fpregs_entry.fcsr');
}
export function writeUserLoongarch64FpregsEntry(w: Writer, m: Encodable<T.UserLoongarch64FpregsEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_loongarch64_fpregs_entry.regs');
  w.u64(16, m.fcc, 'user_loongarch64_fpregs_entry.fcc');
  w.u32(24, m.fcsr, 'user_loongarch64_fpregs_entry.fcsr');
  w.unknown(m);
}
export const UserLoongarch64FpregsEntryCodec: Codec<T.UserLoongarch64FpregsEntry> = { create: newUserLoongarch64FpregsEntry, read: readUserLoongarch64FpregsEntry, write: writeUserLoongarch64FpregsEntry };

export function newThreadInfoLoongarch64(): T.ThreadInfoLoongarch64 {
  return { clear_tid_addr: undefined as never, tls: undefined as never, gpregs: undefined as never, fpregs: undefined as never };
}
export function readThreadInfoLoongarch64(r: Reader, m: T.ThreadInfoLoongarch64): void {
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
        m.gpregs ??= newUserLoongarch64GpregsEntry();
        readUserLoongarch64GpregsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.fpregs ??= newUserLoongarch64FpregsEntry();
        readUserLoongarch64FpregsEntry(r, m.fpregs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_loongarch64.clear_tid_addr');
  if (m.tls === undefined) r.missing('thread_info_loongarch64.tls');
  if (m.gpregs === undefined) r.missing('thread_info_loongarch64.gpregs');
  if (m.fpregs === undefined) r.missing('thread_info_loongarch64.fpregs');
}
export function writeThreadInfoLoongarch64(w: Writer, m: Encodable<T.ThreadInfoLoongarch64>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_loongarch64.clear_tid_addr');
  w.u64(16, m.tls, 'thread_info_loongarch64.tls');
  { const start = w.begin(26, m.gpregs, 'thread_info_loongarch64.gpregs'); writeUserLoongarch64GpregsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(34, m.fpregs, 'thread_info_loongarch64.fpregs'); writeUserLoongarch64FpregsEntry(w, m.fpregs); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoLoongarch64Codec: Codec<T.ThreadInfoLoongarch64> = { create: newThreadInfoLoongarch64, read: readThreadInfoLoongarch64, write: writeThreadInfoLoongarch64 };
