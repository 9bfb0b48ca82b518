// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newSaEntry(): T.SaEntry {
  return { sigaction: undefined as never, flags: undefined as never, restorer: undefined as never, mask: undefined as never };
}
export function readSaEntry(r: Reader, m: T.SaEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.sigaction = r.u64();
        break;
      case 16:
        m.flags = r.u64();
        break;
      case 24:
        m.restorer = r.u64();
        break;
      case 32:
        m.mask = r.u64();
        break;
      case 40:
        m.compat_sigaction = r.bool();
        break;
      case 48:
        m.mask_extended = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.sigaction === undefined) r.missing('sa_entry.sigaction');
  if (m.flags === undefined) r.missing('sa_entry.flags');
  if (m.restorer === undefined) r.missing('sa_entry.restorer');
  if (m.mask === undefined) r.missing('sa_entry.mask');
}
export function writeSaEntry(w: Writer, m: Encodable<T.SaEntry>): void {
  w.u64(8, m.sigaction, 'sa_entry.sigaction');
  w.u64(16, m.flags, 'sa_entry.flags');
  w.u64(24, m.restorer, 'sa_entry.restorer');
  w.u64(32, m.mask, 'sa_entry.mask');
  if (m.compat_sigaction != null) w.bool(40, m.compat_sigaction, 'sa_entry.compat_sigaction');
  if (m.mask_extended != null) w.u64(48, m.mask_extended, 'sa_entry.mask_extended');
  w.unknown(m);
}
export const SaEntryCodec: Codec<T.SaEntry> = { create: newSaEntry, read: readSaEntry, write: writeSaEntry };
