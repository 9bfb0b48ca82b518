// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newRlimitEntry(): T.RlimitEntry {
  return { cur: undefined as never, max: undefined as never };
}
export function readRlimitEntry(r: Reader, m: T.RlimitEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.cur = r.u64();
        break;
      case 16:
        m.max = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.cur === undefined) r.missing('rlimit_entry.cur');
  if (m.max === undefined) r.missing('rlimit_entry.max');
}
export function writeRlimitEntry(w: Writer, m: Encodable<T.RlimitEntry>): void {
  w.u64(8, m.cur, 'rlimit_entry.cur');
  w.u64(16, m.max, 'rlimit_entry.max');
  w.unknown(m);
}
export const RlimitEntryCodec: Codec<T.RlimitEntry> = { create: newRlimitEntry, read: readRlimitEntry, write: writeRlimitEntry };
