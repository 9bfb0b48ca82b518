// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newSignalfdEntry(): T.SignalfdEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, sigmask: undefined as never };
}
export function readSignalfdEntry(r: Reader, m: T.SignalfdEntry): void {
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
        m.sigmask = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('signalfd_entry.id');
  if (m.flags === undefined) r.missing('signalfd_entry.flags');
  if (m.fown === undefined) r.missing('signalfd_entry.fown');
  if (m.sigmask === undefined) r.missing('signalfd_entry.sigmask');
}
export function writeSignalfdEntry(w: Writer, m: Encodable<T.SignalfdEntry>): void {
  w.u32(8, m.id, 'signalfd_entry.id');
  w.u32(16, m.flags, 'signalfd_entry.flags');
  w.alike(26, m.fown, 'signalfd_entry.fown', writeFownEntry);
  w.u64(32, m.sigmask, 'signalfd_entry.sigmask');
  w.unknown(m);
}
export const SignalfdEntryCodec: Codec<T.SignalfdEntry> = { create: newSignalfdEntry, read: readSignalfdEntry, write: writeSignalfdEntry };
