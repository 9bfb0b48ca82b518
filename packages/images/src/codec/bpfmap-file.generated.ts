// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newBpfmapFileEntry(): T.BpfmapFileEntry {
  return { id: undefined as never, flags: undefined as never, pos: undefined as never, fown: undefined as never, map_type: undefined as never, key_size: undefined as never, value_size: undefined as never, map_id: undefined as never, max_entries: undefined as never, map_flags: undefined as never, memlock: undefined as never, frozen: undefined as never, map_name: undefined as never, ifindex: undefined as never };
}
export function readBpfmapFileEntry(r: Reader, m: T.BpfmapFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 24:
        m.pos = r.u64();
        break;
      case 34:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 40:
        m.map_type = r.u32();
        break;
      case 48:
        m.key_size = r.u32();
        break;
      case 56:
        m.value_size = r.u32();
        break;
      case 64:
        m.map_id = r.u32();
        break;
      case 72:
        m.max_entries = r.u32();
        break;
      case 80:
        m.map_flags = r.u32();
        break;
      case 88:
        m.memlock = r.u64();
        break;
      case 96:
        m.frozen = r.bool();
        break;
      case 106:
        m.map_name = r.str();
        break;
      case 112:
        m.ifindex = r.u32();
        break;
      case 120:
        m.mnt_id = r.s32();
        break;
      case 128:
        m.map_extra = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('bpfmap_file_entry.id');
  if (m.flags === undefined) r.missing('bpfmap_file_entry.flags');
  if (m.pos === undefined) r.missing('bpfmap_file_entry.pos');
  if (m.fown === undefined) r.missing('bpfmap_file_entry.fown');
  if (m.map_type === undefined) r.missing('bpfmap_file_entry.map_type');
  if (m.key_size === undefined) r.missing('bpfmap_file_entry.key_size');
  if (m.value_size === undefined) r.missing('bpfmap_file_entry.value_size');
  if (m.map_id === undefined) r.missing('bpfmap_file_entry.map_id');
  if (m.max_entries === undefined) r.missing('bpfmap_file_entry.max_entries');
  if (m.map_flags === undefined) r.missing('bpfmap_file_entry.map_flags');
  if (m.memlock === undefined) r.missing('bpfmap_file_entry.memlock');
  if (m.frozen === undefined) r.missing('bpfmap_file_entry.frozen');
  if (m.map_name === undefined) r.missing('bpfmap_file_entry.map_name');
  if (m.ifindex === undefined) r.missing('bpfmap_file_entry.ifindex');
}
export function writeBpfmapFileEntry(w: Writer, m: Encodable<T.BpfmapFileEntry>): void {
  w.u32(8, m.id, 'bpfmap_file_entry.id');
  w.u32(16, m.flags, 'bpfmap_file_entry.flags');
  w.u64(24, m.pos, 'bpfmap_file_entry.pos');
  w.alike(34, m.fown, 'bpfmap_file_entry.fown', writeFownEntry);
  w.u32(40, m.map_type, 'bpfmap_file_entry.map_type');
  w.u32(48, m.key_size, 'bpfmap_file_entry.key_size');
  w.u32(56, m.value_size, 'bpfmap_file_entry.value_size');
  w.u32(64, m.map_id, 'bpfmap_file_entry.map_id');
  w.u32(72, m.max_entries, 'bpfmap_file_entry.max_entries');
  w.u32(80, m.map_flags, 'bpfmap_file_entry.map_flags');
  w.u64(88, m.memlock, 'bpfmap_file_entry.memlock');
  w.bool(96, m.frozen, 'bpfmap_file_entry.frozen');
  w.str(106, m.map_name, 'bpfmap_file_entry.map_name');
  w.u32(112, m.ifindex, 'bpfmap_file_entry.ifindex');
  if (m.mnt_id != null) w.s32(120, m.mnt_id, 'bpfmap_file_entry.mnt_id');
  if (m.map_extra != null) w.u64(128, m.map_extra, 'bpfmap_file_entry.map_extra');
  w.unknown(m);
}
export const BpfmapFileEntryCodec: Codec<T.BpfmapFileEntry> = { create: newBpfmapFileEntry, read: readBpfmapFileEntry, write: writeBpfmapFileEntry };
