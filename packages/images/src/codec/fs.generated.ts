// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newFsEntry(): T.FsEntry {
  return { cwd_id: undefined as never, root_id: undefined as never };
}
export function readFsEntry(r: Reader, m: T.FsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.cwd_id = r.u32();
        break;
      case 16:
        m.root_id = r.u32();
        break;
      case 24:
        m.umask = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.cwd_id === undefined) r.missing('fs_entry.cwd_id');
  if (m.root_id === undefined) r.missing('fs_entry.root_id');
}
export function writeFsEntry(w: Writer, m: Encodable<T.FsEntry>): void {
  w.u32(8, m.cwd_id, 'fs_entry.cwd_id');
  w.u32(16, m.root_id, 'fs_entry.root_id');
  if (m.umask != null) w.u32(24, m.umask, 'fs_entry.umask');
  w.unknown(m);
}
export const FsEntryCodec: Codec<T.FsEntry> = { create: newFsEntry, read: readFsEntry, write: writeFsEntry };
