// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newVmaEntry, readVmaEntry, writeVmaEntry } from './vma.generated.js';

export function newAioRingEntry(): T.AioRingEntry {
  return { id: undefined as never, nr_req: undefined as never, ring_len: undefined as never };
}
export function readAioRingEntry(r: Reader, m: T.AioRingEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u64();
        break;
      case 16:
        m.nr_req = r.u32();
        break;
      case 24:
        m.ring_len = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('aio_ring_entry.id');
  if (m.nr_req === undefined) r.missing('aio_ring_entry.nr_req');
  if (m.ring_len === undefined) r.missing('aio_ring_entry.ring_len');
}
export function writeAioRingEntry(w: Writer, m: Encodable<T.AioRingEntry>): void {
  w.u64(8, m.id, 'aio_ring_entry.id');
  w.u32(16, m.nr_req, 'aio_ring_entry.nr_req');
  w.u32(24, m.ring_len, 'aio_ring_entry.ring_len');
  w.unknown(m);
}
export const AioRingEntryCodec: Codec<T.AioRingEntry> = { create: newAioRingEntry, read: readAioRingEntry, write: writeAioRingEntry };

export function newMmEntry(): T.MmEntry {
  return { mm_start_code: undefined as never, mm_end_code: undefined as never, mm_start_data: undefined as never, mm_end_data: undefined as never, mm_start_stack: undefined as never, mm_start_brk: undefined as never, mm_brk: undefined as never, mm_arg_start: undefined as never, mm_arg_end: undefined as never, mm_env_start: undefined as never, mm_env_end: undefined as never, exe_file_id: undefined as never, mm_saved_auxv: [], vmas: [], aios: [] };
}
export function readMmEntry(r: Reader, m: T.MmEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mm_start_code = r.u64();
        break;
      case 16:
        m.mm_end_code = r.u64();
        break;
      case 24:
        m.mm_start_data = r.u64();
        break;
      case 32:
        m.mm_end_data = r.u64();
        break;
      case 40:
        m.mm_start_stack = r.u64();
        break;
      case 48:
        m.mm_start_brk = r.u64();
        break;
      case 56:
        m.mm_brk = r.u64();
        break;
      case 64:
        m.mm_arg_start = r.u64();
        break;
      case 72:
        m.mm_arg_end = r.u64();
        break;
      case 80:
        m.mm_env_start = r.u64();
        break;
      case 88:
        m.mm_env_end = r.u64();
        break;
      case 96:
        m.exe_file_id = r.u32();
        break;
      case 104:
        m.mm_saved_auxv.push(r.u64());
        break;
      case 106: {
        const outer = r.enter();
        r.u64s(m.mm_saved_auxv);
        r.leave(outer);
        break;
      }
      case 114: {
        const outer = r.enter();
        const v = newVmaEntry();
        readVmaEntry(r, v);
        m.vmas.push(v);
        r.leave(outer);
        break;
      }
      case 120:
        m.dumpable = r.i32();
        break;
      case 130: {
        const outer = r.enter();
        const v = newAioRingEntry();
        readAioRingEntry(r, v);
        m.aios.push(v);
        r.leave(outer);
        break;
      }
      case 136:
        m.thp_disabled = r.bool();
        break;
      case 8000:
        m.lock_future = r.u32();
        break;
      case 8008:
        m.mdwe = r.u32();
        break;
      case 8016:
        m.merge_any = r.bool();
        break;
      case 8024:
        m.thp_except_advised = r.bool();
        break;
      case 8032:
        m.coredump_filter = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mm_start_code === undefined) r.missing('mm_entry.mm_start_code');
  if (m.mm_end_code === undefined) r.missing('mm_entry.mm_end_code');
  if (m.mm_start_data === undefined) r.missing('mm_entry.mm_start_data');
  if (m.mm_end_data === undefined) r.missing('mm_entry.mm_end_data');
  if (m.mm_start_stack === undefined) r.missing('mm_entry.mm_start_stack');
  if (m.mm_start_brk === undefined) r.missing('mm_entry.mm_start_brk');
  if (m.mm_brk === undefined) r.missing('mm_entry.mm_brk');
  if (m.mm_arg_start === undefined) r.missing('mm_entry.mm_arg_start');
  if (m.mm_arg_end === undefined) r.missing('mm_entry.mm_arg_end');
  if (m.mm_env_start === undefined) r.missing('mm_entry.mm_env_start');
  if (m.mm_env_end === undefined) r.missing('mm_entry.mm_env_end');
  if (m.exe_file_id === undefined) r.missing('mm_entry.exe_file_id');
}
export function writeMmEntry(w: Writer, m: Encodable<T.MmEntry>): void {
  w.u64(8, m.mm_start_code, 'mm_entry.mm_start_code');
  w.u64(16, m.mm_end_code, 'mm_entry.mm_end_code');
  w.u64(24, m.mm_start_data, 'mm_entry.mm_start_data');
  w.u64(32, m.mm_end_data, 'mm_entry.mm_end_data');
  w.u64(40, m.mm_start_stack, 'mm_entry.mm_start_stack');
  w.u64(48, m.mm_start_brk, 'mm_entry.mm_start_brk');
  w.u64(56, m.mm_brk, 'mm_entry.mm_brk');
  w.u64(64, m.mm_arg_start, 'mm_entry.mm_arg_start');
  w.u64(72, m.mm_arg_end, 'mm_entry.mm_arg_end');
  w.u64(80, m.mm_env_start, 'mm_entry.mm_env_start');
  w.u64(88, m.mm_env_end, 'mm_entry.mm_env_end');
  w.u32(96, m.exe_file_id, 'mm_entry.exe_file_id');
  if (m.mm_saved_auxv != null) for (const v of m.mm_saved_auxv) w.u64(104, v, 'mm_entry.mm_saved_auxv');
  if (m.vmas != null) for (const v of m.vmas) { const start = w.begin(114, v, 'mm_entry.vmas'); writeVmaEntry(w, v); w.end(start); }
  if (m.dumpable != null) w.i32(120, m.dumpable, 'mm_entry.dumpable');
  if (m.aios != null) for (const v of m.aios) { const start = w.begin(130, v, 'mm_entry.aios'); writeAioRingEntry(w, v); w.end(start); }
  if (m.thp_disabled != null) w.bool(136, m.thp_disabled, 'mm_entry.thp_disabled');
  if (m.lock_future != null) w.u32(8000, m.lock_future, 'mm_entry.lock_future');
  if (m.mdwe != null) w.u32(8008, m.mdwe, 'mm_entry.mdwe');
  if (m.merge_any != null) w.bool(8016, m.merge_any, 'mm_entry.merge_any');
  if (m.thp_except_advised != null) w.bool(8024, m.thp_except_advised, 'mm_entry.thp_except_advised');
  if (m.coredump_filter != null) w.u32(8032, m.coredump_filter, 'mm_entry.coredump_filter');
  w.unknown(m);
}
export const MmEntryCodec: Codec<T.MmEntry> = { create: newMmEntry, read: readMmEntry, write: writeMmEntry };
