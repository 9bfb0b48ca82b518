// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newEventfdFileEntry(): T.EventfdFileEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, counter: undefined as never };
}
export function readEventfdFileEntry(r: Reader, m: T.EventfdFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 26:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 32:
        m.counter = r.u64();
        break;
      case 8000:
        m.semaphore = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('eventfd_file_entry.id');
  if (m.flags === undefined) r.missing('eventfd_file_entry.flags');
  if (m.fown === undefined) r.missing('eventfd_file_entry.fown');
  if (m.counter === undefined) r.missing('eventfd_file_entry.counter');
}
export function writeEventfdFileEntry(w: Writer, m: Encodable<T.EventfdFileEntry>): void {
  w.u32(8, m.id, 'eventfd_file_entry.id');
  w.u32(16, m.flags, 'eventfd_file_entry.flags');
  w.alike(26, m.fown, 'eventfd_file_entry.fown', writeFownEntry);
  w.u64(32, m.counter, 'eventfd_file_entry.counter');
  if (m.semaphore != null) w.bool(8000, m.semaphore, 'eventfd_file_entry.semaphore');
  w.unknown(m);
}
export const EventfdFileEntryCodec: Codec<T.EventfdFileEntry> = { create: newEventfdFileEntry, read: readEventfdFileEntry, write: writeEventfdFileEntry };
