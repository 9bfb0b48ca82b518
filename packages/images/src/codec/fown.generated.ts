// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newFownEntry(): T.FownEntry {
  return { uid: undefined as never, euid: undefined as never, signum: undefined as never, pid_type: undefined as never, pid: undefined as never };
}
export function readFownEntry(r: Reader, m: T.FownEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.uid = r.u32();
        break;
      case 16:
        m.euid = r.u32();
        break;
      case 24:
        m.signum = r.u32();
        break;
      case 32:
        m.pid_type = r.u32();
        break;
      case 40:
        m.pid = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.uid === undefined) r.missing('fown_entry.uid');
  if (m.euid === undefined) r.missing('fown_entry.euid');
  if (m.signum === undefined) r.missing('fown_entry.signum');
  if (m.pid_type === undefined) r.missing('fown_entry.pid_type');
  if (m.pid === undefined) r.missing('fown_entry.pid');
}
export function writeFownEntry(w: Writer, m: Encodable<T.FownEntry>): void {
  w.u32(8, m.uid, 'fown_entry.uid');
  w.u32(16, m.euid, 'fown_entry.euid');
  w.u32(24, m.signum, 'fown_entry.signum');
  w.u32(32, m.pid_type, 'fown_entry.pid_type');
  w.u32(40, m.pid, 'fown_entry.pid');
  w.unknown(m);
}
export const FownEntryCodec: Codec<T.FownEntry> = { create: newFownEntry, read: readFownEntry, write: writeFownEntry };
