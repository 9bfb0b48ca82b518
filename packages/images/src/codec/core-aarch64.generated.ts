// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newUserAarch64RegsEntry(): T.UserAarch64RegsEntry {
  return { regs: [], sp: undefined as never, pc: undefined as never, pstate: undefined as never };
}
export function readUserAarch64RegsEntry(r: Reader, m: T.UserAarch64RegsEntry): void {
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
        m.sp = r.u64();
        break;
      case 24:
        m.pc = r.u64();
        break;
      case 32:
        m.pstate = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.sp === undefined) r.missing('user_aarch64_regs_entry.sp');
  if (m.pc === undefined) r.missing('user_aarch64_regs_entry.pc');
  if (m.pstate === undefined) r.missing('user_aarch64_regs_entry.pstate');
}
export function writeUserAarch64RegsEntry(w: Writer, m: Encodable<T.UserAarch64RegsEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_aarch64_regs_entry.regs');
  w.u64(16, m.sp, 'user_aarch64_regs_entry.sp');
  w.u64(24, m.pc, 'user_aarch64_regs_entry.pc');
  w.u64(32, m.pstate, 'user_aarch64_regs_entry.pstate');
  w.unknown(m);
}
export const UserAarch64RegsEntryCodec: Codec<T.UserAarch64RegsEntry> = { create: newUserAarch64RegsEntry, read: readUserAarch64RegsEntry, write: writeUserAarch64RegsEntry };

export function newUserAarch64FpsimdContextEntry(): T.UserAarch64FpsimdContextEntry {
  return { vregs: [], fpsr: undefined as never, fpcr: undefined as never };
}
export function readUserAarch64FpsimdContextEntry(r: Reader, m: T.UserAarch64FpsimdContextEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vregs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.vregs);
        r.leave(outer);
        break;
      }
      case 16:
        m.fpsr = r.u32();
        break;
      case 24:
        m.fpcr = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fpsr === undefined) r.missing('user_aarch64_fpsimd_context_entry.fpsr');
  if (m.fpcr === undefined) r.missing('user_aarch64_fpsimd_context_entry.fpcr');
}
export function writeUserAarch64FpsimdContextEntry(w: Writer, m: Encodable<T.UserAarch64FpsimdContextEntry>): void {
  if (m.vregs != null) for (const v of m.vregs) w.u64(8, v, 'user_aarch64_fpsimd_context_entry.vregs');
  w.u32(16, m.fpsr, 'user_aarch64_fpsimd_context_entry.fpsr');
  w.u32(24, m.fpcr, 'user_aarch64_fpsimd_context_entry.fpcr');
  w.unknown(m);
}
export const UserAarch64FpsimdContextEntryCodec: Codec<T.UserAarch64FpsimdContextEntry> = { create: newUserAarch64FpsimdContextEntry, read: readUserAarch64FpsimdContextEntry, write: writeUserAarch64FpsimdContextEntry };

export function newPacAddressKeys(): T.PacAddressKeys {
  return { apiakey_lo: undefined as never, apiakey_hi: undefined as never, apibkey_lo: undefined as never, apibkey_hi: undefined as never, apdakey_lo: undefined as never, apdakey_hi: undefined as never, apdbkey_lo: undefined as never, apdbkey_hi: undefined as never, pac_enabled_key: undefined as never };
}
export function readPacAddressKeys(r: Reader, m: T.PacAddressKeys): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.apiakey_lo = r.u64();
        break;
      case 16:
        m.apiakey_hi = r.u64();
        break;
      case 24:
        m.apibkey_lo = r.u64();
        break;
      case 32:
        m.apibkey_hi = r.u64();
        break;
      case 40:
        m.apdakey_lo = r.u64();
        break;
      case 48:
        m.apdakey_hi = r.u64();
        break;
      case 56:
        m.apdbkey_lo = r.u64();
        break;
      case 64:
        m.apdbkey_hi = r.u64();
        break;
      case 72:
        m.pac_enabled_key = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.apiakey_lo === undefined) r.missing('pac_address_keys.apiakey_lo');
  if (m.apiakey_hi === undefined) r.missing('pac_address_keys.apiakey_hi');
  if (m.apibkey_lo === undefined) r.missing('pac_address_keys.apibkey_lo');
  if (m.apibkey_hi === undefined) r.missing('pac_address_keys.apibkey_hi');
  if (m.apdakey_lo === undefined) r.missing('pac_address_keys.apdakey_lo');
  if (m.apdakey_hi === undefined) r.missing('pac_address_keys.apdakey_hi');
  if (m.apdbkey_lo === undefined) r.missing('pac_address_keys.apdbkey_lo');
  if (m.apdbkey_hi === undefined) r.missing('pac_address_keys.apdbkey_hi');
  if (m.pac_enabled_key === undefined) r.missing('pac_address_keys.pac_enabled_key');
}
export function writePacAddressKeys(w: Writer, m: Encodable<T.PacAddressKeys>): void {
  w.u64(8, m.apiakey_lo, 'pac_address_keys.apiakey_lo');
  w.u64(16, m.apiakey_hi, 'pac_address_keys.apiakey_hi');
  w.u64(24, m.apibkey_lo, 'pac_address_keys.apibkey_lo');
  w.u64(32, m.apibkey_hi, 'pac_address_keys.apibkey_hi');
  w.u64(40, m.apdakey_lo, 'pac_address_keys.apdakey_lo');
  w.u64(48, m.apdakey_hi, 'pac_address_keys.apdakey_hi');
  w.u64(56, m.apdbkey_lo, 'pac_address_keys.apdbkey_lo');
  w.u64(64, m.apdbkey_hi, 'pac_address_keys.apdbkey_hi');
  w.u64(72, m.pac_enabled_key, 'pac_address_keys.pac_enabled_key');
  w.unknown(m);
}
export const PacAddressKeysCodec: Codec<T.PacAddressKeys> = { create: newPacAddressKeys, read: readPacAddressKeys, write: writePacAddressKeys };

