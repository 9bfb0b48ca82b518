// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';
import { SkOptsEntryCodec, writeSkOptsEntry } from './sk-opts.generated.js';

export function newNetlinkSkEntry(): T.NetlinkSkEntry {
  return { id: undefined as never, ino: undefined as never, protocol: undefined as never, state: undefined as never, flags: undefined as never, portid: undefined as never, groups: [], dst_portid: undefined as never, dst_group: undefined as never, fown: undefined as never, opts: undefined as never, more_groups: [] };
}
export function readNetlinkSkEntry(r: Reader, m: T.NetlinkSkEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.ino = r.u32();
        break;
      case 24:
        m.protocol = r.u32();
        break;
      case 32:
        m.state = r.u32();
        break;
      case 48:
        m.flags = r.u32();
        break;
      case 56:
        m.portid = r.u32();
        break;
      case 64:
        m.groups.push(r.u32());
        break;
      case 66: {
        const outer = r.enter();
        r.u32s(m.groups);
        r.leave(outer);
        break;
      }
      case 72:
        m.dst_portid = r.u32();
        break;
      case 80:
        m.dst_group = r.u32();
        break;
      case 90:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 98:
        m.opts = r.alike(SkOptsEntryCodec, m.opts);
        break;
      case 104:
        m.ns_id = r.u32();
        break;
      case 8000:
        m.more_groups.push(r.u32());
        break;
      case 8002: {
        const outer = r.enter();
        r.u32s(m.more_groups);
        r.leave(outer);
        break;
      }
      case 8008:
        m.type = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('netlink_sk_entry.id');
  if (m.ino === undefined) r.missing('netlink_sk_entry.ino');
  if (m.protocol === undefined) r.missing('netlink_sk_entry.protocol');
  if (m.state === undefined) r.missing('netlink_sk_entry.state');
  if (m.flags === undefined) r.missing('netlink_sk_entry.flags');
  if (m.portid === undefined) r.missing('netlink_sk_entry.portid');
  if (m.dst_portid === undefined) r.missing('netlink_sk_entry.dst_portid');
  if (m.dst_group === undefined) r.missing('netlink_sk_entry.dst_group');
  if (m.fown === undefined) r.missing('netlink_sk_entry.fown');
  if (m.opts === undefined) r.missing('netlink_sk_entry.opts');
}
export function writeNetlinkSkEntry(w: Writer, m: Encodable<T.NetlinkSkEntry>): void {
  w.u32(8, m.id, 'netlink_sk_entry.id');
  w.u32(16, m.ino, 'netlink_sk_entry.ino');
  w.u32(24, m.protocol, 'netlink_sk_entry.protocol');
  w.u32(32, m.state, 'netlink_sk_entry.state');
  w.u32(48, m.flags, 'netlink_sk_entry.flags');
  w.u32(56, m.portid, 'netlink_sk_entry.portid');
  if (m.groups != null) for (const v of m.groups) w.u32(64, v, 'netlink_sk_entry.groups');
  w.u32(72, m.dst_portid, 'netlink_sk_entry.dst_portid');
  w.u32(80, m.dst_group, 'netlink_sk_entry.dst_group');
  w.alike(90, m.fown, 'netlink_sk_entry.fown', writeFownEntry);
  w.alike(98, m.opts, 'netlink_sk_entry.opts', writeSkOptsEntry);
  if (m.ns_id != null) w.u32(104, m.ns_id, 'netlink_sk_entry.ns_id');
  if (m.more_groups != null) for (const v of m.more_groups) w.u32(8000, v, 'netlink_sk_entry.more_groups');
  if (m.type != null) w.u32(8008, m.type, 'netlink_sk_entry.type');
  w.unknown(m);
}
export const NetlinkSkEntryCodec: Codec<T.NetlinkSkEntry> = { create: newNetlinkSkEntry, read: readNetlinkSkEntry, write: writeNetlinkSkEntry };
