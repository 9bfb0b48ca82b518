// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newMacvlanLinkEntry, readMacvlanLinkEntry, writeMacvlanLinkEntry } from './macvlan.generated.js';
import { newSitEntry, readSitEntry, writeSitEntry } from './sit.generated.js';
import { newSysctlEntry, readSysctlEntry, writeSysctlEntry } from './sysctl.generated.js';
import { newTunLinkEntry, readTunLinkEntry, writeTunLinkEntry } from './tun.generated.js';

export function newNetDeviceEntry(): T.NetDeviceEntry {
  return { type: undefined as never, ifindex: undefined as never, mtu: undefined as never, flags: undefined as never, name: undefined as never, conf: [], conf4: [], conf6: [], alt_names: [] };
}
export function readNetDeviceEntry(r: Reader, m: T.NetDeviceEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.i32();
        break;
      case 16:
        m.ifindex = r.u32();
        break;
      case 24:
        m.mtu = r.u32();
        break;
      case 32:
        m.flags = r.u32();
        break;
      case 42:
        m.name = r.str();
        break;
      case 50: {
        const outer = r.enter();
        m.tun ??= newTunLinkEntry();
        readTunLinkEntry(r, m.tun);
        r.leave(outer);
        break;
      }
      case 58:
        m.address = r.bytes();
        break;
      case 64:
        m.conf.push(r.i32());
        break;
      case 66: {
        const outer = r.enter();
        while (r.pos < r.end) m.conf.push(r.i32());
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        const v = newSysctlEntry();
        readSysctlEntry(r, v);
        m.conf4.push(v);
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        const v = newSysctlEntry();
        readSysctlEntry(r, v);
        m.conf6.push(v);
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        m.macvlan ??= newMacvlanLinkEntry();
        readMacvlanLinkEntry(r, m.macvlan);
        r.leave(outer);
        break;
      }
      case 96:
        m.peer_ifindex = r.u32();
        break;
      case 104:
        m.peer_nsid = r.u32();
        break;
      case 112:
        m.master = r.u32();
        break;
      case 122: {
        const outer = r.enter();
        m.sit ??= newSitEntry();
        readSitEntry(r, m.sit);
        r.leave(outer);
        break;
      }
      case 8002:
        m.link_kind = r.str();
        break;
      case 8010:
        m.link_data = r.bytes();
        break;
      case 8016:
        m.tx_queue_length = r.u32();
        break;
      case 8024:
        m.link_group = r.u32();
        break;
      case 8034:
        m.alias = r.str();
        break;
      case 8042:
        m.alt_names.push(r.str());
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('net_device_entry.type');
  if (m.ifindex === undefined) r.missing('net_device_entry.ifindex');
  if (m.mtu === undefined) r.missing('net_device_entry.mtu');
  if (m.flags === undefined) r.missing('net_device_entry.flags');
  if (m.name === undefined) r.missing('net_device_entry.name');
}
export function writeNetDeviceEntry(w: Writer, m: Encodable<T.NetDeviceEntry>): void {
  w.i32(8, m.type, 'net_device_entry.type');
  w.u32(16, m.ifindex, 'net_device_entry.ifindex');
  w.u32(24, m.mtu, 'net_device_entry.mtu');
  w.u32(32, m.flags, 'net_device_entry.flags');
  w.str(42, m.name, 'net_device_entry.name');
  if (m.tun != null) { const start = w.begin(50, m.tun, 'net_device_entry.tun'); writeTunLinkEntry(w, m.tun); w.end(start); }
  if (m.address != null) w.bytes(58, m.address, 'net_device_entry.address');
  if (m.conf != null) for (const v of m.conf) w.i32(64, v, 'net_device_entry.conf');
  if (m.conf4 != null) for (const v of m.conf4) { const start = w.begin(74, v, 'net_device_entry.conf4'); writeSysctlEntry(w, v); w.end(start); }
  if (m.conf6 != null) for (const v of m.conf6) { const start = w.begin(82, v, 'net_device_entry.conf6'); writeSysctlEntry(w, v); w.end(start); }
  if (m.macvlan != null) { const start = w.begin(90, m.macvlan, 'net_device_entry.macvlan'); writeMacvlanLinkEntry(w, m.macvlan); w.end(start); }
  if (m.peer_ifindex != null) w.u32(96, m.peer_ifindex, 'net_device_entry.peer_ifindex');
  if (m.peer_nsid != null) w.u32(104, m.peer_nsid, 'net_device_entry.peer_nsid');
  if (m.master != null) w.u32(112, m.master, 'net_device_entry.master');
  if (m.sit != null) { const start = w.begin(122, m.sit, 'net_device_entry.sit'); writeSitEntry(w, m.sit); w.end(start); }
  if (m.link_kind != null) w.str(8002, m.link_kind, 'net_device_entry.link_kind');
  if (m.link_data != null) w.bytes(8010, m.link_data, 'net_device_entry.link_data');
  if (m.tx_queue_length != null) w.u32(8016, m.tx_queue_length, 'net_device_entry.tx_queue_length');
  if (m.link_group != null) w.u32(8024, m.link_group, 'net_device_entry.link_group');
  if (m.alias != null) w.str(8034, m.alias, 'net_device_entry.alias');
  if (m.alt_names != null) for (const v of m.alt_names) w.str(8042, v, 'net_device_entry.alt_names');
  w.unknown(m);
}
export const NetDeviceEntryCodec: Codec<T.NetDeviceEntry> = { create: newNetDeviceEntry, read: readNetDeviceEntry, write: writeNetDeviceEntry };

