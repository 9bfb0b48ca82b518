// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newIpcDescEntry, readIpcDescEntry, writeIpcDescEntry } from './ipc-desc.generated.js';

export function newIpcShmEntry(): T.IpcShmEntry {
  return { desc: undefined as never, size: undefined as never };
}
export function readIpcShmEntry(r: Reader, m: T.IpcShmEntry): void {
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
        m.size = r.u64();
        break;
      case 24:
        m.in_pagemaps = r.bool();
        break;
      case 32:
        m.hugetlb_flag = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.desc === undefined) r.missing('ipc_shm_entry.desc');
  if (m.size === undefined) r.missing('ipc_shm_entry.size');
}
export function writeIpcShmEntry(w: Writer, m: Encodable<T.IpcShmEntry>): void {
  { const start = w.begin(10, m.desc, 'ipc_shm_entry.desc'); writeIpcDescEntry(w, m.desc); w.end(start); }
  w.u64(16, m.size, 'ipc_shm_entry.size');
  if (m.in_pagemaps != null) w.bool(24, m.in_pagemaps, 'ipc_shm_entry.in_pagemaps');
  if (m.hugetlb_flag != null) w.u32(32, m.hugetlb_flag, 'ipc_shm_entry.hugetlb_flag');
  w.unknown(m);
}
export const IpcShmEntryCodec: Codec<T.IpcShmEntry> = { create: newIpcShmEntry, read: readIpcShmEntry, write: writeIpcShmEntry };
