// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newFifoEntry(): T.FifoEntry {
  return { id: undefined as never, pipe_id: undefined as never };
}
export function readFifoEntry(r: Reader, m: T.FifoEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.pipe_id = r.u32();
        break;
      case 24:
        m.regf_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('fifo_entry.id');
  if (m.pipe_id === undefined) r.missing('fifo_entry.pipe_id');
}
export function writeFifoEntry(w: Writer, m: Encodable<T.FifoEntry>): void {
  w.u32(8, m.id, 'fifo_entry.id');
  w.u32(16, m.pipe_id, 'fifo_entry.pipe_id');
  if (m.regf_id != null) w.u32(24, m.regf_id, 'fifo_entry.regf_id');
  w.unknown(m);
}
export const FifoEntryCodec: Codec<T.FifoEntry> = { create: newFifoEntry, read: readFifoEntry, write: writeFifoEntry };