export function newNetlinkObject(): T.NetlinkObject {
  return { type: undefined as never, body: undefined as never };
}
export function readNetlinkObject(r: Reader, m: T.NetlinkObject): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.u32();
        break;
      case 18:
        m.body = r.bytes();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('netlink_object.type');
  if (m.body === undefined) r.missing('netlink_object.body');
}
export function writeNetlinkObject(w: Writer, m: Encodable<T.NetlinkObject>): void {
  w.u32(8, m.type, 'netlink_object.type');
  w.bytes(18, m.body, 'netlink_object.body');
  w.unknown(m);
}
export const NetlinkObjectCodec: Codec<T.NetlinkObject> = { create: newNetlinkObject, read: readNetlinkObject, write: writeNetlinkObject };

export function newNamedSysctl(): T.NamedSysctl {
  return { path: undefined as never, value: undefined as never };
}
export function readNamedSysctl(r: Reader, m: T.NamedSysctl): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.path = r.str();
        break;
      case 18:
        m.value = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.path === undefined) r.missing('named_sysctl.path');
  if (m.value === undefined) r.missing('named_sysctl.value');
}
export function writeNamedSysctl(w: Writer, m: Encodable<T.NamedSysctl>): void {
  w.str(10, m.path, 'named_sysctl.path');
  w.str(18, m.value, 'named_sysctl.value');
  w.unknown(m);
}
export const NamedSysctlCodec: Codec<T.NamedSysctl> = { create: newNamedSysctl, read: readNamedSysctl, write: writeNamedSysctl };

export function newNetnsId(): T.NetnsId {
  return { target_ns_id: undefined as never, netnsid_value: undefined as never };
}
export function readNetnsId(r: Reader, m: T.NetnsId): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.target_ns_id = r.u32();
        break;
      case 16:
        m.netnsid_value = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.target_ns_id === undefined) r.missing('netns_id.target_ns_id');
  if (m.netnsid_value === undefined) r.missing('netns_id.netnsid_value');
}
export function writeNetnsId(w: Writer, m: Encodable<T.NetnsId>): void {
  w.u32(8, m.target_ns_id, 'netns_id.target_ns_id');
  w.i32(16, m.netnsid_value, 'netns_id.netnsid_value');
  w.unknown(m);
}
export const NetnsIdCodec: Codec<T.NetnsId> = { create: newNetnsId, read: readNetnsId, write: writeNetnsId };

