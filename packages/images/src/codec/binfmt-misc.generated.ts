// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newBinfmtMiscEntry(): T.BinfmtMiscEntry {
  return { name: undefined as never, enabled: undefined as never, interpreter: undefined as never };
}
export function readBinfmtMiscEntry(r: Reader, m: T.BinfmtMiscEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.str();
        break;
      case 16:
        m.enabled = r.bool();
        break;
      case 26:
        m.interpreter = r.str();
        break;
      case 34:
        m.flags = r.str();
        break;
      case 42:
        m.extension = r.str();
        break;
      case 50:
        m.magic = r.str();
        break;
      case 58:
        m.mask = r.str();
        break;
      case 64:
        m.offset = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.name === undefined) r.missing('binfmt_misc_entry.name');
  if (m.enabled === undefined) r.missing('binfmt_misc_entry.enabled');
  if (m.interpreter === undefined) r.missing('binfmt_misc_entry.interpreter');
}
export function writeBinfmtMiscEntry(w: Writer, m: Encodable<T.BinfmtMiscEntry>): void {
  w.str(10, m.name, 'binfmt_misc_entry.name');
  w.bool(16, m.enabled, 'binfmt_misc_entry.enabled');
  w.str(26, m.interpreter, 'binfmt_misc_entry.interpreter');
  if (m.flags != null) w.str(34, m.flags, 'binfmt_misc_entry.flags');
  if (m.extension != null) w.str(42, m.extension, 'binfmt_misc_entry.extension');
  if (m.magic != null) w.str(50, m.magic, 'binfmt_misc_entry.magic');
  if (m.mask != null) w.str(58, m.mask, 'binfmt_misc_entry.mask');
  if (m.offset != null) w.i32(64, m.offset, 'binfmt_misc_entry.offset');
  w.unknown(m);
}
export const BinfmtMiscEntryCodec: Codec<T.BinfmtMiscEntry> = { create: newBinfmtMiscEntry, read: readBinfmtMiscEntry, write: writeBinfmtMiscEntry };
