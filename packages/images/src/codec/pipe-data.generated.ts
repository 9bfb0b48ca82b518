// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newPipeDataEntry(): T.PipeDataEntry {
  return { pipe_id: undefined as never, bytes: undefined as never, packets: [] };
}
export function readPipeDataEntry(r: Reader, m: T.PipeDataEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pipe_id = r.u32();
        break;
      case 16:
        m.bytes = r.u32();
        break;
      case 24:
        m.size = r.u32();
        break;
      case 8000:
        m.packets.push(r.u32());
        break;
      case 8002: {
        const outer = r.enter();
        r.u32s(m.packets);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pipe_id === undefined) r.missing('pipe_data_entry.pipe_id');
  if (m.bytes === undefined) r.missing('pipe_data_entry.bytes');
}
export function writePipeDataEntry(w: Writer, m: Encodable<T.PipeDataEntry>): void {
  w.u32(8, m.pipe_id, 'pipe_data_entry.pipe_id');
  w.u32(16, m.bytes, 'pipe_data_entry.bytes');
  if (m.size != null) w.u32(24, m.size, 'pipe_data_entry.size');
  if (m.packets != null) for (const v of m.packets) w.u32(8000, v, 'pipe_data_entry.packets');
  w.unknown(m);
}
export const PipeDataEntryCodec: Codec<T.PipeDataEntry> = { create: newPipeDataEntry, read: readPipeDataEntry, write: writePipeDataEntry };
