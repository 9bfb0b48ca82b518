// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newPidnsEntry(): T.PidnsEntry {
  return {};
}
export function readPidnsEntry(r: Reader, m: T.PidnsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.ext_key = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
export function writePidnsEntry(w: Writer, m: Encodable<T.PidnsEntry>): void {
  if (m.ext_key != null) w.str(10, m.ext_key, 'pidns_entry.ext_key');
  w.unknown(m);
}
export const PidnsEntryCodec: Codec<T.PidnsEntry> = { create: newPidnsEntry, read: readPidnsEntry, write: writePidnsEntry };
