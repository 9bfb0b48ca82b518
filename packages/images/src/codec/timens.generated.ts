// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newTimespec(): T.Timespec {
  return { tv_sec: undefined as never, tv_nsec: undefined as never };
}
export function readTimespec(r: Reader, m: T.Timespec): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.tv_sec = r.u64();
        break;
      case 16:
        m.tv_nsec = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.tv_sec === undefined) r.missing('timespec.tv_sec');
  if (m.tv_nsec === undefined) r.missing('timespec.tv_nsec');
}
export function writeTimespec(w: Writer, m: Encodable<T.Timespec>): void {
  w.u64(8, m.tv_sec, 'timespec.tv_sec');
  w.u64(16, m.tv_nsec, 'timespec.tv_nsec');
  w.unknown(m);
}
export const TimespecCodec: Codec<T.Timespec> = { create: newTimespec, read: readTimespec, write: writeTimespec };

export function newTimensEntry(): T.TimensEntry {
  return { monotonic: undefined as never, boottime: undefined as never };
}
export function readTimensEntry(r: Reader, m: T.TimensEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.monotonic ??= newTimespec();
        readTimespec(r, m.monotonic);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.boottime ??= newTimespec();
        readTimespec(r, m.boottime);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.monotonic === undefined) r.missing('timens_entry.monotonic');
  if (m.boottime === undefined) r.missing('timens_entry.boottime');
}
export function writeTimensEntry(w: Writer, m: Encodable<T.TimensEntry>): void {
  { const start = w.begin(10, m.monotonic, 'timens_entry.monotonic'); writeTimespec(w, m.monotonic); w.end(start); }
  { const start = w.begin(18, m.boottime, 'timens_entry.boottime'); writeTimespec(w, m.boottime); w.end(start); }
  w.unknown(m);
}
export const TimensEntryCodec: Codec<T.TimensEntry> = { create: newTimensEntry, read: readTimensEntry, write: writeTimensEntry };
