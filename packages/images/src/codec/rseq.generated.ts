// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newRseqEntry(): T.RseqEntry {
  return { rseq_abi_pointer: undefined as never, rseq_abi_size: undefined as never, signature: undefined as never };
}
export function readRseqEntry(r: Reader, m: T.RseqEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.rseq_abi_pointer = r.u64();
        break;
      case 16:
        m.rseq_abi_size = r.u32();
        break;
      case 24:
        m.signature = r.u32();
        break;
      case 32:
        m.rseq_cs_pointer = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.rseq_abi_pointer === undefined) r.missing('rseq_entry.rseq_abi_pointer');
  if (m.rseq_abi_size === undefined) r.missing('rseq_entry.rseq_abi_size');
  if (m.signature === undefined) r.missing('rseq_entry.signature');
}
export function writeRseqEntry(w: Writer, m: Encodable<T.RseqEntry>): void {
  w.u64(8, m.rseq_abi_pointer, 'rseq_entry.rseq_abi_pointer');
  w.u32(16, m.rseq_abi_size, 'rseq_entry.rseq_abi_size');
  w.u32(24, m.signature, 'rseq_entry.signature');
  if (m.rseq_cs_pointer != null) w.u64(32, m.rseq_cs_pointer, 'rseq_entry.rseq_cs_pointer');
  w.unknown(m);
}
export const RseqEntryCodec: Codec<T.RseqEntry> = { create: newRseqEntry, read: readRseqEntry, write: writeRseqEntry };
