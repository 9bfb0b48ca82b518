// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newFhEntry(): T.FhEntry {
  return { bytes: undefined as never, type: undefined as never, handle: [] };
}
export function readFhEntry(r: Reader, m: T.FhEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.bytes = r.u32();
        break;
      case 16:
        m.type = r.u32();
        break;
      case 24:
        m.handle.push(r.u64());
        break;
      case 26: {
        const outer = r.enter();
        r.u64s(m.handle);
        r.leave(outer);
        break;
      }
      case 34:
        m.path = r.str();
        break;
      case 40:
        m.mnt_id = r.u32();
        break;
      case 8002:
        m.link_path = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.bytes === undefined) r.missing('fh_entry.bytes');
  if (m.type === undefined) r.missing('fh_entry.type');
}
export function writeFhEntry(w: Writer, m: Encodable<T.FhEntry>): void {
  w.u32(8, m.bytes, 'fh_entry.bytes');
  w.u32(16, m.type, 'fh_entry.type');
  if (m.handle != null) for (const v of m.handle) w.u64(24, v, 'fh_entry.handle');
  if (m.path != null) w.str(34, m.path, 'fh_entry.path');
  if (m.mnt_id != null) w.u32(40, m.mnt_id, 'fh_entry.mnt_id');
  if (m.link_path != null) w.str(8002, m.link_path, 'fh_entry.link_path');
  w.unknown(m);
}
export const FhEntryCodec: Codec<T.FhEntry> = { create: newFhEntry, read: readFhEntry, write: writeFhEntry };

export function newIrmapCacheEntry(): T.IrmapCacheEntry {
  return { dev: undefined as never, inode: undefined as never, path: undefined as never };
}
export function readIrmapCacheEntry(r: Reader, m: T.IrmapCacheEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.dev = r.u32();
        break;
      case 16:
        m.inode = r.u64();
        break;
      case 26:
        m.path = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.dev === undefined) r.missing('irmap_cache_entry.dev');
  if (m.inode === undefined) r.missing('irmap_cache_entry.inode');
  if (m.path === undefined) r.missing('irmap_cache_entry.path');
}
export function writeIrmapCacheEntry(w: Writer, m: Encodable<T.IrmapCacheEntry>): void {
  w.u32(8, m.dev, 'irmap_cache_entry.dev');
  w.u64(16, m.inode, 'irmap_cache_entry.inode');
  w.str(26, m.path, 'irmap_cache_entry.path');
  w.unknown(m);
}
export const IrmapCacheEntryCodec: Codec<T.IrmapCacheEntry> = { create: newIrmapCacheEntry, read: readIrmapCacheEntry, write: writeIrmapCacheEntry };
