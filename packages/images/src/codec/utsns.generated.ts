// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newUtsnsEntry(): T.UtsnsEntry {
  return { nodename: undefined as never, domainname: undefined as never };
}
export function readUtsnsEntry(r: Reader, m: T.UtsnsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.nodename = r.str();
        break;
      case 18:
        m.domainname = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.nodename === undefined) r.missing('utsns_entry.nodename');
  if (m.domainname === undefined) r.missing('utsns_entry.domainname');
}
export function writeUtsnsEntry(w: Writer, m: Encodable<T.UtsnsEntry>): void {
  w.str(10, m.nodename, 'utsns_entry.nodename');
  w.str(18, m.domainname, 'utsns_entry.domainname');
  w.unknown(m);
}
export const UtsnsEntryCodec: Codec<T.UtsnsEntry> = { create: newUtsnsEntry, read: readUtsnsEntry, write: writeUtsnsEntry };
