// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';
import { SkOptsEntryCodec, writeSkOptsEntry } from './sk-opts.generated.js';
import { newTcpOptsEntry, readTcpOptsEntry, writeTcpOptsEntry } from './tcp-stream.generated.js';

export function newIpOptsRawEntry(): T.IpOptsRawEntry {
  return { icmpv_filter: [] };
}
export function readIpOptsRawEntry(r: Reader, m: T.IpOptsRawEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.hdrincl = r.bool();
        break;
      case 16:
        m.nodefrag = r.bool();
        break;
      case 24:
        m.checksum = r.bool();
        break;
      case 32:
        m.icmpv_filter.push(r.u32());
        break;
      case 34: {
        const outer = r.enter();
        r.u32s(m.icmpv_filter);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeIpOptsRawEntry(w: Writer, m: Encodable<T.IpOptsRawEntry>): void {
  if (m.hdrincl != null) w.bool(8, m.hdrincl, 'ip_opts_raw_entry.hdrincl');
  if (m.nodefrag != null) w.bool(16, m.nodefrag, 'ip_opts_raw_entry.nodefrag');
  if (m.checksum != null) w.bool(24, m.checksum, 'ip_opts_raw_entry.checksum');
  if (m.icmpv_filter != null) for (const v of m.icmpv_filter) w.u32(32, v, 'ip_opts_raw_entry.icmpv_filter');
  w.unknown(m);
}
export const IpOptsRawEntryCodec: Codec<T.IpOptsRawEntry> = { create: newIpOptsRawEntry, read: readIpOptsRawEntry, write: writeIpOptsRawEntry };

export function newIpOptsEntry(): T.IpOptsEntry {
  return {};
}
export function readIpOptsEntry(r: Reader, m: T.IpOptsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.freebind = r.bool();
        break;
      case 34: {
        const outer = r.enter();
        m.raw ??= newIpOptsRawEntry();
        readIpOptsRawEntry(r, m.raw);
        r.leave(outer);
        break;
      }
      case 40:
        m.pktinfo = r.bool();
        break;
      case 48:
        m.tos = r.u32();
        break;
      case 56:
        m.ttl = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeIpOptsEntry(w: Writer, m: Encodable<T.IpOptsEntry>): void {
  if (m.freebind != null) w.bool(8, m.freebind, 'ip_opts_entry.freebind');
  if (m.raw != null) { const start = w.begin(34, m.raw, 'ip_opts_entry.raw'); writeIpOptsRawEntry(w, m.raw); w.end(start); }
  if (m.pktinfo != null) w.bool(40, m.pktinfo, 'ip_opts_entry.pktinfo');
  if (m.tos != null) w.u32(48, m.tos, 'ip_opts_entry.tos');
  if (m.ttl != null) w.u32(56, m.ttl, 'ip_opts_entry.ttl');
  w.unknown(m);
}
export const IpOptsEntryCodec: Codec<T.IpOptsEntry> = { create: newIpOptsEntry, read: readIpOptsEntry, write: writeIpOptsEntry };

export function newInetMembershipEntry(): T.InetMembershipEntry {
  return { ifindex: undefined as never, group: undefined as never, sources: [] };
}
export function readInetMembershipEntry(r: Reader, m: T.InetMembershipEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.ifindex = r.u32();
        break;
      case 18:
        m.group = r.bytes();
        break;
      case 24:
        m.include = r.bool();
        break;
      case 34:
        m.sources.push(r.bytes());
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.ifindex === undefined) r.missing('inet_membership_entry.ifindex');
  if (m.group === undefined) r.missing('inet_membership_entry.group');
}
export function writeInetMembershipEntry(w: Writer, m: Encodable<T.InetMembershipEntry>): void {
  w.u32(8, m.ifindex, 'inet_membership_entry.ifindex');
  w.bytes(18, m.group, 'inet_membership_entry.group');
  if (m.include != null) w.bool(24, m.include, 'inet_membership_entry.include');
  if (m.sources != null) for (const v of m.sources) w.bytes(34, v, 'inet_membership_entry.sources');
  w.unknown(m);
}
export const InetMembershipEntryCodec: Codec<T.InetMembershipEntry> = { create: newInetMembershipEntry, read: readInetMembershipEntry, write: writeInetMembershipEntry };

export function newInetSkEntry(): T.InetSkEntry {
  return { id: undefined as never, ino: undefined as never, family: undefined as never, type: undefined as never, proto: undefined as never, state: undefined as never, src_port: undefined as never, dst_port: undefined as never, flags: undefined as never, backlog: undefined as never, src_addr: [], dst_addr: [], fown: undefined as never, opts: undefined as never, memberships: [] };
}
export function readInetSkEntry(r: Reader, m: T.InetSkEntry): void {
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
        m.family = r.u32();
        break;
      case 32:
        m.type = r.u32();
        break;
      case 40:
        m.proto = r.u32();
        break;
      case 48:
        m.state = r.u32();
        break;
      case 56:
        m.src_port = r.u32();
        break;
      case 64:
        m.dst_port = r.u32();
        break;
      case 72:
        m.flags = r.u32();
        break;
      case 80:
        m.backlog = r.u32();
        break;
      case 88:
        m.src_addr.push(r.u32());
        break;
      case 90: {
        const outer = r.enter();
        r.u32s(m.src_addr);
        r.leave(outer);
        break;
      }
      case 96:
        m.dst_addr.push(r.u32());
        break;
      case 98: {
        const outer = r.enter();
        r.u32s(m.dst_addr);
        r.leave(outer);
        break;
      }
      case 106:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 114:
        m.opts = r.alike(SkOptsEntryCodec, m.opts);
        break;
      case 120:
        m.v6only = r.bool();
        break;
      case 130: {
        const outer = r.enter();
        m.ip_opts ??= newIpOptsEntry();
        readIpOptsEntry(r, m.ip_opts);
        r.leave(outer);
        break;
      }
      case 138:
        m.ifname = r.str();
        break;
      case 144:
        m.ns_id = r.u32();
        break;
      case 152:
        m.shutdown = r.i32();
        break;
      case 162: {
        const outer = r.enter();
        m.tcp_opts ??= newTcpOptsEntry();
        readTcpOptsEntry(r, m.tcp_opts);
        r.leave(outer);
        break;
      }
      case 8002: {
        const outer = r.enter();
        const v = newInetMembershipEntry();
        readInetMembershipEntry(r, v);
        m.memberships.push(v);
        r.leave(outer);
        break;
      }
      case 8008:
        m.error = r.u32();
        break;
      case 8016:
        m.mptcp = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('inet_sk_entry.id');
  if (m.ino === undefined) r.missing('inet_sk_entry.ino');
  if (m.family === undefined) r.missing('inet_sk_entry.family');
  if (m.type === undefined) r.missing('inet_sk_entry.type');
  if (m.proto === undefined) r.missing('inet_sk_entry.proto');
  if (m.state === undefined) r.missing('inet_sk_entry.state');
  if (m.src_port === undefined) r.missing('inet_sk_entry.src_port');
  if (m.dst_port === undefined) r.missing('inet_sk_entry.dst_port');
  if (m.flags === undefined) r.missing('inet_sk_entry.flags');
  if (m.backlog === undefined) r.missing('inet_sk_entry.backlog');
  if (m.fown === undefined) r.missing('inet_sk_entry.fown');
  if (m.opts === undefined) r.missing('inet_sk_entry.opts');
}
export function writeInetSkEntry(w: Writer, m: Encodable<T.InetSkEntry>): void {
  w.u32(8, m.id, 'inet_sk_entry.id');
  w.u32(16, m.ino, 'inet_sk_entry.ino');
  w.u32(24, m.family, 'inet_sk_entry.family');
  w.u32(32, m.type, 'inet_sk_entry.type');
  w.u32(40, m.proto, 'inet_sk_entry.proto');
  w.u32(48, m.state, 'inet_sk_entry.state');
  w.u32(56, m.src_port, 'inet_sk_entry.src_port');
  w.u32(64, m.dst_port, 'inet_sk_entry.dst_port');
  w.u32(72, m.flags, 'inet_sk_entry.flags');
  w.u32(80, m.backlog, 'inet_sk_entry.backlog');
  if (m.src_addr != null) for (const v of m.src_addr) w.u32(88, v, 'inet_sk_entry.src_addr');
  if (m.dst_addr != null) for (const v of m.dst_addr) w.u32(96, v, 'inet_sk_entry.dst_addr');
  w.alike(106, m.fown, 'inet_sk_entry.fown', writeFownEntry);
  w.alike(114, m.opts, 'inet_sk_entry.opts', writeSkOptsEntry);
  if (m.v6only != null) w.bool(120, m.v6only, 'inet_sk_entry.v6only');
  if (m.ip_opts != null) { const start = w.begin(130, m.ip_opts, 'inet_sk_entry.ip_opts'); writeIpOptsEntry(w, m.ip_opts); w.end(start); }
  if (m.ifname != null) w.str(138, m.ifname, 'inet_sk_entry.ifname');
  if (m.ns_id != null) w.u32(144, m.ns_id, 'inet_sk_entry.ns_id');
  if (m.shutdown != null) w.i32(152, m.shutdown, 'inet_sk_entry.shutdown');
  if (m.tcp_opts != null) { const start = w.begin(162, m.tcp_opts, 'inet_sk_entry.tcp_opts'); writeTcpOptsEntry(w, m.tcp_opts); w.end(start); }
  if (m.memberships != null) for (const v of m.memberships) { const start = w.begin(8002, v, 'inet_sk_entry.memberships'); writeInetMembershipEntry(w, v); w.end(start); }
  if (m.error != null) w.u32(8008, m.error, 'inet_sk_entry.error');
  if (m.mptcp != null) w.bool(8016, m.mptcp, 'inet_sk_entry.mptcp');
  w.unknown(m);
}
export const InetSkEntryCodec: Codec<T.InetSkEntry> = { create: newInetSkEntry, read: readInetSkEntry, write: writeInetSkEntry };
