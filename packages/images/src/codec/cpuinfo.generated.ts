// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newCpuinfoX86Entry(): T.CpuinfoX86Entry {
  return { vendor_id: undefined as never, cpu_family: undefined as never, model: undefined as never, stepping: undefined as never, capability_ver: undefined as never, capability: [] };
}
export function readCpuinfoX86Entry(r: Reader, m: T.CpuinfoX86Entry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vendor_id = r.i32();
        break;
      case 16:
        m.cpu_family = r.u32();
        break;
      case 24:
        m.model = r.u32();
        break;
      case 32:
        m.stepping = r.u32();
        break;
      case 40:
        m.capability_ver = r.u32();
        break;
      case 48:
        m.capability.push(r.u32());
        break;
      case 50: {
        const outer = r.enter();
        r.u32s(m.capability);
        r.leave(outer);
        break;
      }
      case 58:
        m.model_id = r.str();
        break;
      case 64:
        m.xfeatures_mask = r.u64();
        break;
      case 72:
        m.xsave_size = r.u32();
        break;
      case 80:
        m.xsave_size_max = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.vendor_id === undefined) r.missing('cpuinfo_x86_entry.vendor_id');
  if (m.cpu_family === undefined) r.missing('cpuinfo_x86_entry.cpu_family');
  if (m.model === undefined) r.missing('cpuinfo_x86_entry.model');
  if (m.stepping === undefined) r.missing('cpuinfo_x86_entry.stepping');
  if (m.capability_ver === undefined) r.missing('cpuinfo_x86_entry.capability_ver');
}
export function writeCpuinfoX86Entry(w: Writer, m: Encodable<T.CpuinfoX86Entry>): void {
  w.i32(8, m.vendor_id, 'cpuinfo_x86_entry.vendor_id');
  w.u32(16, m.cpu_family, 'cpuinfo_x86_entry.cpu_family');
  w.u32(24, m.model, 'cpuinfo_x86_entry.model');
  w.u32(32, m.stepping, 'cpuinfo_x86_entry.stepping');
  w.u32(40, m.capability_ver, 'cpuinfo_x86_entry.capability_ver');
  if (m.capability != null) for (const v of m.capability) w.u32(48, v, 'cpuinfo_x86_entry.capability');
  if (m.model_id != null) w.str(58, m.model_id, 'cpuinfo_x86_entry.model_id');
  if (m.xfeatures_mask != null) w.u64(64, m.xfeatures_mask, 'cpuinfo_x86_entry.xfeatures_mask');
  if (m.xsave_size != null) w.u32(72, m.xsave_size, 'cpuinfo_x86_entry.xsave_size');
  if (m.xsave_size_max != null) w.u32(80, m.xsave_size_max, 'cpuinfo_x86_entry.xsave_size_max');
  w.unknown(m);
}
export const CpuinfoX86EntryCodec: Codec<T.CpuinfoX86Entry> = { create: newCpuinfoX86Entry, read: readCpuinfoX86Entry, write: writeCpuinfoX86Entry };

export function newCpuinfoPpc64Entry(): T.CpuinfoPpc64Entry {
  return { endian: undefined as never, hwcap: [] };
}
export function readCpuinfoPpc64Entry(r: Reader, m: T.CpuinfoPpc64Entry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.endian = r.i32();
        break;
      case 16:
        m.hwcap.push(r.u64());
        break;
      case 18: {
        const outer = r.enter();
        r.u64s(m.hwcap);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.endian === undefined) r.missing('cpuinfo_ppc64_entry.endian');
}
export function writeCpuinfoPpc64Entry(w: Writer, m: Encodable<T.CpuinfoPpc64Entry>): void {
  w.i32(8, m.endian, 'cpuinfo_ppc64_entry.endian');
  if (m.hwcap != null) for (const v of m.hwcap) w.u64(16, v, 'cpuinfo_ppc64_entry.hwcap');
  w.unknown(m);
}
export const CpuinfoPpc64EntryCodec: Codec<T.CpuinfoPpc64Entry> = { create: newCpuinfoPpc64Entry, read: readCpuinfoPpc64Entry, write: writeCpuinfoPpc64Entry };

export function newCpuinfoS390Entry(): T.CpuinfoS390Entry {
  return { hwcap: [] };
}
export function readCpuinfoS390Entry(r: Reader, m: T.CpuinfoS390Entry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 16:
        m.hwcap.push(r.u64());
        break;
      case 18: {
        const outer = r.enter();
        r.u64s(m.hwcap);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeCpuinfoS390Entry(w: Writer, m: Encodable<T.CpuinfoS390Entry>): void {
  if (m.hwcap != null) for (const v of m.hwcap) w.u64(16, v, 'cpuinfo_s390_entry.hwcap');
  w.unknown(m);
}
export const CpuinfoS390EntryCodec: Codec<T.CpuinfoS390Entry> = { create: newCpuinfoS390Entry, read: readCpuinfoS390Entry, write: writeCpuinfoS390Entry };

export function newCpuinfoEntry(): T.CpuinfoEntry {
  return { x86_entry: [], ppc64_entry: [], s390_entry: [] };
}
export function readCpuinfoEntry(r: Reader, m: T.CpuinfoEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newCpuinfoX86Entry();
        readCpuinfoX86Entry(r, v);
        m.x86_entry.push(v);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        const v = newCpuinfoPpc64Entry();
        readCpuinfoPpc64Entry(r, v);
        m.ppc64_entry.push(v);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        const v = newCpuinfoS390Entry();
        readCpuinfoS390Entry(r, v);
        m.s390_entry.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeCpuinfoEntry(w: Writer, m: Encodable<T.CpuinfoEntry>): void {
  if (m.x86_entry != null) for (const v of m.x86_entry) { const start = w.begin(10, v, 'cpuinfo_entry.x86_entry'); writeCpuinfoX86Entry(w, v); w.end(start); }
  if (m.ppc64_entry != null) for (const v of m.ppc64_entry) { const start = w.begin(18, v, 'cpuinfo_entry.ppc64_entry'); writeCpuinfoPpc64Entry(w, v); w.end(start); }
  if (m.s390_entry != null) for (const v of m.s390_entry) { const start = w.begin(26, v, 'cpuinfo_entry.s390_entry'); writeCpuinfoS390Entry(w, v); w.end(start); }
  w.unknown(m);
}
export const CpuinfoEntryCodec: Codec<T.CpuinfoEntry> = { create: newCpuinfoEntry, read: readCpuinfoEntry, write: writeCpuinfoEntry };
