// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newBpfmapDataEntry(): T.BpfmapDataEntry {
  return { map_id: undefined as never, keys_bytes: undefined as never, values_bytes: undefined as never, count: undefined as never };
}
export function readBpfmapDataEntry(r: Reader, m: T.BpfmapDataEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.map_id = r.u32();
        break;
      case 16:
        m.keys_bytes = r.u32();
        break;
      case 24:
        m.values_bytes = r.u32();
        break;
      case 32:
        m.count = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.map_id === undefined) r.missing('bpfmap_data_entry.map_id');
  if (m.keys_bytes === undefined) r.missing('bpfmap_data_entry.keys_bytes');
  if (m.values_bytes === undefined) r.missing('bpfmap_data_entry.values_bytes');
  if (m.count === undefined) r.missing('bpfmap_data_entry.count');
}
export function writeBpfmapDataEntry(w: Writer, m: Encodable<T.BpfmapDataEntry>): void {
  w.u32(8, m.map_id, 'bpfmap_data_entry.map_id');
  w.u32(16, m.keys_bytes, 'bpfmap_data_entry.keys_bytes');
  w.u32(24, m.values_bytes, 'bpfmap_data_entry.values_bytes');
  w.u32(32, m.count, 'bpfmap_data_entry.count');
  w.unknown(m);
}
export const BpfmapDataEntryCodec: Codec<T.BpfmapDataEntry> = { create: newBpfmapDataEntry, read: readBpfmapDataEntry, write: writeBpfmapDataEntry };
