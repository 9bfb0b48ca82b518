// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newExtFileEntry(): T.ExtFileEntry {
  return { id: undefined as never, fown: undefined as never };
}
export function readExtFileEntry(r: Reader, m: T.ExtFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 42:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('ext_file_entry.id');
  if (m.fown === undefined) r.missing('ext_file_entry.fown');
}
export function writeExtFileEntry(w: Writer, m: Encodable<T.ExtFileEntry>): void {
  w.u32(8, m.id, 'ext_file_entry.id');
  w.alike(42, m.fown, 'ext_file_entry.fown', writeFownEntry);
  w.unknown(m);
}
export const ExtFileEntryCodec: Codec<T.ExtFileEntry> = { create: newExtFileEntry, read: readExtFileEntry, write: writeExtFileEntry };
