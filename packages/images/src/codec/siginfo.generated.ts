// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newSiginfoEntry(): T.SiginfoEntry {
  return { siginfo: undefined as never };
}
export function readSiginfoEntry(r: Reader, m: T.SiginfoEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.siginfo = r.bytes();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.siginfo === undefined) r.missing('siginfo_entry.siginfo');
}
export function writeSiginfoEntry(w: Writer, m: Encodable<T.SiginfoEntry>): void {
  w.bytes(10, m.siginfo, 'siginfo_entry.siginfo');
  w.unknown(m);
}
export const SiginfoEntryCodec: Codec<T.SiginfoEntry> = { create: newSiginfoEntry, read: readSiginfoEntry, write: writeSiginfoEntry };

export function newSignalQueueEntry(): T.SignalQueueEntry {
  return { signals: [] };
}
export function readSignalQueueEntry(r: Reader, m: T.SignalQueueEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newSiginfoEntry();
        readSiginfoEntry(r, v);
        m.signals.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeSignalQueueEntry(w: Writer, m: Encodable<T.SignalQueueEntry>): void {
  if (m.signals != null) for (const v of m.signals) { const start = w.begin(10, v, 'signal_queue_entry.signals'); writeSiginfoEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const SignalQueueEntryCodec: Codec<T.SignalQueueEntry> = { create: newSignalQueueEntry, read: readSignalQueueEntry, write: writeSignalQueueEntry };