export function newNetnsEntry(): T.NetnsEntry {
  return { def_conf: [], all_conf: [], def_conf4: [], all_conf4: [], def_conf6: [], all_conf6: [], nsids: [], unix_conf: [], ipv4_sysctl: [], objects: [], more_sysctls: [], bound_nsids: [] };
}
export function readNetnsEntry(r: Reader, m: T.NetnsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.def_conf.push(r.i32());
        break;
      case 10: {
        const outer = r.enter();
        while (r.pos < r.end) m.def_conf.push(r.i32());
        r.leave(outer);
        break;
      }
      case 16:
        m.all_conf.push(r.i32());
        break;
      case 18: {
        const outer = r.enter();
        while (r.pos < r.end) m.all_conf.push(r.i32());
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        const v = newSysctlEntry();
        readSysctlEntry(r, v);
        m.def_conf4.push(v);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        const v = newSysctlEntry();
        readSysctlEntry(r, v);
        m.all_conf4.push(v);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        const v = newSysctlEntry();
        readSysctlEntry(r, v);
        m.def_conf6.push(v);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        const v = newSysctlEntry();
        readSysctlEntry(r, v);
        m.all_conf6.push(v);
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        const v = newNetnsId();
        readNetnsId(r, v);
        m.nsids.push(v);
        r.leave(outer);
        break;
      }
      case 66:
        m.ext_key = r.str();
        break;
      case 74: {
        const outer = r.enter();
        const v = newSysctlEntry();
        readSysctlEntry(r, v);
        m.unix_conf.push(v);
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        const v = newSysctlEntry();
        readSysctlEntry(r, v);
        m.ipv4_sysctl.push(v);
        r.leave(outer);
        break;
      }
      case 8002: {
        const outer = r.enter();
        const v = newNetlinkObject();
        readNetlinkObject(r, v);
        m.objects.push(v);
        r.leave(outer);
        break;
      }
      case 8010: {
        const outer = r.enter();
        const v = newNamedSysctl();
        readNamedSysctl(r, v);
        m.more_sysctls.push(v);
        r.leave(outer);
        break;
      }
      case 8018: {
        const outer = r.enter();
        const v = newNetnsId();
        readNetnsId(r, v);
        m.bound_nsids.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeNetnsEntry(w: Writer, m: Encodable<T.NetnsEntry>): void {
  if (m.def_conf != null) for (const v of m.def_conf) w.i32(8, v, 'netns_entry.def_conf');
  if (m.all_conf != null) for (const v of m.all_conf) w.i32(16, v, 'netns_entry.all_conf');
  if (m.def_conf4 != null) for (const v of m.def_conf4) { const start = w.begin(26, v, 'netns_entry.def_conf4'); writeSysctlEntry(w, v); w.end(start); }
  if (m.all_conf4 != null) for (const v of m.all_conf4) { const start = w.begin(34, v, 'netns_entry.all_conf4'); writeSysctlEntry(w, v); w.end(start); }
  if (m.def_conf6 != null) for (const v of m.def_conf6) { const start = w.begin(42, v, 'netns_entry.def_conf6'); writeSysctlEntry(w, v); w.end(start); }
  if (m.all_conf6 != null) for (const v of m.all_conf6) { const start = w.begin(50, v, 'netns_entry.all_conf6'); writeSysctlEntry(w, v); w.end(start); }
  if (m.nsids != null) for (const v of m.nsids) { const start = w.begin(58, v, 'netns_entry.nsids'); writeNetnsId(w, v); w.end(start); }
  if (m.ext_key != null) w.str(66, m.ext_key, 'netns_entry.ext_key');
  if (m.unix_conf != null) for (const v of m.unix_conf) { const start = w.begin(74, v, 'netns_entry.unix_conf'); writeSysctlEntry(w, v); w.end(start); }
  if (m.ipv4_sysctl != null) for (const v of m.ipv4_sysctl) { const start = w.begin(82, v, 'netns_entry.ipv4_sysctl'); writeSysctlEntry(w, v); w.end(start); }
  if (m.objects != null) for (const v of m.objects) { const start = w.begin(8002, v, 'netns_entry.objects'); writeNetlinkObject(w, v); w.end(start); }
  if (m.more_sysctls != null) for (const v of m.more_sysctls) { const start = w.begin(8010, v, 'netns_entry.more_sysctls'); writeNamedSysctl(w, v); w.end(start); }
  if (m.bound_nsids != null) for (const v of m.bound_nsids) { const start = w.begin(8018, v, 'netns_entry.bound_nsids'); writeNetnsId(w, v); w.end(start); }
  w.unknown(m);
}
export const NetnsEntryCodec: Codec<T.NetnsEntry> = { create: newNetnsEntry, read: readNetnsEntry, write: writeNetnsEntry };
