// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newTimeval, readTimeval, writeTimeval } from './time.generated.js';

export function newGhostFileEntry(): T.GhostFileEntry {
  return { uid: undefined as never, gid: undefined as never, mode: undefined as never, xattr_names: [], xattr_values: [] };
}
export function readGhostFileEntry(r: Reader, m: T.GhostFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.uid = r.u32();
        break;
      case 16:
        m.gid = r.u32();
        break;
      case 24:
        m.mode = r.u32();
        break;
      case 32:
        m.dev = r.u32();
        break;
      case 40:
        m.ino = r.u64();
        break;
      case 48:
        m.rdev = r.u32();
        break;
      case 58: {
        const outer = r.enter();
        m.atim ??= newTimeval();
        readTimeval(r, m.atim);
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.mtim ??= newTimeval();
        readTimeval(r, m.mtim);
        r.leave(outer);
        break;
      }
      case 72:
        m.chunks = r.bool();
        break;
      case 80:
        m.size = r.u64();
        break;
      case 90:
        m.symlnk_target = r.str();
        break;
      case 8002:
        m.xattr_names.push(r.str());
        break;
      case 8010:
        m.xattr_values.push(r.bytes());
        break;
      case 8016:
        m.atim_nsec = r.u32();
        break;
      case 8024:
        m.mtim_nsec = r.u32();
        break;
      case 8032:
        m.inode_flags = r.u32();
        break;
      case 8040:
        m.content_size = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.uid === undefined) r.missing('ghost_file_entry.uid');
  if (m.gid === undefined) r.missing('ghost_file_entry.gid');
  if (m.mode === undefined) r.missing('ghost_file_entry.mode');
}
export function writeGhostFileEntry(w: Writer, m: Encodable<T.GhostFileEntry>): void {
  w.u32(8, m.uid, 'ghost_file_entry.uid');
  w.u32(16, m.gid, 'ghost_file_entry.gid');
  w.u32(24, m.mode, 'ghost_file_entry.mode');
  if (m.dev != null) w.u32(32, m.dev, 'ghost_file_entry.dev');
  if (m.ino != null) w.u64(40, m.ino, 'ghost_file_entry.ino');
  if (m.rdev != null) w.u32(48, m.rdev, 'ghost_file_entry.rdev');
  if (m.atim != null) { const start = w.begin(58, m.atim, 'ghost_file_entry.atim'); writeTimeval(w, m.atim); w.end(start); }
  if (m.mtim != null) { const start = w.begin(66, m.mtim, 'ghost_file_entry.mtim'); writeTimeval(w, m.mtim); w.end(start); }
  if (m.chunks != null) w.bool(72, m.chunks, 'ghost_file_entry.chunks');
  if (m.size != null) w.u64(80, m.size, 'ghost_file_entry.size');
  if (m.symlnk_target != null) w.str(90, m.symlnk_target, 'ghost_file_entry.symlnk_target');
  if (m.xattr_names != null) for (const v of m.xattr_names) w.str(8002, v, 'ghost_file_entry.xattr_names');
  if (m.xattr_values != null) for (const v of m.xattr_values) w.bytes(8010, v, 'ghost_file_entry.xattr_values');
  if (m.atim_nsec != null) w.u32(8016, m.atim_nsec, 'ghost_file_entry.atim_nsec');
  if (m.mtim_nsec != null) w.u32(8024, m.mtim_nsec, 'ghost_file_entry.mtim_nsec');
  if (m.inode_flags != null) w.u32(8032, m.inode_flags, 'ghost_file_entry.inode_flags');
  if (m.content_size != null) w.u64(8040, m.content_size, 'ghost_file_entry.content_size');
  w.unknown(m);
}
export const GhostFileEntryCodec: Codec<T.GhostFileEntry> = { create: newGhostFileEntry, read: readGhostFileEntry, write: writeGhostFileEntry };

export function newGhostChunkEntry(): T.GhostChunkEntry {
  return { len: undefined as never, off: undefined as never };
}
export function readGhostChunkEntry(r: Reader, m: T.GhostChunkEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.len = r.u64();
        break;
      case 16:
        m.off = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.len === undefined) r.missing('ghost_chunk_entry.len');
  if (m.off === undefined) r.missing('ghost_chunk_entry.off');
}
export function writeGhostChunkEntry(w: Writer, m: Encodable<T.GhostChunkEntry>): void {
  w.u64(8, m.len, 'ghost_chunk_entry.len');
  w.u64(16, m.off, 'ghost_chunk_entry.off');
  w.unknown(m);
}
export const GhostChunkEntryCodec: Codec<T.GhostChunkEntry> = { create: newGhostChunkEntry, read: readGhostChunkEntry, write: writeGhostChunkEntry };
