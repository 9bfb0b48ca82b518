// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newPipeEntry(): T.PipeEntry {
  return { id: undefined as never, pipe_id: undefined as never, flags: undefined as never, fown: undefined as never };
}
export function readPipeEntry(r: Reader, m: T.PipeEntry): void {
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
        m.flags = r.u32();
        break;
      case 34:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('pipe_entry.id');
  if (m.pipe_id === undefined) r.missing('pipe_entry.pipe_id');
  if (m.flags === undefined) r.missing('pipe_entry.flags');
  if (m.fown === undefined) r.missing('pipe_entry.fown');
}
export function writePipeEntry(w: Writer, m: Encodable<T.PipeEntry>): void {
  w.u32(8, m.id, 'pipe_entry.id');
  w.u32(16, m.pipe_id, 'pipe_entry.pipe_id');
  w.u32(24, m.flags, 'pipe_entry.flags');
  w.alike(34, m.fown, 'pipe_entry.fown', writeFownEntry);
  w.unknown(m);
}
export const PipeEntryCodec: Codec<T.PipeEntry> = { create: newPipeEntry, read: readPipeEntry, write: writePipeEntry };
