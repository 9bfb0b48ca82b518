// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newMacvlanLinkEntry(): T.MacvlanLinkEntry {
  return { mode: undefined as never };
}
export function readMacvlanLinkEntry(r: Reader, m: T.MacvlanLinkEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mode = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mode === undefined) r.missing('macvlan_link_entry.mode');
}
export function writeMacvlanLinkEntry(w: Writer, m: Encodable<T.MacvlanLinkEntry>): void {
  w.u32(8, m.mode, 'macvlan_link_entry.mode');
  if (m.flags != null) w.u32(16, m.flags, 'macvlan_link_entry.flags');
  w.unknown(m);
}
export const MacvlanLinkEntryCodec: Codec<T.MacvlanLinkEntry> = { create: newMacvlanLinkEntry, read: readMacvlanLinkEntry, write: writeMacvlanLinkEntry };
