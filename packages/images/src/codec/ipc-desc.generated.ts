// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newIpcDescEntry(): T.IpcDescEntry {
  return { key: undefined as never, uid: undefined as never, gid: undefined as never, cuid: undefined as never, cgid: undefined as never, mode: undefined as never, id: undefined as never };
}
export function readIpcDescEntry(r: Reader, m: T.IpcDescEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.key = r.u32();
        break;
      case 16:
        m.uid = r.u32();
        break;
      case 24:
        m.gid = r.u32();
        break;
      case 32:
        m.cuid = r.u32();
        break;
      case 40:
        m.cgid = r.u32();
        break;
      case 48:
        m.mode = r.u32();
        break;
      case 56:
        m.id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.key === undefined) r.missing('ipc_desc_entry.key');
  if (m.uid === undefined) r.missing('ipc_desc_entry.uid');
  if (m.gid === undefined) r.missing('ipc_desc_entry.gid');
  if (m.cuid === undefined) r.missing('ipc_desc_entry.cuid');
  if (m.cgid === undefined) r.missing('ipc_desc_entry.cgid');
  if (m.mode === undefined) r.missing('ipc_desc_entry.mode');
  if (m.id === undefined) r.missing('ipc_desc_entry.id');
}
export function writeIpcDescEntry(w: Writer, m: Encodable<T.IpcDescEntry>): void {
  w.u32(8, m.key, 'ipc_desc_entry.key');
  w.u32(16, m.uid, 'ipc_desc_entry.uid');
  w.u32(24, m.gid, 'ipc_desc_entry.gid');
  w.u32(32, m.cuid, 'ipc_desc_entry.cuid');
  w.u32(40, m.cgid, 'ipc_desc_entry.cgid');
  w.u32(48, m.mode, 'ipc_desc_entry.mode');
  w.u32(56, m.id, 'ipc_desc_entry.id');
  w.unknown(m);
}
export const IpcDescEntryCodec: Codec<T.IpcDescEntry> = { create: newIpcDescEntry, read: readIpcDescEntry, write: writeIpcDescEntry };
