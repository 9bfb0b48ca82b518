// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newUidGidExtent(): T.UidGidExtent {
  return { first: undefined as never, lower_first: undefined as never, count: undefined as never };
}
export function readUidGidExtent(r: Reader, m: T.UidGidExtent): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.first = r.u32();
        break;
      case 16:
        m.lower_first = r.u32();
        break;
      case 24:
        m.count = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.first === undefined) r.missing('uid_gid_extent.first');
  if (m.lower_first === undefined) r.missing('uid_gid_extent.lower_first');
  if (m.count === undefined) r.missing('uid_gid_extent.count');
}
export function writeUidGidExtent(w: Writer, m: Encodable<T.UidGidExtent>): void {
  w.u32(8, m.first, 'uid_gid_extent.first');
  w.u32(16, m.lower_first, 'uid_gid_extent.lower_first');
  w.u32(24, m.count, 'uid_gid_extent.count');
  w.unknown(m);
}
export const UidGidExtentCodec: Codec<T.UidGidExtent> = { create: newUidGidExtent, read: readUidGidExtent, write: writeUidGidExtent };

export function newUsernsEntry(): T.UsernsEntry {
  return { uid_map: [], gid_map: [], outer_groups: [] };
}
export function readUsernsEntry(r: Reader, m: T.UsernsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newUidGidExtent();
        readUidGidExtent(r, v);
        m.uid_map.push(v);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        const v = newUidGidExtent();
        readUidGidExtent(r, v);
        m.gid_map.push(v);
        r.leave(outer);
        break;
      }
      case 8000:
        m.setgroups_denied = r.bool();
        break;
      case 8008:
        m.outer_groups.push(r.u32());
        break;
      case 8010: {
        const outer = r.enter();
        r.u32s(m.outer_groups);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeUsernsEntry(w: Writer, m: Encodable<T.UsernsEntry>): void {
  if (m.uid_map != null) for (const v of m.uid_map) { const start = w.begin(10, v, 'userns_entry.uid_map'); writeUidGidExtent(w, v); w.end(start); }
  if (m.gid_map != null) for (const v of m.gid_map) { const start = w.begin(18, v, 'userns_entry.gid_map'); writeUidGidExtent(w, v); w.end(start); }
  if (m.setgroups_denied != null) w.bool(8000, m.setgroups_denied, 'userns_entry.setgroups_denied');
  if (m.outer_groups != null) for (const v of m.outer_groups) w.u32(8008, v, 'userns_entry.outer_groups');
  w.unknown(m);
}
export const UsernsEntryCodec: Codec<T.UsernsEntry> = { create: newUsernsEntry, read: readUsernsEntry, write: writeUsernsEntry };
