// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newMemfdFileEntry(): T.MemfdFileEntry {
  return { id: undefined as never, flags: undefined as never, pos: undefined as never, fown: undefined as never, inode_id: undefined as never };
}
export function readMemfdFileEntry(r: Reader, m: T.MemfdFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 24:
        m.pos = r.u64();
        break;
      case 34:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 40:
        m.inode_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('memfd_file_entry.id');
  if (m.flags === undefined) r.missing('memfd_file_entry.flags');
  if (m.pos === undefined) r.missing('memfd_file_entry.pos');
  if (m.fown === undefined) r.missing('memfd_file_entry.fown');
  if (m.inode_id === undefined) r.missing('memfd_file_entry.inode_id');
}
export function writeMemfdFileEntry(w: Writer, m: Encodable<T.MemfdFileEntry>): void {
  w.u32(8, m.id, 'memfd_file_entry.id');
  w.u32(16, m.flags, 'memfd_file_entry.flags');
  w.u64(24, m.pos, 'memfd_file_entry.pos');
  w.alike(34, m.fown, 'memfd_file_entry.fown', writeFownEntry);
  w.u32(40, m.inode_id, 'memfd_file_entry.inode_id');
  w.unknown(m);
}
export const MemfdFileEntryCodec: Codec<T.MemfdFileEntry> = { create: newMemfdFileEntry, read: readMemfdFileEntry, write: writeMemfdFileEntry };

export function newMemfdInodeEntry(): T.MemfdInodeEntry {
  return { name: undefined as never, uid: undefined as never, gid: undefined as never, size: undefined as never, shmid: undefined as never, seals: undefined as never, inode_id: undefined as never, xattr_names: [], xattr_values: [] };
}
export function readMemfdInodeEntry(r: Reader, m: T.MemfdInodeEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.str();
        break;
      case 16:
        m.uid = r.u32();
        break;
      case 24:
        m.gid = r.u32();
        break;
      case 32:
        m.size = r.u64();
        break;
      case 40:
        m.shmid = r.u32();
        break;
      case 48:
        m.seals = r.u32();
        break;
      case 56:
        m.inode_id = r.u64();
        break;
      case 64:
        m.hugetlb_flag = r.u32();
        break;
      case 72:
        m.mode = r.u32();
        break;
      case 8000:
        m.atim_ns = r.s64();
        break;
      case 8008:
        m.mtim_ns = r.s64();
        break;
      case 8018:
        m.xattr_names.push(r.str());
        break;
      case 8026:
        m.xattr_values.push(r.bytes());
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.name === undefined) r.missing('memfd_inode_entry.name');
  if (m.uid === undefined) r.missing('memfd_inode_entry.uid');
  if (m.gid === undefined) r.missing('memfd_inode_entry.gid');
  if (m.size === undefined) r.missing('memfd_inode_entry.size');
  if (m.shmid === undefined) r.missing('memfd_inode_entry.shmid');
  if (m.seals === undefined) r.missing('memfd_inode_entry.seals');
  if (m.inode_id === undefined) r.missing('memfd_inode_entry.inode_id');
}
export function writeMemfdInodeEntry(w: Writer, m: Encodable<T.MemfdInodeEntry>): void {
  w.str(10, m.name, 'memfd_inode_entry.name');
  w.u32(16, m.uid, 'memfd_inode_entry.uid');
  w.u32(24, m.gid, 'memfd_inode_entry.gid');
  w.u64(32, m.size, 'memfd_inode_entry.size');
  w.u32(40, m.shmid, 'memfd_inode_entry.shmid');
  w.u32(48, m.seals, 'memfd_inode_entry.seals');
  w.u64(56, m.inode_id, 'memfd_inode_entry.inode_id');
  if (m.hugetlb_flag != null) w.u32(64, m.hugetlb_flag, 'memfd_inode_entry.hugetlb_flag');
  if (m.mode != null) w.u32(72, m.mode, 'memfd_inode_entry.mode');
  if (m.atim_ns != null) w.s64(8000, m.atim_ns, 'memfd_inode_entry.atim_ns');
  if (m.mtim_ns != null) w.s64(8008, m.mtim_ns, 'memfd_inode_entry.mtim_ns');
  if (m.xattr_names != null) for (const v of m.xattr_names) w.str(8018, v, 'memfd_inode_entry.xattr_names');
  if (m.xattr_values != null) for (const v of m.xattr_values) w.bytes(8026, v, 'memfd_inode_entry.xattr_values');
  w.unknown(m);
}
export const MemfdInodeEntryCodec: Codec<T.MemfdInodeEntry> = { create: newMemfdInodeEntry, read: readMemfdInodeEntry, write: writeMemfdInodeEntry };