export function newPacGenericKeys(): T.PacGenericKeys {
  return { apgakey_lo: undefined as never, apgakey_hi: undefined as never };
}
export function readPacGenericKeys(r: Reader, m: T.PacGenericKeys): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.apgakey_lo = r.u64();
        break;
      case 16:
        m.apgakey_hi = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.apgakey_lo === undefined) r.missing('pac_generic_keys.apgakey_lo');
  if (m.apgakey_hi === undefined) r.missing('pac_generic_keys.apgakey_hi');
}
export function writePacGenericKeys(w: Writer, m: Encodable<T.PacGenericKeys>): void {
  w.u64(8, m.apgakey_lo, 'pac_generic_keys.apgakey_lo');
  w.u64(16, m.apgakey_hi, 'pac_generic_keys.apgakey_hi');
  w.unknown(m);
}
export const PacGenericKeysCodec: Codec<T.PacGenericKeys> = { create: newPacGenericKeys, read: readPacGenericKeys, write: writePacGenericKeys };

export function newPacKeys(): T.PacKeys {
  return {};
}
export function readPacKeys(r: Reader, m: T.PacKeys): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 50: {
        const outer = r.enter();
        m.pac_address_keys ??= newPacAddressKeys();
        readPacAddressKeys(r, m.pac_address_keys);
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        m.pac_generic_keys ??= newPacGenericKeys();
        readPacGenericKeys(r, m.pac_generic_keys);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writePacKeys(w: Writer, m: Encodable<T.PacKeys>): void {
  if (m.pac_address_keys != null) { const start = w.begin(50, m.pac_address_keys, 'pac_keys.pac_address_keys'); writePacAddressKeys(w, m.pac_address_keys); w.end(start); }
  if (m.pac_generic_keys != null) { const start = w.begin(58, m.pac_generic_keys, 'pac_keys.pac_generic_keys'); writePacGenericKeys(w, m.pac_generic_keys); w.end(start); }
  w.unknown(m);
}
export const PacKeysCodec: Codec<T.PacKeys> = { create: newPacKeys, read: readPacKeys, write: writePacKeys };

export function newThreadInfoAarch64(): T.ThreadInfoAarch64 {
  return { clear_tid_addr: undefined as never, tls: undefined as never, gpregs: undefined as never, fpsimd: undefined as never };
}
export function readThreadInfoAarch64(r: Reader, m: T.ThreadInfoAarch64): void {
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
        m.gpregs ??= newUserAarch64RegsEntry();
        readUserAarch64RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.fpsimd ??= newUserAarch64FpsimdContextEntry();
        readUserAarch64FpsimdContextEntry(r, m.fpsimd);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.pac_keys ??= newPacKeys();
        readPacKeys(r, m.pac_keys);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_aarch64.clear_tid_addr');
  if (m.tls === undefined) r.missing('thread_info_aarch64.tls');
  if (m.gpregs === undefined) r.missing('thread_info_aarch64.gpregs');
  if (m.fpsimd === undefined) r.missing('thread_info_aarch64.fpsimd');
}
export function writeThreadInfoAarch64(w: Writer, m: Encodable<T.ThreadInfoAarch64>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_aarch64.clear_tid_addr');
  w.u64(16, m.tls, 'thread_info_aarch64.tls');
  { const start = w.begin(26, m.gpregs, 'thread_info_aarch64.gpregs'); writeUserAarch64RegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(34, m.fpsimd, 'thread_info_aarch64.fpsimd'); writeUserAarch64FpsimdContextEntry(w, m.fpsimd); w.end(start); }
  if (m.pac_keys != null) { const start = w.begin(42, m.pac_keys, 'thread_info_aarch64.pac_keys'); writePacKeys(w, m.pac_keys); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoAarch64Codec: Codec<T.ThreadInfoAarch64> = { create: newThreadInfoAarch64, read: readThreadInfoAarch64, write: writeThreadInfoAarch64 };
