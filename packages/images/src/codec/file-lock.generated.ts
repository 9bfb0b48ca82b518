// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newFileLockEntry(): T.FileLockEntry {
  return { flag: undefined as never, type: undefined as never, pid: undefined as never, fd: undefined as never, start: undefined as never, len: undefined as never };
}
export function readFileLockEntry(r: Reader, m: T.FileLockEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.flag = r.u32();
        break;
      case 16:
        m.type = r.u32();
        break;
      case 24:
        m.pid = r.i32();
        break;
      case 32:
        m.fd = r.i32();
        break;
      case 40:
        m.start = r.i64();
        break;
      case 48:
        m.len = r.i64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.flag === undefined) r.missing('file_lock_entry.flag');
  if (m.type === undefined) r.missing('file_lock_entry.type');
  if (m.pid === undefined) r.missing('file_lock_entry.pid');
  if (m.fd === undefined) r.missing('file_lock_entry.fd');
  if (m.start === undefined) r.missing('file_lock_entry.start');
  if (m.len === undefined) r.missing('file_lock_entry.len');
}
export function writeFileLockEntry(w: Writer, m: Encodable<T.FileLockEntry>): void {
  w.u32(8, m.flag, 'file_lock_entry.flag');
  w.u32(16, m.type, 'file_lock_entry.type');
  w.i32(24, m.pid, 'file_lock_entry.pid');
  w.i32(32, m.fd, 'file_lock_entry.fd');
  w.i64(40, m.start, 'file_lock_entry.start');
  w.i64(48, m.len, 'file_lock_entry.len');
  w.unknown(m);
}
export const FileLockEntryCodec: Codec<T.FileLockEntry> = { create: newFileLockEntry, read: readFileLockEntry, write: writeFileLockEntry };
