// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newPidfdEntry(): T.PidfdEntry {
  return { id: undefined as never, ino: undefined as never, flags: undefined as never, nspid: undefined as never, fown: undefined as never };
}
export function readPidfdEntry(r: Reader, m: T.PidfdEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.ino = r.u32();
        break;
      case 24:
        m.flags = r.u32();
        break;
      case 32:
        m.nspid = r.i32();
        break;
      case 42:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 8000:
        m.exit_status = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('pidfd_entry.id');
  if (m.ino === undefined) r.missing('pidfd_entry.ino');
  if (m.flags === undefined) r.missing('pidfd_entry.flags');
  if (m.nspid === undefined) r.missing('pidfd_entry.nspid');
  if (m.fown === undefined) r.missing('pidfd_entry.fown');
}
export function writePidfdEntry(w: Writer, m: Encodable<T.PidfdEntry>): void {
  w.u32(8, m.id, 'pidfd_entry.id');
  w.u32(16, m.ino, 'pidfd_entry.ino');
  w.u32(24, m.flags, 'pidfd_entry.flags');
  w.i32(32, m.nspid, 'pidfd_entry.nspid');
  w.alike(42, m.fown, 'pidfd_entry.fown', writeFownEntry);
  if (m.exit_status != null) w.u32(8000, m.exit_status, 'pidfd_entry.exit_status');
  w.unknown(m);
}
export const PidfdEntryCodec: Codec<T.PidfdEntry> = { create: newPidfdEntry, read: readPidfdEntry, write: writePidfdEntry };
