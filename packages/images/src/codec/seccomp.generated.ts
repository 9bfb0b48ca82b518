// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newSeccompFilter(): T.SeccompFilter {
  return { filter: undefined as never };
}
export function readSeccompFilter(r: Reader, m: T.SeccompFilter): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.filter = r.bytes();
        break;
      case 16:
        m.prev = r.u32();
        break;
      case 24:
        m.flags = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.filter === undefined) r.missing('seccomp_filter.filter');
}
export function writeSeccompFilter(w: Writer, m: Encodable<T.SeccompFilter>): void {
  w.bytes(10, m.filter, 'seccomp_filter.filter');
  if (m.prev != null) w.u32(16, m.prev, 'seccomp_filter.prev');
  if (m.flags != null) w.u32(24, m.flags, 'seccomp_filter.flags');
  w.unknown(m);
}
export const SeccompFilterCodec: Codec<T.SeccompFilter> = { create: newSeccompFilter, read: readSeccompFilter, write: writeSeccompFilter };

export function newSeccompEntry(): T.SeccompEntry {
  return { seccomp_filters: [] };
}
export function readSeccompEntry(r: Reader, m: T.SeccompEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newSeccompFilter();
        readSeccompFilter(r, v);
        m.seccomp_filters.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeSeccompEntry(w: Writer, m: Encodable<T.SeccompEntry>): void {
  if (m.seccomp_filters != null) for (const v of m.seccomp_filters) { const start = w.begin(10, v, 'seccomp_entry.seccomp_filters'); writeSeccompFilter(w, v); w.end(start); }
  w.unknown(m);
}
export const SeccompEntryCodec: Codec<T.SeccompEntry> = { create: newSeccompEntry, read: readSeccompEntry, write: writeSeccompEntry };
