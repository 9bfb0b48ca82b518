// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newRemapFilePathEntry(): T.RemapFilePathEntry {
  return { orig_id: undefined as never, remap_id: undefined as never };
}
export function readRemapFilePathEntry(r: Reader, m: T.RemapFilePathEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.orig_id = r.u32();
        break;
      case 16:
        m.remap_id = r.u32();
        break;
      case 24:
        m.remap_type = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.orig_id === undefined) r.missing('remap_file_path_entry.orig_id');
  if (m.remap_id === undefined) r.missing('remap_file_path_entry.remap_id');
}
export function writeRemapFilePathEntry(w: Writer, m: Encodable<T.RemapFilePathEntry>): void {
  w.u32(8, m.orig_id, 'remap_file_path_entry.orig_id');
  w.u32(16, m.remap_id, 'remap_file_path_entry.remap_id');
  if (m.remap_type != null) w.i32(24, m.remap_type, 'remap_file_path_entry.remap_type');
  w.unknown(m);
}
export const RemapFilePathEntryCodec: Codec<T.RemapFilePathEntry> = { create: newRemapFilePathEntry, read: readRemapFilePathEntry, write: writeRemapFilePathEntry };
