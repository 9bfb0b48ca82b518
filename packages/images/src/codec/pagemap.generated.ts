// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newPagemapHead(): T.PagemapHead {
  return { pages_id: undefined as never };
}
export function readPagemapHead(r: Reader, m: T.PagemapHead): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pages_id = r.u32();
        break;
      case 8000:
        m.page_codec = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pages_id === undefined) r.missing('pagemap_head.pages_id');
}
export function writePagemapHead(w: Writer, m: Encodable<T.PagemapHead>): void {
  w.u32(8, m.pages_id, 'pagemap_head.pages_id');
  if (m.page_codec != null) w.u32(8000, m.page_codec, 'pagemap_head.page_codec');
  w.unknown(m);
}
export const PagemapHeadCodec: Codec<T.PagemapHead> = { create: newPagemapHead, read: readPagemapHead, write: writePagemapHead };

export function newPagemapEntry(): T.PagemapEntry {
  return { vaddr: undefined as never, compat_nr_pages: undefined as never, compressed_size: [] };
}
export function readPagemapEntry(r: Reader, m: T.PagemapEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vaddr = r.u64();
        break;
      case 16:
        m.compat_nr_pages = r.u32();
        break;
      case 24:
        m.in_parent = r.bool();
        break;
      case 32:
        m.flags = r.u32();
        break;
      case 40:
        m.nr_pages = r.u64();
        break;
      case 48:
        m.compressed_size.push(r.u32());
        break;
      case 50: {
        const outer = r.enter();
        r.u32s(m.compressed_size);
        r.leave(outer);
        break;
      }
      case 56:
        m.total_compressed_size = r.u64();
        break;
      case 64:
        m.region_pages = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.vaddr === undefined) r.missing('pagemap_entry.vaddr');
  if (m.compat_nr_pages === undefined) r.missing('pagemap_entry.compat_nr_pages');
}
export function writePagemapEntry(w: Writer, m: Encodable<T.PagemapEntry>): void {
  w.u64(8, m.vaddr, 'pagemap_entry.vaddr');
  w.u32(16, m.compat_nr_pages, 'pagemap_entry.compat_nr_pages');
  if (m.in_parent != null) w.bool(24, m.in_parent, 'pagemap_entry.in_parent');
  if (m.flags != null) w.u32(32, m.flags, 'pagemap_entry.flags');
  if (m.nr_pages != null) w.u64(40, m.nr_pages, 'pagemap_entry.nr_pages');
  if (m.compressed_size != null) for (const v of m.compressed_size) w.u32(48, v, 'pagemap_entry.compressed_size');
  if (m.total_compressed_size != null) w.u64(56, m.total_compressed_size, 'pagemap_entry.total_compressed_size');
  if (m.region_pages != null) w.u32(64, m.region_pages, 'pagemap_entry.region_pages');
  w.unknown(m);
}
export const PagemapEntryCodec: Codec<T.PagemapEntry> = { create: newPagemapEntry, read: readPagemapEntry, write: writePagemapEntry };
