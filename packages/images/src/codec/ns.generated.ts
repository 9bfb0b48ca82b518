// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newNsFileEntry(): T.NsFileEntry {
  return { id: undefined as never, ns_id: undefined as never, ns_cflag: undefined as never, flags: undefined as never };
}
export function readNsFileEntry(r: Reader, m: T.NsFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.ns_id = r.u32();
        break;
      case 24:
        m.ns_cflag = r.u32();
        break;
      case 32:
        m.flags = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('ns_file_entry.id');
  if (m.ns_id === undefined) r.missing('ns_file_entry.ns_id');
  if (m.ns_cflag === undefined) r.missing('ns_file_entry.ns_cflag');
  if (m.flags === undefined) r.missing('ns_file_entry.flags');
}
export function writeNsFileEntry(w: Writer, m: Encodable<T.NsFileEntry>): void {
  w.u32(8, m.id, 'ns_file_entry.id');
  w.u32(16, m.ns_id, 'ns_file_entry.ns_id');
  w.u32(24, m.ns_cflag, 'ns_file_entry.ns_cflag');
  w.u32(32, m.flags, 'ns_file_entry.flags');
  w.unknown(m);
}
export const NsFileEntryCodec: Codec<T.NsFileEntry> = { create: newNsFileEntry, read: readNsFileEntry, write: writeNsFileEntry };
