// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newVmaEntry(): T.VmaEntry {
  return { start: undefined as never, end: undefined as never, pgoff: undefined as never, shmid: undefined as never, prot: undefined as never, flags: undefined as never, status: undefined as never, fd: undefined as never };
}
export function readVmaEntry(r: Reader, m: T.VmaEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.start = r.u64();
        break;
      case 16:
        m.end = r.u64();
        break;
      case 24:
        m.pgoff = r.u64();
        break;
      case 32:
        m.shmid = r.u64();
        break;
      case 40:
        m.prot = r.u32();
        break;
      case 48:
        m.flags = r.u32();
        break;
      case 56:
        m.status = r.u32();
        break;
      case 64:
        m.fd = r.s64();
        break;
      case 72:
        m.madv = r.u64();
        break;
      case 80:
        m.fdflags = r.u32();
        break;
      case 8000:
        m.lock_on_fault = r.bool();
        break;
      case 8010:
        m.anon_name = r.str();
        break;
      case 8016:
        m.sealed = r.bool();
        break;
      case 8024:
        m.vdso_patched = r.bool();
        break;
      case 8032:
        m.mempolicy_mode = r.u32();
        break;
      case 8042:
        m.mempolicy_nodes = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.start === undefined) r.missing('vma_entry.start');
  if (m.end === undefined) r.missing('vma_entry.end');
  if (m.pgoff === undefined) r.missing('vma_entry.pgoff');
  if (m.shmid === undefined) r.missing('vma_entry.shmid');
  if (m.prot === undefined) r.missing('vma_entry.prot');
  if (m.flags === undefined) r.missing('vma_entry.flags');
  if (m.status === undefined) r.missing('vma_entry.status');
  if (m.fd === undefined) r.missing('vma_entry.fd');
}
export function writeVmaEntry(w: Writer, m: Encodable<T.VmaEntry>): void {
  w.u64(8, m.start, 'vma_entry.start');
  w.u64(16, m.end, 'vma_entry.end');
  w.u64(24, m.pgoff, 'vma_entry.pgoff');
  w.u64(32, m.shmid, 'vma_entry.shmid');
  w.u32(40, m.prot, 'vma_entry.prot');
  w.u32(48, m.flags, 'vma_entry.flags');
  w.u32(56, m.status, 'vma_entry.status');
  w.s64(64, m.fd, 'vma_entry.fd');
  if (m.madv != null) w.u64(72, m.madv, 'vma_entry.madv');
  if (m.fdflags != null) w.u32(80, m.fdflags, 'vma_entry.fdflags');
  if (m.lock_on_fault != null) w.bool(8000, m.lock_on_fault, 'vma_entry.lock_on_fault');
  if (m.anon_name != null) w.str(8010, m.anon_name, 'vma_entry.anon_name');
  if (m.sealed != null) w.bool(8016, m.sealed, 'vma_entry.sealed');
  if (m.vdso_patched != null) w.bool(8024, m.vdso_patched, 'vma_entry.vdso_patched');
  if (m.mempolicy_mode != null) w.u32(8032, m.mempolicy_mode, 'vma_entry.mempolicy_mode');
  if (m.mempolicy_nodes != null) w.str(8042, m.mempolicy_nodes, 'vma_entry.mempolicy_nodes');
  w.unknown(m);
}
export const VmaEntryCodec: Codec<T.VmaEntry> = { create: newVmaEntry, read: readVmaEntry, write: writeVmaEntry };
