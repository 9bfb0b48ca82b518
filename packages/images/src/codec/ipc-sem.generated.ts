// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newIpcDescEntry, readIpcDescEntry, writeIpcDescEntry } from './ipc-desc.generated.js';

export function newIpcSemEntry(): T.IpcSemEntry {
  return { desc: undefined as never, nsems: undefined as never };
}
export function readIpcSemEntry(r: Reader, m: T.IpcSemEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.desc ??= newIpcDescEntry();
        readIpcDescEntry(r, m.desc);
        r.leave(outer);
        break;
      }
      case 16:
        m.nsems = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.desc === undefined) r.missing('ipc_sem_entry.desc');
  if (m.nsems === undefined) r.missing('ipc_sem_entry.nsems');
}
export function writeIpcSemEntry(w: Writer, m: Encodable<T.IpcSemEntry>): void {
  { const start = w.begin(10, m.desc, 'ipc_sem_entry.desc'); writeIpcDescEntry(w, m.desc); w.end(start); }
  w.u32(16, m.nsems, 'ipc_sem_entry.nsems');
  w.unknown(m);
}
export const IpcSemEntryCodec: Codec<T.IpcSemEntry> = { create: newIpcSemEntry, read: readIpcSemEntry, write: writeIpcSemEntry };
