// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newSitEntry(): T.SitEntry {
  return { local: [], remote: [], rd_prefix: [], relay_prefix: [] };
}
export function readSitEntry(r: Reader, m: T.SitEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.link = r.u32();
        break;
      case 16:
        m.local.push(r.u32());
        break;
      case 18: {
        const outer = r.enter();
        r.u32s(m.local);
        r.leave(outer);
        break;
      }
      case 24:
        m.remote.push(r.u32());
        break;
      case 26: {
        const outer = r.enter();
        r.u32s(m.remote);
        r.leave(outer);
        break;
      }
      case 32:
        m.ttl = r.u32();
        break;
      case 40:
        m.tos = r.u32();
        break;
      case 48:
        m.pmtudisc = r.bool();
        break;
      case 56:
        m.proto = r.u32();
        break;
      case 64:
        m.flags = r.u32();
        break;
      case 72:
        m.encap_type = r.u32();
        break;
      case 80:
        m.encap_flags = r.u32();
        break;
      case 88:
        m.encap_sport = r.u32();
        break;
      case 96:
        m.encap_dport = r.u32();
        break;
      case 104:
        m.rd_prefixlen = r.u32();
        break;
      case 112:
        m.rd_prefix.push(r.u32());
        break;
      case 114: {
        const outer = r.enter();
        r.u32s(m.rd_prefix);
        r.leave(outer);
        break;
      }
      case 120:
        m.relay_prefixlen = r.u32();
        break;
      case 128:
        m.relay_prefix.push(r.u32());
        break;
      case 130: {
        const outer = r.enter();
        r.u32s(m.relay_prefix);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeSitEntry(w: Writer, m: Encodable<T.SitEntry>): void {
  if (m.link != null) w.u32(8, m.link, 'sit_entry.link');
  if (m.local != null) for (const v of m.local) w.u32(16, v, 'sit_entry.local');
  if (m.remote != null) for (const v of m.remote) w.u32(24, v, 'sit_entry.remote');
  if (m.ttl != null) w.u32(32, m.ttl, 'sit_entry.ttl');
  if (m.tos != null) w.u32(40, m.tos, 'sit_entry.tos');
  if (m.pmtudisc != null) w.bool(48, m.pmtudisc, 'sit_entry.pmtudisc');
  if (m.proto != null) w.u32(56, m.proto, 'sit_entry.proto');
  if (m.flags != null) w.u32(64, m.flags, 'sit_entry.flags');
  if (m.encap_type != null) w.u32(72, m.encap_type, 'sit_entry.encap_type');
  if (m.encap_flags != null) w.u32(80, m.encap_flags, 'sit_entry.encap_flags');
  if (m.encap_sport != null) w.u32(88, m.encap_sport, 'sit_entry.encap_sport');
  if (m.encap_dport != null) w.u32(96, m.encap_dport, 'sit_entry.encap_dport');
  if (m.rd_prefixlen != null) w.u32(104, m.rd_prefixlen, 'sit_entry.rd_prefixlen');
  if (m.rd_prefix != null) for (const v of m.rd_prefix) w.u32(112, v, 'sit_entry.rd_prefix');
  if (m.relay_prefixlen != null) w.u32(120, m.relay_prefixlen, 'sit_entry.relay_prefixlen');
  if (m.relay_prefix != null) for (const v of m.relay_prefix) w.u32(128, v, 'sit_entry.relay_prefix');
  w.unknown(m);
}
export const SitEntryCodec: Codec<T.SitEntry> = { create: newSitEntry, read: readSitEntry, write: writeSitEntry };
