// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newTunfileEntry(): T.TunfileEntry {
  return { id: undefined as never };
}
export function readTunfileEntry(r: Reader, m: T.TunfileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 18:
        m.netdev = r.str();
        break;
      case 24:
        m.detached = r.bool();
        break;
      case 32:
        m.ns_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('tunfile_entry.id');
}
export function writeTunfileEntry(w: Writer, m: Encodable<T.TunfileEntry>): void {
  w.u32(8, m.id, 'tunfile_entry.id');
  if (m.netdev != null) w.str(18, m.netdev, 'tunfile_entry.netdev');
  if (m.detached != null) w.bool(24, m.detached, 'tunfile_entry.detached');
  if (m.ns_id != null) w.u32(32, m.ns_id, 'tunfile_entry.ns_id');
  w.unknown(m);
}
export const TunfileEntryCodec: Codec<T.TunfileEntry> = { create: newTunfileEntry, read: readTunfileEntry, write: writeTunfileEntry };

export function newTunLinkEntry(): T.TunLinkEntry {
  return { flags: undefined as never, owner: undefined as never, group: undefined as never, vnethdr: undefined as never, sndbuf: undefined as never };
}
export function readTunLinkEntry(r: Reader, m: T.TunLinkEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.flags = r.u32();
        break;
      case 16:
        m.owner = r.i32();
        break;
      case 24:
        m.group = r.i32();
        break;
      case 32:
        m.vnethdr = r.u32();
        break;
      case 40:
        m.sndbuf = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.flags === undefined) r.missing('tun_link_entry.flags');
  if (m.owner === undefined) r.missing('tun_link_entry.owner');
  if (m.group === undefined) r.missing('tun_link_entry.group');
  if (m.vnethdr === undefined) r.missing('tun_link_entry.vnethdr');
  if (m.sndbuf === undefined) r.missing('tun_link_entry.sndbuf');
}
export function writeTunLinkEntry(w: Writer, m: Encodable<T.TunLinkEntry>): void {
  w.u32(8, m.flags, 'tun_link_entry.flags');
  w.i32(16, m.owner, 'tun_link_entry.owner');
  w.i32(24, m.group, 'tun_link_entry.group');
  w.u32(32, m.vnethdr, 'tun_link_entry.vnethdr');
  w.u32(40, m.sndbuf, 'tun_link_entry.sndbuf');
  w.unknown(m);
}
export const TunLinkEntryCodec: Codec<T.TunLinkEntry> = { create: newTunLinkEntry, read: readTunLinkEntry, write: writeTunLinkEntry };
