// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newScmEntry(): T.ScmEntry {
  return { type: undefined as never, rights: [] };
}
export function readScmEntry(r: Reader, m: T.ScmEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.u32();
        break;
      case 16:
        m.rights.push(r.u32());
        break;
      case 18: {
        const outer = r.enter();
        r.u32s(m.rights);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('scm_entry.type');
}
export function writeScmEntry(w: Writer, m: Encodable<T.ScmEntry>): void {
  w.u32(8, m.type, 'scm_entry.type');
  if (m.rights != null) for (const v of m.rights) w.u32(16, v, 'scm_entry.rights');
  w.unknown(m);
}
export const ScmEntryCodec: Codec<T.ScmEntry> = { create: newScmEntry, read: readScmEntry, write: writeScmEntry };

export function newSkPacketEntry(): T.SkPacketEntry {
  return { id_for: undefined as never, length: undefined as never, scm: [] };
}
export function readSkPacketEntry(r: Reader, m: T.SkPacketEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id_for = r.u32();
        break;
      case 16:
        m.length = r.u32();
        break;
      case 34: {
        const outer = r.enter();
        const v = newScmEntry();
        readScmEntry(r, v);
        m.scm.push(v);
        r.leave(outer);
        break;
      }
      case 8000:
        m.ucred_pid = r.u32();
        break;
      case 8008:
        m.ucred_uid = r.u32();
        break;
      case 8016:
        m.ucred_gid = r.u32();
        break;
      case 8026:
        m.addr = r.bytes();
        break;
      case 8032:
        m.oob = r.bool();
        break;
      case 8042:
        m.dst = r.bytes();
        break;
      case 8048:
        m.ttl = r.u32();
        break;
      case 8056:
        m.tos = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id_for === undefined) r.missing('sk_packet_entry.id_for');
  if (m.length === undefined) r.missing('sk_packet_entry.length');
}
export function writeSkPacketEntry(w: Writer, m: Encodable<T.SkPacketEntry>): void {
  w.u32(8, m.id_for, 'sk_packet_entry.id_for');
  w.u32(16, m.length, 'sk_packet_entry.length');
  if (m.scm != null) for (const v of m.scm) { const start = w.begin(34, v, 'sk_packet_entry.scm'); writeScmEntry(w, v); w.end(start); }
  if (m.ucred_pid != null) w.u32(8000, m.ucred_pid, 'sk_packet_entry.ucred_pid');
  if (m.ucred_uid != null) w.u32(8008, m.ucred_uid, 'sk_packet_entry.ucred_uid');
  if (m.ucred_gid != null) w.u32(8016, m.ucred_gid, 'sk_packet_entry.ucred_gid');
  if (m.addr != null) w.bytes(8026, m.addr, 'sk_packet_entry.addr');
  if (m.oob != null) w.bool(8032, m.oob, 'sk_packet_entry.oob');
  if (m.dst != null) w.bytes(8042, m.dst, 'sk_packet_entry.dst');
  if (m.ttl != null) w.u32(8048, m.ttl, 'sk_packet_entry.ttl');
  if (m.tos != null) w.u32(8056, m.tos, 'sk_packet_entry.tos');
  w.unknown(m);
}
export const SkPacketEntryCodec: Codec<T.SkPacketEntry> = { create: newSkPacketEntry, read: readSkPacketEntry, write: writeSkPacketEntry };
