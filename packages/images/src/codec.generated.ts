// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from './codec-with.js';
import type { Reader } from './reader.js';
import type * as T from './types.generated.js';
import type { Writer } from './writer.js';

function newAaPolicy(): T.AaPolicy {
  return { name: undefined as never, blob: undefined as never };
}
function readAaPolicy(r: Reader, m: T.AaPolicy): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.str();
        break;
      case 18:
        m.blob = r.bytes();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.name === undefined) r.missing('aa_policy.name');
  if (m.blob === undefined) r.missing('aa_policy.blob');
}
function writeAaPolicy(w: Writer, m: Encodable<T.AaPolicy>): void {
  w.str(10, m.name, 'aa_policy.name');
  w.bytes(18, m.blob, 'aa_policy.blob');
  w.unknown(m);
}
export const AaPolicyCodec: Codec<T.AaPolicy> = { create: newAaPolicy, read: readAaPolicy, write: writeAaPolicy };

function newAaNamespace(): T.AaNamespace {
  return { name: undefined as never, policies: [], namespaces: [] };
}
function readAaNamespace(r: Reader, m: T.AaNamespace): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.str();
        break;
      case 18: {
        const outer = r.enter();
        const v = newAaPolicy();
        readAaPolicy(r, v);
        m.policies.push(v);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        const v = newAaNamespace();
        readAaNamespace(r, v);
        m.namespaces.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.name === undefined) r.missing('aa_namespace.name');
}
function writeAaNamespace(w: Writer, m: Encodable<T.AaNamespace>): void {
  w.str(10, m.name, 'aa_namespace.name');
  if (m.policies != null) for (const v of m.policies) { const start = w.begin(18, v, 'aa_namespace.policies'); writeAaPolicy(w, v); w.end(start); }
  if (m.namespaces != null) for (const v of m.namespaces) { const start = w.begin(26, v, 'aa_namespace.namespaces'); writeAaNamespace(w, v); w.end(start); }
  w.unknown(m);
}
export const AaNamespaceCodec: Codec<T.AaNamespace> = { create: newAaNamespace, read: readAaNamespace, write: writeAaNamespace };

function newApparmorEntry(): T.ApparmorEntry {
  return { namespaces: [] };
}
function readApparmorEntry(r: Reader, m: T.ApparmorEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newAaNamespace();
        readAaNamespace(r, v);
        m.namespaces.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeApparmorEntry(w: Writer, m: Encodable<T.ApparmorEntry>): void {
  if (m.namespaces != null) for (const v of m.namespaces) { const start = w.begin(10, v, 'apparmor_entry.namespaces'); writeAaNamespace(w, v); w.end(start); }
  w.unknown(m);
}
export const ApparmorEntryCodec: Codec<T.ApparmorEntry> = { create: newApparmorEntry, read: readApparmorEntry, write: writeApparmorEntry };

function newAutofsName(): T.AutofsName {
  return { path: undefined as never, mode: undefined as never, uid: undefined as never, gid: undefined as never };
}
function readAutofsName(r: Reader, m: T.AutofsName): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.path = r.str();
        break;
      case 16:
        m.mode = r.u32();
        break;
      case 24:
        m.uid = r.u32();
        break;
      case 32:
        m.gid = r.u32();
        break;
      case 42:
        m.target = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.path === undefined) r.missing('autofs_name.path');
  if (m.mode === undefined) r.missing('autofs_name.mode');
  if (m.uid === undefined) r.missing('autofs_name.uid');
  if (m.gid === undefined) r.missing('autofs_name.gid');
}
function writeAutofsName(w: Writer, m: Encodable<T.AutofsName>): void {
  w.str(10, m.path, 'autofs_name.path');
  w.u32(16, m.mode, 'autofs_name.mode');
  w.u32(24, m.uid, 'autofs_name.uid');
  w.u32(32, m.gid, 'autofs_name.gid');
  if (m.target != null) w.str(42, m.target, 'autofs_name.target');
  w.unknown(m);
}
export const AutofsNameCodec: Codec<T.AutofsName> = { create: newAutofsName, read: readAutofsName, write: writeAutofsName };

function newAutofsEntry(): T.AutofsEntry {
  return { fd: undefined as never, pgrp: undefined as never, timeout: undefined as never, minproto: undefined as never, maxproto: undefined as never, mode: undefined as never, names: [] };
}
function readAutofsEntry(r: Reader, m: T.AutofsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.fd = r.i32();
        break;
      case 16:
        m.pgrp = r.i32();
        break;
      case 24:
        m.timeout = r.i32();
        break;
      case 32:
        m.minproto = r.i32();
        break;
      case 40:
        m.maxproto = r.i32();
        break;
      case 48:
        m.mode = r.i32();
        break;
      case 56:
        m.uid = r.i32();
        break;
      case 64:
        m.gid = r.i32();
        break;
      case 72:
        m.read_fd = r.i32();
        break;
      case 8002: {
        const outer = r.enter();
        const v = newAutofsName();
        readAutofsName(r, v);
        m.names.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fd === undefined) r.missing('autofs_entry.fd');
  if (m.pgrp === undefined) r.missing('autofs_entry.pgrp');
  if (m.timeout === undefined) r.missing('autofs_entry.timeout');
  if (m.minproto === undefined) r.missing('autofs_entry.minproto');
  if (m.maxproto === undefined) r.missing('autofs_entry.maxproto');
  if (m.mode === undefined) r.missing('autofs_entry.mode');
}
function writeAutofsEntry(w: Writer, m: Encodable<T.AutofsEntry>): void {
  w.i32(8, m.fd, 'autofs_entry.fd');
  w.i32(16, m.pgrp, 'autofs_entry.pgrp');
  w.i32(24, m.timeout, 'autofs_entry.timeout');
  w.i32(32, m.minproto, 'autofs_entry.minproto');
  w.i32(40, m.maxproto, 'autofs_entry.maxproto');
  w.i32(48, m.mode, 'autofs_entry.mode');
  if (m.uid != null) w.i32(56, m.uid, 'autofs_entry.uid');
  if (m.gid != null) w.i32(64, m.gid, 'autofs_entry.gid');
  if (m.read_fd != null) w.i32(72, m.read_fd, 'autofs_entry.read_fd');
  if (m.names != null) for (const v of m.names) { const start = w.begin(8002, v, 'autofs_entry.names'); writeAutofsName(w, v); w.end(start); }
  w.unknown(m);
}
export const AutofsEntryCodec: Codec<T.AutofsEntry> = { create: newAutofsEntry, read: readAutofsEntry, write: writeAutofsEntry };

function newBinfmtMiscEntry(): T.BinfmtMiscEntry {
  return { name: undefined as never, enabled: undefined as never, interpreter: undefined as never };
}
function readBinfmtMiscEntry(r: Reader, m: T.BinfmtMiscEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.str();
        break;
      case 16:
        m.enabled = r.bool();
        break;
      case 26:
        m.interpreter = r.str();
        break;
      case 34:
        m.flags = r.str();
        break;
      case 42:
        m.extension = r.str();
        break;
      case 50:
        m.magic = r.str();
        break;
      case 58:
        m.mask = r.str();
        break;
      case 64:
        m.offset = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.name === undefined) r.missing('binfmt_misc_entry.name');
  if (m.enabled === undefined) r.missing('binfmt_misc_entry.enabled');
  if (m.interpreter === undefined) r.missing('binfmt_misc_entry.interpreter');
}
function writeBinfmtMiscEntry(w: Writer, m: Encodable<T.BinfmtMiscEntry>): void {
  w.str(10, m.name, 'binfmt_misc_entry.name');
  w.bool(16, m.enabled, 'binfmt_misc_entry.enabled');
  w.str(26, m.interpreter, 'binfmt_misc_entry.interpreter');
  if (m.flags != null) w.str(34, m.flags, 'binfmt_misc_entry.flags');
  if (m.extension != null) w.str(42, m.extension, 'binfmt_misc_entry.extension');
  if (m.magic != null) w.str(50, m.magic, 'binfmt_misc_entry.magic');
  if (m.mask != null) w.str(58, m.mask, 'binfmt_misc_entry.mask');
  if (m.offset != null) w.i32(64, m.offset, 'binfmt_misc_entry.offset');
  w.unknown(m);
}
export const BinfmtMiscEntryCodec: Codec<T.BinfmtMiscEntry> = { create: newBinfmtMiscEntry, read: readBinfmtMiscEntry, write: writeBinfmtMiscEntry };

function newBpfmapDataEntry(): T.BpfmapDataEntry {
  return { map_id: undefined as never, keys_bytes: undefined as never, values_bytes: undefined as never, count: undefined as never };
}
function readBpfmapDataEntry(r: Reader, m: T.BpfmapDataEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.map_id = r.u32();
        break;
      case 16:
        m.keys_bytes = r.u32();
        break;
      case 24:
        m.values_bytes = r.u32();
        break;
      case 32:
        m.count = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.map_id === undefined) r.missing('bpfmap_data_entry.map_id');
  if (m.keys_bytes === undefined) r.missing('bpfmap_data_entry.keys_bytes');
  if (m.values_bytes === undefined) r.missing('bpfmap_data_entry.values_bytes');
  if (m.count === undefined) r.missing('bpfmap_data_entry.count');
}
function writeBpfmapDataEntry(w: Writer, m: Encodable<T.BpfmapDataEntry>): void {
  w.u32(8, m.map_id, 'bpfmap_data_entry.map_id');
  w.u32(16, m.keys_bytes, 'bpfmap_data_entry.keys_bytes');
  w.u32(24, m.values_bytes, 'bpfmap_data_entry.values_bytes');
  w.u32(32, m.count, 'bpfmap_data_entry.count');
  w.unknown(m);
}
export const BpfmapDataEntryCodec: Codec<T.BpfmapDataEntry> = { create: newBpfmapDataEntry, read: readBpfmapDataEntry, write: writeBpfmapDataEntry };

function newBpfmapFileEntry(): T.BpfmapFileEntry {
  return { id: undefined as never, flags: undefined as never, pos: undefined as never, fown: undefined as never, map_type: undefined as never, key_size: undefined as never, value_size: undefined as never, map_id: undefined as never, max_entries: undefined as never, map_flags: undefined as never, memlock: undefined as never, frozen: undefined as never, map_name: undefined as never, ifindex: undefined as never };
}
function readBpfmapFileEntry(r: Reader, m: T.BpfmapFileEntry): void {
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
        m.map_type = r.u32();
        break;
      case 48:
        m.key_size = r.u32();
        break;
      case 56:
        m.value_size = r.u32();
        break;
      case 64:
        m.map_id = r.u32();
        break;
      case 72:
        m.max_entries = r.u32();
        break;
      case 80:
        m.map_flags = r.u32();
        break;
      case 88:
        m.memlock = r.u64();
        break;
      case 96:
        m.frozen = r.bool();
        break;
      case 106:
        m.map_name = r.str();
        break;
      case 112:
        m.ifindex = r.u32();
        break;
      case 120:
        m.mnt_id = r.s32();
        break;
      case 128:
        m.map_extra = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('bpfmap_file_entry.id');
  if (m.flags === undefined) r.missing('bpfmap_file_entry.flags');
  if (m.pos === undefined) r.missing('bpfmap_file_entry.pos');
  if (m.fown === undefined) r.missing('bpfmap_file_entry.fown');
  if (m.map_type === undefined) r.missing('bpfmap_file_entry.map_type');
  if (m.key_size === undefined) r.missing('bpfmap_file_entry.key_size');
  if (m.value_size === undefined) r.missing('bpfmap_file_entry.value_size');
  if (m.map_id === undefined) r.missing('bpfmap_file_entry.map_id');
  if (m.max_entries === undefined) r.missing('bpfmap_file_entry.max_entries');
  if (m.map_flags === undefined) r.missing('bpfmap_file_entry.map_flags');
  if (m.memlock === undefined) r.missing('bpfmap_file_entry.memlock');
  if (m.frozen === undefined) r.missing('bpfmap_file_entry.frozen');
  if (m.map_name === undefined) r.missing('bpfmap_file_entry.map_name');
  if (m.ifindex === undefined) r.missing('bpfmap_file_entry.ifindex');
}
function writeBpfmapFileEntry(w: Writer, m: Encodable<T.BpfmapFileEntry>): void {
  w.u32(8, m.id, 'bpfmap_file_entry.id');
  w.u32(16, m.flags, 'bpfmap_file_entry.flags');
  w.u64(24, m.pos, 'bpfmap_file_entry.pos');
  w.alike(34, m.fown, 'bpfmap_file_entry.fown', writeFownEntry);
  w.u32(40, m.map_type, 'bpfmap_file_entry.map_type');
  w.u32(48, m.key_size, 'bpfmap_file_entry.key_size');
  w.u32(56, m.value_size, 'bpfmap_file_entry.value_size');
  w.u32(64, m.map_id, 'bpfmap_file_entry.map_id');
  w.u32(72, m.max_entries, 'bpfmap_file_entry.max_entries');
  w.u32(80, m.map_flags, 'bpfmap_file_entry.map_flags');
  w.u64(88, m.memlock, 'bpfmap_file_entry.memlock');
  w.bool(96, m.frozen, 'bpfmap_file_entry.frozen');
  w.str(106, m.map_name, 'bpfmap_file_entry.map_name');
  w.u32(112, m.ifindex, 'bpfmap_file_entry.ifindex');
  if (m.mnt_id != null) w.s32(120, m.mnt_id, 'bpfmap_file_entry.mnt_id');
  if (m.map_extra != null) w.u64(128, m.map_extra, 'bpfmap_file_entry.map_extra');
  w.unknown(m);
}
export const BpfmapFileEntryCodec: Codec<T.BpfmapFileEntry> = { create: newBpfmapFileEntry, read: readBpfmapFileEntry, write: writeBpfmapFileEntry };

function newCgroupPerms(): T.CgroupPerms {
  return { mode: undefined as never, uid: undefined as never, gid: undefined as never };
}
function readCgroupPerms(r: Reader, m: T.CgroupPerms): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mode = r.u32();
        break;
      case 16:
        m.uid = r.u32();
        break;
      case 24:
        m.gid = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mode === undefined) r.missing('cgroup_perms.mode');
  if (m.uid === undefined) r.missing('cgroup_perms.uid');
  if (m.gid === undefined) r.missing('cgroup_perms.gid');
}
function writeCgroupPerms(w: Writer, m: Encodable<T.CgroupPerms>): void {
  w.u32(8, m.mode, 'cgroup_perms.mode');
  w.u32(16, m.uid, 'cgroup_perms.uid');
  w.u32(24, m.gid, 'cgroup_perms.gid');
  w.unknown(m);
}
export const CgroupPermsCodec: Codec<T.CgroupPerms> = { create: newCgroupPerms, read: readCgroupPerms, write: writeCgroupPerms };

function newCgroupPropEntry(): T.CgroupPropEntry {
  return { name: undefined as never, value: undefined as never };
}
function readCgroupPropEntry(r: Reader, m: T.CgroupPropEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.str();
        break;
      case 18:
        m.value = r.str();
        break;
      case 26: {
        const outer = r.enter();
        m.perms ??= newCgroupPerms();
        readCgroupPerms(r, m.perms);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.name === undefined) r.missing('cgroup_prop_entry.name');
  if (m.value === undefined) r.missing('cgroup_prop_entry.value');
}
function writeCgroupPropEntry(w: Writer, m: Encodable<T.CgroupPropEntry>): void {
  w.str(10, m.name, 'cgroup_prop_entry.name');
  w.str(18, m.value, 'cgroup_prop_entry.value');
  if (m.perms != null) { const start = w.begin(26, m.perms, 'cgroup_prop_entry.perms'); writeCgroupPerms(w, m.perms); w.end(start); }
  w.unknown(m);
}
export const CgroupPropEntryCodec: Codec<T.CgroupPropEntry> = { create: newCgroupPropEntry, read: readCgroupPropEntry, write: writeCgroupPropEntry };

function newCgroupDirEntry(): T.CgroupDirEntry {
  return { dir_name: undefined as never, children: [], properties: [] };
}
function readCgroupDirEntry(r: Reader, m: T.CgroupDirEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.dir_name = r.str();
        break;
      case 18: {
        const outer = r.enter();
        const v = newCgroupDirEntry();
        readCgroupDirEntry(r, v);
        m.children.push(v);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        const v = newCgroupPropEntry();
        readCgroupPropEntry(r, v);
        m.properties.push(v);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.dir_perms ??= newCgroupPerms();
        readCgroupPerms(r, m.dir_perms);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.dir_name === undefined) r.missing('cgroup_dir_entry.dir_name');
}
function writeCgroupDirEntry(w: Writer, m: Encodable<T.CgroupDirEntry>): void {
  w.str(10, m.dir_name, 'cgroup_dir_entry.dir_name');
  if (m.children != null) for (const v of m.children) { const start = w.begin(18, v, 'cgroup_dir_entry.children'); writeCgroupDirEntry(w, v); w.end(start); }
  if (m.properties != null) for (const v of m.properties) { const start = w.begin(26, v, 'cgroup_dir_entry.properties'); writeCgroupPropEntry(w, v); w.end(start); }
  if (m.dir_perms != null) { const start = w.begin(34, m.dir_perms, 'cgroup_dir_entry.dir_perms'); writeCgroupPerms(w, m.dir_perms); w.end(start); }
  w.unknown(m);
}
export const CgroupDirEntryCodec: Codec<T.CgroupDirEntry> = { create: newCgroupDirEntry, read: readCgroupDirEntry, write: writeCgroupDirEntry };

function newCgControllerEntry(): T.CgControllerEntry {
  return { cnames: [], dirs: [] };
}
function readCgControllerEntry(r: Reader, m: T.CgControllerEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.cnames.push(r.str());
        break;
      case 18: {
        const outer = r.enter();
        const v = newCgroupDirEntry();
        readCgroupDirEntry(r, v);
        m.dirs.push(v);
        r.leave(outer);
        break;
      }
      case 24:
        m.is_threaded = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
function writeCgControllerEntry(w: Writer, m: Encodable<T.CgControllerEntry>): void {
  if (m.cnames != null) for (const v of m.cnames) w.str(10, v, 'cg_controller_entry.cnames');
  if (m.dirs != null) for (const v of m.dirs) { const start = w.begin(18, v, 'cg_controller_entry.dirs'); writeCgroupDirEntry(w, v); w.end(start); }
  if (m.is_threaded != null) w.bool(24, m.is_threaded, 'cg_controller_entry.is_threaded');
  w.unknown(m);
}
export const CgControllerEntryCodec: Codec<T.CgControllerEntry> = { create: newCgControllerEntry, read: readCgControllerEntry, write: writeCgControllerEntry };

function newCgMemberEntry(): T.CgMemberEntry {
  return { name: undefined as never, path: undefined as never };
}
function readCgMemberEntry(r: Reader, m: T.CgMemberEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.str();
        break;
      case 18:
        m.path = r.str();
        break;
      case 24:
        m.cgns_prefix = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.name === undefined) r.missing('cg_member_entry.name');
  if (m.path === undefined) r.missing('cg_member_entry.path');
}
function writeCgMemberEntry(w: Writer, m: Encodable<T.CgMemberEntry>): void {
  w.str(10, m.name, 'cg_member_entry.name');
  w.str(18, m.path, 'cg_member_entry.path');
  if (m.cgns_prefix != null) w.u32(24, m.cgns_prefix, 'cg_member_entry.cgns_prefix');
  w.unknown(m);
}
export const CgMemberEntryCodec: Codec<T.CgMemberEntry> = { create: newCgMemberEntry, read: readCgMemberEntry, write: writeCgMemberEntry };

function newCgSetEntry(): T.CgSetEntry {
  return { id: undefined as never, ctls: [] };
}
function readCgSetEntry(r: Reader, m: T.CgSetEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 18: {
        const outer = r.enter();
        const v = newCgMemberEntry();
        readCgMemberEntry(r, v);
        m.ctls.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('cg_set_entry.id');
}
function writeCgSetEntry(w: Writer, m: Encodable<T.CgSetEntry>): void {
  w.u32(8, m.id, 'cg_set_entry.id');
  if (m.ctls != null) for (const v of m.ctls) { const start = w.begin(18, v, 'cg_set_entry.ctls'); writeCgMemberEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const CgSetEntryCodec: Codec<T.CgSetEntry> = { create: newCgSetEntry, read: readCgSetEntry, write: writeCgSetEntry };

function newCgroupEntry(): T.CgroupEntry {
  return { sets: [], controllers: [] };
}
function readCgroupEntry(r: Reader, m: T.CgroupEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newCgSetEntry();
        readCgSetEntry(r, v);
        m.sets.push(v);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        const v = newCgControllerEntry();
        readCgControllerEntry(r, v);
        m.controllers.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeCgroupEntry(w: Writer, m: Encodable<T.CgroupEntry>): void {
  if (m.sets != null) for (const v of m.sets) { const start = w.begin(10, v, 'cgroup_entry.sets'); writeCgSetEntry(w, v); w.end(start); }
  if (m.controllers != null) for (const v of m.controllers) { const start = w.begin(18, v, 'cgroup_entry.controllers'); writeCgControllerEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const CgroupEntryCodec: Codec<T.CgroupEntry> = { create: newCgroupEntry, read: readCgroupEntry, write: writeCgroupEntry };

function newUserAarch64RegsEntry(): T.UserAarch64RegsEntry {
  return { regs: [], sp: undefined as never, pc: undefined as never, pstate: undefined as never };
}
function readUserAarch64RegsEntry(r: Reader, m: T.UserAarch64RegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      case 16:
        m.sp = r.u64();
        break;
      case 24:
        m.pc = r.u64();
        break;
      case 32:
        m.pstate = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.sp === undefined) r.missing('user_aarch64_regs_entry.sp');
  if (m.pc === undefined) r.missing('user_aarch64_regs_entry.pc');
  if (m.pstate === undefined) r.missing('user_aarch64_regs_entry.pstate');
}
function writeUserAarch64RegsEntry(w: Writer, m: Encodable<T.UserAarch64RegsEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_aarch64_regs_entry.regs');
  w.u64(16, m.sp, 'user_aarch64_regs_entry.sp');
  w.u64(24, m.pc, 'user_aarch64_regs_entry.pc');
  w.u64(32, m.pstate, 'user_aarch64_regs_entry.pstate');
  w.unknown(m);
}
export const UserAarch64RegsEntryCodec: Codec<T.UserAarch64RegsEntry> = { create: newUserAarch64RegsEntry, read: readUserAarch64RegsEntry, write: writeUserAarch64RegsEntry };

function newUserAarch64FpsimdContextEntry(): T.UserAarch64FpsimdContextEntry {
  return { vregs: [], fpsr: undefined as never, fpcr: undefined as never };
}
function readUserAarch64FpsimdContextEntry(r: Reader, m: T.UserAarch64FpsimdContextEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vregs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.vregs);
        r.leave(outer);
        break;
      }
      case 16:
        m.fpsr = r.u32();
        break;
      case 24:
        m.fpcr = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fpsr === undefined) r.missing('user_aarch64_fpsimd_context_entry.fpsr');
  if (m.fpcr === undefined) r.missing('user_aarch64_fpsimd_context_entry.fpcr');
}
function writeUserAarch64FpsimdContextEntry(w: Writer, m: Encodable<T.UserAarch64FpsimdContextEntry>): void {
  if (m.vregs != null) for (const v of m.vregs) w.u64(8, v, 'user_aarch64_fpsimd_context_entry.vregs');
  w.u32(16, m.fpsr, 'user_aarch64_fpsimd_context_entry.fpsr');
  w.u32(24, m.fpcr, 'user_aarch64_fpsimd_context_entry.fpcr');
  w.unknown(m);
}
export const UserAarch64FpsimdContextEntryCodec: Codec<T.UserAarch64FpsimdContextEntry> = { create: newUserAarch64FpsimdContextEntry, read: readUserAarch64FpsimdContextEntry, write: writeUserAarch64FpsimdContextEntry };

function newPacAddressKeys(): T.PacAddressKeys {
  return { apiakey_lo: undefined as never, apiakey_hi: undefined as never, apibkey_lo: undefined as never, apibkey_hi: undefined as never, apdakey_lo: undefined as never, apdakey_hi: undefined as never, apdbkey_lo: undefined as never, apdbkey_hi: undefined as never, pac_enabled_key: undefined as never };
}
function readPacAddressKeys(r: Reader, m: T.PacAddressKeys): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.apiakey_lo = r.u64();
        break;
      case 16:
        m.apiakey_hi = r.u64();
        break;
      case 24:
        m.apibkey_lo = r.u64();
        break;
      case 32:
        m.apibkey_hi = r.u64();
        break;
      case 40:
        m.apdakey_lo = r.u64();
        break;
      case 48:
        m.apdakey_hi = r.u64();
        break;
      case 56:
        m.apdbkey_lo = r.u64();
        break;
      case 64:
        m.apdbkey_hi = r.u64();
        break;
      case 72:
        m.pac_enabled_key = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.apiakey_lo === undefined) r.missing('pac_address_keys.apiakey_lo');
  if (m.apiakey_hi === undefined) r.missing('pac_address_keys.apiakey_hi');
  if (m.apibkey_lo === undefined) r.missing('pac_address_keys.apibkey_lo');
  if (m.apibkey_hi === undefined) r.missing('pac_address_keys.apibkey_hi');
  if (m.apdakey_lo === undefined) r.missing('pac_address_keys.apdakey_lo');
  if (m.apdakey_hi === undefined) r.missing('pac_address_keys.apdakey_hi');
  if (m.apdbkey_lo === undefined) r.missing('pac_address_keys.apdbkey_lo');
  if (m.apdbkey_hi === undefined) r.missing('pac_address_keys.apdbkey_hi');
  if (m.pac_enabled_key === undefined) r.missing('pac_address_keys.pac_enabled_key');
}
function writePacAddressKeys(w: Writer, m: Encodable<T.PacAddressKeys>): void {
  w.u64(8, m.apiakey_lo, 'pac_address_keys.apiakey_lo');
  w.u64(16, m.apiakey_hi, 'pac_address_keys.apiakey_hi');
  w.u64(24, m.apibkey_lo, 'pac_address_keys.apibkey_lo');
  w.u64(32, m.apibkey_hi, 'pac_address_keys.apibkey_hi');
  w.u64(40, m.apdakey_lo, 'pac_address_keys.apdakey_lo');
  w.u64(48, m.apdakey_hi, 'pac_address_keys.apdakey_hi');
  w.u64(56, m.apdbkey_lo, 'pac_address_keys.apdbkey_lo');
  w.u64(64, m.apdbkey_hi, 'pac_address_keys.apdbkey_hi');
  w.u64(72, m.pac_enabled_key, 'pac_address_keys.pac_enabled_key');
  w.unknown(m);
}
export const PacAddressKeysCodec: Codec<T.PacAddressKeys> = { create: newPacAddressKeys, read: readPacAddressKeys, write: writePacAddressKeys };

function newPacGenericKeys(): T.PacGenericKeys {
  return { apgakey_lo: undefined as never, apgakey_hi: undefined as never };
}
function readPacGenericKeys(r: Reader, m: T.PacGenericKeys): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.apgakey_lo = r.u64();
        break;
      case 16:
        m.apgakey_hi = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.apgakey_lo === undefined) r.missing('pac_generic_keys.apgakey_lo');
  if (m.apgakey_hi === undefined) r.missing('pac_generic_keys.apgakey_hi');
}
function writePacGenericKeys(w: Writer, m: Encodable<T.PacGenericKeys>): void {
  w.u64(8, m.apgakey_lo, 'pac_generic_keys.apgakey_lo');
  w.u64(16, m.apgakey_hi, 'pac_generic_keys.apgakey_hi');
  w.unknown(m);
}
export const PacGenericKeysCodec: Codec<T.PacGenericKeys> = { create: newPacGenericKeys, read: readPacGenericKeys, write: writePacGenericKeys };

function newPacKeys(): T.PacKeys {
  return {};
}
function readPacKeys(r: Reader, m: T.PacKeys): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 50: {
        const outer = r.enter();
        m.pac_address_keys ??= newPacAddressKeys();
        readPacAddressKeys(r, m.pac_address_keys);
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        m.pac_generic_keys ??= newPacGenericKeys();
        readPacGenericKeys(r, m.pac_generic_keys);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writePacKeys(w: Writer, m: Encodable<T.PacKeys>): void {
  if (m.pac_address_keys != null) { const start = w.begin(50, m.pac_address_keys, 'pac_keys.pac_address_keys'); writePacAddressKeys(w, m.pac_address_keys); w.end(start); }
  if (m.pac_generic_keys != null) { const start = w.begin(58, m.pac_generic_keys, 'pac_keys.pac_generic_keys'); writePacGenericKeys(w, m.pac_generic_keys); w.end(start); }
  w.unknown(m);
}
export const PacKeysCodec: Codec<T.PacKeys> = { create: newPacKeys, read: readPacKeys, write: writePacKeys };

function newThreadInfoAarch64(): T.ThreadInfoAarch64 {
  return { clear_tid_addr: undefined as never, tls: undefined as never, gpregs: undefined as never, fpsimd: undefined as never };
}
function readThreadInfoAarch64(r: Reader, m: T.ThreadInfoAarch64): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 16:
        m.tls = r.u64();
        break;
      case 26: {
        const outer = r.enter();
        m.gpregs ??= newUserAarch64RegsEntry();
        readUserAarch64RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.fpsimd ??= newUserAarch64FpsimdContextEntry();
        readUserAarch64FpsimdContextEntry(r, m.fpsimd);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.pac_keys ??= newPacKeys();
        readPacKeys(r, m.pac_keys);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_aarch64.clear_tid_addr');
  if (m.tls === undefined) r.missing('thread_info_aarch64.tls');
  if (m.gpregs === undefined) r.missing('thread_info_aarch64.gpregs');
  if (m.fpsimd === undefined) r.missing('thread_info_aarch64.fpsimd');
}
function writeThreadInfoAarch64(w: Writer, m: Encodable<T.ThreadInfoAarch64>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_aarch64.clear_tid_addr');
  w.u64(16, m.tls, 'thread_info_aarch64.tls');
  { const start = w.begin(26, m.gpregs, 'thread_info_aarch64.gpregs'); writeUserAarch64RegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(34, m.fpsimd, 'thread_info_aarch64.fpsimd'); writeUserAarch64FpsimdContextEntry(w, m.fpsimd); w.end(start); }
  if (m.pac_keys != null) { const start = w.begin(42, m.pac_keys, 'thread_info_aarch64.pac_keys'); writePacKeys(w, m.pac_keys); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoAarch64Codec: Codec<T.ThreadInfoAarch64> = { create: newThreadInfoAarch64, read: readThreadInfoAarch64, write: writeThreadInfoAarch64 };

function newUserArmRegsEntry(): T.UserArmRegsEntry {
  return { r0: undefined as never, r1: undefined as never, r2: undefined as never, r3: undefined as never, r4: undefined as never, r5: undefined as never, r6: undefined as never, r7: undefined as never, r8: undefined as never, r9: undefined as never, r10: undefined as never, fp: undefined as never, ip: undefined as never, sp: undefined as never, lr: undefined as never, pc: undefined as never, cpsr: undefined as never, orig_r0: undefined as never };
}
function readUserArmRegsEntry(r: Reader, m: T.UserArmRegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.r0 = r.u32();
        break;
      case 16:
        m.r1 = r.u32();
        break;
      case 24:
        m.r2 = r.u32();
        break;
      case 32:
        m.r3 = r.u32();
        break;
      case 40:
        m.r4 = r.u32();
        break;
      case 48:
        m.r5 = r.u32();
        break;
      case 56:
        m.r6 = r.u32();
        break;
      case 64:
        m.r7 = r.u32();
        break;
      case 72:
        m.r8 = r.u32();
        break;
      case 80:
        m.r9 = r.u32();
        break;
      case 88:
        m.r10 = r.u32();
        break;
      case 96:
        m.fp = r.u32();
        break;
      case 104:
        m.ip = r.u32();
        break;
      case 112:
        m.sp = r.u32();
        break;
      case 120:
        m.lr = r.u32();
        break;
      case 128:
        m.pc = r.u32();
        break;
      case 136:
        m.cpsr = r.u32();
        break;
      case 144:
        m.orig_r0 = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.r0 === undefined) r.missing('user_arm_regs_entry.r0');
  if (m.r1 === undefined) r.missing('user_arm_regs_entry.r1');
  if (m.r2 === undefined) r.missing('user_arm_regs_entry.r2');
  if (m.r3 === undefined) r.missing('user_arm_regs_entry.r3');
  if (m.r4 === undefined) r.missing('user_arm_regs_entry.r4');
  if (m.r5 === undefined) r.missing('user_arm_regs_entry.r5');
  if (m.r6 === undefined) r.missing('user_arm_regs_entry.r6');
  if (m.r7 === undefined) r.missing('user_arm_regs_entry.r7');
  if (m.r8 === undefined) r.missing('user_arm_regs_entry.r8');
  if (m.r9 === undefined) r.missing('user_arm_regs_entry.r9');
  if (m.r10 === undefined) r.missing('user_arm_regs_entry.r10');
  if (m.fp === undefined) r.missing('user_arm_regs_entry.fp');
  if (m.ip === undefined) r.missing('user_arm_regs_entry.ip');
  if (m.sp === undefined) r.missing('user_arm_regs_entry.sp');
  if (m.lr === undefined) r.missing('user_arm_regs_entry.lr');
  if (m.pc === undefined) r.missing('user_arm_regs_entry.pc');
  if (m.cpsr === undefined) r.missing('user_arm_regs_entry.cpsr');
  if (m.orig_r0 === undefined) r.missing('user_arm_regs_entry.orig_r0');
}
function writeUserArmRegsEntry(w: Writer, m: Encodable<T.UserArmRegsEntry>): void {
  w.u32(8, m.r0, 'user_arm_regs_entry.r0');
  w.u32(16, m.r1, 'user_arm_regs_entry.r1');
  w.u32(24, m.r2, 'user_arm_regs_entry.r2');
  w.u32(32, m.r3, 'user_arm_regs_entry.r3');
  w.u32(40, m.r4, 'user_arm_regs_entry.r4');
  w.u32(48, m.r5, 'user_arm_regs_entry.r5');
  w.u32(56, m.r6, 'user_arm_regs_entry.r6');
  w.u32(64, m.r7, 'user_arm_regs_entry.r7');
  w.u32(72, m.r8, 'user_arm_regs_entry.r8');
  w.u32(80, m.r9, 'user_arm_regs_entry.r9');
  w.u32(88, m.r10, 'user_arm_regs_entry.r10');
  w.u32(96, m.fp, 'user_arm_regs_entry.fp');
  w.u32(104, m.ip, 'user_arm_regs_entry.ip');
  w.u32(112, m.sp, 'user_arm_regs_entry.sp');
  w.u32(120, m.lr, 'user_arm_regs_entry.lr');
  w.u32(128, m.pc, 'user_arm_regs_entry.pc');
  w.u32(136, m.cpsr, 'user_arm_regs_entry.cpsr');
  w.u32(144, m.orig_r0, 'user_arm_regs_entry.orig_r0');
  w.unknown(m);
}
export const UserArmRegsEntryCodec: Codec<T.UserArmRegsEntry> = { create: newUserArmRegsEntry, read: readUserArmRegsEntry, write: writeUserArmRegsEntry };

function newUserArmVfpstateEntry(): T.UserArmVfpstateEntry {
  return { vfp_regs: [], fpscr: undefined as never, fpexc: undefined as never, fpinst: undefined as never, fpinst2: undefined as never };
}
function readUserArmVfpstateEntry(r: Reader, m: T.UserArmVfpstateEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vfp_regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.vfp_regs);
        r.leave(outer);
        break;
      }
      case 16:
        m.fpscr = r.u32();
        break;
      case 24:
        m.fpexc = r.u32();
        break;
      case 32:
        m.fpinst = r.u32();
        break;
      case 40:
        m.fpinst2 = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fpscr === undefined) r.missing('user_arm_vfpstate_entry.fpscr');
  if (m.fpexc === undefined) r.missing('user_arm_vfpstate_entry.fpexc');
  if (m.fpinst === undefined) r.missing('user_arm_vfpstate_entry.fpinst');
  if (m.fpinst2 === undefined) r.missing('user_arm_vfpstate_entry.fpinst2');
}
function writeUserArmVfpstateEntry(w: Writer, m: Encodable<T.UserArmVfpstateEntry>): void {
  if (m.vfp_regs != null) for (const v of m.vfp_regs) w.u64(8, v, 'user_arm_vfpstate_entry.vfp_regs');
  w.u32(16, m.fpscr, 'user_arm_vfpstate_entry.fpscr');
  w.u32(24, m.fpexc, 'user_arm_vfpstate_entry.fpexc');
  w.u32(32, m.fpinst, 'user_arm_vfpstate_entry.fpinst');
  w.u32(40, m.fpinst2, 'user_arm_vfpstate_entry.fpinst2');
  w.unknown(m);
}
export const UserArmVfpstateEntryCodec: Codec<T.UserArmVfpstateEntry> = { create: newUserArmVfpstateEntry, read: readUserArmVfpstateEntry, write: writeUserArmVfpstateEntry };

function newThreadInfoArm(): T.ThreadInfoArm {
  return { clear_tid_addr: undefined as never, tls: undefined as never, gpregs: undefined as never, fpstate: undefined as never };
}
function readThreadInfoArm(r: Reader, m: T.ThreadInfoArm): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 16:
        m.tls = r.u32();
        break;
      case 26: {
        const outer = r.enter();
        m.gpregs ??= newUserArmRegsEntry();
        readUserArmRegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.fpstate ??= newUserArmVfpstateEntry();
        readUserArmVfpstateEntry(r, m.fpstate);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_arm.clear_tid_addr');
  if (m.tls === undefined) r.missing('thread_info_arm.tls');
  if (m.gpregs === undefined) r.missing('thread_info_arm.gpregs');
  if (m.fpstate === undefined) r.missing('thread_info_arm.fpstate');
}
function writeThreadInfoArm(w: Writer, m: Encodable<T.ThreadInfoArm>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_arm.clear_tid_addr');
  w.u32(16, m.tls, 'thread_info_arm.tls');
  { const start = w.begin(26, m.gpregs, 'thread_info_arm.gpregs'); writeUserArmRegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(34, m.fpstate, 'thread_info_arm.fpstate'); writeUserArmVfpstateEntry(w, m.fpstate); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoArmCodec: Codec<T.ThreadInfoArm> = { create: newThreadInfoArm, read: readThreadInfoArm, write: writeThreadInfoArm };

function newUserLoongarch64GpregsEntry(): T.UserLoongarch64GpregsEntry {
  return { regs: [], pc: undefined as never };
}
function readUserLoongarch64GpregsEntry(r: Reader, m: T.UserLoongarch64GpregsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      case 16:
        m.pc = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pc === undefined) r.missing('user_loongarch64_gpregs_entry.pc');
}
function writeUserLoongarch64GpregsEntry(w: Writer, m: Encodable<T.UserLoongarch64GpregsEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_loongarch64_gpregs_entry.regs');
  w.u64(16, m.pc, 'user_loongarch64_gpregs_entry.pc');
  w.unknown(m);
}
export const UserLoongarch64GpregsEntryCodec: Codec<T.UserLoongarch64GpregsEntry> = { create: newUserLoongarch64GpregsEntry, read: readUserLoongarch64GpregsEntry, write: writeUserLoongarch64GpregsEntry };

function newUserLoongarch64FpregsEntry(): T.UserLoongarch64FpregsEntry {
  return { regs: [], fcc: undefined as never, fcsr: undefined as never };
}
function readUserLoongarch64FpregsEntry(r: Reader, m: T.UserLoongarch64FpregsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      case 16:
        m.fcc = r.u64();
        break;
      case 24:
        m.fcsr = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fcc === undefined) r.missing('user_loongarch64_fpregs_entry.fcc');
  if (m.fcsr === undefined) r.missing('user_loongarch64_fpregs_entry.fcsr');
}
function writeUserLoongarch64FpregsEntry(w: Writer, m: Encodable<T.UserLoongarch64FpregsEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_loongarch64_fpregs_entry.regs');
  w.u64(16, m.fcc, 'user_loongarch64_fpregs_entry.fcc');
  w.u32(24, m.fcsr, 'user_loongarch64_fpregs_entry.fcsr');
  w.unknown(m);
}
export const UserLoongarch64FpregsEntryCodec: Codec<T.UserLoongarch64FpregsEntry> = { create: newUserLoongarch64FpregsEntry, read: readUserLoongarch64FpregsEntry, write: writeUserLoongarch64FpregsEntry };

function newThreadInfoLoongarch64(): T.ThreadInfoLoongarch64 {
  return { clear_tid_addr: undefined as never, tls: undefined as never, gpregs: undefined as never, fpregs: undefined as never };
}
function readThreadInfoLoongarch64(r: Reader, m: T.ThreadInfoLoongarch64): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 16:
        m.tls = r.u64();
        break;
      case 26: {
        const outer = r.enter();
        m.gpregs ??= newUserLoongarch64GpregsEntry();
        readUserLoongarch64GpregsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.fpregs ??= newUserLoongarch64FpregsEntry();
        readUserLoongarch64FpregsEntry(r, m.fpregs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_loongarch64.clear_tid_addr');
  if (m.tls === undefined) r.missing('thread_info_loongarch64.tls');
  if (m.gpregs === undefined) r.missing('thread_info_loongarch64.gpregs');
  if (m.fpregs === undefined) r.missing('thread_info_loongarch64.fpregs');
}
function writeThreadInfoLoongarch64(w: Writer, m: Encodable<T.ThreadInfoLoongarch64>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_loongarch64.clear_tid_addr');
  w.u64(16, m.tls, 'thread_info_loongarch64.tls');
  { const start = w.begin(26, m.gpregs, 'thread_info_loongarch64.gpregs'); writeUserLoongarch64GpregsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(34, m.fpregs, 'thread_info_loongarch64.fpregs'); writeUserLoongarch64FpregsEntry(w, m.fpregs); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoLoongarch64Codec: Codec<T.ThreadInfoLoongarch64> = { create: newThreadInfoLoongarch64, read: readThreadInfoLoongarch64, write: writeThreadInfoLoongarch64 };

function newUserMipsRegsEntry(): T.UserMipsRegsEntry {
  return { r0: undefined as never, r1: undefined as never, r2: undefined as never, r3: undefined as never, r4: undefined as never, r5: undefined as never, r6: undefined as never, r7: undefined as never, r8: undefined as never, r9: undefined as never, r10: undefined as never, r11: undefined as never, r12: undefined as never, r13: undefined as never, r14: undefined as never, r15: undefined as never, r16: undefined as never, r17: undefined as never, r18: undefined as never, r19: undefined as never, r20: undefined as never, r21: undefined as never, r22: undefined as never, r23: undefined as never, r24: undefined as never, r25: undefined as never, r26: undefined as never, r27: undefined as never, r28: undefined as never, r29: undefined as never, r30: undefined as never, r31: undefined as never, lo: undefined as never, hi: undefined as never, cp0_epc: undefined as never, cp0_badvaddr: undefined as never, cp0_status: undefined as never, cp0_cause: undefined as never };
}
function readUserMipsRegsEntry(r: Reader, m: T.UserMipsRegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.r0 = r.u64();
        break;
      case 16:
        m.r1 = r.u64();
        break;
      case 24:
        m.r2 = r.u64();
        break;
      case 32:
        m.r3 = r.u64();
        break;
      case 40:
        m.r4 = r.u64();
        break;
      case 48:
        m.r5 = r.u64();
        break;
      case 56:
        m.r6 = r.u64();
        break;
      case 64:
        m.r7 = r.u64();
        break;
      case 72:
        m.r8 = r.u64();
        break;
      case 80:
        m.r9 = r.u64();
        break;
      case 88:
        m.r10 = r.u64();
        break;
      case 96:
        m.r11 = r.u64();
        break;
      case 104:
        m.r12 = r.u64();
        break;
      case 112:
        m.r13 = r.u64();
        break;
      case 120:
        m.r14 = r.u64();
        break;
      case 128:
        m.r15 = r.u64();
        break;
      case 136:
        m.r16 = r.u64();
        break;
      case 144:
        m.r17 = r.u64();
        break;
      case 152:
        m.r18 = r.u64();
        break;
      case 160:
        m.r19 = r.u64();
        break;
      case 168:
        m.r20 = r.u64();
        break;
      case 176:
        m.r21 = r.u64();
        break;
      case 184:
        m.r22 = r.u64();
        break;
      case 192:
        m.r23 = r.u64();
        break;
      case 200:
        m.r24 = r.u64();
        break;
      case 208:
        m.r25 = r.u64();
        break;
      case 216:
        m.r26 = r.u64();
        break;
      case 224:
        m.r27 = r.u64();
        break;
      case 232:
        m.r28 = r.u64();
        break;
      case 240:
        m.r29 = r.u64();
        break;
      case 248:
        m.r30 = r.u64();
        break;
      case 256:
        m.r31 = r.u64();
        break;
      case 264:
        m.lo = r.u64();
        break;
      case 272:
        m.hi = r.u64();
        break;
      case 280:
        m.cp0_epc = r.u64();
        break;
      case 288:
        m.cp0_badvaddr = r.u64();
        break;
      case 296:
        m.cp0_status = r.u64();
        break;
      case 304:
        m.cp0_cause = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.r0 === undefined) r.missing('user_mips_regs_entry.r0');
  if (m.r1 === undefined) r.missing('user_mips_regs_entry.r1');
  if (m.r2 === undefined) r.missing('user_mips_regs_entry.r2');
  if (m.r3 === undefined) r.missing('user_mips_regs_entry.r3');
  if (m.r4 === undefined) r.missing('user_mips_regs_entry.r4');
  if (m.r5 === undefined) r.missing('user_mips_regs_entry.r5');
  if (m.r6 === undefined) r.missing('user_mips_regs_entry.r6');
  if (m.r7 === undefined) r.missing('user_mips_regs_entry.r7');
  if (m.r8 === undefined) r.missing('user_mips_regs_entry.r8');
  if (m.r9 === undefined) r.missing('user_mips_regs_entry.r9');
  if (m.r10 === undefined) r.missing('user_mips_regs_entry.r10');
  if (m.r11 === undefined) r.missing('user_mips_regs_entry.r11');
  if (m.r12 === undefined) r.missing('user_mips_regs_entry.r12');
  if (m.r13 === undefined) r.missing('user_mips_regs_entry.r13');
  if (m.r14 === undefined) r.missing('user_mips_regs_entry.r14');
  if (m.r15 === undefined) r.missing('user_mips_regs_entry.r15');
  if (m.r16 === undefined) r.missing('user_mips_regs_entry.r16');
  if (m.r17 === undefined) r.missing('user_mips_regs_entry.r17');
  if (m.r18 === undefined) r.missing('user_mips_regs_entry.r18');
  if (m.r19 === undefined) r.missing('user_mips_regs_entry.r19');
  if (m.r20 === undefined) r.missing('user_mips_regs_entry.r20');
  if (m.r21 === undefined) r.missing('user_mips_regs_entry.r21');
  if (m.r22 === undefined) r.missing('user_mips_regs_entry.r22');
  if (m.r23 === undefined) r.missing('user_mips_regs_entry.r23');
  if (m.r24 === undefined) r.missing('user_mips_regs_entry.r24');
  if (m.r25 === undefined) r.missing('user_mips_regs_entry.r25');
  if (m.r26 === undefined) r.missing('user_mips_regs_entry.r26');
  if (m.r27 === undefined) r.missing('user_mips_regs_entry.r27');
  if (m.r28 === undefined) r.missing('user_mips_regs_entry.r28');
  if (m.r29 === undefined) r.missing('user_mips_regs_entry.r29');
  if (m.r30 === undefined) r.missing('user_mips_regs_entry.r30');
  if (m.r31 === undefined) r.missing('user_mips_regs_entry.r31');
  if (m.lo === undefined) r.missing('user_mips_regs_entry.lo');
  if (m.hi === undefined) r.missing('user_mips_regs_entry.hi');
  if (m.cp0_epc === undefined) r.missing('user_mips_regs_entry.cp0_epc');
  if (m.cp0_badvaddr === undefined) r.missing('user_mips_regs_entry.cp0_badvaddr');
  if (m.cp0_status === undefined) r.missing('user_mips_regs_entry.cp0_status');
  if (m.cp0_cause === undefined) r.missing('user_mips_regs_entry.cp0_cause');
}
function writeUserMipsRegsEntry(w: Writer, m: Encodable<T.UserMipsRegsEntry>): void {
  w.u64(8, m.r0, 'user_mips_regs_entry.r0');
  w.u64(16, m.r1, 'user_mips_regs_entry.r1');
  w.u64(24, m.r2, 'user_mips_regs_entry.r2');
  w.u64(32, m.r3, 'user_mips_regs_entry.r3');
  w.u64(40, m.r4, 'user_mips_regs_entry.r4');
  w.u64(48, m.r5, 'user_mips_regs_entry.r5');
  w.u64(56, m.r6, 'user_mips_regs_entry.r6');
  w.u64(64, m.r7, 'user_mips_regs_entry.r7');
  w.u64(72, m.r8, 'user_mips_regs_entry.r8');
  w.u64(80, m.r9, 'user_mips_regs_entry.r9');
  w.u64(88, m.r10, 'user_mips_regs_entry.r10');
  w.u64(96, m.r11, 'user_mips_regs_entry.r11');
  w.u64(104, m.r12, 'user_mips_regs_entry.r12');
  w.u64(112, m.r13, 'user_mips_regs_entry.r13');
  w.u64(120, m.r14, 'user_mips_regs_entry.r14');
  w.u64(128, m.r15, 'user_mips_regs_entry.r15');
  w.u64(136, m.r16, 'user_mips_regs_entry.r16');
  w.u64(144, m.r17, 'user_mips_regs_entry.r17');
  w.u64(152, m.r18, 'user_mips_regs_entry.r18');
  w.u64(160, m.r19, 'user_mips_regs_entry.r19');
  w.u64(168, m.r20, 'user_mips_regs_entry.r20');
  w.u64(176, m.r21, 'user_mips_regs_entry.r21');
  w.u64(184, m.r22, 'user_mips_regs_entry.r22');
  w.u64(192, m.r23, 'user_mips_regs_entry.r23');
  w.u64(200, m.r24, 'user_mips_regs_entry.r24');
  w.u64(208, m.r25, 'user_mips_regs_entry.r25');
  w.u64(216, m.r26, 'user_mips_regs_entry.r26');
  w.u64(224, m.r27, 'user_mips_regs_entry.r27');
  w.u64(232, m.r28, 'user_mips_regs_entry.r28');
  w.u64(240, m.r29, 'user_mips_regs_entry.r29');
  w.u64(248, m.r30, 'user_mips_regs_entry.r30');
  w.u64(256, m.r31, 'user_mips_regs_entry.r31');
  w.u64(264, m.lo, 'user_mips_regs_entry.lo');
  w.u64(272, m.hi, 'user_mips_regs_entry.hi');
  w.u64(280, m.cp0_epc, 'user_mips_regs_entry.cp0_epc');
  w.u64(288, m.cp0_badvaddr, 'user_mips_regs_entry.cp0_badvaddr');
  w.u64(296, m.cp0_status, 'user_mips_regs_entry.cp0_status');
  w.u64(304, m.cp0_cause, 'user_mips_regs_entry.cp0_cause');
  w.unknown(m);
}
export const UserMipsRegsEntryCodec: Codec<T.UserMipsRegsEntry> = { create: newUserMipsRegsEntry, read: readUserMipsRegsEntry, write: writeUserMipsRegsEntry };

function newUserMipsFpregsEntry(): T.UserMipsFpregsEntry {
  return { r0: undefined as never, r1: undefined as never, r2: undefined as never, r3: undefined as never, r4: undefined as never, r5: undefined as never, r6: undefined as never, r7: undefined as never, r8: undefined as never, r9: undefined as never, r10: undefined as never, r11: undefined as never, r12: undefined as never, r13: undefined as never, r14: undefined as never, r15: undefined as never, r16: undefined as never, r17: undefined as never, r18: undefined as never, r19: undefined as never, r20: undefined as never, r21: undefined as never, r22: undefined as never, r23: undefined as never, r24: undefined as never, r25: undefined as never, r26: undefined as never, r27: undefined as never, r28: undefined as never, r29: undefined as never, r30: undefined as never, r31: undefined as never, lo: undefined as never, hi: undefined as never, fpu_fcr31: undefined as never, fpu_id: undefined as never };
}
function readUserMipsFpregsEntry(r: Reader, m: T.UserMipsFpregsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.r0 = r.u64();
        break;
      case 16:
        m.r1 = r.u64();
        break;
      case 24:
        m.r2 = r.u64();
        break;
      case 32:
        m.r3 = r.u64();
        break;
      case 40:
        m.r4 = r.u64();
        break;
      case 48:
        m.r5 = r.u64();
        break;
      case 56:
        m.r6 = r.u64();
        break;
      case 64:
        m.r7 = r.u64();
        break;
      case 72:
        m.r8 = r.u64();
        break;
      case 80:
        m.r9 = r.u64();
        break;
      case 88:
        m.r10 = r.u64();
        break;
      case 96:
        m.r11 = r.u64();
        break;
      case 104:
        m.r12 = r.u64();
        break;
      case 112:
        m.r13 = r.u64();
        break;
      case 120:
        m.r14 = r.u64();
        break;
      case 128:
        m.r15 = r.u64();
        break;
      case 136:
        m.r16 = r.u64();
        break;
      case 144:
        m.r17 = r.u64();
        break;
      case 152:
        m.r18 = r.u64();
        break;
      case 160:
        m.r19 = r.u64();
        break;
      case 168:
        m.r20 = r.u64();
        break;
      case 176:
        m.r21 = r.u64();
        break;
      case 184:
        m.r22 = r.u64();
        break;
      case 192:
        m.r23 = r.u64();
        break;
      case 200:
        m.r24 = r.u64();
        break;
      case 208:
        m.r25 = r.u64();
        break;
      case 216:
        m.r26 = r.u64();
        break;
      case 224:
        m.r27 = r.u64();
        break;
      case 232:
        m.r28 = r.u64();
        break;
      case 240:
        m.r29 = r.u64();
        break;
      case 248:
        m.r30 = r.u64();
        break;
      case 256:
        m.r31 = r.u64();
        break;
      case 264:
        m.lo = r.u64();
        break;
      case 272:
        m.hi = r.u64();
        break;
      case 280:
        m.fpu_fcr31 = r.u32();
        break;
      case 288:
        m.fpu_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.r0 === undefined) r.missing('user_mips_fpregs_entry.r0');
  if (m.r1 === undefined) r.missing('user_mips_fpregs_entry.r1');
  if (m.r2 === undefined) r.missing('user_mips_fpregs_entry.r2');
  if (m.r3 === undefined) r.missing('user_mips_fpregs_entry.r3');
  if (m.r4 === undefined) r.missing('user_mips_fpregs_entry.r4');
  if (m.r5 === undefined) r.missing('user_mips_fpregs_entry.r5');
  if (m.r6 === undefined) r.missing('user_mips_fpregs_entry.r6');
  if (m.r7 === undefined) r.missing('user_mips_fpregs_entry.r7');
  if (m.r8 === undefined) r.missing('user_mips_fpregs_entry.r8');
  if (m.r9 === undefined) r.missing('user_mips_fpregs_entry.r9');
  if (m.r10 === undefined) r.missing('user_mips_fpregs_entry.r10');
  if (m.r11 === undefined) r.missing('user_mips_fpregs_entry.r11');
  if (m.r12 === undefined) r.missing('user_mips_fpregs_entry.r12');
  if (m.r13 === undefined) r.missing('user_mips_fpregs_entry.r13');
  if (m.r14 === undefined) r.missing('user_mips_fpregs_entry.r14');
  if (m.r15 === undefined) r.missing('user_mips_fpregs_entry.r15');
  if (m.r16 === undefined) r.missing('user_mips_fpregs_entry.r16');
  if (m.r17 === undefined) r.missing('user_mips_fpregs_entry.r17');
  if (m.r18 === undefined) r.missing('user_mips_fpregs_entry.r18');
  if (m.r19 === undefined) r.missing('user_mips_fpregs_entry.r19');
  if (m.r20 === undefined) r.missing('user_mips_fpregs_entry.r20');
  if (m.r21 === undefined) r.missing('user_mips_fpregs_entry.r21');
  if (m.r22 === undefined) r.missing('user_mips_fpregs_entry.r22');
  if (m.r23 === undefined) r.missing('user_mips_fpregs_entry.r23');
  if (m.r24 === undefined) r.missing('user_mips_fpregs_entry.r24');
  if (m.r25 === undefined) r.missing('user_mips_fpregs_entry.r25');
  if (m.r26 === undefined) r.missing('user_mips_fpregs_entry.r26');
  if (m.r27 === undefined) r.missing('user_mips_fpregs_entry.r27');
  if (m.r28 === undefined) r.missing('user_mips_fpregs_entry.r28');
  if (m.r29 === undefined) r.missing('user_mips_fpregs_entry.r29');
  if (m.r30 === undefined) r.missing('user_mips_fpregs_entry.r30');
  if (m.r31 === undefined) r.missing('user_mips_fpregs_entry.r31');
  if (m.lo === undefined) r.missing('user_mips_fpregs_entry.lo');
  if (m.hi === undefined) r.missing('user_mips_fpregs_entry.hi');
  if (m.fpu_fcr31 === undefined) r.missing('user_mips_fpregs_entry.fpu_fcr31');
  if (m.fpu_id === undefined) r.missing('user_mips_fpregs_entry.fpu_id');
}
function writeUserMipsFpregsEntry(w: Writer, m: Encodable<T.UserMipsFpregsEntry>): void {
  w.u64(8, m.r0, 'user_mips_fpregs_entry.r0');
  w.u64(16, m.r1, 'user_mips_fpregs_entry.r1');
  w.u64(24, m.r2, 'user_mips_fpregs_entry.r2');
  w.u64(32, m.r3, 'user_mips_fpregs_entry.r3');
  w.u64(40, m.r4, 'user_mips_fpregs_entry.r4');
  w.u64(48, m.r5, 'user_mips_fpregs_entry.r5');
  w.u64(56, m.r6, 'user_mips_fpregs_entry.r6');
  w.u64(64, m.r7, 'user_mips_fpregs_entry.r7');
  w.u64(72, m.r8, 'user_mips_fpregs_entry.r8');
  w.u64(80, m.r9, 'user_mips_fpregs_entry.r9');
  w.u64(88, m.r10, 'user_mips_fpregs_entry.r10');
  w.u64(96, m.r11, 'user_mips_fpregs_entry.r11');
  w.u64(104, m.r12, 'user_mips_fpregs_entry.r12');
  w.u64(112, m.r13, 'user_mips_fpregs_entry.r13');
  w.u64(120, m.r14, 'user_mips_fpregs_entry.r14');
  w.u64(128, m.r15, 'user_mips_fpregs_entry.r15');
  w.u64(136, m.r16, 'user_mips_fpregs_entry.r16');
  w.u64(144, m.r17, 'user_mips_fpregs_entry.r17');
  w.u64(152, m.r18, 'user_mips_fpregs_entry.r18');
  w.u64(160, m.r19, 'user_mips_fpregs_entry.r19');
  w.u64(168, m.r20, 'user_mips_fpregs_entry.r20');
  w.u64(176, m.r21, 'user_mips_fpregs_entry.r21');
  w.u64(184, m.r22, 'user_mips_fpregs_entry.r22');
  w.u64(192, m.r23, 'user_mips_fpregs_entry.r23');
  w.u64(200, m.r24, 'user_mips_fpregs_entry.r24');
  w.u64(208, m.r25, 'user_mips_fpregs_entry.r25');
  w.u64(216, m.r26, 'user_mips_fpregs_entry.r26');
  w.u64(224, m.r27, 'user_mips_fpregs_entry.r27');
  w.u64(232, m.r28, 'user_mips_fpregs_entry.r28');
  w.u64(240, m.r29, 'user_mips_fpregs_entry.r29');
  w.u64(248, m.r30, 'user_mips_fpregs_entry.r30');
  w.u64(256, m.r31, 'user_mips_fpregs_entry.r31');
  w.u64(264, m.lo, 'user_mips_fpregs_entry.lo');
  w.u64(272, m.hi, 'user_mips_fpregs_entry.hi');
  w.u32(280, m.fpu_fcr31, 'user_mips_fpregs_entry.fpu_fcr31');
  w.u32(288, m.fpu_id, 'user_mips_fpregs_entry.fpu_id');
  w.unknown(m);
}
export const UserMipsFpregsEntryCodec: Codec<T.UserMipsFpregsEntry> = { create: newUserMipsFpregsEntry, read: readUserMipsFpregsEntry, write: writeUserMipsFpregsEntry };

function newThreadInfoMips(): T.ThreadInfoMips {
  return { clear_tid_addr: undefined as never, tls: undefined as never, gpregs: undefined as never, fpregs: undefined as never };
}
function readThreadInfoMips(r: Reader, m: T.ThreadInfoMips): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 16:
        m.tls = r.u64();
        break;
      case 26: {
        const outer = r.enter();
        m.gpregs ??= newUserMipsRegsEntry();
        readUserMipsRegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.fpregs ??= newUserMipsFpregsEntry();
        readUserMipsFpregsEntry(r, m.fpregs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_mips.clear_tid_addr');
  if (m.tls === undefined) r.missing('thread_info_mips.tls');
  if (m.gpregs === undefined) r.missing('thread_info_mips.gpregs');
  if (m.fpregs === undefined) r.missing('thread_info_mips.fpregs');
}
function writeThreadInfoMips(w: Writer, m: Encodable<T.ThreadInfoMips>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_mips.clear_tid_addr');
  w.u64(16, m.tls, 'thread_info_mips.tls');
  { const start = w.begin(26, m.gpregs, 'thread_info_mips.gpregs'); writeUserMipsRegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(34, m.fpregs, 'thread_info_mips.fpregs'); writeUserMipsFpregsEntry(w, m.fpregs); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoMipsCodec: Codec<T.ThreadInfoMips> = { create: newThreadInfoMips, read: readThreadInfoMips, write: writeThreadInfoMips };

function newUserPpc64RegsEntry(): T.UserPpc64RegsEntry {
  return { gpr: [], nip: undefined as never, msr: undefined as never, orig_gpr3: undefined as never, ctr: undefined as never, link: undefined as never, xer: undefined as never, ccr: undefined as never, trap: undefined as never };
}
function readUserPpc64RegsEntry(r: Reader, m: T.UserPpc64RegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.gpr.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.gpr);
        r.leave(outer);
        break;
      }
      case 16:
        m.nip = r.u64();
        break;
      case 24:
        m.msr = r.u64();
        break;
      case 32:
        m.orig_gpr3 = r.u64();
        break;
      case 40:
        m.ctr = r.u64();
        break;
      case 48:
        m.link = r.u64();
        break;
      case 56:
        m.xer = r.u64();
        break;
      case 64:
        m.ccr = r.u64();
        break;
      case 72:
        m.trap = r.u64();
        break;
      case 80:
        m.texasr = r.u64();
        break;
      case 88:
        m.tfhar = r.u64();
        break;
      case 96:
        m.tfiar = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.nip === undefined) r.missing('user_ppc64_regs_entry.nip');
  if (m.msr === undefined) r.missing('user_ppc64_regs_entry.msr');
  if (m.orig_gpr3 === undefined) r.missing('user_ppc64_regs_entry.orig_gpr3');
  if (m.ctr === undefined) r.missing('user_ppc64_regs_entry.ctr');
  if (m.link === undefined) r.missing('user_ppc64_regs_entry.link');
  if (m.xer === undefined) r.missing('user_ppc64_regs_entry.xer');
  if (m.ccr === undefined) r.missing('user_ppc64_regs_entry.ccr');
  if (m.trap === undefined) r.missing('user_ppc64_regs_entry.trap');
}
function writeUserPpc64RegsEntry(w: Writer, m: Encodable<T.UserPpc64RegsEntry>): void {
  if (m.gpr != null) for (const v of m.gpr) w.u64(8, v, 'user_ppc64_regs_entry.gpr');
  w.u64(16, m.nip, 'user_ppc64_regs_entry.nip');
  w.u64(24, m.msr, 'user_ppc64_regs_entry.msr');
  w.u64(32, m.orig_gpr3, 'user_ppc64_regs_entry.orig_gpr3');
  w.u64(40, m.ctr, 'user_ppc64_regs_entry.ctr');
  w.u64(48, m.link, 'user_ppc64_regs_entry.link');
  w.u64(56, m.xer, 'user_ppc64_regs_entry.xer');
  w.u64(64, m.ccr, 'user_ppc64_regs_entry.ccr');
  w.u64(72, m.trap, 'user_ppc64_regs_entry.trap');
  if (m.texasr != null) w.u64(80, m.texasr, 'user_ppc64_regs_entry.texasr');
  if (m.tfhar != null) w.u64(88, m.tfhar, 'user_ppc64_regs_entry.tfhar');
  if (m.tfiar != null) w.u64(96, m.tfiar, 'user_ppc64_regs_entry.tfiar');
  w.unknown(m);
}
export const UserPpc64RegsEntryCodec: Codec<T.UserPpc64RegsEntry> = { create: newUserPpc64RegsEntry, read: readUserPpc64RegsEntry, write: writeUserPpc64RegsEntry };

function newUserPpc64FpstateEntry(): T.UserPpc64FpstateEntry {
  return { fpregs: [] };
}
function readUserPpc64FpstateEntry(r: Reader, m: T.UserPpc64FpstateEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.fpregs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.fpregs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeUserPpc64FpstateEntry(w: Writer, m: Encodable<T.UserPpc64FpstateEntry>): void {
  if (m.fpregs != null) for (const v of m.fpregs) w.u64(8, v, 'user_ppc64_fpstate_entry.fpregs');
  w.unknown(m);
}
export const UserPpc64FpstateEntryCodec: Codec<T.UserPpc64FpstateEntry> = { create: newUserPpc64FpstateEntry, read: readUserPpc64FpstateEntry, write: writeUserPpc64FpstateEntry };

function newUserPpc64VrstateEntry(): T.UserPpc64VrstateEntry {
  return { vrregs: [], vrsave: undefined as never };
}
function readUserPpc64VrstateEntry(r: Reader, m: T.UserPpc64VrstateEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vrregs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.vrregs);
        r.leave(outer);
        break;
      }
      case 16:
        m.vrsave = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.vrsave === undefined) r.missing('user_ppc64_vrstate_entry.vrsave');
}
function writeUserPpc64VrstateEntry(w: Writer, m: Encodable<T.UserPpc64VrstateEntry>): void {
  if (m.vrregs != null) for (const v of m.vrregs) w.u64(8, v, 'user_ppc64_vrstate_entry.vrregs');
  w.u32(16, m.vrsave, 'user_ppc64_vrstate_entry.vrsave');
  w.unknown(m);
}
export const UserPpc64VrstateEntryCodec: Codec<T.UserPpc64VrstateEntry> = { create: newUserPpc64VrstateEntry, read: readUserPpc64VrstateEntry, write: writeUserPpc64VrstateEntry };

function newUserPpc64VsxstateEntry(): T.UserPpc64VsxstateEntry {
  return { vsxregs: [] };
}
function readUserPpc64VsxstateEntry(r: Reader, m: T.UserPpc64VsxstateEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vsxregs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.vsxregs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeUserPpc64VsxstateEntry(w: Writer, m: Encodable<T.UserPpc64VsxstateEntry>): void {
  if (m.vsxregs != null) for (const v of m.vsxregs) w.u64(8, v, 'user_ppc64_vsxstate_entry.vsxregs');
  w.unknown(m);
}
export const UserPpc64VsxstateEntryCodec: Codec<T.UserPpc64VsxstateEntry> = { create: newUserPpc64VsxstateEntry, read: readUserPpc64VsxstateEntry, write: writeUserPpc64VsxstateEntry };

function newUserPpc64TmRegsEntry(): T.UserPpc64TmRegsEntry {
  return { gpregs: undefined as never };
}
function readUserPpc64TmRegsEntry(r: Reader, m: T.UserPpc64TmRegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.gpregs ??= newUserPpc64RegsEntry();
        readUserPpc64RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.fpstate ??= newUserPpc64FpstateEntry();
        readUserPpc64FpstateEntry(r, m.fpstate);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.vrstate ??= newUserPpc64VrstateEntry();
        readUserPpc64VrstateEntry(r, m.vrstate);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.vsxstate ??= newUserPpc64VsxstateEntry();
        readUserPpc64VsxstateEntry(r, m.vsxstate);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.gpregs === undefined) r.missing('user_ppc64_tm_regs_entry.gpregs');
}
function writeUserPpc64TmRegsEntry(w: Writer, m: Encodable<T.UserPpc64TmRegsEntry>): void {
  { const start = w.begin(10, m.gpregs, 'user_ppc64_tm_regs_entry.gpregs'); writeUserPpc64RegsEntry(w, m.gpregs); w.end(start); }
  if (m.fpstate != null) { const start = w.begin(18, m.fpstate, 'user_ppc64_tm_regs_entry.fpstate'); writeUserPpc64FpstateEntry(w, m.fpstate); w.end(start); }
  if (m.vrstate != null) { const start = w.begin(26, m.vrstate, 'user_ppc64_tm_regs_entry.vrstate'); writeUserPpc64VrstateEntry(w, m.vrstate); w.end(start); }
  if (m.vsxstate != null) { const start = w.begin(34, m.vsxstate, 'user_ppc64_tm_regs_entry.vsxstate'); writeUserPpc64VsxstateEntry(w, m.vsxstate); w.end(start); }
  w.unknown(m);
}
export const UserPpc64TmRegsEntryCodec: Codec<T.UserPpc64TmRegsEntry> = { create: newUserPpc64TmRegsEntry, read: readUserPpc64TmRegsEntry, write: writeUserPpc64TmRegsEntry };

function newThreadInfoPpc64(): T.ThreadInfoPpc64 {
  return { clear_tid_addr: undefined as never, gpregs: undefined as never };
}
function readThreadInfoPpc64(r: Reader, m: T.ThreadInfoPpc64): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 18: {
        const outer = r.enter();
        m.gpregs ??= newUserPpc64RegsEntry();
        readUserPpc64RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.fpstate ??= newUserPpc64FpstateEntry();
        readUserPpc64FpstateEntry(r, m.fpstate);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.vrstate ??= newUserPpc64VrstateEntry();
        readUserPpc64VrstateEntry(r, m.vrstate);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.vsxstate ??= newUserPpc64VsxstateEntry();
        readUserPpc64VsxstateEntry(r, m.vsxstate);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.tmstate ??= newUserPpc64TmRegsEntry();
        readUserPpc64TmRegsEntry(r, m.tmstate);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_ppc64.clear_tid_addr');
  if (m.gpregs === undefined) r.missing('thread_info_ppc64.gpregs');
}
function writeThreadInfoPpc64(w: Writer, m: Encodable<T.ThreadInfoPpc64>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_ppc64.clear_tid_addr');
  { const start = w.begin(18, m.gpregs, 'thread_info_ppc64.gpregs'); writeUserPpc64RegsEntry(w, m.gpregs); w.end(start); }
  if (m.fpstate != null) { const start = w.begin(26, m.fpstate, 'thread_info_ppc64.fpstate'); writeUserPpc64FpstateEntry(w, m.fpstate); w.end(start); }
  if (m.vrstate != null) { const start = w.begin(34, m.vrstate, 'thread_info_ppc64.vrstate'); writeUserPpc64VrstateEntry(w, m.vrstate); w.end(start); }
  if (m.vsxstate != null) { const start = w.begin(42, m.vsxstate, 'thread_info_ppc64.vsxstate'); writeUserPpc64VsxstateEntry(w, m.vsxstate); w.end(start); }
  if (m.tmstate != null) { const start = w.begin(50, m.tmstate, 'thread_info_ppc64.tmstate'); writeUserPpc64TmRegsEntry(w, m.tmstate); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoPpc64Codec: Codec<T.ThreadInfoPpc64> = { create: newThreadInfoPpc64, read: readThreadInfoPpc64, write: writeThreadInfoPpc64 };

function newUserRiscv64RegsEntry(): T.UserRiscv64RegsEntry {
  return { pc: undefined as never, ra: undefined as never, sp: undefined as never, gp: undefined as never, tp: undefined as never, t0: undefined as never, t1: undefined as never, t2: undefined as never, s0: undefined as never, s1: undefined as never, a0: undefined as never, a1: undefined as never, a2: undefined as never, a3: undefined as never, a4: undefined as never, a5: undefined as never, a6: undefined as never, a7: undefined as never, s2: undefined as never, s3: undefined as never, s4: undefined as never, s5: undefined as never, s6: undefined as never, s7: undefined as never, s8: undefined as never, s9: undefined as never, s10: undefined as never, s11: undefined as never, t3: undefined as never, t4: undefined as never, t5: undefined as never, t6: undefined as never };
}
function readUserRiscv64RegsEntry(r: Reader, m: T.UserRiscv64RegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pc = r.u64();
        break;
      case 16:
        m.ra = r.u64();
        break;
      case 24:
        m.sp = r.u64();
        break;
      case 32:
        m.gp = r.u64();
        break;
      case 40:
        m.tp = r.u64();
        break;
      case 48:
        m.t0 = r.u64();
        break;
      case 56:
        m.t1 = r.u64();
        break;
      case 64:
        m.t2 = r.u64();
        break;
      case 72:
        m.s0 = r.u64();
        break;
      case 80:
        m.s1 = r.u64();
        break;
      case 88:
        m.a0 = r.u64();
        break;
      case 96:
        m.a1 = r.u64();
        break;
      case 104:
        m.a2 = r.u64();
        break;
      case 112:
        m.a3 = r.u64();
        break;
      case 120:
        m.a4 = r.u64();
        break;
      case 128:
        m.a5 = r.u64();
        break;
      case 136:
        m.a6 = r.u64();
        break;
      case 144:
        m.a7 = r.u64();
        break;
      case 152:
        m.s2 = r.u64();
        break;
      case 160:
        m.s3 = r.u64();
        break;
      case 168:
        m.s4 = r.u64();
        break;
      case 176:
        m.s5 = r.u64();
        break;
      case 184:
        m.s6 = r.u64();
        break;
      case 192:
        m.s7 = r.u64();
        break;
      case 200:
        m.s8 = r.u64();
        break;
      case 208:
        m.s9 = r.u64();
        break;
      case 216:
        m.s10 = r.u64();
        break;
      case 224:
        m.s11 = r.u64();
        break;
      case 232:
        m.t3 = r.u64();
        break;
      case 240:
        m.t4 = r.u64();
        break;
      case 248:
        m.t5 = r.u64();
        break;
      case 256:
        m.t6 = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pc === undefined) r.missing('user_riscv64_regs_entry.pc');
  if (m.ra === undefined) r.missing('user_riscv64_regs_entry.ra');
  if (m.sp === undefined) r.missing('user_riscv64_regs_entry.sp');
  if (m.gp === undefined) r.missing('user_riscv64_regs_entry.gp');
  if (m.tp === undefined) r.missing('user_riscv64_regs_entry.tp');
  if (m.t0 === undefined) r.missing('user_riscv64_regs_entry.t0');
  if (m.t1 === undefined) r.missing('user_riscv64_regs_entry.t1');
  if (m.t2 === undefined) r.missing('user_riscv64_regs_entry.t2');
  if (m.s0 === undefined) r.missing('user_riscv64_regs_entry.s0');
  if (m.s1 === undefined) r.missing('user_riscv64_regs_entry.s1');
  if (m.a0 === undefined) r.missing('user_riscv64_regs_entry.a0');
  if (m.a1 === undefined) r.missing('user_riscv64_regs_entry.a1');
  if (m.a2 === undefined) r.missing('user_riscv64_regs_entry.a2');
  if (m.a3 === undefined) r.missing('user_riscv64_regs_entry.a3');
  if (m.a4 === undefined) r.missing('user_riscv64_regs_entry.a4');
  if (m.a5 === undefined) r.missing('user_riscv64_regs_entry.a5');
  if (m.a6 === undefined) r.missing('user_riscv64_regs_entry.a6');
  if (m.a7 === undefined) r.missing('user_riscv64_regs_entry.a7');
  if (m.s2 === undefined) r.missing('user_riscv64_regs_entry.s2');
  if (m.s3 === undefined) r.missing('user_riscv64_regs_entry.s3');
  if (m.s4 === undefined) r.missing('user_riscv64_regs_entry.s4');
  if (m.s5 === undefined) r.missing('user_riscv64_regs_entry.s5');
  if (m.s6 === undefined) r.missing('user_riscv64_regs_entry.s6');
  if (m.s7 === undefined) r.missing('user_riscv64_regs_entry.s7');
  if (m.s8 === undefined) r.missing('user_riscv64_regs_entry.s8');
  if (m.s9 === undefined) r.missing('user_riscv64_regs_entry.s9');
  if (m.s10 === undefined) r.missing('user_riscv64_regs_entry.s10');
  if (m.s11 === undefined) r.missing('user_riscv64_regs_entry.s11');
  if (m.t3 === undefined) r.missing('user_riscv64_regs_entry.t3');
  if (m.t4 === undefined) r.missing('user_riscv64_regs_entry.t4');
  if (m.t5 === undefined) r.missing('user_riscv64_regs_entry.t5');
  if (m.t6 === undefined) r.missing('user_riscv64_regs_entry.t6');
}
function writeUserRiscv64RegsEntry(w: Writer, m: Encodable<T.UserRiscv64RegsEntry>): void {
  w.u64(8, m.pc, 'user_riscv64_regs_entry.pc');
  w.u64(16, m.ra, 'user_riscv64_regs_entry.ra');
  w.u64(24, m.sp, 'user_riscv64_regs_entry.sp');
  w.u64(32, m.gp, 'user_riscv64_regs_entry.gp');
  w.u64(40, m.tp, 'user_riscv64_regs_entry.tp');
  w.u64(48, m.t0, 'user_riscv64_regs_entry.t0');
  w.u64(56, m.t1, 'user_riscv64_regs_entry.t1');
  w.u64(64, m.t2, 'user_riscv64_regs_entry.t2');
  w.u64(72, m.s0, 'user_riscv64_regs_entry.s0');
  w.u64(80, m.s1, 'user_riscv64_regs_entry.s1');
  w.u64(88, m.a0, 'user_riscv64_regs_entry.a0');
  w.u64(96, m.a1, 'user_riscv64_regs_entry.a1');
  w.u64(104, m.a2, 'user_riscv64_regs_entry.a2');
  w.u64(112, m.a3, 'user_riscv64_regs_entry.a3');
  w.u64(120, m.a4, 'user_riscv64_regs_entry.a4');
  w.u64(128, m.a5, 'user_riscv64_regs_entry.a5');
  w.u64(136, m.a6, 'user_riscv64_regs_entry.a6');
  w.u64(144, m.a7, 'user_riscv64_regs_entry.a7');
  w.u64(152, m.s2, 'user_riscv64_regs_entry.s2');
  w.u64(160, m.s3, 'user_riscv64_regs_entry.s3');
  w.u64(168, m.s4, 'user_riscv64_regs_entry.s4');
  w.u64(176, m.s5, 'user_riscv64_regs_entry.s5');
  w.u64(184, m.s6, 'user_riscv64_regs_entry.s6');
  w.u64(192, m.s7, 'user_riscv64_regs_entry.s7');
  w.u64(200, m.s8, 'user_riscv64_regs_entry.s8');
  w.u64(208, m.s9, 'user_riscv64_regs_entry.s9');
  w.u64(216, m.s10, 'user_riscv64_regs_entry.s10');
  w.u64(224, m.s11, 'user_riscv64_regs_entry.s11');
  w.u64(232, m.t3, 'user_riscv64_regs_entry.t3');
  w.u64(240, m.t4, 'user_riscv64_regs_entry.t4');
  w.u64(248, m.t5, 'user_riscv64_regs_entry.t5');
  w.u64(256, m.t6, 'user_riscv64_regs_entry.t6');
  w.unknown(m);
}
export const UserRiscv64RegsEntryCodec: Codec<T.UserRiscv64RegsEntry> = { create: newUserRiscv64RegsEntry, read: readUserRiscv64RegsEntry, write: writeUserRiscv64RegsEntry };

function newUserRiscv64DExtEntry(): T.UserRiscv64DExtEntry {
  return { f: [], fcsr: undefined as never };
}
function readUserRiscv64DExtEntry(r: Reader, m: T.UserRiscv64DExtEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.f.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.f);
        r.leave(outer);
        break;
      }
      case 16:
        m.fcsr = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fcsr === undefined) r.missing('user_riscv64_d_ext_entry.fcsr');
}
function writeUserRiscv64DExtEntry(w: Writer, m: Encodable<T.UserRiscv64DExtEntry>): void {
  if (m.f != null) for (const v of m.f) w.u64(8, v, 'user_riscv64_d_ext_entry.f');
  w.u32(16, m.fcsr, 'user_riscv64_d_ext_entry.fcsr');
  w.unknown(m);
}
export const UserRiscv64DExtEntryCodec: Codec<T.UserRiscv64DExtEntry> = { create: newUserRiscv64DExtEntry, read: readUserRiscv64DExtEntry, write: writeUserRiscv64DExtEntry };

function newThreadInfoRiscv64(): T.ThreadInfoRiscv64 {
  return { clear_tid_addr: undefined as never, tls: undefined as never, gpregs: undefined as never, fpsimd: undefined as never };
}
function readThreadInfoRiscv64(r: Reader, m: T.ThreadInfoRiscv64): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 16:
        m.tls = r.u64();
        break;
      case 26: {
        const outer = r.enter();
        m.gpregs ??= newUserRiscv64RegsEntry();
        readUserRiscv64RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.fpsimd ??= newUserRiscv64DExtEntry();
        readUserRiscv64DExtEntry(r, m.fpsimd);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_riscv64.clear_tid_addr');
  if (m.tls === undefined) r.missing('thread_info_riscv64.tls');
  if (m.gpregs === undefined) r.missing('thread_info_riscv64.gpregs');
  if (m.fpsimd === undefined) r.missing('thread_info_riscv64.fpsimd');
}
function writeThreadInfoRiscv64(w: Writer, m: Encodable<T.ThreadInfoRiscv64>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_riscv64.clear_tid_addr');
  w.u64(16, m.tls, 'thread_info_riscv64.tls');
  { const start = w.begin(26, m.gpregs, 'thread_info_riscv64.gpregs'); writeUserRiscv64RegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(34, m.fpsimd, 'thread_info_riscv64.fpsimd'); writeUserRiscv64DExtEntry(w, m.fpsimd); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoRiscv64Codec: Codec<T.ThreadInfoRiscv64> = { create: newThreadInfoRiscv64, read: readThreadInfoRiscv64, write: writeThreadInfoRiscv64 };

function newUserS390RegsEntry(): T.UserS390RegsEntry {
  return { psw_mask: undefined as never, psw_addr: undefined as never, gprs: [], acrs: [], orig_gpr2: undefined as never, system_call: undefined as never };
}
function readUserS390RegsEntry(r: Reader, m: T.UserS390RegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.psw_mask = r.u64();
        break;
      case 16:
        m.psw_addr = r.u64();
        break;
      case 24:
        m.gprs.push(r.u64());
        break;
      case 26: {
        const outer = r.enter();
        r.u64s(m.gprs);
        r.leave(outer);
        break;
      }
      case 32:
        m.acrs.push(r.u32());
        break;
      case 34: {
        const outer = r.enter();
        r.u32s(m.acrs);
        r.leave(outer);
        break;
      }
      case 40:
        m.orig_gpr2 = r.u64();
        break;
      case 48:
        m.system_call = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.psw_mask === undefined) r.missing('user_s390_regs_entry.psw_mask');
  if (m.psw_addr === undefined) r.missing('user_s390_regs_entry.psw_addr');
  if (m.orig_gpr2 === undefined) r.missing('user_s390_regs_entry.orig_gpr2');
  if (m.system_call === undefined) r.missing('user_s390_regs_entry.system_call');
}
function writeUserS390RegsEntry(w: Writer, m: Encodable<T.UserS390RegsEntry>): void {
  w.u64(8, m.psw_mask, 'user_s390_regs_entry.psw_mask');
  w.u64(16, m.psw_addr, 'user_s390_regs_entry.psw_addr');
  if (m.gprs != null) for (const v of m.gprs) w.u64(24, v, 'user_s390_regs_entry.gprs');
  if (m.acrs != null) for (const v of m.acrs) w.u32(32, v, 'user_s390_regs_entry.acrs');
  w.u64(40, m.orig_gpr2, 'user_s390_regs_entry.orig_gpr2');
  w.u32(48, m.system_call, 'user_s390_regs_entry.system_call');
  w.unknown(m);
}
export const UserS390RegsEntryCodec: Codec<T.UserS390RegsEntry> = { create: newUserS390RegsEntry, read: readUserS390RegsEntry, write: writeUserS390RegsEntry };

function newUserS390VxrsLowEntry(): T.UserS390VxrsLowEntry {
  return { regs: [] };
}
function readUserS390VxrsLowEntry(r: Reader, m: T.UserS390VxrsLowEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeUserS390VxrsLowEntry(w: Writer, m: Encodable<T.UserS390VxrsLowEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_s390_vxrs_low_entry.regs');
  w.unknown(m);
}
export const UserS390VxrsLowEntryCodec: Codec<T.UserS390VxrsLowEntry> = { create: newUserS390VxrsLowEntry, read: readUserS390VxrsLowEntry, write: writeUserS390VxrsLowEntry };

function newUserS390VxrsHighEntry(): T.UserS390VxrsHighEntry {
  return { regs: [] };
}
function readUserS390VxrsHighEntry(r: Reader, m: T.UserS390VxrsHighEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeUserS390VxrsHighEntry(w: Writer, m: Encodable<T.UserS390VxrsHighEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_s390_vxrs_high_entry.regs');
  w.unknown(m);
}
export const UserS390VxrsHighEntryCodec: Codec<T.UserS390VxrsHighEntry> = { create: newUserS390VxrsHighEntry, read: readUserS390VxrsHighEntry, write: writeUserS390VxrsHighEntry };

function newUserS390FpregsEntry(): T.UserS390FpregsEntry {
  return { fpc: undefined as never, fprs: [] };
}
function readUserS390FpregsEntry(r: Reader, m: T.UserS390FpregsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.fpc = r.u32();
        break;
      case 16:
        m.fprs.push(r.u64());
        break;
      case 18: {
        const outer = r.enter();
        r.u64s(m.fprs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fpc === undefined) r.missing('user_s390_fpregs_entry.fpc');
}
function writeUserS390FpregsEntry(w: Writer, m: Encodable<T.UserS390FpregsEntry>): void {
  w.u32(8, m.fpc, 'user_s390_fpregs_entry.fpc');
  if (m.fprs != null) for (const v of m.fprs) w.u64(16, v, 'user_s390_fpregs_entry.fprs');
  w.unknown(m);
}
export const UserS390FpregsEntryCodec: Codec<T.UserS390FpregsEntry> = { create: newUserS390FpregsEntry, read: readUserS390FpregsEntry, write: writeUserS390FpregsEntry };

function newUserS390GsCbEntry(): T.UserS390GsCbEntry {
  return { regs: [] };
}
function readUserS390GsCbEntry(r: Reader, m: T.UserS390GsCbEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.regs.push(r.u64());
        break;
      case 10: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeUserS390GsCbEntry(w: Writer, m: Encodable<T.UserS390GsCbEntry>): void {
  if (m.regs != null) for (const v of m.regs) w.u64(8, v, 'user_s390_gs_cb_entry.regs');
  w.unknown(m);
}
export const UserS390GsCbEntryCodec: Codec<T.UserS390GsCbEntry> = { create: newUserS390GsCbEntry, read: readUserS390GsCbEntry, write: writeUserS390GsCbEntry };

function newUserS390RiEntry(): T.UserS390RiEntry {
  return { ri_on: undefined as never, regs: [] };
}
function readUserS390RiEntry(r: Reader, m: T.UserS390RiEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.ri_on = r.u32();
        break;
      case 16:
        m.regs.push(r.u64());
        break;
      case 18: {
        const outer = r.enter();
        r.u64s(m.regs);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.ri_on === undefined) r.missing('user_s390_ri_entry.ri_on');
}
function writeUserS390RiEntry(w: Writer, m: Encodable<T.UserS390RiEntry>): void {
  w.u32(8, m.ri_on, 'user_s390_ri_entry.ri_on');
  if (m.regs != null) for (const v of m.regs) w.u64(16, v, 'user_s390_ri_entry.regs');
  w.unknown(m);
}
export const UserS390RiEntryCodec: Codec<T.UserS390RiEntry> = { create: newUserS390RiEntry, read: readUserS390RiEntry, write: writeUserS390RiEntry };

function newThreadInfoS390(): T.ThreadInfoS390 {
  return { clear_tid_addr: undefined as never, gpregs: undefined as never, fpregs: undefined as never };
}
function readThreadInfoS390(r: Reader, m: T.ThreadInfoS390): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 18: {
        const outer = r.enter();
        m.gpregs ??= newUserS390RegsEntry();
        readUserS390RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.fpregs ??= newUserS390FpregsEntry();
        readUserS390FpregsEntry(r, m.fpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.vxrs_low ??= newUserS390VxrsLowEntry();
        readUserS390VxrsLowEntry(r, m.vxrs_low);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.vxrs_high ??= newUserS390VxrsHighEntry();
        readUserS390VxrsHighEntry(r, m.vxrs_high);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.gs_cb ??= newUserS390GsCbEntry();
        readUserS390GsCbEntry(r, m.gs_cb);
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        m.gs_bc ??= newUserS390GsCbEntry();
        readUserS390GsCbEntry(r, m.gs_bc);
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.ri_cb ??= newUserS390RiEntry();
        readUserS390RiEntry(r, m.ri_cb);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_s390.clear_tid_addr');
  if (m.gpregs === undefined) r.missing('thread_info_s390.gpregs');
  if (m.fpregs === undefined) r.missing('thread_info_s390.fpregs');
}
function writeThreadInfoS390(w: Writer, m: Encodable<T.ThreadInfoS390>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_s390.clear_tid_addr');
  { const start = w.begin(18, m.gpregs, 'thread_info_s390.gpregs'); writeUserS390RegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(26, m.fpregs, 'thread_info_s390.fpregs'); writeUserS390FpregsEntry(w, m.fpregs); w.end(start); }
  if (m.vxrs_low != null) { const start = w.begin(34, m.vxrs_low, 'thread_info_s390.vxrs_low'); writeUserS390VxrsLowEntry(w, m.vxrs_low); w.end(start); }
  if (m.vxrs_high != null) { const start = w.begin(42, m.vxrs_high, 'thread_info_s390.vxrs_high'); writeUserS390VxrsHighEntry(w, m.vxrs_high); w.end(start); }
  if (m.gs_cb != null) { const start = w.begin(50, m.gs_cb, 'thread_info_s390.gs_cb'); writeUserS390GsCbEntry(w, m.gs_cb); w.end(start); }
  if (m.gs_bc != null) { const start = w.begin(58, m.gs_bc, 'thread_info_s390.gs_bc'); writeUserS390GsCbEntry(w, m.gs_bc); w.end(start); }
  if (m.ri_cb != null) { const start = w.begin(66, m.ri_cb, 'thread_info_s390.ri_cb'); writeUserS390RiEntry(w, m.ri_cb); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoS390Codec: Codec<T.ThreadInfoS390> = { create: newThreadInfoS390, read: readThreadInfoS390, write: writeThreadInfoS390 };

function newUserX86RegsEntry(): T.UserX86RegsEntry {
  return { r15: undefined as never, r14: undefined as never, r13: undefined as never, r12: undefined as never, bp: undefined as never, bx: undefined as never, r11: undefined as never, r10: undefined as never, r9: undefined as never, r8: undefined as never, ax: undefined as never, cx: undefined as never, dx: undefined as never, si: undefined as never, di: undefined as never, orig_ax: undefined as never, ip: undefined as never, cs: undefined as never, flags: undefined as never, sp: undefined as never, ss: undefined as never, fs_base: undefined as never, gs_base: undefined as never, ds: undefined as never, es: undefined as never, fs: undefined as never, gs: undefined as never };
}
function readUserX86RegsEntry(r: Reader, m: T.UserX86RegsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.r15 = r.u64();
        break;
      case 16:
        m.r14 = r.u64();
        break;
      case 24:
        m.r13 = r.u64();
        break;
      case 32:
        m.r12 = r.u64();
        break;
      case 40:
        m.bp = r.u64();
        break;
      case 48:
        m.bx = r.u64();
        break;
      case 56:
        m.r11 = r.u64();
        break;
      case 64:
        m.r10 = r.u64();
        break;
      case 72:
        m.r9 = r.u64();
        break;
      case 80:
        m.r8 = r.u64();
        break;
      case 88:
        m.ax = r.u64();
        break;
      case 96:
        m.cx = r.u64();
        break;
      case 104:
        m.dx = r.u64();
        break;
      case 112:
        m.si = r.u64();
        break;
      case 120:
        m.di = r.u64();
        break;
      case 128:
        m.orig_ax = r.u64();
        break;
      case 136:
        m.ip = r.u64();
        break;
      case 144:
        m.cs = r.u64();
        break;
      case 152:
        m.flags = r.u64();
        break;
      case 160:
        m.sp = r.u64();
        break;
      case 168:
        m.ss = r.u64();
        break;
      case 176:
        m.fs_base = r.u64();
        break;
      case 184:
        m.gs_base = r.u64();
        break;
      case 192:
        m.ds = r.u64();
        break;
      case 200:
        m.es = r.u64();
        break;
      case 208:
        m.fs = r.u64();
        break;
      case 216:
        m.gs = r.u64();
        break;
      case 224:
        m.mode = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.r15 === undefined) r.missing('user_x86_regs_entry.r15');
  if (m.r14 === undefined) r.missing('user_x86_regs_entry.r14');
  if (m.r13 === undefined) r.missing('user_x86_regs_entry.r13');
  if (m.r12 === undefined) r.missing('user_x86_regs_entry.r12');
  if (m.bp === undefined) r.missing('user_x86_regs_entry.bp');
  if (m.bx === undefined) r.missing('user_x86_regs_entry.bx');
  if (m.r11 === undefined) r.missing('user_x86_regs_entry.r11');
  if (m.r10 === undefined) r.missing('user_x86_regs_entry.r10');
  if (m.r9 === undefined) r.missing('user_x86_regs_entry.r9');
  if (m.r8 === undefined) r.missing('user_x86_regs_entry.r8');
  if (m.ax === undefined) r.missing('user_x86_regs_entry.ax');
  if (m.cx === undefined) r.missing('user_x86_regs_entry.cx');
  if (m.dx === undefined) r.missing('user_x86_regs_entry.dx');
  if (m.si === undefined) r.missing('user_x86_regs_entry.si');
  if (m.di === undefined) r.missing('user_x86_regs_entry.di');
  if (m.orig_ax === undefined) r.missing('user_x86_regs_entry.orig_ax');
  if (m.ip === undefined) r.missing('user_x86_regs_entry.ip');
  if (m.cs === undefined) r.missing('user_x86_regs_entry.cs');
  if (m.flags === undefined) r.missing('user_x86_regs_entry.flags');
  if (m.sp === undefined) r.missing('user_x86_regs_entry.sp');
  if (m.ss === undefined) r.missing('user_x86_regs_entry.ss');
  if (m.fs_base === undefined) r.missing('user_x86_regs_entry.fs_base');
  if (m.gs_base === undefined) r.missing('user_x86_regs_entry.gs_base');
  if (m.ds === undefined) r.missing('user_x86_regs_entry.ds');
  if (m.es === undefined) r.missing('user_x86_regs_entry.es');
  if (m.fs === undefined) r.missing('user_x86_regs_entry.fs');
  if (m.gs === undefined) r.missing('user_x86_regs_entry.gs');
}
function writeUserX86RegsEntry(w: Writer, m: Encodable<T.UserX86RegsEntry>): void {
  w.u64(8, m.r15, 'user_x86_regs_entry.r15');
  w.u64(16, m.r14, 'user_x86_regs_entry.r14');
  w.u64(24, m.r13, 'user_x86_regs_entry.r13');
  w.u64(32, m.r12, 'user_x86_regs_entry.r12');
  w.u64(40, m.bp, 'user_x86_regs_entry.bp');
  w.u64(48, m.bx, 'user_x86_regs_entry.bx');
  w.u64(56, m.r11, 'user_x86_regs_entry.r11');
  w.u64(64, m.r10, 'user_x86_regs_entry.r10');
  w.u64(72, m.r9, 'user_x86_regs_entry.r9');
  w.u64(80, m.r8, 'user_x86_regs_entry.r8');
  w.u64(88, m.ax, 'user_x86_regs_entry.ax');
  w.u64(96, m.cx, 'user_x86_regs_entry.cx');
  w.u64(104, m.dx, 'user_x86_regs_entry.dx');
  w.u64(112, m.si, 'user_x86_regs_entry.si');
  w.u64(120, m.di, 'user_x86_regs_entry.di');
  w.u64(128, m.orig_ax, 'user_x86_regs_entry.orig_ax');
  w.u64(136, m.ip, 'user_x86_regs_entry.ip');
  w.u64(144, m.cs, 'user_x86_regs_entry.cs');
  w.u64(152, m.flags, 'user_x86_regs_entry.flags');
  w.u64(160, m.sp, 'user_x86_regs_entry.sp');
  w.u64(168, m.ss, 'user_x86_regs_entry.ss');
  w.u64(176, m.fs_base, 'user_x86_regs_entry.fs_base');
  w.u64(184, m.gs_base, 'user_x86_regs_entry.gs_base');
  w.u64(192, m.ds, 'user_x86_regs_entry.ds');
  w.u64(200, m.es, 'user_x86_regs_entry.es');
  w.u64(208, m.fs, 'user_x86_regs_entry.fs');
  w.u64(216, m.gs, 'user_x86_regs_entry.gs');
  if (m.mode != null) w.i32(224, m.mode, 'user_x86_regs_entry.mode');
  w.unknown(m);
}
export const UserX86RegsEntryCodec: Codec<T.UserX86RegsEntry> = { create: newUserX86RegsEntry, read: readUserX86RegsEntry, write: writeUserX86RegsEntry };

function newUserX86CetEntry(): T.UserX86CetEntry {
  return { cet: undefined as never, ssp: undefined as never };
}
function readUserX86CetEntry(r: Reader, m: T.UserX86CetEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.cet = r.u64();
        break;
      case 16:
        m.ssp = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.cet === undefined) r.missing('user_x86_cet_entry.cet');
  if (m.ssp === undefined) r.missing('user_x86_cet_entry.ssp');
}
function writeUserX86CetEntry(w: Writer, m: Encodable<T.UserX86CetEntry>): void {
  w.u64(8, m.cet, 'user_x86_cet_entry.cet');
  w.u64(16, m.ssp, 'user_x86_cet_entry.ssp');
  w.unknown(m);
}
export const UserX86CetEntryCodec: Codec<T.UserX86CetEntry> = { create: newUserX86CetEntry, read: readUserX86CetEntry, write: writeUserX86CetEntry };

function newUserX86XsaveEntry(): T.UserX86XsaveEntry {
  return { xstate_bv: undefined as never, ymmh_space: [], bndreg_state: [], bndcsr_state: [], opmask_reg: [], zmm_upper: [], hi16_zmm: [], pkru: [] };
}
function readUserX86XsaveEntry(r: Reader, m: T.UserX86XsaveEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.xstate_bv = r.u64();
        break;
      case 16:
        m.ymmh_space.push(r.u32());
        break;
      case 18: {
        const outer = r.enter();
        r.u32s(m.ymmh_space);
        r.leave(outer);
        break;
      }
      case 24:
        m.bndreg_state.push(r.u64());
        break;
      case 26: {
        const outer = r.enter();
        r.u64s(m.bndreg_state);
        r.leave(outer);
        break;
      }
      case 32:
        m.bndcsr_state.push(r.u64());
        break;
      case 34: {
        const outer = r.enter();
        r.u64s(m.bndcsr_state);
        r.leave(outer);
        break;
      }
      case 40:
        m.opmask_reg.push(r.u64());
        break;
      case 42: {
        const outer = r.enter();
        r.u64s(m.opmask_reg);
        r.leave(outer);
        break;
      }
      case 48:
        m.zmm_upper.push(r.u64());
        break;
      case 50: {
        const outer = r.enter();
        r.u64s(m.zmm_upper);
        r.leave(outer);
        break;
      }
      case 56:
        m.hi16_zmm.push(r.u64());
        break;
      case 58: {
        const outer = r.enter();
        r.u64s(m.hi16_zmm);
        r.leave(outer);
        break;
      }
      case 64:
        m.pkru.push(r.u32());
        break;
      case 66: {
        const outer = r.enter();
        r.u32s(m.pkru);
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        m.cet ??= newUserX86CetEntry();
        readUserX86CetEntry(r, m.cet);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.xstate_bv === undefined) r.missing('user_x86_xsave_entry.xstate_bv');
}
function writeUserX86XsaveEntry(w: Writer, m: Encodable<T.UserX86XsaveEntry>): void {
  w.u64(8, m.xstate_bv, 'user_x86_xsave_entry.xstate_bv');
  if (m.ymmh_space != null) for (const v of m.ymmh_space) w.u32(16, v, 'user_x86_xsave_entry.ymmh_space');
  if (m.bndreg_state != null) for (const v of m.bndreg_state) w.u64(24, v, 'user_x86_xsave_entry.bndreg_state');
  if (m.bndcsr_state != null) for (const v of m.bndcsr_state) w.u64(32, v, 'user_x86_xsave_entry.bndcsr_state');
  if (m.opmask_reg != null) for (const v of m.opmask_reg) w.u64(40, v, 'user_x86_xsave_entry.opmask_reg');
  if (m.zmm_upper != null) for (const v of m.zmm_upper) w.u64(48, v, 'user_x86_xsave_entry.zmm_upper');
  if (m.hi16_zmm != null) for (const v of m.hi16_zmm) w.u64(56, v, 'user_x86_xsave_entry.hi16_zmm');
  if (m.pkru != null) for (const v of m.pkru) w.u32(64, v, 'user_x86_xsave_entry.pkru');
  if (m.cet != null) { const start = w.begin(74, m.cet, 'user_x86_xsave_entry.cet'); writeUserX86CetEntry(w, m.cet); w.end(start); }
  w.unknown(m);
}
export const UserX86XsaveEntryCodec: Codec<T.UserX86XsaveEntry> = { create: newUserX86XsaveEntry, read: readUserX86XsaveEntry, write: writeUserX86XsaveEntry };

function newUserX86FpregsEntry(): T.UserX86FpregsEntry {
  return { cwd: undefined as never, swd: undefined as never, twd: undefined as never, fop: undefined as never, rip: undefined as never, rdp: undefined as never, mxcsr: undefined as never, mxcsr_mask: undefined as never, st_space: [], xmm_space: [], padding: [] };
}
function readUserX86FpregsEntry(r: Reader, m: T.UserX86FpregsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.cwd = r.u32();
        break;
      case 16:
        m.swd = r.u32();
        break;
      case 24:
        m.twd = r.u32();
        break;
      case 32:
        m.fop = r.u32();
        break;
      case 40:
        m.rip = r.u64();
        break;
      case 48:
        m.rdp = r.u64();
        break;
      case 56:
        m.mxcsr = r.u32();
        break;
      case 64:
        m.mxcsr_mask = r.u32();
        break;
      case 72:
        m.st_space.push(r.u32());
        break;
      case 74: {
        const outer = r.enter();
        r.u32s(m.st_space);
        r.leave(outer);
        break;
      }
      case 80:
        m.xmm_space.push(r.u32());
        break;
      case 82: {
        const outer = r.enter();
        r.u32s(m.xmm_space);
        r.leave(outer);
        break;
      }
      case 88:
        m.padding.push(r.u32());
        break;
      case 90: {
        const outer = r.enter();
        r.u32s(m.padding);
        r.leave(outer);
        break;
      }
      case 106: {
        const outer = r.enter();
        m.xsave ??= newUserX86XsaveEntry();
        readUserX86XsaveEntry(r, m.xsave);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.cwd === undefined) r.missing('user_x86_fpregs_entry.cwd');
  if (m.swd === undefined) r.missing('user_x86_fpregs_entry.swd');
  if (m.twd === undefined) r.missing('user_x86_fpregs_entry.twd');
  if (m.fop === undefined) r.missing('user_x86_fpregs_entry.fop');
  if (m.rip === undefined) r.missing('user_x86_fpregs_entry.rip');
  if (m.rdp === undefined) r.missing('user_x86_fpregs_entry.rdp');
  if (m.mxcsr === undefined) r.missing('user_x86_fpregs_entry.mxcsr');
  if (m.mxcsr_mask === undefined) r.missing('user_x86_fpregs_entry.mxcsr_mask');
}
function writeUserX86FpregsEntry(w: Writer, m: Encodable<T.UserX86FpregsEntry>): void {
  w.u32(8, m.cwd, 'user_x86_fpregs_entry.cwd');
  w.u32(16, m.swd, 'user_x86_fpregs_entry.swd');
  w.u32(24, m.twd, 'user_x86_fpregs_entry.twd');
  w.u32(32, m.fop, 'user_x86_fpregs_entry.fop');
  w.u64(40, m.rip, 'user_x86_fpregs_entry.rip');
  w.u64(48, m.rdp, 'user_x86_fpregs_entry.rdp');
  w.u32(56, m.mxcsr, 'user_x86_fpregs_entry.mxcsr');
  w.u32(64, m.mxcsr_mask, 'user_x86_fpregs_entry.mxcsr_mask');
  if (m.st_space != null) for (const v of m.st_space) w.u32(72, v, 'user_x86_fpregs_entry.st_space');
  if (m.xmm_space != null) for (const v of m.xmm_space) w.u32(80, v, 'user_x86_fpregs_entry.xmm_space');
  if (m.padding != null) for (const v of m.padding) w.u32(88, v, 'user_x86_fpregs_entry.padding');
  if (m.xsave != null) { const start = w.begin(106, m.xsave, 'user_x86_fpregs_entry.xsave'); writeUserX86XsaveEntry(w, m.xsave); w.end(start); }
  w.unknown(m);
}
export const UserX86FpregsEntryCodec: Codec<T.UserX86FpregsEntry> = { create: newUserX86FpregsEntry, read: readUserX86FpregsEntry, write: writeUserX86FpregsEntry };

function newUserDescT(): T.UserDescT {
  return { entry_number: undefined as never, base_addr: undefined as never, limit: undefined as never, seg_32bit: undefined as never, contents_h: undefined as never, contents_l: undefined as never, read_exec_only: undefined as never, limit_in_pages: undefined as never, seg_not_present: undefined as never, usable: undefined as never };
}
function readUserDescT(r: Reader, m: T.UserDescT): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.entry_number = r.u32();
        break;
      case 16:
        m.base_addr = r.u32();
        break;
      case 24:
        m.limit = r.u32();
        break;
      case 32:
        m.seg_32bit = r.bool();
        break;
      case 40:
        m.contents_h = r.bool();
        break;
      case 48:
        m.contents_l = r.bool();
        break;
      case 56:
        m.read_exec_only = r.bool();
        break;
      case 64:
        m.limit_in_pages = r.bool();
        break;
      case 72:
        m.seg_not_present = r.bool();
        break;
      case 80:
        m.usable = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.entry_number === undefined) r.missing('user_desc_t.entry_number');
  if (m.base_addr === undefined) r.missing('user_desc_t.base_addr');
  if (m.limit === undefined) r.missing('user_desc_t.limit');
  if (m.seg_32bit === undefined) r.missing('user_desc_t.seg_32bit');
  if (m.contents_h === undefined) r.missing('user_desc_t.contents_h');
  if (m.contents_l === undefined) r.missing('user_desc_t.contents_l');
  if (m.read_exec_only === undefined) r.missing('user_desc_t.read_exec_only');
  if (m.limit_in_pages === undefined) r.missing('user_desc_t.limit_in_pages');
  if (m.seg_not_present === undefined) r.missing('user_desc_t.seg_not_present');
  if (m.usable === undefined) r.missing('user_desc_t.usable');
}
function writeUserDescT(w: Writer, m: Encodable<T.UserDescT>): void {
  w.u32(8, m.entry_number, 'user_desc_t.entry_number');
  w.u32(16, m.base_addr, 'user_desc_t.base_addr');
  w.u32(24, m.limit, 'user_desc_t.limit');
  w.bool(32, m.seg_32bit, 'user_desc_t.seg_32bit');
  w.bool(40, m.contents_h, 'user_desc_t.contents_h');
  w.bool(48, m.contents_l, 'user_desc_t.contents_l');
  w.bool(56, m.read_exec_only, 'user_desc_t.read_exec_only');
  w.bool(64, m.limit_in_pages, 'user_desc_t.limit_in_pages');
  w.bool(72, m.seg_not_present, 'user_desc_t.seg_not_present');
  w.bool(80, m.usable, 'user_desc_t.usable');
  w.unknown(m);
}
export const UserDescTCodec: Codec<T.UserDescT> = { create: newUserDescT, read: readUserDescT, write: writeUserDescT };

function newThreadInfoX86(): T.ThreadInfoX86 {
  return { clear_tid_addr: undefined as never, gpregs: undefined as never, fpregs: undefined as never, tls: [] };
}
function readThreadInfoX86(r: Reader, m: T.ThreadInfoX86): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.clear_tid_addr = r.u64();
        break;
      case 18: {
        const outer = r.enter();
        m.gpregs ??= newUserX86RegsEntry();
        readUserX86RegsEntry(r, m.gpregs);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.fpregs ??= newUserX86FpregsEntry();
        readUserX86FpregsEntry(r, m.fpregs);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        const v = newUserDescT();
        readUserDescT(r, v);
        m.tls.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.clear_tid_addr === undefined) r.missing('thread_info_x86.clear_tid_addr');
  if (m.gpregs === undefined) r.missing('thread_info_x86.gpregs');
  if (m.fpregs === undefined) r.missing('thread_info_x86.fpregs');
}
function writeThreadInfoX86(w: Writer, m: Encodable<T.ThreadInfoX86>): void {
  w.u64(8, m.clear_tid_addr, 'thread_info_x86.clear_tid_addr');
  { const start = w.begin(18, m.gpregs, 'thread_info_x86.gpregs'); writeUserX86RegsEntry(w, m.gpregs); w.end(start); }
  { const start = w.begin(26, m.fpregs, 'thread_info_x86.fpregs'); writeUserX86FpregsEntry(w, m.fpregs); w.end(start); }
  if (m.tls != null) for (const v of m.tls) { const start = w.begin(34, v, 'thread_info_x86.tls'); writeUserDescT(w, v); w.end(start); }
  w.unknown(m);
}
export const ThreadInfoX86Codec: Codec<T.ThreadInfoX86> = { create: newThreadInfoX86, read: readThreadInfoX86, write: writeThreadInfoX86 };

function newTaskCoreEntry(): T.TaskCoreEntry {
  return { task_state: undefined as never, exit_code: undefined as never, personality: undefined as never, flags: undefined as never, blk_sigset: undefined as never, comm: undefined as never, sigactions: [], sem_undos: [] };
}
function readTaskCoreEntry(r: Reader, m: T.TaskCoreEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.task_state = r.u32();
        break;
      case 16:
        m.exit_code = r.u32();
        break;
      case 24:
        m.personality = r.u32();
        break;
      case 32:
        m.flags = r.u32();
        break;
      case 40:
        m.blk_sigset = r.u64();
        break;
      case 50:
        m.comm = r.str();
        break;
      case 58: {
        const outer = r.enter();
        m.timers ??= newTaskTimersEntry();
        readTaskTimersEntry(r, m.timers);
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.rlimits ??= newTaskRlimitsEntry();
        readTaskRlimitsEntry(r, m.rlimits);
        r.leave(outer);
        break;
      }
      case 72:
        m.cg_set = r.u32();
        break;
      case 82: {
        const outer = r.enter();
        m.signals_s ??= newSignalQueueEntry();
        readSignalQueueEntry(r, m.signals_s);
        r.leave(outer);
        break;
      }
      case 88:
        m.old_seccomp_mode = r.i32();
        break;
      case 96:
        m.old_seccomp_filter = r.u32();
        break;
      case 104:
        m.loginuid = r.u32();
        break;
      case 112:
        m.oom_score_adj = r.i32();
        break;
      case 122: {
        const outer = r.enter();
        const v = newSaEntry();
        readSaEntry(r, v);
        m.sigactions.push(v);
        r.leave(outer);
        break;
      }
      case 144:
        m.child_subreaper = r.bool();
        break;
      case 160:
        m.blk_sigset_extended = r.u64();
        break;
      case 168:
        m.stop_signo = r.u32();
        break;
      case 176:
        m.membarrier_registration_mask = r.u32();
        break;
      case 8000:
        m.stop_told = r.bool();
        break;
      case 8008:
        m.continued = r.bool();
        break;
      case 8016:
        m.exit_signal = r.u32();
        break;
      case 8026: {
        const outer = r.enter();
        const v = newSemUndoEntry();
        readSemUndoEntry(r, v);
        m.sem_undos.push(v);
        r.leave(outer);
        break;
      }
      case 8032:
        m.autogroup_nice = r.s32();
        break;
      case 8040:
        m.exit_uid = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.task_state === undefined) r.missing('task_core_entry.task_state');
  if (m.exit_code === undefined) r.missing('task_core_entry.exit_code');
  if (m.personality === undefined) r.missing('task_core_entry.personality');
  if (m.flags === undefined) r.missing('task_core_entry.flags');
  if (m.blk_sigset === undefined) r.missing('task_core_entry.blk_sigset');
  if (m.comm === undefined) r.missing('task_core_entry.comm');
}
function writeTaskCoreEntry(w: Writer, m: Encodable<T.TaskCoreEntry>): void {
  w.u32(8, m.task_state, 'task_core_entry.task_state');
  w.u32(16, m.exit_code, 'task_core_entry.exit_code');
  w.u32(24, m.personality, 'task_core_entry.personality');
  w.u32(32, m.flags, 'task_core_entry.flags');
  w.u64(40, m.blk_sigset, 'task_core_entry.blk_sigset');
  w.str(50, m.comm, 'task_core_entry.comm');
  if (m.timers != null) { const start = w.begin(58, m.timers, 'task_core_entry.timers'); writeTaskTimersEntry(w, m.timers); w.end(start); }
  if (m.rlimits != null) { const start = w.begin(66, m.rlimits, 'task_core_entry.rlimits'); writeTaskRlimitsEntry(w, m.rlimits); w.end(start); }
  if (m.cg_set != null) w.u32(72, m.cg_set, 'task_core_entry.cg_set');
  if (m.signals_s != null) { const start = w.begin(82, m.signals_s, 'task_core_entry.signals_s'); writeSignalQueueEntry(w, m.signals_s); w.end(start); }
  if (m.old_seccomp_mode != null) w.i32(88, m.old_seccomp_mode, 'task_core_entry.old_seccomp_mode');
  if (m.old_seccomp_filter != null) w.u32(96, m.old_seccomp_filter, 'task_core_entry.old_seccomp_filter');
  if (m.loginuid != null) w.u32(104, m.loginuid, 'task_core_entry.loginuid');
  if (m.oom_score_adj != null) w.i32(112, m.oom_score_adj, 'task_core_entry.oom_score_adj');
  if (m.sigactions != null) for (const v of m.sigactions) { const start = w.begin(122, v, 'task_core_entry.sigactions'); writeSaEntry(w, v); w.end(start); }
  if (m.child_subreaper != null) w.bool(144, m.child_subreaper, 'task_core_entry.child_subreaper');
  if (m.blk_sigset_extended != null) w.u64(160, m.blk_sigset_extended, 'task_core_entry.blk_sigset_extended');
  if (m.stop_signo != null) w.u32(168, m.stop_signo, 'task_core_entry.stop_signo');
  if (m.membarrier_registration_mask != null) w.u32(176, m.membarrier_registration_mask, 'task_core_entry.membarrier_registration_mask');
  if (m.stop_told != null) w.bool(8000, m.stop_told, 'task_core_entry.stop_told');
  if (m.continued != null) w.bool(8008, m.continued, 'task_core_entry.continued');
  if (m.exit_signal != null) w.u32(8016, m.exit_signal, 'task_core_entry.exit_signal');
  if (m.sem_undos != null) for (const v of m.sem_undos) { const start = w.begin(8026, v, 'task_core_entry.sem_undos'); writeSemUndoEntry(w, v); w.end(start); }
  if (m.autogroup_nice != null) w.s32(8032, m.autogroup_nice, 'task_core_entry.autogroup_nice');
  if (m.exit_uid != null) w.u32(8040, m.exit_uid, 'task_core_entry.exit_uid');
  w.unknown(m);
}
export const TaskCoreEntryCodec: Codec<T.TaskCoreEntry> = { create: newTaskCoreEntry, read: readTaskCoreEntry, write: writeTaskCoreEntry };

function newSemUndoEntry(): T.SemUndoEntry {
  return { sem_id: undefined as never, sem_num: undefined as never, adjustment: undefined as never };
}
function readSemUndoEntry(r: Reader, m: T.SemUndoEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.sem_id = r.u32();
        break;
      case 16:
        m.sem_num = r.u32();
        break;
      case 24:
        m.adjustment = r.s32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.sem_id === undefined) r.missing('sem_undo_entry.sem_id');
  if (m.sem_num === undefined) r.missing('sem_undo_entry.sem_num');
  if (m.adjustment === undefined) r.missing('sem_undo_entry.adjustment');
}
function writeSemUndoEntry(w: Writer, m: Encodable<T.SemUndoEntry>): void {
  w.u32(8, m.sem_id, 'sem_undo_entry.sem_id');
  w.u32(16, m.sem_num, 'sem_undo_entry.sem_num');
  w.s32(24, m.adjustment, 'sem_undo_entry.adjustment');
  w.unknown(m);
}
export const SemUndoEntryCodec: Codec<T.SemUndoEntry> = { create: newSemUndoEntry, read: readSemUndoEntry, write: writeSemUndoEntry };

function newTaskKobjIdsEntry(): T.TaskKobjIdsEntry {
  return { vm_id: undefined as never, files_id: undefined as never, fs_id: undefined as never, sighand_id: undefined as never };
}
function readTaskKobjIdsEntry(r: Reader, m: T.TaskKobjIdsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vm_id = r.u32();
        break;
      case 16:
        m.files_id = r.u32();
        break;
      case 24:
        m.fs_id = r.u32();
        break;
      case 32:
        m.sighand_id = r.u32();
        break;
      case 40:
        m.pid_ns_id = r.u32();
        break;
      case 48:
        m.net_ns_id = r.u32();
        break;
      case 56:
        m.ipc_ns_id = r.u32();
        break;
      case 64:
        m.uts_ns_id = r.u32();
        break;
      case 72:
        m.mnt_ns_id = r.u32();
        break;
      case 80:
        m.user_ns_id = r.u32();
        break;
      case 88:
        m.cgroup_ns_id = r.u32();
        break;
      case 96:
        m.time_ns_id = r.u32();
        break;
      case 8000:
        m.own_time_ns_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.vm_id === undefined) r.missing('task_kobj_ids_entry.vm_id');
  if (m.files_id === undefined) r.missing('task_kobj_ids_entry.files_id');
  if (m.fs_id === undefined) r.missing('task_kobj_ids_entry.fs_id');
  if (m.sighand_id === undefined) r.missing('task_kobj_ids_entry.sighand_id');
}
function writeTaskKobjIdsEntry(w: Writer, m: Encodable<T.TaskKobjIdsEntry>): void {
  w.u32(8, m.vm_id, 'task_kobj_ids_entry.vm_id');
  w.u32(16, m.files_id, 'task_kobj_ids_entry.files_id');
  w.u32(24, m.fs_id, 'task_kobj_ids_entry.fs_id');
  w.u32(32, m.sighand_id, 'task_kobj_ids_entry.sighand_id');
  if (m.pid_ns_id != null) w.u32(40, m.pid_ns_id, 'task_kobj_ids_entry.pid_ns_id');
  if (m.net_ns_id != null) w.u32(48, m.net_ns_id, 'task_kobj_ids_entry.net_ns_id');
  if (m.ipc_ns_id != null) w.u32(56, m.ipc_ns_id, 'task_kobj_ids_entry.ipc_ns_id');
  if (m.uts_ns_id != null) w.u32(64, m.uts_ns_id, 'task_kobj_ids_entry.uts_ns_id');
  if (m.mnt_ns_id != null) w.u32(72, m.mnt_ns_id, 'task_kobj_ids_entry.mnt_ns_id');
  if (m.user_ns_id != null) w.u32(80, m.user_ns_id, 'task_kobj_ids_entry.user_ns_id');
  if (m.cgroup_ns_id != null) w.u32(88, m.cgroup_ns_id, 'task_kobj_ids_entry.cgroup_ns_id');
  if (m.time_ns_id != null) w.u32(96, m.time_ns_id, 'task_kobj_ids_entry.time_ns_id');
  if (m.own_time_ns_id != null) w.u32(8000, m.own_time_ns_id, 'task_kobj_ids_entry.own_time_ns_id');
  w.unknown(m);
}
export const TaskKobjIdsEntryCodec: Codec<T.TaskKobjIdsEntry> = { create: newTaskKobjIdsEntry, read: readTaskKobjIdsEntry, write: writeTaskKobjIdsEntry };

function newThreadSasEntry(): T.ThreadSasEntry {
  return { ss_sp: undefined as never, ss_size: undefined as never, ss_flags: undefined as never };
}
function readThreadSasEntry(r: Reader, m: T.ThreadSasEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.ss_sp = r.u64();
        break;
      case 16:
        m.ss_size = r.u64();
        break;
      case 24:
        m.ss_flags = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.ss_sp === undefined) r.missing('thread_sas_entry.ss_sp');
  if (m.ss_size === undefined) r.missing('thread_sas_entry.ss_size');
  if (m.ss_flags === undefined) r.missing('thread_sas_entry.ss_flags');
}
function writeThreadSasEntry(w: Writer, m: Encodable<T.ThreadSasEntry>): void {
  w.u64(8, m.ss_sp, 'thread_sas_entry.ss_sp');
  w.u64(16, m.ss_size, 'thread_sas_entry.ss_size');
  w.u32(24, m.ss_flags, 'thread_sas_entry.ss_flags');
  w.unknown(m);
}
export const ThreadSasEntryCodec: Codec<T.ThreadSasEntry> = { create: newThreadSasEntry, read: readThreadSasEntry, write: writeThreadSasEntry };

function newThreadCoreEntry(): T.ThreadCoreEntry {
  return { futex_rla: undefined as never, futex_rla_len: undefined as never };
}
function readThreadCoreEntry(r: Reader, m: T.ThreadCoreEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.futex_rla = r.u64();
        break;
      case 16:
        m.futex_rla_len = r.u32();
        break;
      case 24:
        m.sched_nice = r.s32();
        break;
      case 32:
        m.sched_policy = r.u32();
        break;
      case 40:
        m.sched_prio = r.u32();
        break;
      case 48:
        m.blk_sigset = r.u64();
        break;
      case 58: {
        const outer = r.enter();
        m.sas ??= newThreadSasEntry();
        readThreadSasEntry(r, m.sas);
        r.leave(outer);
        break;
      }
      case 64:
        m.pdeath_sig = r.u32();
        break;
      case 74: {
        const outer = r.enter();
        m.signals_p ??= newSignalQueueEntry();
        readSignalQueueEntry(r, m.signals_p);
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        m.creds ??= newCredsEntry();
        readCredsEntry(r, m.creds);
        r.leave(outer);
        break;
      }
      case 88:
        m.seccomp_mode = r.i32();
        break;
      case 96:
        m.seccomp_filter = r.u32();
        break;
      case 106:
        m.comm = r.str();
        break;
      case 112:
        m.blk_sigset_extended = r.u64();
        break;
      case 122: {
        const outer = r.enter();
        m.rseq_entry ??= newRseqEntry();
        readRseqEntry(r, m.rseq_entry);
        r.leave(outer);
        break;
      }
      case 128:
        m.cg_set = r.u32();
        break;
      case 8000:
        m.timer_slack_ns = r.u64();
        break;
      case 8008:
        m.io_priority = r.u32();
        break;
      case 8018:
        m.cpus_allowed = r.str();
        break;
      case 8024:
        m.sched_slice_ns = r.u64();
        break;
      case 8032:
        m.sched_util_min = r.u32();
        break;
      case 8040:
        m.sched_util_max = r.u32();
        break;
      case 8048:
        m.tsc_faults = r.bool();
        break;
      case 8056:
        m.cpuid_faults = r.bool();
        break;
      case 8064:
        m.mce_kill = r.u32();
        break;
      case 8072:
        m.spec_store_bypass = r.u32();
        break;
      case 8080:
        m.spec_indirect_branch = r.u32();
        break;
      case 8088:
        m.spec_l1d_flush = r.u32();
        break;
      case 8096:
        m.io_flusher = r.bool();
        break;
      case 8104:
        m.dispatch_mode = r.u64();
        break;
      case 8112:
        m.dispatch_selector = r.u64();
        break;
      case 8120:
        m.dispatch_offset = r.u64();
        break;
      case 8128:
        m.dispatch_length = r.u64();
        break;
      case 8136:
        m.personality = r.u32();
        break;
      case 8144:
        m.mempolicy_mode = r.u32();
        break;
      case 8154:
        m.mempolicy_nodes = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.futex_rla === undefined) r.missing('thread_core_entry.futex_rla');
  if (m.futex_rla_len === undefined) r.missing('thread_core_entry.futex_rla_len');
}
function writeThreadCoreEntry(w: Writer, m: Encodable<T.ThreadCoreEntry>): void {
  w.u64(8, m.futex_rla, 'thread_core_entry.futex_rla');
  w.u32(16, m.futex_rla_len, 'thread_core_entry.futex_rla_len');
  if (m.sched_nice != null) w.s32(24, m.sched_nice, 'thread_core_entry.sched_nice');
  if (m.sched_policy != null) w.u32(32, m.sched_policy, 'thread_core_entry.sched_policy');
  if (m.sched_prio != null) w.u32(40, m.sched_prio, 'thread_core_entry.sched_prio');
  if (m.blk_sigset != null) w.u64(48, m.blk_sigset, 'thread_core_entry.blk_sigset');
  if (m.sas != null) { const start = w.begin(58, m.sas, 'thread_core_entry.sas'); writeThreadSasEntry(w, m.sas); w.end(start); }
  if (m.pdeath_sig != null) w.u32(64, m.pdeath_sig, 'thread_core_entry.pdeath_sig');
  if (m.signals_p != null) { const start = w.begin(74, m.signals_p, 'thread_core_entry.signals_p'); writeSignalQueueEntry(w, m.signals_p); w.end(start); }
  if (m.creds != null) { const start = w.begin(82, m.creds, 'thread_core_entry.creds'); writeCredsEntry(w, m.creds); w.end(start); }
  if (m.seccomp_mode != null) w.i32(88, m.seccomp_mode, 'thread_core_entry.seccomp_mode');
  if (m.seccomp_filter != null) w.u32(96, m.seccomp_filter, 'thread_core_entry.seccomp_filter');
  if (m.comm != null) w.str(106, m.comm, 'thread_core_entry.comm');
  if (m.blk_sigset_extended != null) w.u64(112, m.blk_sigset_extended, 'thread_core_entry.blk_sigset_extended');
  if (m.rseq_entry != null) { const start = w.begin(122, m.rseq_entry, 'thread_core_entry.rseq_entry'); writeRseqEntry(w, m.rseq_entry); w.end(start); }
  if (m.cg_set != null) w.u32(128, m.cg_set, 'thread_core_entry.cg_set');
  if (m.timer_slack_ns != null) w.u64(8000, m.timer_slack_ns, 'thread_core_entry.timer_slack_ns');
  if (m.io_priority != null) w.u32(8008, m.io_priority, 'thread_core_entry.io_priority');
  if (m.cpus_allowed != null) w.str(8018, m.cpus_allowed, 'thread_core_entry.cpus_allowed');
  if (m.sched_slice_ns != null) w.u64(8024, m.sched_slice_ns, 'thread_core_entry.sched_slice_ns');
  if (m.sched_util_min != null) w.u32(8032, m.sched_util_min, 'thread_core_entry.sched_util_min');
  if (m.sched_util_max != null) w.u32(8040, m.sched_util_max, 'thread_core_entry.sched_util_max');
  if (m.tsc_faults != null) w.bool(8048, m.tsc_faults, 'thread_core_entry.tsc_faults');
  if (m.cpuid_faults != null) w.bool(8056, m.cpuid_faults, 'thread_core_entry.cpuid_faults');
  if (m.mce_kill != null) w.u32(8064, m.mce_kill, 'thread_core_entry.mce_kill');
  if (m.spec_store_bypass != null) w.u32(8072, m.spec_store_bypass, 'thread_core_entry.spec_store_bypass');
  if (m.spec_indirect_branch != null) w.u32(8080, m.spec_indirect_branch, 'thread_core_entry.spec_indirect_branch');
  if (m.spec_l1d_flush != null) w.u32(8088, m.spec_l1d_flush, 'thread_core_entry.spec_l1d_flush');
  if (m.io_flusher != null) w.bool(8096, m.io_flusher, 'thread_core_entry.io_flusher');
  if (m.dispatch_mode != null) w.u64(8104, m.dispatch_mode, 'thread_core_entry.dispatch_mode');
  if (m.dispatch_selector != null) w.u64(8112, m.dispatch_selector, 'thread_core_entry.dispatch_selector');
  if (m.dispatch_offset != null) w.u64(8120, m.dispatch_offset, 'thread_core_entry.dispatch_offset');
  if (m.dispatch_length != null) w.u64(8128, m.dispatch_length, 'thread_core_entry.dispatch_length');
  if (m.personality != null) w.u32(8136, m.personality, 'thread_core_entry.personality');
  if (m.mempolicy_mode != null) w.u32(8144, m.mempolicy_mode, 'thread_core_entry.mempolicy_mode');
  if (m.mempolicy_nodes != null) w.str(8154, m.mempolicy_nodes, 'thread_core_entry.mempolicy_nodes');
  w.unknown(m);
}
export const ThreadCoreEntryCodec: Codec<T.ThreadCoreEntry> = { create: newThreadCoreEntry, read: readThreadCoreEntry, write: writeThreadCoreEntry };

function newTaskRlimitsEntry(): T.TaskRlimitsEntry {
  return { rlimits: [] };
}
function readTaskRlimitsEntry(r: Reader, m: T.TaskRlimitsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newRlimitEntry();
        readRlimitEntry(r, v);
        m.rlimits.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeTaskRlimitsEntry(w: Writer, m: Encodable<T.TaskRlimitsEntry>): void {
  if (m.rlimits != null) for (const v of m.rlimits) { const start = w.begin(10, v, 'task_rlimits_entry.rlimits'); writeRlimitEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const TaskRlimitsEntryCodec: Codec<T.TaskRlimitsEntry> = { create: newTaskRlimitsEntry, read: readTaskRlimitsEntry, write: writeTaskRlimitsEntry };

function newCoreEntry(): T.CoreEntry {
  return { mtype: undefined as never };
}
function readCoreEntry(r: Reader, m: T.CoreEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mtype = r.i32();
        break;
      case 18: {
        const outer = r.enter();
        m.thread_info ??= newThreadInfoX86();
        readThreadInfoX86(r, m.thread_info);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.ti_arm ??= newThreadInfoArm();
        readThreadInfoArm(r, m.ti_arm);
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.ti_aarch64 ??= newThreadInfoAarch64();
        readThreadInfoAarch64(r, m.ti_aarch64);
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        m.ti_ppc64 ??= newThreadInfoPpc64();
        readThreadInfoPpc64(r, m.ti_ppc64);
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        m.ti_s390 ??= newThreadInfoS390();
        readThreadInfoS390(r, m.ti_s390);
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        m.ti_mips ??= newThreadInfoMips();
        readThreadInfoMips(r, m.ti_mips);
        r.leave(outer);
        break;
      }
      case 98: {
        const outer = r.enter();
        m.ti_loongarch64 ??= newThreadInfoLoongarch64();
        readThreadInfoLoongarch64(r, m.ti_loongarch64);
        r.leave(outer);
        break;
      }
      case 106: {
        const outer = r.enter();
        m.ti_riscv64 ??= newThreadInfoRiscv64();
        readThreadInfoRiscv64(r, m.ti_riscv64);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.tc ??= newTaskCoreEntry();
        readTaskCoreEntry(r, m.tc);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.ids ??= newTaskKobjIdsEntry();
        readTaskKobjIdsEntry(r, m.ids);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.thread_core ??= newThreadCoreEntry();
        readThreadCoreEntry(r, m.thread_core);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mtype === undefined) r.missing('core_entry.mtype');
}
function writeCoreEntry(w: Writer, m: Encodable<T.CoreEntry>): void {
  w.i32(8, m.mtype, 'core_entry.mtype');
  if (m.thread_info != null) { const start = w.begin(18, m.thread_info, 'core_entry.thread_info'); writeThreadInfoX86(w, m.thread_info); w.end(start); }
  if (m.tc != null) { const start = w.begin(26, m.tc, 'core_entry.tc'); writeTaskCoreEntry(w, m.tc); w.end(start); }
  if (m.ids != null) { const start = w.begin(34, m.ids, 'core_entry.ids'); writeTaskKobjIdsEntry(w, m.ids); w.end(start); }
  if (m.thread_core != null) { const start = w.begin(42, m.thread_core, 'core_entry.thread_core'); writeThreadCoreEntry(w, m.thread_core); w.end(start); }
  if (m.ti_arm != null) { const start = w.begin(50, m.ti_arm, 'core_entry.ti_arm'); writeThreadInfoArm(w, m.ti_arm); w.end(start); }
  if (m.ti_aarch64 != null) { const start = w.begin(66, m.ti_aarch64, 'core_entry.ti_aarch64'); writeThreadInfoAarch64(w, m.ti_aarch64); w.end(start); }
  if (m.ti_ppc64 != null) { const start = w.begin(74, m.ti_ppc64, 'core_entry.ti_ppc64'); writeThreadInfoPpc64(w, m.ti_ppc64); w.end(start); }
  if (m.ti_s390 != null) { const start = w.begin(82, m.ti_s390, 'core_entry.ti_s390'); writeThreadInfoS390(w, m.ti_s390); w.end(start); }
  if (m.ti_mips != null) { const start = w.begin(90, m.ti_mips, 'core_entry.ti_mips'); writeThreadInfoMips(w, m.ti_mips); w.end(start); }
  if (m.ti_loongarch64 != null) { const start = w.begin(98, m.ti_loongarch64, 'core_entry.ti_loongarch64'); writeThreadInfoLoongarch64(w, m.ti_loongarch64); w.end(start); }
  if (m.ti_riscv64 != null) { const start = w.begin(106, m.ti_riscv64, 'core_entry.ti_riscv64'); writeThreadInfoRiscv64(w, m.ti_riscv64); w.end(start); }
  w.unknown(m);
}
export const CoreEntryCodec: Codec<T.CoreEntry> = { create: newCoreEntry, read: readCoreEntry, write: writeCoreEntry };

function newCpuinfoX86Entry(): T.CpuinfoX86Entry {
  return { vendor_id: undefined as never, cpu_family: undefined as never, model: undefined as never, stepping: undefined as never, capability_ver: undefined as never, capability: [] };
}
function readCpuinfoX86Entry(r: Reader, m: T.CpuinfoX86Entry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vendor_id = r.i32();
        break;
      case 16:
        m.cpu_family = r.u32();
        break;
      case 24:
        m.model = r.u32();
        break;
      case 32:
        m.stepping = r.u32();
        break;
      case 40:
        m.capability_ver = r.u32();
        break;
      case 48:
        m.capability.push(r.u32());
        break;
      case 50: {
        const outer = r.enter();
        r.u32s(m.capability);
        r.leave(outer);
        break;
      }
      case 58:
        m.model_id = r.str();
        break;
      case 64:
        m.xfeatures_mask = r.u64();
        break;
      case 72:
        m.xsave_size = r.u32();
        break;
      case 80:
        m.xsave_size_max = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.vendor_id === undefined) r.missing('cpuinfo_x86_entry.vendor_id');
  if (m.cpu_family === undefined) r.missing('cpuinfo_x86_entry.cpu_family');
  if (m.model === undefined) r.missing('cpuinfo_x86_entry.model');
  if (m.stepping === undefined) r.missing('cpuinfo_x86_entry.stepping');
  if (m.capability_ver === undefined) r.missing('cpuinfo_x86_entry.capability_ver');
}
function writeCpuinfoX86Entry(w: Writer, m: Encodable<T.CpuinfoX86Entry>): void {
  w.i32(8, m.vendor_id, 'cpuinfo_x86_entry.vendor_id');
  w.u32(16, m.cpu_family, 'cpuinfo_x86_entry.cpu_family');
  w.u32(24, m.model, 'cpuinfo_x86_entry.model');
  w.u32(32, m.stepping, 'cpuinfo_x86_entry.stepping');
  w.u32(40, m.capability_ver, 'cpuinfo_x86_entry.capability_ver');
  if (m.capability != null) for (const v of m.capability) w.u32(48, v, 'cpuinfo_x86_entry.capability');
  if (m.model_id != null) w.str(58, m.model_id, 'cpuinfo_x86_entry.model_id');
  if (m.xfeatures_mask != null) w.u64(64, m.xfeatures_mask, 'cpuinfo_x86_entry.xfeatures_mask');
  if (m.xsave_size != null) w.u32(72, m.xsave_size, 'cpuinfo_x86_entry.xsave_size');
  if (m.xsave_size_max != null) w.u32(80, m.xsave_size_max, 'cpuinfo_x86_entry.xsave_size_max');
  w.unknown(m);
}
export const CpuinfoX86EntryCodec: Codec<T.CpuinfoX86Entry> = { create: newCpuinfoX86Entry, read: readCpuinfoX86Entry, write: writeCpuinfoX86Entry };

function newCpuinfoPpc64Entry(): T.CpuinfoPpc64Entry {
  return { endian: undefined as never, hwcap: [] };
}
function readCpuinfoPpc64Entry(r: Reader, m: T.CpuinfoPpc64Entry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.endian = r.i32();
        break;
      case 16:
        m.hwcap.push(r.u64());
        break;
      case 18: {
        const outer = r.enter();
        r.u64s(m.hwcap);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.endian === undefined) r.missing('cpuinfo_ppc64_entry.endian');
}
function writeCpuinfoPpc64Entry(w: Writer, m: Encodable<T.CpuinfoPpc64Entry>): void {
  w.i32(8, m.endian, 'cpuinfo_ppc64_entry.endian');
  if (m.hwcap != null) for (const v of m.hwcap) w.u64(16, v, 'cpuinfo_ppc64_entry.hwcap');
  w.unknown(m);
}
export const CpuinfoPpc64EntryCodec: Codec<T.CpuinfoPpc64Entry> = { create: newCpuinfoPpc64Entry, read: readCpuinfoPpc64Entry, write: writeCpuinfoPpc64Entry };

function newCpuinfoS390Entry(): T.CpuinfoS390Entry {
  return { hwcap: [] };
}
function readCpuinfoS390Entry(r: Reader, m: T.CpuinfoS390Entry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 16:
        m.hwcap.push(r.u64());
        break;
      case 18: {
        const outer = r.enter();
        r.u64s(m.hwcap);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeCpuinfoS390Entry(w: Writer, m: Encodable<T.CpuinfoS390Entry>): void {
  if (m.hwcap != null) for (const v of m.hwcap) w.u64(16, v, 'cpuinfo_s390_entry.hwcap');
  w.unknown(m);
}
export const CpuinfoS390EntryCodec: Codec<T.CpuinfoS390Entry> = { create: newCpuinfoS390Entry, read: readCpuinfoS390Entry, write: writeCpuinfoS390Entry };

function newCpuinfoEntry(): T.CpuinfoEntry {
  return { x86_entry: [], ppc64_entry: [], s390_entry: [] };
}
function readCpuinfoEntry(r: Reader, m: T.CpuinfoEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newCpuinfoX86Entry();
        readCpuinfoX86Entry(r, v);
        m.x86_entry.push(v);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        const v = newCpuinfoPpc64Entry();
        readCpuinfoPpc64Entry(r, v);
        m.ppc64_entry.push(v);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        const v = newCpuinfoS390Entry();
        readCpuinfoS390Entry(r, v);
        m.s390_entry.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeCpuinfoEntry(w: Writer, m: Encodable<T.CpuinfoEntry>): void {
  if (m.x86_entry != null) for (const v of m.x86_entry) { const start = w.begin(10, v, 'cpuinfo_entry.x86_entry'); writeCpuinfoX86Entry(w, v); w.end(start); }
  if (m.ppc64_entry != null) for (const v of m.ppc64_entry) { const start = w.begin(18, v, 'cpuinfo_entry.ppc64_entry'); writeCpuinfoPpc64Entry(w, v); w.end(start); }
  if (m.s390_entry != null) for (const v of m.s390_entry) { const start = w.begin(26, v, 'cpuinfo_entry.s390_entry'); writeCpuinfoS390Entry(w, v); w.end(start); }
  w.unknown(m);
}
export const CpuinfoEntryCodec: Codec<T.CpuinfoEntry> = { create: newCpuinfoEntry, read: readCpuinfoEntry, write: writeCpuinfoEntry };

function newCredsEntry(): T.CredsEntry {
  return { uid: undefined as never, gid: undefined as never, euid: undefined as never, egid: undefined as never, suid: undefined as never, sgid: undefined as never, fsuid: undefined as never, fsgid: undefined as never, cap_inh: [], cap_prm: [], cap_eff: [], cap_bnd: [], secbits: undefined as never, groups: [], cap_amb: [] };
}
function readCredsEntry(r: Reader, m: T.CredsEntry): void {
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
        m.euid = r.u32();
        break;
      case 32:
        m.egid = r.u32();
        break;
      case 40:
        m.suid = r.u32();
        break;
      case 48:
        m.sgid = r.u32();
        break;
      case 56:
        m.fsuid = r.u32();
        break;
      case 64:
        m.fsgid = r.u32();
        break;
      case 72:
        m.cap_inh.push(r.u32());
        break;
      case 74: {
        const outer = r.enter();
        r.u32s(m.cap_inh);
        r.leave(outer);
        break;
      }
      case 80:
        m.cap_prm.push(r.u32());
        break;
      case 82: {
        const outer = r.enter();
        r.u32s(m.cap_prm);
        r.leave(outer);
        break;
      }
      case 88:
        m.cap_eff.push(r.u32());
        break;
      case 90: {
        const outer = r.enter();
        r.u32s(m.cap_eff);
        r.leave(outer);
        break;
      }
      case 96:
        m.cap_bnd.push(r.u32());
        break;
      case 98: {
        const outer = r.enter();
        r.u32s(m.cap_bnd);
        r.leave(outer);
        break;
      }
      case 104:
        m.secbits = r.u32();
        break;
      case 112:
        m.groups.push(r.u32());
        break;
      case 114: {
        const outer = r.enter();
        r.u32s(m.groups);
        r.leave(outer);
        break;
      }
      case 122:
        m.lsm_profile = r.str();
        break;
      case 130:
        m.lsm_sockcreate = r.str();
        break;
      case 138:
        m.apparmor_data = r.bytes();
        break;
      case 144:
        m.no_new_privs = r.u32();
        break;
      case 152:
        m.cap_amb.push(r.u32());
        break;
      case 154: {
        const outer = r.enter();
        r.u32s(m.cap_amb);
        r.leave(outer);
        break;
      }
      case 8002:
        m.lsm_exec = r.str();
        break;
      case 8010:
        m.lsm_fscreate = r.str();
        break;
      case 8018:
        m.lsm_keycreate = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.uid === undefined) r.missing('creds_entry.uid');
  if (m.gid === undefined) r.missing('creds_entry.gid');
  if (m.euid === undefined) r.missing('creds_entry.euid');
  if (m.egid === undefined) r.missing('creds_entry.egid');
  if (m.suid === undefined) r.missing('creds_entry.suid');
  if (m.sgid === undefined) r.missing('creds_entry.sgid');
  if (m.fsuid === undefined) r.missing('creds_entry.fsuid');
  if (m.fsgid === undefined) r.missing('creds_entry.fsgid');
  if (m.secbits === undefined) r.missing('creds_entry.secbits');
}
function writeCredsEntry(w: Writer, m: Encodable<T.CredsEntry>): void {
  w.u32(8, m.uid, 'creds_entry.uid');
  w.u32(16, m.gid, 'creds_entry.gid');
  w.u32(24, m.euid, 'creds_entry.euid');
  w.u32(32, m.egid, 'creds_entry.egid');
  w.u32(40, m.suid, 'creds_entry.suid');
  w.u32(48, m.sgid, 'creds_entry.sgid');
  w.u32(56, m.fsuid, 'creds_entry.fsuid');
  w.u32(64, m.fsgid, 'creds_entry.fsgid');
  if (m.cap_inh != null) for (const v of m.cap_inh) w.u32(72, v, 'creds_entry.cap_inh');
  if (m.cap_prm != null) for (const v of m.cap_prm) w.u32(80, v, 'creds_entry.cap_prm');
  if (m.cap_eff != null) for (const v of m.cap_eff) w.u32(88, v, 'creds_entry.cap_eff');
  if (m.cap_bnd != null) for (const v of m.cap_bnd) w.u32(96, v, 'creds_entry.cap_bnd');
  w.u32(104, m.secbits, 'creds_entry.secbits');
  if (m.groups != null) for (const v of m.groups) w.u32(112, v, 'creds_entry.groups');
  if (m.lsm_profile != null) w.str(122, m.lsm_profile, 'creds_entry.lsm_profile');
  if (m.lsm_sockcreate != null) w.str(130, m.lsm_sockcreate, 'creds_entry.lsm_sockcreate');
  if (m.apparmor_data != null) w.bytes(138, m.apparmor_data, 'creds_entry.apparmor_data');
  if (m.no_new_privs != null) w.u32(144, m.no_new_privs, 'creds_entry.no_new_privs');
  if (m.cap_amb != null) for (const v of m.cap_amb) w.u32(152, v, 'creds_entry.cap_amb');
  if (m.lsm_exec != null) w.str(8002, m.lsm_exec, 'creds_entry.lsm_exec');
  if (m.lsm_fscreate != null) w.str(8010, m.lsm_fscreate, 'creds_entry.lsm_fscreate');
  if (m.lsm_keycreate != null) w.str(8018, m.lsm_keycreate, 'creds_entry.lsm_keycreate');
  w.unknown(m);
}
export const CredsEntryCodec: Codec<T.CredsEntry> = { create: newCredsEntry, read: readCredsEntry, write: writeCredsEntry };

function newEventfdFileEntry(): T.EventfdFileEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, counter: undefined as never };
}
function readEventfdFileEntry(r: Reader, m: T.EventfdFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 26:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 32:
        m.counter = r.u64();
        break;
      case 8000:
        m.semaphore = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('eventfd_file_entry.id');
  if (m.flags === undefined) r.missing('eventfd_file_entry.flags');
  if (m.fown === undefined) r.missing('eventfd_file_entry.fown');
  if (m.counter === undefined) r.missing('eventfd_file_entry.counter');
}
function writeEventfdFileEntry(w: Writer, m: Encodable<T.EventfdFileEntry>): void {
  w.u32(8, m.id, 'eventfd_file_entry.id');
  w.u32(16, m.flags, 'eventfd_file_entry.flags');
  w.alike(26, m.fown, 'eventfd_file_entry.fown', writeFownEntry);
  w.u64(32, m.counter, 'eventfd_file_entry.counter');
  if (m.semaphore != null) w.bool(8000, m.semaphore, 'eventfd_file_entry.semaphore');
  w.unknown(m);
}
export const EventfdFileEntryCodec: Codec<T.EventfdFileEntry> = { create: newEventfdFileEntry, read: readEventfdFileEntry, write: writeEventfdFileEntry };

function newEventpollTfdEntry(): T.EventpollTfdEntry {
  return { id: undefined as never, tfd: undefined as never, events: undefined as never, data: undefined as never };
}
function readEventpollTfdEntry(r: Reader, m: T.EventpollTfdEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.tfd = r.u32();
        break;
      case 24:
        m.events = r.u32();
        break;
      case 32:
        m.data = r.u64();
        break;
      case 40:
        m.dev = r.u32();
        break;
      case 48:
        m.inode = r.u64();
        break;
      case 56:
        m.pos = r.u64();
        break;
      case 8000:
        m.added_as = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('eventpoll_tfd_entry.id');
  if (m.tfd === undefined) r.missing('eventpoll_tfd_entry.tfd');
  if (m.events === undefined) r.missing('eventpoll_tfd_entry.events');
  if (m.data === undefined) r.missing('eventpoll_tfd_entry.data');
}
function writeEventpollTfdEntry(w: Writer, m: Encodable<T.EventpollTfdEntry>): void {
  w.u32(8, m.id, 'eventpoll_tfd_entry.id');
  w.u32(16, m.tfd, 'eventpoll_tfd_entry.tfd');
  w.u32(24, m.events, 'eventpoll_tfd_entry.events');
  w.u64(32, m.data, 'eventpoll_tfd_entry.data');
  if (m.dev != null) w.u32(40, m.dev, 'eventpoll_tfd_entry.dev');
  if (m.inode != null) w.u64(48, m.inode, 'eventpoll_tfd_entry.inode');
  if (m.pos != null) w.u64(56, m.pos, 'eventpoll_tfd_entry.pos');
  if (m.added_as != null) w.u32(8000, m.added_as, 'eventpoll_tfd_entry.added_as');
  w.unknown(m);
}
export const EventpollTfdEntryCodec: Codec<T.EventpollTfdEntry> = { create: newEventpollTfdEntry, read: readEventpollTfdEntry, write: writeEventpollTfdEntry };

function newEventpollFileEntry(): T.EventpollFileEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, tfd: [] };
}
function readEventpollFileEntry(r: Reader, m: T.EventpollFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 26:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 34: {
        const outer = r.enter();
        const v = newEventpollTfdEntry();
        readEventpollTfdEntry(r, v);
        m.tfd.push(v);
        r.leave(outer);
        break;
      }
      case 8000:
        m.busy_poll_usecs = r.u32();
        break;
      case 8008:
        m.busy_poll_budget = r.u32();
        break;
      case 8016:
        m.prefer_busy_poll = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('eventpoll_file_entry.id');
  if (m.flags === undefined) r.missing('eventpoll_file_entry.flags');
  if (m.fown === undefined) r.missing('eventpoll_file_entry.fown');
}
function writeEventpollFileEntry(w: Writer, m: Encodable<T.EventpollFileEntry>): void {
  w.u32(8, m.id, 'eventpoll_file_entry.id');
  w.u32(16, m.flags, 'eventpoll_file_entry.flags');
  w.alike(26, m.fown, 'eventpoll_file_entry.fown', writeFownEntry);
  if (m.tfd != null) for (const v of m.tfd) { const start = w.begin(34, v, 'eventpoll_file_entry.tfd'); writeEventpollTfdEntry(w, v); w.end(start); }
  if (m.busy_poll_usecs != null) w.u32(8000, m.busy_poll_usecs, 'eventpoll_file_entry.busy_poll_usecs');
  if (m.busy_poll_budget != null) w.u32(8008, m.busy_poll_budget, 'eventpoll_file_entry.busy_poll_budget');
  if (m.prefer_busy_poll != null) w.bool(8016, m.prefer_busy_poll, 'eventpoll_file_entry.prefer_busy_poll');
  w.unknown(m);
}
export const EventpollFileEntryCodec: Codec<T.EventpollFileEntry> = { create: newEventpollFileEntry, read: readEventpollFileEntry, write: writeEventpollFileEntry };

function newExtFileEntry(): T.ExtFileEntry {
  return { id: undefined as never, fown: undefined as never };
}
function readExtFileEntry(r: Reader, m: T.ExtFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 42:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('ext_file_entry.id');
  if (m.fown === undefined) r.missing('ext_file_entry.fown');
}
function writeExtFileEntry(w: Writer, m: Encodable<T.ExtFileEntry>): void {
  w.u32(8, m.id, 'ext_file_entry.id');
  w.alike(42, m.fown, 'ext_file_entry.fown', writeFownEntry);
  w.unknown(m);
}
export const ExtFileEntryCodec: Codec<T.ExtFileEntry> = { create: newExtFileEntry, read: readExtFileEntry, write: writeExtFileEntry };

function newFdinfoEntry(): T.FdinfoEntry {
  return { id: undefined as never, flags: undefined as never, type: undefined as never, fd: undefined as never };
}
function readFdinfoEntry(r: Reader, m: T.FdinfoEntry): void {
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
        m.type = r.i32();
        break;
      case 32:
        m.fd = r.u32();
        break;
      case 42:
        m.xattr_security_selinux = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('fdinfo_entry.id');
  if (m.flags === undefined) r.missing('fdinfo_entry.flags');
  if (m.type === undefined) r.missing('fdinfo_entry.type');
  if (m.fd === undefined) r.missing('fdinfo_entry.fd');
}
function writeFdinfoEntry(w: Writer, m: Encodable<T.FdinfoEntry>): void {
  w.u32(8, m.id, 'fdinfo_entry.id');
  w.u32(16, m.flags, 'fdinfo_entry.flags');
  w.i32(24, m.type, 'fdinfo_entry.type');
  w.u32(32, m.fd, 'fdinfo_entry.fd');
  if (m.xattr_security_selinux != null) w.str(42, m.xattr_security_selinux, 'fdinfo_entry.xattr_security_selinux');
  w.unknown(m);
}
export const FdinfoEntryCodec: Codec<T.FdinfoEntry> = { create: newFdinfoEntry, read: readFdinfoEntry, write: writeFdinfoEntry };

function newFileEntry(): T.FileEntry {
  return { type: undefined as never, id: undefined as never };
}
function readFileEntry(r: Reader, m: T.FileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.i32();
        break;
      case 16:
        m.id = r.u32();
        break;
      case 26: {
        const outer = r.enter();
        m.reg ??= newRegFileEntry();
        readRegFileEntry(r, m.reg);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.isk ??= newInetSkEntry();
        readInetSkEntry(r, m.isk);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.nsf ??= newNsFileEntry();
        readNsFileEntry(r, m.nsf);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.psk ??= newPacketSockEntry();
        readPacketSockEntry(r, m.psk);
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        m.nlsk ??= newNetlinkSkEntry();
        readNetlinkSkEntry(r, m.nlsk);
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.efd ??= newEventfdFileEntry();
        readEventfdFileEntry(r, m.efd);
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        m.epfd ??= newEventpollFileEntry();
        readEventpollFileEntry(r, m.epfd);
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        m.sgfd ??= newSignalfdEntry();
        readSignalfdEntry(r, m.sgfd);
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        m.tunf ??= newTunfileEntry();
        readTunfileEntry(r, m.tunf);
        r.leave(outer);
        break;
      }
      case 98: {
        const outer = r.enter();
        m.tfd ??= newTimerfdEntry();
        readTimerfdEntry(r, m.tfd);
        r.leave(outer);
        break;
      }
      case 106: {
        const outer = r.enter();
        m.ify ??= newInotifyFileEntry();
        readInotifyFileEntry(r, m.ify);
        r.leave(outer);
        break;
      }
      case 114: {
        const outer = r.enter();
        m.ffy ??= newFanotifyFileEntry();
        readFanotifyFileEntry(r, m.ffy);
        r.leave(outer);
        break;
      }
      case 122: {
        const outer = r.enter();
        m.ext ??= newExtFileEntry();
        readExtFileEntry(r, m.ext);
        r.leave(outer);
        break;
      }
      case 130: {
        const outer = r.enter();
        m.usk ??= newUnixSkEntry();
        readUnixSkEntry(r, m.usk);
        r.leave(outer);
        break;
      }
      case 138: {
        const outer = r.enter();
        m.fifo ??= newFifoEntry();
        readFifoEntry(r, m.fifo);
        r.leave(outer);
        break;
      }
      case 146: {
        const outer = r.enter();
        m.pipe ??= newPipeEntry();
        readPipeEntry(r, m.pipe);
        r.leave(outer);
        break;
      }
      case 154: {
        const outer = r.enter();
        m.tty ??= newTtyFileEntry();
        readTtyFileEntry(r, m.tty);
        r.leave(outer);
        break;
      }
      case 162: {
        const outer = r.enter();
        m.memfd ??= newMemfdFileEntry();
        readMemfdFileEntry(r, m.memfd);
        r.leave(outer);
        break;
      }
      case 170: {
        const outer = r.enter();
        m.bpf ??= newBpfmapFileEntry();
        readBpfmapFileEntry(r, m.bpf);
        r.leave(outer);
        break;
      }
      case 178: {
        const outer = r.enter();
        m.pidfd ??= newPidfdEntry();
        readPidfdEntry(r, m.pidfd);
        r.leave(outer);
        break;
      }
      case 8002: {
        const outer = r.enter();
        m.posix_queue ??= newPosixQueueFileEntry();
        readPosixQueueFileEntry(r, m.posix_queue);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('file_entry.type');
  if (m.id === undefined) r.missing('file_entry.id');
}
function writeFileEntry(w: Writer, m: Encodable<T.FileEntry>): void {
  w.i32(8, m.type, 'file_entry.type');
  w.u32(16, m.id, 'file_entry.id');
  if (m.reg != null) { const start = w.begin(26, m.reg, 'file_entry.reg'); writeRegFileEntry(w, m.reg); w.end(start); }
  if (m.isk != null) { const start = w.begin(34, m.isk, 'file_entry.isk'); writeInetSkEntry(w, m.isk); w.end(start); }
  if (m.nsf != null) { const start = w.begin(42, m.nsf, 'file_entry.nsf'); writeNsFileEntry(w, m.nsf); w.end(start); }
  if (m.psk != null) { const start = w.begin(50, m.psk, 'file_entry.psk'); writePacketSockEntry(w, m.psk); w.end(start); }
  if (m.nlsk != null) { const start = w.begin(58, m.nlsk, 'file_entry.nlsk'); writeNetlinkSkEntry(w, m.nlsk); w.end(start); }
  if (m.efd != null) { const start = w.begin(66, m.efd, 'file_entry.efd'); writeEventfdFileEntry(w, m.efd); w.end(start); }
  if (m.epfd != null) { const start = w.begin(74, m.epfd, 'file_entry.epfd'); writeEventpollFileEntry(w, m.epfd); w.end(start); }
  if (m.sgfd != null) { const start = w.begin(82, m.sgfd, 'file_entry.sgfd'); writeSignalfdEntry(w, m.sgfd); w.end(start); }
  if (m.tunf != null) { const start = w.begin(90, m.tunf, 'file_entry.tunf'); writeTunfileEntry(w, m.tunf); w.end(start); }
  if (m.tfd != null) { const start = w.begin(98, m.tfd, 'file_entry.tfd'); writeTimerfdEntry(w, m.tfd); w.end(start); }
  if (m.ify != null) { const start = w.begin(106, m.ify, 'file_entry.ify'); writeInotifyFileEntry(w, m.ify); w.end(start); }
  if (m.ffy != null) { const start = w.begin(114, m.ffy, 'file_entry.ffy'); writeFanotifyFileEntry(w, m.ffy); w.end(start); }
  if (m.ext != null) { const start = w.begin(122, m.ext, 'file_entry.ext'); writeExtFileEntry(w, m.ext); w.end(start); }
  if (m.usk != null) { const start = w.begin(130, m.usk, 'file_entry.usk'); writeUnixSkEntry(w, m.usk); w.end(start); }
  if (m.fifo != null) { const start = w.begin(138, m.fifo, 'file_entry.fifo'); writeFifoEntry(w, m.fifo); w.end(start); }
  if (m.pipe != null) { const start = w.begin(146, m.pipe, 'file_entry.pipe'); writePipeEntry(w, m.pipe); w.end(start); }
  if (m.tty != null) { const start = w.begin(154, m.tty, 'file_entry.tty'); writeTtyFileEntry(w, m.tty); w.end(start); }
  if (m.memfd != null) { const start = w.begin(162, m.memfd, 'file_entry.memfd'); writeMemfdFileEntry(w, m.memfd); w.end(start); }
  if (m.bpf != null) { const start = w.begin(170, m.bpf, 'file_entry.bpf'); writeBpfmapFileEntry(w, m.bpf); w.end(start); }
  if (m.pidfd != null) { const start = w.begin(178, m.pidfd, 'file_entry.pidfd'); writePidfdEntry(w, m.pidfd); w.end(start); }
  if (m.posix_queue != null) { const start = w.begin(8002, m.posix_queue, 'file_entry.posix_queue'); writePosixQueueFileEntry(w, m.posix_queue); w.end(start); }
  w.unknown(m);
}
export const FileEntryCodec: Codec<T.FileEntry> = { create: newFileEntry, read: readFileEntry, write: writeFileEntry };

function newFhEntry(): T.FhEntry {
  return { bytes: undefined as never, type: undefined as never, handle: [] };
}
function readFhEntry(r: Reader, m: T.FhEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.bytes = r.u32();
        break;
      case 16:
        m.type = r.u32();
        break;
      case 24:
        m.handle.push(r.u64());
        break;
      case 26: {
        const outer = r.enter();
        r.u64s(m.handle);
        r.leave(outer);
        break;
      }
      case 34:
        m.path = r.str();
        break;
      case 40:
        m.mnt_id = r.u32();
        break;
      case 8002:
        m.link_path = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.bytes === undefined) r.missing('fh_entry.bytes');
  if (m.type === undefined) r.missing('fh_entry.type');
}
function writeFhEntry(w: Writer, m: Encodable<T.FhEntry>): void {
  w.u32(8, m.bytes, 'fh_entry.bytes');
  w.u32(16, m.type, 'fh_entry.type');
  if (m.handle != null) for (const v of m.handle) w.u64(24, v, 'fh_entry.handle');
  if (m.path != null) w.str(34, m.path, 'fh_entry.path');
  if (m.mnt_id != null) w.u32(40, m.mnt_id, 'fh_entry.mnt_id');
  if (m.link_path != null) w.str(8002, m.link_path, 'fh_entry.link_path');
  w.unknown(m);
}
export const FhEntryCodec: Codec<T.FhEntry> = { create: newFhEntry, read: readFhEntry, write: writeFhEntry };

function newIrmapCacheEntry(): T.IrmapCacheEntry {
  return { dev: undefined as never, inode: undefined as never, path: undefined as never };
}
function readIrmapCacheEntry(r: Reader, m: T.IrmapCacheEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.dev = r.u32();
        break;
      case 16:
        m.inode = r.u64();
        break;
      case 26:
        m.path = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.dev === undefined) r.missing('irmap_cache_entry.dev');
  if (m.inode === undefined) r.missing('irmap_cache_entry.inode');
  if (m.path === undefined) r.missing('irmap_cache_entry.path');
}
function writeIrmapCacheEntry(w: Writer, m: Encodable<T.IrmapCacheEntry>): void {
  w.u32(8, m.dev, 'irmap_cache_entry.dev');
  w.u64(16, m.inode, 'irmap_cache_entry.inode');
  w.str(26, m.path, 'irmap_cache_entry.path');
  w.unknown(m);
}
export const IrmapCacheEntryCodec: Codec<T.IrmapCacheEntry> = { create: newIrmapCacheEntry, read: readIrmapCacheEntry, write: writeIrmapCacheEntry };

function newFifoEntry(): T.FifoEntry {
  return { id: undefined as never, pipe_id: undefined as never };
}
function readFifoEntry(r: Reader, m: T.FifoEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.pipe_id = r.u32();
        break;
      case 24:
        m.regf_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('fifo_entry.id');
  if (m.pipe_id === undefined) r.missing('fifo_entry.pipe_id');
}
function writeFifoEntry(w: Writer, m: Encodable<T.FifoEntry>): void {
  w.u32(8, m.id, 'fifo_entry.id');
  w.u32(16, m.pipe_id, 'fifo_entry.pipe_id');
  if (m.regf_id != null) w.u32(24, m.regf_id, 'fifo_entry.regf_id');
  w.unknown(m);
}
export const FifoEntryCodec: Codec<T.FifoEntry> = { create: newFifoEntry, read: readFifoEntry, write: writeFifoEntry };

function newFileLockEntry(): T.FileLockEntry {
  return { flag: undefined as never, type: undefined as never, pid: undefined as never, fd: undefined as never, start: undefined as never, len: undefined as never };
}
function readFileLockEntry(r: Reader, m: T.FileLockEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.flag = r.u32();
        break;
      case 16:
        m.type = r.u32();
        break;
      case 24:
        m.pid = r.i32();
        break;
      case 32:
        m.fd = r.i32();
        break;
      case 40:
        m.start = r.i64();
        break;
      case 48:
        m.len = r.i64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.flag === undefined) r.missing('file_lock_entry.flag');
  if (m.type === undefined) r.missing('file_lock_entry.type');
  if (m.pid === undefined) r.missing('file_lock_entry.pid');
  if (m.fd === undefined) r.missing('file_lock_entry.fd');
  if (m.start === undefined) r.missing('file_lock_entry.start');
  if (m.len === undefined) r.missing('file_lock_entry.len');
}
function writeFileLockEntry(w: Writer, m: Encodable<T.FileLockEntry>): void {
  w.u32(8, m.flag, 'file_lock_entry.flag');
  w.u32(16, m.type, 'file_lock_entry.type');
  w.i32(24, m.pid, 'file_lock_entry.pid');
  w.i32(32, m.fd, 'file_lock_entry.fd');
  w.i64(40, m.start, 'file_lock_entry.start');
  w.i64(48, m.len, 'file_lock_entry.len');
  w.unknown(m);
}
export const FileLockEntryCodec: Codec<T.FileLockEntry> = { create: newFileLockEntry, read: readFileLockEntry, write: writeFileLockEntry };

function newFownEntry(): T.FownEntry {
  return { uid: undefined as never, euid: undefined as never, signum: undefined as never, pid_type: undefined as never, pid: undefined as never };
}
function readFownEntry(r: Reader, m: T.FownEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.uid = r.u32();
        break;
      case 16:
        m.euid = r.u32();
        break;
      case 24:
        m.signum = r.u32();
        break;
      case 32:
        m.pid_type = r.u32();
        break;
      case 40:
        m.pid = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.uid === undefined) r.missing('fown_entry.uid');
  if (m.euid === undefined) r.missing('fown_entry.euid');
  if (m.signum === undefined) r.missing('fown_entry.signum');
  if (m.pid_type === undefined) r.missing('fown_entry.pid_type');
  if (m.pid === undefined) r.missing('fown_entry.pid');
}
function writeFownEntry(w: Writer, m: Encodable<T.FownEntry>): void {
  w.u32(8, m.uid, 'fown_entry.uid');
  w.u32(16, m.euid, 'fown_entry.euid');
  w.u32(24, m.signum, 'fown_entry.signum');
  w.u32(32, m.pid_type, 'fown_entry.pid_type');
  w.u32(40, m.pid, 'fown_entry.pid');
  w.unknown(m);
}
export const FownEntryCodec: Codec<T.FownEntry> = { create: newFownEntry, read: readFownEntry, write: writeFownEntry };

function newFsEntry(): T.FsEntry {
  return { cwd_id: undefined as never, root_id: undefined as never };
}
function readFsEntry(r: Reader, m: T.FsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.cwd_id = r.u32();
        break;
      case 16:
        m.root_id = r.u32();
        break;
      case 24:
        m.umask = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.cwd_id === undefined) r.missing('fs_entry.cwd_id');
  if (m.root_id === undefined) r.missing('fs_entry.root_id');
}
function writeFsEntry(w: Writer, m: Encodable<T.FsEntry>): void {
  w.u32(8, m.cwd_id, 'fs_entry.cwd_id');
  w.u32(16, m.root_id, 'fs_entry.root_id');
  if (m.umask != null) w.u32(24, m.umask, 'fs_entry.umask');
  w.unknown(m);
}
export const FsEntryCodec: Codec<T.FsEntry> = { create: newFsEntry, read: readFsEntry, write: writeFsEntry };

function newInotifyWdEntry(): T.InotifyWdEntry {
  return { id: undefined as never, i_ino: undefined as never, mask: undefined as never, ignored_mask: undefined as never, s_dev: undefined as never, wd: undefined as never, f_handle: undefined as never };
}
function readInotifyWdEntry(r: Reader, m: T.InotifyWdEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.i_ino = r.u64();
        break;
      case 24:
        m.mask = r.u32();
        break;
      case 32:
        m.ignored_mask = r.u32();
        break;
      case 40:
        m.s_dev = r.u32();
        break;
      case 48:
        m.wd = r.u32();
        break;
      case 58: {
        const outer = r.enter();
        m.f_handle ??= newFhEntry();
        readFhEntry(r, m.f_handle);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('inotify_wd_entry.id');
  if (m.i_ino === undefined) r.missing('inotify_wd_entry.i_ino');
  if (m.mask === undefined) r.missing('inotify_wd_entry.mask');
  if (m.ignored_mask === undefined) r.missing('inotify_wd_entry.ignored_mask');
  if (m.s_dev === undefined) r.missing('inotify_wd_entry.s_dev');
  if (m.wd === undefined) r.missing('inotify_wd_entry.wd');
  if (m.f_handle === undefined) r.missing('inotify_wd_entry.f_handle');
}
function writeInotifyWdEntry(w: Writer, m: Encodable<T.InotifyWdEntry>): void {
  w.u32(8, m.id, 'inotify_wd_entry.id');
  w.u64(16, m.i_ino, 'inotify_wd_entry.i_ino');
  w.u32(24, m.mask, 'inotify_wd_entry.mask');
  w.u32(32, m.ignored_mask, 'inotify_wd_entry.ignored_mask');
  w.u32(40, m.s_dev, 'inotify_wd_entry.s_dev');
  w.u32(48, m.wd, 'inotify_wd_entry.wd');
  { const start = w.begin(58, m.f_handle, 'inotify_wd_entry.f_handle'); writeFhEntry(w, m.f_handle); w.end(start); }
  w.unknown(m);
}
export const InotifyWdEntryCodec: Codec<T.InotifyWdEntry> = { create: newInotifyWdEntry, read: readInotifyWdEntry, write: writeInotifyWdEntry };

function newInotifyFileEntry(): T.InotifyFileEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, wd: [] };
}
function readInotifyFileEntry(r: Reader, m: T.InotifyFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 34:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 42: {
        const outer = r.enter();
        const v = newInotifyWdEntry();
        readInotifyWdEntry(r, v);
        m.wd.push(v);
        r.leave(outer);
        break;
      }
      case 8000:
        m.events_lost = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('inotify_file_entry.id');
  if (m.flags === undefined) r.missing('inotify_file_entry.flags');
  if (m.fown === undefined) r.missing('inotify_file_entry.fown');
}
function writeInotifyFileEntry(w: Writer, m: Encodable<T.InotifyFileEntry>): void {
  w.u32(8, m.id, 'inotify_file_entry.id');
  w.u32(16, m.flags, 'inotify_file_entry.flags');
  w.alike(34, m.fown, 'inotify_file_entry.fown', writeFownEntry);
  if (m.wd != null) for (const v of m.wd) { const start = w.begin(42, v, 'inotify_file_entry.wd'); writeInotifyWdEntry(w, v); w.end(start); }
  if (m.events_lost != null) w.bool(8000, m.events_lost, 'inotify_file_entry.events_lost');
  w.unknown(m);
}
export const InotifyFileEntryCodec: Codec<T.InotifyFileEntry> = { create: newInotifyFileEntry, read: readInotifyFileEntry, write: writeInotifyFileEntry };

function newFanotifyInodeMarkEntry(): T.FanotifyInodeMarkEntry {
  return { i_ino: undefined as never, f_handle: undefined as never };
}
function readFanotifyInodeMarkEntry(r: Reader, m: T.FanotifyInodeMarkEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.i_ino = r.u64();
        break;
      case 18: {
        const outer = r.enter();
        m.f_handle ??= newFhEntry();
        readFhEntry(r, m.f_handle);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.i_ino === undefined) r.missing('fanotify_inode_mark_entry.i_ino');
  if (m.f_handle === undefined) r.missing('fanotify_inode_mark_entry.f_handle');
}
function writeFanotifyInodeMarkEntry(w: Writer, m: Encodable<T.FanotifyInodeMarkEntry>): void {
  w.u64(8, m.i_ino, 'fanotify_inode_mark_entry.i_ino');
  { const start = w.begin(18, m.f_handle, 'fanotify_inode_mark_entry.f_handle'); writeFhEntry(w, m.f_handle); w.end(start); }
  w.unknown(m);
}
export const FanotifyInodeMarkEntryCodec: Codec<T.FanotifyInodeMarkEntry> = { create: newFanotifyInodeMarkEntry, read: readFanotifyInodeMarkEntry, write: writeFanotifyInodeMarkEntry };

function newFanotifyMountMarkEntry(): T.FanotifyMountMarkEntry {
  return { mnt_id: undefined as never };
}
function readFanotifyMountMarkEntry(r: Reader, m: T.FanotifyMountMarkEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mnt_id = r.u32();
        break;
      case 18:
        m.path = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mnt_id === undefined) r.missing('fanotify_mount_mark_entry.mnt_id');
}
function writeFanotifyMountMarkEntry(w: Writer, m: Encodable<T.FanotifyMountMarkEntry>): void {
  w.u32(8, m.mnt_id, 'fanotify_mount_mark_entry.mnt_id');
  if (m.path != null) w.str(18, m.path, 'fanotify_mount_mark_entry.path');
  w.unknown(m);
}
export const FanotifyMountMarkEntryCodec: Codec<T.FanotifyMountMarkEntry> = { create: newFanotifyMountMarkEntry, read: readFanotifyMountMarkEntry, write: writeFanotifyMountMarkEntry };

function newFanotifyMarkEntry(): T.FanotifyMarkEntry {
  return { id: undefined as never, type: undefined as never, mflags: undefined as never, mask: undefined as never, ignored_mask: undefined as never, s_dev: undefined as never };
}
function readFanotifyMarkEntry(r: Reader, m: T.FanotifyMarkEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.type = r.i32();
        break;
      case 24:
        m.mflags = r.u32();
        break;
      case 32:
        m.mask = r.u32();
        break;
      case 40:
        m.ignored_mask = r.u32();
        break;
      case 48:
        m.s_dev = r.u32();
        break;
      case 58: {
        const outer = r.enter();
        m.ie ??= newFanotifyInodeMarkEntry();
        readFanotifyInodeMarkEntry(r, m.ie);
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.me ??= newFanotifyMountMarkEntry();
        readFanotifyMountMarkEntry(r, m.me);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('fanotify_mark_entry.id');
  if (m.type === undefined) r.missing('fanotify_mark_entry.type');
  if (m.mflags === undefined) r.missing('fanotify_mark_entry.mflags');
  if (m.mask === undefined) r.missing('fanotify_mark_entry.mask');
  if (m.ignored_mask === undefined) r.missing('fanotify_mark_entry.ignored_mask');
  if (m.s_dev === undefined) r.missing('fanotify_mark_entry.s_dev');
}
function writeFanotifyMarkEntry(w: Writer, m: Encodable<T.FanotifyMarkEntry>): void {
  w.u32(8, m.id, 'fanotify_mark_entry.id');
  w.i32(16, m.type, 'fanotify_mark_entry.type');
  w.u32(24, m.mflags, 'fanotify_mark_entry.mflags');
  w.u32(32, m.mask, 'fanotify_mark_entry.mask');
  w.u32(40, m.ignored_mask, 'fanotify_mark_entry.ignored_mask');
  w.u32(48, m.s_dev, 'fanotify_mark_entry.s_dev');
  if (m.ie != null) { const start = w.begin(58, m.ie, 'fanotify_mark_entry.ie'); writeFanotifyInodeMarkEntry(w, m.ie); w.end(start); }
  if (m.me != null) { const start = w.begin(66, m.me, 'fanotify_mark_entry.me'); writeFanotifyMountMarkEntry(w, m.me); w.end(start); }
  w.unknown(m);
}
export const FanotifyMarkEntryCodec: Codec<T.FanotifyMarkEntry> = { create: newFanotifyMarkEntry, read: readFanotifyMarkEntry, write: writeFanotifyMarkEntry };

function newFanotifyFileEntry(): T.FanotifyFileEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, faflags: undefined as never, evflags: undefined as never, mark: [] };
}
function readFanotifyFileEntry(r: Reader, m: T.FanotifyFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 26:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 32:
        m.faflags = r.u32();
        break;
      case 40:
        m.evflags = r.u32();
        break;
      case 50: {
        const outer = r.enter();
        const v = newFanotifyMarkEntry();
        readFanotifyMarkEntry(r, v);
        m.mark.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('fanotify_file_entry.id');
  if (m.flags === undefined) r.missing('fanotify_file_entry.flags');
  if (m.fown === undefined) r.missing('fanotify_file_entry.fown');
  if (m.faflags === undefined) r.missing('fanotify_file_entry.faflags');
  if (m.evflags === undefined) r.missing('fanotify_file_entry.evflags');
}
function writeFanotifyFileEntry(w: Writer, m: Encodable<T.FanotifyFileEntry>): void {
  w.u32(8, m.id, 'fanotify_file_entry.id');
  w.u32(16, m.flags, 'fanotify_file_entry.flags');
  w.alike(26, m.fown, 'fanotify_file_entry.fown', writeFownEntry);
  w.u32(32, m.faflags, 'fanotify_file_entry.faflags');
  w.u32(40, m.evflags, 'fanotify_file_entry.evflags');
  if (m.mark != null) for (const v of m.mark) { const start = w.begin(50, v, 'fanotify_file_entry.mark'); writeFanotifyMarkEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const FanotifyFileEntryCodec: Codec<T.FanotifyFileEntry> = { create: newFanotifyFileEntry, read: readFanotifyFileEntry, write: writeFanotifyFileEntry };

function newGhostFileEntry(): T.GhostFileEntry {
  return { uid: undefined as never, gid: undefined as never, mode: undefined as never, xattr_names: [], xattr_values: [] };
}
function readGhostFileEntry(r: Reader, m: T.GhostFileEntry): void {
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
function writeGhostFileEntry(w: Writer, m: Encodable<T.GhostFileEntry>): void {
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

function newGhostChunkEntry(): T.GhostChunkEntry {
  return { len: undefined as never, off: undefined as never };
}
function readGhostChunkEntry(r: Reader, m: T.GhostChunkEntry): void {
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
function writeGhostChunkEntry(w: Writer, m: Encodable<T.GhostChunkEntry>): void {
  w.u64(8, m.len, 'ghost_chunk_entry.len');
  w.u64(16, m.off, 'ghost_chunk_entry.off');
  w.unknown(m);
}
export const GhostChunkEntryCodec: Codec<T.GhostChunkEntry> = { create: newGhostChunkEntry, read: readGhostChunkEntry, write: writeGhostChunkEntry };

function newImgStreamerRequestEntry(): T.ImgStreamerRequestEntry {
  return { filename: undefined as never };
}
function readImgStreamerRequestEntry(r: Reader, m: T.ImgStreamerRequestEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.filename = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.filename === undefined) r.missing('img_streamer_request_entry.filename');
}
function writeImgStreamerRequestEntry(w: Writer, m: Encodable<T.ImgStreamerRequestEntry>): void {
  w.str(10, m.filename, 'img_streamer_request_entry.filename');
  w.unknown(m);
}
export const ImgStreamerRequestEntryCodec: Codec<T.ImgStreamerRequestEntry> = { create: newImgStreamerRequestEntry, read: readImgStreamerRequestEntry, write: writeImgStreamerRequestEntry };

function newImgStreamerReplyEntry(): T.ImgStreamerReplyEntry {
  return { exists: undefined as never };
}
function readImgStreamerReplyEntry(r: Reader, m: T.ImgStreamerReplyEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.exists = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.exists === undefined) r.missing('img_streamer_reply_entry.exists');
}
function writeImgStreamerReplyEntry(w: Writer, m: Encodable<T.ImgStreamerReplyEntry>): void {
  w.bool(8, m.exists, 'img_streamer_reply_entry.exists');
  w.unknown(m);
}
export const ImgStreamerReplyEntryCodec: Codec<T.ImgStreamerReplyEntry> = { create: newImgStreamerReplyEntry, read: readImgStreamerReplyEntry, write: writeImgStreamerReplyEntry };

function newPluginsEntry(): T.PluginsEntry {
  return { plugins: [], versions: [] };
}
function readPluginsEntry(r: Reader, m: T.PluginsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 98:
        m.plugins.push(r.str());
        break;
      case 8002:
        m.versions.push(r.str());
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
function writePluginsEntry(w: Writer, m: Encodable<T.PluginsEntry>): void {
  if (m.plugins != null) for (const v of m.plugins) w.str(98, v, 'plugins_entry.plugins');
  if (m.versions != null) for (const v of m.versions) w.str(8002, v, 'plugins_entry.versions');
  w.unknown(m);
}
export const PluginsEntryCodec: Codec<T.PluginsEntry> = { create: newPluginsEntry, read: readPluginsEntry, write: writePluginsEntry };

function newInventoryEntry(): T.InventoryEntry {
  return { img_version: undefined as never };
}
function readInventoryEntry(r: Reader, m: T.InventoryEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.img_version = r.u32();
        break;
      case 16:
        m.fdinfo_per_id = r.bool();
        break;
      case 26: {
        const outer = r.enter();
        m.root_ids ??= newTaskKobjIdsEntry();
        readTaskKobjIdsEntry(r, m.root_ids);
        r.leave(outer);
        break;
      }
      case 32:
        m.ns_per_id = r.bool();
        break;
      case 40:
        m.root_cg_set = r.u32();
        break;
      case 48:
        m.lsmtype = r.i32();
        break;
      case 64:
        m.dump_uptime = r.u64();
        break;
      case 72:
        m.pre_dump_mode = r.u32();
        break;
      case 80:
        m.tcp_close = r.bool();
        break;
      case 88:
        m.network_lock_method = r.u32();
        break;
      case 98: {
        const outer = r.enter();
        m.plugins_entry ??= newPluginsEntry();
        readPluginsEntry(r, m.plugins_entry);
        r.leave(outer);
        break;
      }
      case 106:
        m.dump_criu_run_id = r.str();
        break;
      case 112:
        m.allow_uprobes = r.bool();
        break;
      case 120:
        m.compress = r.u32();
        break;
      case 128:
        m.compress_region_size = r.u32();
        break;
      case 8032:
        m.page_codec = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.img_version === undefined) r.missing('inventory_entry.img_version');
}
function writeInventoryEntry(w: Writer, m: Encodable<T.InventoryEntry>): void {
  w.u32(8, m.img_version, 'inventory_entry.img_version');
  if (m.fdinfo_per_id != null) w.bool(16, m.fdinfo_per_id, 'inventory_entry.fdinfo_per_id');
  if (m.root_ids != null) { const start = w.begin(26, m.root_ids, 'inventory_entry.root_ids'); writeTaskKobjIdsEntry(w, m.root_ids); w.end(start); }
  if (m.ns_per_id != null) w.bool(32, m.ns_per_id, 'inventory_entry.ns_per_id');
  if (m.root_cg_set != null) w.u32(40, m.root_cg_set, 'inventory_entry.root_cg_set');
  if (m.lsmtype != null) w.i32(48, m.lsmtype, 'inventory_entry.lsmtype');
  if (m.dump_uptime != null) w.u64(64, m.dump_uptime, 'inventory_entry.dump_uptime');
  if (m.pre_dump_mode != null) w.u32(72, m.pre_dump_mode, 'inventory_entry.pre_dump_mode');
  if (m.tcp_close != null) w.bool(80, m.tcp_close, 'inventory_entry.tcp_close');
  if (m.network_lock_method != null) w.u32(88, m.network_lock_method, 'inventory_entry.network_lock_method');
  if (m.plugins_entry != null) { const start = w.begin(98, m.plugins_entry, 'inventory_entry.plugins_entry'); writePluginsEntry(w, m.plugins_entry); w.end(start); }
  if (m.dump_criu_run_id != null) w.str(106, m.dump_criu_run_id, 'inventory_entry.dump_criu_run_id');
  if (m.allow_uprobes != null) w.bool(112, m.allow_uprobes, 'inventory_entry.allow_uprobes');
  if (m.compress != null) w.u32(120, m.compress, 'inventory_entry.compress');
  if (m.compress_region_size != null) w.u32(128, m.compress_region_size, 'inventory_entry.compress_region_size');
  if (m.page_codec != null) w.u32(8032, m.page_codec, 'inventory_entry.page_codec');
  w.unknown(m);
}
export const InventoryEntryCodec: Codec<T.InventoryEntry> = { create: newInventoryEntry, read: readInventoryEntry, write: writeInventoryEntry };

function newIpcDescEntry(): T.IpcDescEntry {
  return { key: undefined as never, uid: undefined as never, gid: undefined as never, cuid: undefined as never, cgid: undefined as never, mode: undefined as never, id: undefined as never };
}
function readIpcDescEntry(r: Reader, m: T.IpcDescEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.key = r.u32();
        break;
      case 16:
        m.uid = r.u32();
        break;
      case 24:
        m.gid = r.u32();
        break;
      case 32:
        m.cuid = r.u32();
        break;
      case 40:
        m.cgid = r.u32();
        break;
      case 48:
        m.mode = r.u32();
        break;
      case 56:
        m.id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.key === undefined) r.missing('ipc_desc_entry.key');
  if (m.uid === undefined) r.missing('ipc_desc_entry.uid');
  if (m.gid === undefined) r.missing('ipc_desc_entry.gid');
  if (m.cuid === undefined) r.missing('ipc_desc_entry.cuid');
  if (m.cgid === undefined) r.missing('ipc_desc_entry.cgid');
  if (m.mode === undefined) r.missing('ipc_desc_entry.mode');
  if (m.id === undefined) r.missing('ipc_desc_entry.id');
}
function writeIpcDescEntry(w: Writer, m: Encodable<T.IpcDescEntry>): void {
  w.u32(8, m.key, 'ipc_desc_entry.key');
  w.u32(16, m.uid, 'ipc_desc_entry.uid');
  w.u32(24, m.gid, 'ipc_desc_entry.gid');
  w.u32(32, m.cuid, 'ipc_desc_entry.cuid');
  w.u32(40, m.cgid, 'ipc_desc_entry.cgid');
  w.u32(48, m.mode, 'ipc_desc_entry.mode');
  w.u32(56, m.id, 'ipc_desc_entry.id');
  w.unknown(m);
}
export const IpcDescEntryCodec: Codec<T.IpcDescEntry> = { create: newIpcDescEntry, read: readIpcDescEntry, write: writeIpcDescEntry };

function newIpcMsg(): T.IpcMsg {
  return { mtype: undefined as never, msize: undefined as never };
}
function readIpcMsg(r: Reader, m: T.IpcMsg): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mtype = r.u64();
        break;
      case 16:
        m.msize = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mtype === undefined) r.missing('ipc_msg.mtype');
  if (m.msize === undefined) r.missing('ipc_msg.msize');
}
function writeIpcMsg(w: Writer, m: Encodable<T.IpcMsg>): void {
  w.u64(8, m.mtype, 'ipc_msg.mtype');
  w.u32(16, m.msize, 'ipc_msg.msize');
  w.unknown(m);
}
export const IpcMsgCodec: Codec<T.IpcMsg> = { create: newIpcMsg, read: readIpcMsg, write: writeIpcMsg };

function newIpcMsgEntry(): T.IpcMsgEntry {
  return { desc: undefined as never, qbytes: undefined as never, qnum: undefined as never };
}
function readIpcMsgEntry(r: Reader, m: T.IpcMsgEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.desc ??= newIpcDescEntry();
        readIpcDescEntry(r, m.desc);
        r.leave(outer);
        break;
      }
      case 16:
        m.qbytes = r.u32();
        break;
      case 24:
        m.qnum = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.desc === undefined) r.missing('ipc_msg_entry.desc');
  if (m.qbytes === undefined) r.missing('ipc_msg_entry.qbytes');
  if (m.qnum === undefined) r.missing('ipc_msg_entry.qnum');
}
function writeIpcMsgEntry(w: Writer, m: Encodable<T.IpcMsgEntry>): void {
  { const start = w.begin(10, m.desc, 'ipc_msg_entry.desc'); writeIpcDescEntry(w, m.desc); w.end(start); }
  w.u32(16, m.qbytes, 'ipc_msg_entry.qbytes');
  w.u32(24, m.qnum, 'ipc_msg_entry.qnum');
  w.unknown(m);
}
export const IpcMsgEntryCodec: Codec<T.IpcMsgEntry> = { create: newIpcMsgEntry, read: readIpcMsgEntry, write: writeIpcMsgEntry };

function newIpcSemEntry(): T.IpcSemEntry {
  return { desc: undefined as never, nsems: undefined as never };
}
function readIpcSemEntry(r: Reader, m: T.IpcSemEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.desc ??= newIpcDescEntry();
        readIpcDescEntry(r, m.desc);
        r.leave(outer);
        break;
      }
      case 16:
        m.nsems = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.desc === undefined) r.missing('ipc_sem_entry.desc');
  if (m.nsems === undefined) r.missing('ipc_sem_entry.nsems');
}
function writeIpcSemEntry(w: Writer, m: Encodable<T.IpcSemEntry>): void {
  { const start = w.begin(10, m.desc, 'ipc_sem_entry.desc'); writeIpcDescEntry(w, m.desc); w.end(start); }
  w.u32(16, m.nsems, 'ipc_sem_entry.nsems');
  w.unknown(m);
}
export const IpcSemEntryCodec: Codec<T.IpcSemEntry> = { create: newIpcSemEntry, read: readIpcSemEntry, write: writeIpcSemEntry };

function newIpcShmEntry(): T.IpcShmEntry {
  return { desc: undefined as never, size: undefined as never };
}
function readIpcShmEntry(r: Reader, m: T.IpcShmEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.desc ??= newIpcDescEntry();
        readIpcDescEntry(r, m.desc);
        r.leave(outer);
        break;
      }
      case 16:
        m.size = r.u64();
        break;
      case 24:
        m.in_pagemaps = r.bool();
        break;
      case 32:
        m.hugetlb_flag = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.desc === undefined) r.missing('ipc_shm_entry.desc');
  if (m.size === undefined) r.missing('ipc_shm_entry.size');
}
function writeIpcShmEntry(w: Writer, m: Encodable<T.IpcShmEntry>): void {
  { const start = w.begin(10, m.desc, 'ipc_shm_entry.desc'); writeIpcDescEntry(w, m.desc); w.end(start); }
  w.u64(16, m.size, 'ipc_shm_entry.size');
  if (m.in_pagemaps != null) w.bool(24, m.in_pagemaps, 'ipc_shm_entry.in_pagemaps');
  if (m.hugetlb_flag != null) w.u32(32, m.hugetlb_flag, 'ipc_shm_entry.hugetlb_flag');
  w.unknown(m);
}
export const IpcShmEntryCodec: Codec<T.IpcShmEntry> = { create: newIpcShmEntry, read: readIpcShmEntry, write: writeIpcShmEntry };

function newIpcVarEntry(): T.IpcVarEntry {
  return { sem_ctls: [], msg_ctlmax: undefined as never, msg_ctlmnb: undefined as never, msg_ctlmni: undefined as never, auto_msgmni: undefined as never, shm_ctlmax: undefined as never, shm_ctlall: undefined as never, shm_ctlmni: undefined as never, shm_rmid_forced: undefined as never, mq_queues_max: undefined as never, mq_msg_max: undefined as never, mq_msgsize_max: undefined as never, posix_queues: [] };
}
function readIpcVarEntry(r: Reader, m: T.IpcVarEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.sem_ctls.push(r.u32());
        break;
      case 10: {
        const outer = r.enter();
        r.u32s(m.sem_ctls);
        r.leave(outer);
        break;
      }
      case 16:
        m.msg_ctlmax = r.u32();
        break;
      case 24:
        m.msg_ctlmnb = r.u32();
        break;
      case 32:
        m.msg_ctlmni = r.u32();
        break;
      case 40:
        m.auto_msgmni = r.u32();
        break;
      case 48:
        m.shm_ctlmax = r.u64();
        break;
      case 56:
        m.shm_ctlall = r.u64();
        break;
      case 64:
        m.shm_ctlmni = r.u32();
        break;
      case 72:
        m.shm_rmid_forced = r.u32();
        break;
      case 80:
        m.mq_queues_max = r.u32();
        break;
      case 88:
        m.mq_msg_max = r.u32();
        break;
      case 96:
        m.mq_msgsize_max = r.u32();
        break;
      case 104:
        m.mq_msg_default = r.u32();
        break;
      case 112:
        m.mq_msgsize_default = r.u32();
        break;
      case 120:
        m.msg_next_id = r.u32();
        break;
      case 128:
        m.sem_next_id = r.u32();
        break;
      case 136:
        m.shm_next_id = r.u32();
        break;
      case 8002: {
        const outer = r.enter();
        const v = newPosixQueueEntry();
        readPosixQueueEntry(r, v);
        m.posix_queues.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.msg_ctlmax === undefined) r.missing('ipc_var_entry.msg_ctlmax');
  if (m.msg_ctlmnb === undefined) r.missing('ipc_var_entry.msg_ctlmnb');
  if (m.msg_ctlmni === undefined) r.missing('ipc_var_entry.msg_ctlmni');
  if (m.auto_msgmni === undefined) r.missing('ipc_var_entry.auto_msgmni');
  if (m.shm_ctlmax === undefined) r.missing('ipc_var_entry.shm_ctlmax');
  if (m.shm_ctlall === undefined) r.missing('ipc_var_entry.shm_ctlall');
  if (m.shm_ctlmni === undefined) r.missing('ipc_var_entry.shm_ctlmni');
  if (m.shm_rmid_forced === undefined) r.missing('ipc_var_entry.shm_rmid_forced');
  if (m.mq_queues_max === undefined) r.missing('ipc_var_entry.mq_queues_max');
  if (m.mq_msg_max === undefined) r.missing('ipc_var_entry.mq_msg_max');
  if (m.mq_msgsize_max === undefined) r.missing('ipc_var_entry.mq_msgsize_max');
}
function writeIpcVarEntry(w: Writer, m: Encodable<T.IpcVarEntry>): void {
  if (m.sem_ctls != null) for (const v of m.sem_ctls) w.u32(8, v, 'ipc_var_entry.sem_ctls');
  w.u32(16, m.msg_ctlmax, 'ipc_var_entry.msg_ctlmax');
  w.u32(24, m.msg_ctlmnb, 'ipc_var_entry.msg_ctlmnb');
  w.u32(32, m.msg_ctlmni, 'ipc_var_entry.msg_ctlmni');
  w.u32(40, m.auto_msgmni, 'ipc_var_entry.auto_msgmni');
  w.u64(48, m.shm_ctlmax, 'ipc_var_entry.shm_ctlmax');
  w.u64(56, m.shm_ctlall, 'ipc_var_entry.shm_ctlall');
  w.u32(64, m.shm_ctlmni, 'ipc_var_entry.shm_ctlmni');
  w.u32(72, m.shm_rmid_forced, 'ipc_var_entry.shm_rmid_forced');
  w.u32(80, m.mq_queues_max, 'ipc_var_entry.mq_queues_max');
  w.u32(88, m.mq_msg_max, 'ipc_var_entry.mq_msg_max');
  w.u32(96, m.mq_msgsize_max, 'ipc_var_entry.mq_msgsize_max');
  if (m.mq_msg_default != null) w.u32(104, m.mq_msg_default, 'ipc_var_entry.mq_msg_default');
  if (m.mq_msgsize_default != null) w.u32(112, m.mq_msgsize_default, 'ipc_var_entry.mq_msgsize_default');
  if (m.msg_next_id != null) w.u32(120, m.msg_next_id, 'ipc_var_entry.msg_next_id');
  if (m.sem_next_id != null) w.u32(128, m.sem_next_id, 'ipc_var_entry.sem_next_id');
  if (m.shm_next_id != null) w.u32(136, m.shm_next_id, 'ipc_var_entry.shm_next_id');
  if (m.posix_queues != null) for (const v of m.posix_queues) { const start = w.begin(8002, v, 'ipc_var_entry.posix_queues'); writePosixQueueEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const IpcVarEntryCodec: Codec<T.IpcVarEntry> = { create: newIpcVarEntry, read: readIpcVarEntry, write: writeIpcVarEntry };

function newMacvlanLinkEntry(): T.MacvlanLinkEntry {
  return { mode: undefined as never };
}
function readMacvlanLinkEntry(r: Reader, m: T.MacvlanLinkEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mode = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mode === undefined) r.missing('macvlan_link_entry.mode');
}
function writeMacvlanLinkEntry(w: Writer, m: Encodable<T.MacvlanLinkEntry>): void {
  w.u32(8, m.mode, 'macvlan_link_entry.mode');
  if (m.flags != null) w.u32(16, m.flags, 'macvlan_link_entry.flags');
  w.unknown(m);
}
export const MacvlanLinkEntryCodec: Codec<T.MacvlanLinkEntry> = { create: newMacvlanLinkEntry, read: readMacvlanLinkEntry, write: writeMacvlanLinkEntry };

function newMemfdFileEntry(): T.MemfdFileEntry {
  return { id: undefined as never, flags: undefined as never, pos: undefined as never, fown: undefined as never, inode_id: undefined as never };
}
function readMemfdFileEntry(r: Reader, m: T.MemfdFileEntry): void {
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
function writeMemfdFileEntry(w: Writer, m: Encodable<T.MemfdFileEntry>): void {
  w.u32(8, m.id, 'memfd_file_entry.id');
  w.u32(16, m.flags, 'memfd_file_entry.flags');
  w.u64(24, m.pos, 'memfd_file_entry.pos');
  w.alike(34, m.fown, 'memfd_file_entry.fown', writeFownEntry);
  w.u32(40, m.inode_id, 'memfd_file_entry.inode_id');
  w.unknown(m);
}
export const MemfdFileEntryCodec: Codec<T.MemfdFileEntry> = { create: newMemfdFileEntry, read: readMemfdFileEntry, write: writeMemfdFileEntry };

function newMemfdInodeEntry(): T.MemfdInodeEntry {
  return { name: undefined as never, uid: undefined as never, gid: undefined as never, size: undefined as never, shmid: undefined as never, seals: undefined as never, inode_id: undefined as never, xattr_names: [], xattr_values: [] };
}
function readMemfdInodeEntry(r: Reader, m: T.MemfdInodeEntry): void {
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
function writeMemfdInodeEntry(w: Writer, m: Encodable<T.MemfdInodeEntry>): void {
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

function newAioRingEntry(): T.AioRingEntry {
  return { id: undefined as never, nr_req: undefined as never, ring_len: undefined as never };
}
function readAioRingEntry(r: Reader, m: T.AioRingEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u64();
        break;
      case 16:
        m.nr_req = r.u32();
        break;
      case 24:
        m.ring_len = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('aio_ring_entry.id');
  if (m.nr_req === undefined) r.missing('aio_ring_entry.nr_req');
  if (m.ring_len === undefined) r.missing('aio_ring_entry.ring_len');
}
function writeAioRingEntry(w: Writer, m: Encodable<T.AioRingEntry>): void {
  w.u64(8, m.id, 'aio_ring_entry.id');
  w.u32(16, m.nr_req, 'aio_ring_entry.nr_req');
  w.u32(24, m.ring_len, 'aio_ring_entry.ring_len');
  w.unknown(m);
}
export const AioRingEntryCodec: Codec<T.AioRingEntry> = { create: newAioRingEntry, read: readAioRingEntry, write: writeAioRingEntry };

function newMmEntry(): T.MmEntry {
  return { mm_start_code: undefined as never, mm_end_code: undefined as never, mm_start_data: undefined as never, mm_end_data: undefined as never, mm_start_stack: undefined as never, mm_start_brk: undefined as never, mm_brk: undefined as never, mm_arg_start: undefined as never, mm_arg_end: undefined as never, mm_env_start: undefined as never, mm_env_end: undefined as never, exe_file_id: undefined as never, mm_saved_auxv: [], vmas: [], aios: [] };
}
function readMmEntry(r: Reader, m: T.MmEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mm_start_code = r.u64();
        break;
      case 16:
        m.mm_end_code = r.u64();
        break;
      case 24:
        m.mm_start_data = r.u64();
        break;
      case 32:
        m.mm_end_data = r.u64();
        break;
      case 40:
        m.mm_start_stack = r.u64();
        break;
      case 48:
        m.mm_start_brk = r.u64();
        break;
      case 56:
        m.mm_brk = r.u64();
        break;
      case 64:
        m.mm_arg_start = r.u64();
        break;
      case 72:
        m.mm_arg_end = r.u64();
        break;
      case 80:
        m.mm_env_start = r.u64();
        break;
      case 88:
        m.mm_env_end = r.u64();
        break;
      case 96:
        m.exe_file_id = r.u32();
        break;
      case 104:
        m.mm_saved_auxv.push(r.u64());
        break;
      case 106: {
        const outer = r.enter();
        r.u64s(m.mm_saved_auxv);
        r.leave(outer);
        break;
      }
      case 114: {
        const outer = r.enter();
        const v = newVmaEntry();
        readVmaEntry(r, v);
        m.vmas.push(v);
        r.leave(outer);
        break;
      }
      case 120:
        m.dumpable = r.i32();
        break;
      case 130: {
        const outer = r.enter();
        const v = newAioRingEntry();
        readAioRingEntry(r, v);
        m.aios.push(v);
        r.leave(outer);
        break;
      }
      case 136:
        m.thp_disabled = r.bool();
        break;
      case 8000:
        m.lock_future = r.u32();
        break;
      case 8008:
        m.mdwe = r.u32();
        break;
      case 8016:
        m.merge_any = r.bool();
        break;
      case 8024:
        m.thp_except_advised = r.bool();
        break;
      case 8032:
        m.coredump_filter = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mm_start_code === undefined) r.missing('mm_entry.mm_start_code');
  if (m.mm_end_code === undefined) r.missing('mm_entry.mm_end_code');
  if (m.mm_start_data === undefined) r.missing('mm_entry.mm_start_data');
  if (m.mm_end_data === undefined) r.missing('mm_entry.mm_end_data');
  if (m.mm_start_stack === undefined) r.missing('mm_entry.mm_start_stack');
  if (m.mm_start_brk === undefined) r.missing('mm_entry.mm_start_brk');
  if (m.mm_brk === undefined) r.missing('mm_entry.mm_brk');
  if (m.mm_arg_start === undefined) r.missing('mm_entry.mm_arg_start');
  if (m.mm_arg_end === undefined) r.missing('mm_entry.mm_arg_end');
  if (m.mm_env_start === undefined) r.missing('mm_entry.mm_env_start');
  if (m.mm_env_end === undefined) r.missing('mm_entry.mm_env_end');
  if (m.exe_file_id === undefined) r.missing('mm_entry.exe_file_id');
}
function writeMmEntry(w: Writer, m: Encodable<T.MmEntry>): void {
  w.u64(8, m.mm_start_code, 'mm_entry.mm_start_code');
  w.u64(16, m.mm_end_code, 'mm_entry.mm_end_code');
  w.u64(24, m.mm_start_data, 'mm_entry.mm_start_data');
  w.u64(32, m.mm_end_data, 'mm_entry.mm_end_data');
  w.u64(40, m.mm_start_stack, 'mm_entry.mm_start_stack');
  w.u64(48, m.mm_start_brk, 'mm_entry.mm_start_brk');
  w.u64(56, m.mm_brk, 'mm_entry.mm_brk');
  w.u64(64, m.mm_arg_start, 'mm_entry.mm_arg_start');
  w.u64(72, m.mm_arg_end, 'mm_entry.mm_arg_end');
  w.u64(80, m.mm_env_start, 'mm_entry.mm_env_start');
  w.u64(88, m.mm_env_end, 'mm_entry.mm_env_end');
  w.u32(96, m.exe_file_id, 'mm_entry.exe_file_id');
  if (m.mm_saved_auxv != null) for (const v of m.mm_saved_auxv) w.u64(104, v, 'mm_entry.mm_saved_auxv');
  if (m.vmas != null) for (const v of m.vmas) { const start = w.begin(114, v, 'mm_entry.vmas'); writeVmaEntry(w, v); w.end(start); }
  if (m.dumpable != null) w.i32(120, m.dumpable, 'mm_entry.dumpable');
  if (m.aios != null) for (const v of m.aios) { const start = w.begin(130, v, 'mm_entry.aios'); writeAioRingEntry(w, v); w.end(start); }
  if (m.thp_disabled != null) w.bool(136, m.thp_disabled, 'mm_entry.thp_disabled');
  if (m.lock_future != null) w.u32(8000, m.lock_future, 'mm_entry.lock_future');
  if (m.mdwe != null) w.u32(8008, m.mdwe, 'mm_entry.mdwe');
  if (m.merge_any != null) w.bool(8016, m.merge_any, 'mm_entry.merge_any');
  if (m.thp_except_advised != null) w.bool(8024, m.thp_except_advised, 'mm_entry.thp_except_advised');
  if (m.coredump_filter != null) w.u32(8032, m.coredump_filter, 'mm_entry.coredump_filter');
  w.unknown(m);
}
export const MmEntryCodec: Codec<T.MmEntry> = { create: newMmEntry, read: readMmEntry, write: writeMmEntry };

function newMntEntry(): T.MntEntry {
  return { fstype: undefined as never, mnt_id: undefined as never, root_dev: undefined as never, parent_mnt_id: undefined as never, flags: undefined as never, root: undefined as never, mountpoint: undefined as never, source: undefined as never, options: undefined as never, namespace_binds: [], flagged_files: [], sockets: [] };
}
function readMntEntry(r: Reader, m: T.MntEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.fstype = r.u32();
        break;
      case 16:
        m.mnt_id = r.u32();
        break;
      case 24:
        m.root_dev = r.u32();
        break;
      case 32:
        m.parent_mnt_id = r.u32();
        break;
      case 40:
        m.flags = r.u32();
        break;
      case 50:
        m.root = r.str();
        break;
      case 58:
        m.mountpoint = r.str();
        break;
      case 66:
        m.source = r.str();
        break;
      case 74:
        m.options = r.str();
        break;
      case 80:
        m.shared_id = r.u32();
        break;
      case 88:
        m.master_id = r.u32();
        break;
      case 96:
        m.with_plugin = r.bool();
        break;
      case 104:
        m.ext_mount = r.bool();
        break;
      case 114:
        m.fsname = r.str();
        break;
      case 120:
        m.internal_sharing = r.bool();
        break;
      case 128:
        m.deleted = r.bool();
        break;
      case 136:
        m.sb_flags = r.u32();
        break;
      case 146:
        m.ext_key = r.str();
        break;
      case 8000:
        m.removed_ghost = r.u32();
        break;
      case 8010: {
        const outer = r.enter();
        const v = newNamespaceBind();
        readNamespaceBind(r, v);
        m.namespace_binds.push(v);
        r.leave(outer);
        break;
      }
      case 8018: {
        const outer = r.enter();
        const v = newFlaggedFile();
        readFlaggedFile(r, v);
        m.flagged_files.push(v);
        r.leave(outer);
        break;
      }
      case 8026: {
        const outer = r.enter();
        const v = newSocketFile();
        readSocketFile(r, v);
        m.sockets.push(v);
        r.leave(outer);
        break;
      }
      case 8034: {
        const outer = r.enter();
        m.ids ??= newMountIds();
        readMountIds(r, m.ids);
        r.leave(outer);
        break;
      }
      case 8042: {
        const outer = r.enter();
        m.cgroup ??= newShownCgroup();
        readShownCgroup(r, m.cgroup);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.fstype === undefined) r.missing('mnt_entry.fstype');
  if (m.mnt_id === undefined) r.missing('mnt_entry.mnt_id');
  if (m.root_dev === undefined) r.missing('mnt_entry.root_dev');
  if (m.parent_mnt_id === undefined) r.missing('mnt_entry.parent_mnt_id');
  if (m.flags === undefined) r.missing('mnt_entry.flags');
  if (m.root === undefined) r.missing('mnt_entry.root');
  if (m.mountpoint === undefined) r.missing('mnt_entry.mountpoint');
  if (m.source === undefined) r.missing('mnt_entry.source');
  if (m.options === undefined) r.missing('mnt_entry.options');
}
function writeMntEntry(w: Writer, m: Encodable<T.MntEntry>): void {
  w.u32(8, m.fstype, 'mnt_entry.fstype');
  w.u32(16, m.mnt_id, 'mnt_entry.mnt_id');
  w.u32(24, m.root_dev, 'mnt_entry.root_dev');
  w.u32(32, m.parent_mnt_id, 'mnt_entry.parent_mnt_id');
  w.u32(40, m.flags, 'mnt_entry.flags');
  w.str(50, m.root, 'mnt_entry.root');
  w.str(58, m.mountpoint, 'mnt_entry.mountpoint');
  w.str(66, m.source, 'mnt_entry.source');
  w.str(74, m.options, 'mnt_entry.options');
  if (m.shared_id != null) w.u32(80, m.shared_id, 'mnt_entry.shared_id');
  if (m.master_id != null) w.u32(88, m.master_id, 'mnt_entry.master_id');
  if (m.with_plugin != null) w.bool(96, m.with_plugin, 'mnt_entry.with_plugin');
  if (m.ext_mount != null) w.bool(104, m.ext_mount, 'mnt_entry.ext_mount');
  if (m.fsname != null) w.str(114, m.fsname, 'mnt_entry.fsname');
  if (m.internal_sharing != null) w.bool(120, m.internal_sharing, 'mnt_entry.internal_sharing');
  if (m.deleted != null) w.bool(128, m.deleted, 'mnt_entry.deleted');
  if (m.sb_flags != null) w.u32(136, m.sb_flags, 'mnt_entry.sb_flags');
  if (m.ext_key != null) w.str(146, m.ext_key, 'mnt_entry.ext_key');
  if (m.removed_ghost != null) w.u32(8000, m.removed_ghost, 'mnt_entry.removed_ghost');
  if (m.namespace_binds != null) for (const v of m.namespace_binds) { const start = w.begin(8010, v, 'mnt_entry.namespace_binds'); writeNamespaceBind(w, v); w.end(start); }
  if (m.flagged_files != null) for (const v of m.flagged_files) { const start = w.begin(8018, v, 'mnt_entry.flagged_files'); writeFlaggedFile(w, v); w.end(start); }
  if (m.sockets != null) for (const v of m.sockets) { const start = w.begin(8026, v, 'mnt_entry.sockets'); writeSocketFile(w, v); w.end(start); }
  if (m.ids != null) { const start = w.begin(8034, m.ids, 'mnt_entry.ids'); writeMountIds(w, m.ids); w.end(start); }
  if (m.cgroup != null) { const start = w.begin(8042, m.cgroup, 'mnt_entry.cgroup'); writeShownCgroup(w, m.cgroup); w.end(start); }
  w.unknown(m);
}
export const MntEntryCodec: Codec<T.MntEntry> = { create: newMntEntry, read: readMntEntry, write: writeMntEntry };

function newShownCgroup(): T.ShownCgroup {
  return { hierarchy: undefined as never, path: undefined as never };
}
function readShownCgroup(r: Reader, m: T.ShownCgroup): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.hierarchy = r.str();
        break;
      case 18:
        m.path = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.hierarchy === undefined) r.missing('shown_cgroup.hierarchy');
  if (m.path === undefined) r.missing('shown_cgroup.path');
}
function writeShownCgroup(w: Writer, m: Encodable<T.ShownCgroup>): void {
  w.str(10, m.hierarchy, 'shown_cgroup.hierarchy');
  w.str(18, m.path, 'shown_cgroup.path');
  w.unknown(m);
}
export const ShownCgroupCodec: Codec<T.ShownCgroup> = { create: newShownCgroup, read: readShownCgroup, write: writeShownCgroup };

function newMountIds(): T.MountIds {
  return { users: [], groups: [] };
}
function readMountIds(r: Reader, m: T.MountIds): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newUidGidExtent();
        readUidGidExtent(r, v);
        m.users.push(v);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        const v = newUidGidExtent();
        readUidGidExtent(r, v);
        m.groups.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeMountIds(w: Writer, m: Encodable<T.MountIds>): void {
  if (m.users != null) for (const v of m.users) { const start = w.begin(10, v, 'mount_ids.users'); writeUidGidExtent(w, v); w.end(start); }
  if (m.groups != null) for (const v of m.groups) { const start = w.begin(18, v, 'mount_ids.groups'); writeUidGidExtent(w, v); w.end(start); }
  w.unknown(m);
}
export const MountIdsCodec: Codec<T.MountIds> = { create: newMountIds, read: readMountIds, write: writeMountIds };

function newSocketFile(): T.SocketFile {
  return { path: undefined as never, mode: undefined as never, uid: undefined as never, gid: undefined as never, mtime: undefined as never };
}
function readSocketFile(r: Reader, m: T.SocketFile): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.path = r.str();
        break;
      case 16:
        m.mode = r.u32();
        break;
      case 24:
        m.uid = r.u32();
        break;
      case 32:
        m.gid = r.u32();
        break;
      case 40:
        m.mtime = r.i64();
        break;
      case 50:
        m.link_to = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.path === undefined) r.missing('socket_file.path');
  if (m.mode === undefined) r.missing('socket_file.mode');
  if (m.uid === undefined) r.missing('socket_file.uid');
  if (m.gid === undefined) r.missing('socket_file.gid');
  if (m.mtime === undefined) r.missing('socket_file.mtime');
}
function writeSocketFile(w: Writer, m: Encodable<T.SocketFile>): void {
  w.str(10, m.path, 'socket_file.path');
  w.u32(16, m.mode, 'socket_file.mode');
  w.u32(24, m.uid, 'socket_file.uid');
  w.u32(32, m.gid, 'socket_file.gid');
  w.i64(40, m.mtime, 'socket_file.mtime');
  if (m.link_to != null) w.str(50, m.link_to, 'socket_file.link_to');
  w.unknown(m);
}
export const SocketFileCodec: Codec<T.SocketFile> = { create: newSocketFile, read: readSocketFile, write: writeSocketFile };

function newFlaggedFile(): T.FlaggedFile {
  return { path: undefined as never, flags: undefined as never };
}
function readFlaggedFile(r: Reader, m: T.FlaggedFile): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.path = r.str();
        break;
      case 16:
        m.flags = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.path === undefined) r.missing('flagged_file.path');
  if (m.flags === undefined) r.missing('flagged_file.flags');
}
function writeFlaggedFile(w: Writer, m: Encodable<T.FlaggedFile>): void {
  w.str(10, m.path, 'flagged_file.path');
  w.u32(16, m.flags, 'flagged_file.flags');
  w.unknown(m);
}
export const FlaggedFileCodec: Codec<T.FlaggedFile> = { create: newFlaggedFile, read: readFlaggedFile, write: writeFlaggedFile };

function newNamespaceBind(): T.NamespaceBind {
  return { mnt_id: undefined as never, parent_mnt_id: undefined as never, flags: undefined as never, mountpoint: undefined as never, root: undefined as never, ns_cflag: undefined as never, ns_id: undefined as never };
}
function readNamespaceBind(r: Reader, m: T.NamespaceBind): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mnt_id = r.u32();
        break;
      case 16:
        m.parent_mnt_id = r.u32();
        break;
      case 24:
        m.flags = r.u32();
        break;
      case 34:
        m.mountpoint = r.str();
        break;
      case 42:
        m.root = r.str();
        break;
      case 48:
        m.ns_cflag = r.u32();
        break;
      case 56:
        m.ns_id = r.u32();
        break;
      case 64:
        m.shared_id = r.u32();
        break;
      case 72:
        m.master_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mnt_id === undefined) r.missing('namespace_bind.mnt_id');
  if (m.parent_mnt_id === undefined) r.missing('namespace_bind.parent_mnt_id');
  if (m.flags === undefined) r.missing('namespace_bind.flags');
  if (m.mountpoint === undefined) r.missing('namespace_bind.mountpoint');
  if (m.root === undefined) r.missing('namespace_bind.root');
  if (m.ns_cflag === undefined) r.missing('namespace_bind.ns_cflag');
  if (m.ns_id === undefined) r.missing('namespace_bind.ns_id');
}
function writeNamespaceBind(w: Writer, m: Encodable<T.NamespaceBind>): void {
  w.u32(8, m.mnt_id, 'namespace_bind.mnt_id');
  w.u32(16, m.parent_mnt_id, 'namespace_bind.parent_mnt_id');
  w.u32(24, m.flags, 'namespace_bind.flags');
  w.str(34, m.mountpoint, 'namespace_bind.mountpoint');
  w.str(42, m.root, 'namespace_bind.root');
  w.u32(48, m.ns_cflag, 'namespace_bind.ns_cflag');
  w.u32(56, m.ns_id, 'namespace_bind.ns_id');
  if (m.shared_id != null) w.u32(64, m.shared_id, 'namespace_bind.shared_id');
  if (m.master_id != null) w.u32(72, m.master_id, 'namespace_bind.master_id');
  w.unknown(m);
}
export const NamespaceBindCodec: Codec<T.NamespaceBind> = { create: newNamespaceBind, read: readNamespaceBind, write: writeNamespaceBind };

function newPosixMessageEntry(): T.PosixMessageEntry {
  return { priority: undefined as never, data: undefined as never };
}
function readPosixMessageEntry(r: Reader, m: T.PosixMessageEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.priority = r.u32();
        break;
      case 18:
        m.data = r.bytes();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.priority === undefined) r.missing('posix_message_entry.priority');
  if (m.data === undefined) r.missing('posix_message_entry.data');
}
function writePosixMessageEntry(w: Writer, m: Encodable<T.PosixMessageEntry>): void {
  w.u32(8, m.priority, 'posix_message_entry.priority');
  w.bytes(18, m.data, 'posix_message_entry.data');
  w.unknown(m);
}
export const PosixMessageEntryCodec: Codec<T.PosixMessageEntry> = { create: newPosixMessageEntry, read: readPosixMessageEntry, write: writePosixMessageEntry };

function newPosixQueueEntry(): T.PosixQueueEntry {
  return { id: undefined as never, uid: undefined as never, gid: undefined as never, mode: undefined as never, max_messages: undefined as never, message_size: undefined as never, messages: [] };
}
function readPosixQueueEntry(r: Reader, m: T.PosixQueueEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 18:
        m.name = r.str();
        break;
      case 24:
        m.uid = r.u32();
        break;
      case 32:
        m.gid = r.u32();
        break;
      case 40:
        m.mode = r.u32();
        break;
      case 48:
        m.max_messages = r.u64();
        break;
      case 56:
        m.message_size = r.u64();
        break;
      case 66: {
        const outer = r.enter();
        const v = newPosixMessageEntry();
        readPosixMessageEntry(r, v);
        m.messages.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('posix_queue_entry.id');
  if (m.uid === undefined) r.missing('posix_queue_entry.uid');
  if (m.gid === undefined) r.missing('posix_queue_entry.gid');
  if (m.mode === undefined) r.missing('posix_queue_entry.mode');
  if (m.max_messages === undefined) r.missing('posix_queue_entry.max_messages');
  if (m.message_size === undefined) r.missing('posix_queue_entry.message_size');
}
function writePosixQueueEntry(w: Writer, m: Encodable<T.PosixQueueEntry>): void {
  w.u32(8, m.id, 'posix_queue_entry.id');
  if (m.name != null) w.str(18, m.name, 'posix_queue_entry.name');
  w.u32(24, m.uid, 'posix_queue_entry.uid');
  w.u32(32, m.gid, 'posix_queue_entry.gid');
  w.u32(40, m.mode, 'posix_queue_entry.mode');
  w.u64(48, m.max_messages, 'posix_queue_entry.max_messages');
  w.u64(56, m.message_size, 'posix_queue_entry.message_size');
  if (m.messages != null) for (const v of m.messages) { const start = w.begin(66, v, 'posix_queue_entry.messages'); writePosixMessageEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const PosixQueueEntryCodec: Codec<T.PosixQueueEntry> = { create: newPosixQueueEntry, read: readPosixQueueEntry, write: writePosixQueueEntry };

function newPosixQueueFileEntry(): T.PosixQueueFileEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, queue_id: undefined as never };
}
function readPosixQueueFileEntry(r: Reader, m: T.PosixQueueFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 26:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 32:
        m.queue_id = r.u32();
        break;
      case 42:
        m.name = r.str();
        break;
      case 48:
        m.pos = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('posix_queue_file_entry.id');
  if (m.flags === undefined) r.missing('posix_queue_file_entry.flags');
  if (m.fown === undefined) r.missing('posix_queue_file_entry.fown');
  if (m.queue_id === undefined) r.missing('posix_queue_file_entry.queue_id');
}
function writePosixQueueFileEntry(w: Writer, m: Encodable<T.PosixQueueFileEntry>): void {
  w.u32(8, m.id, 'posix_queue_file_entry.id');
  w.u32(16, m.flags, 'posix_queue_file_entry.flags');
  w.alike(26, m.fown, 'posix_queue_file_entry.fown', writeFownEntry);
  w.u32(32, m.queue_id, 'posix_queue_file_entry.queue_id');
  if (m.name != null) w.str(42, m.name, 'posix_queue_file_entry.name');
  if (m.pos != null) w.u64(48, m.pos, 'posix_queue_file_entry.pos');
  w.unknown(m);
}
export const PosixQueueFileEntryCodec: Codec<T.PosixQueueFileEntry> = { create: newPosixQueueFileEntry, read: readPosixQueueFileEntry, write: writePosixQueueFileEntry };

function newNetDeviceEntry(): T.NetDeviceEntry {
  return { type: undefined as never, ifindex: undefined as never, mtu: undefined as never, flags: undefined as never, name: undefined as never, conf: [], conf4: [], conf6: [], alt_names: [] };
}
function readNetDeviceEntry(r: Reader, m: T.NetDeviceEntry): void {
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
function writeNetDeviceEntry(w: Writer, m: Encodable<T.NetDeviceEntry>): void {
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

function newNetlinkObject(): T.NetlinkObject {
  return { type: undefined as never, body: undefined as never };
}
function readNetlinkObject(r: Reader, m: T.NetlinkObject): void {
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
function writeNetlinkObject(w: Writer, m: Encodable<T.NetlinkObject>): void {
  w.u32(8, m.type, 'netlink_object.type');
  w.bytes(18, m.body, 'netlink_object.body');
  w.unknown(m);
}
export const NetlinkObjectCodec: Codec<T.NetlinkObject> = { create: newNetlinkObject, read: readNetlinkObject, write: writeNetlinkObject };

function newNamedSysctl(): T.NamedSysctl {
  return { path: undefined as never, value: undefined as never };
}
function readNamedSysctl(r: Reader, m: T.NamedSysctl): void {
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
function writeNamedSysctl(w: Writer, m: Encodable<T.NamedSysctl>): void {
  w.str(10, m.path, 'named_sysctl.path');
  w.str(18, m.value, 'named_sysctl.value');
  w.unknown(m);
}
export const NamedSysctlCodec: Codec<T.NamedSysctl> = { create: newNamedSysctl, read: readNamedSysctl, write: writeNamedSysctl };

function newNetnsId(): T.NetnsId {
  return { target_ns_id: undefined as never, netnsid_value: undefined as never };
}
function readNetnsId(r: Reader, m: T.NetnsId): void {
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
function writeNetnsId(w: Writer, m: Encodable<T.NetnsId>): void {
  w.u32(8, m.target_ns_id, 'netns_id.target_ns_id');
  w.i32(16, m.netnsid_value, 'netns_id.netnsid_value');
  w.unknown(m);
}
export const NetnsIdCodec: Codec<T.NetnsId> = { create: newNetnsId, read: readNetnsId, write: writeNetnsId };

function newNetnsEntry(): T.NetnsEntry {
  return { def_conf: [], all_conf: [], def_conf4: [], all_conf4: [], def_conf6: [], all_conf6: [], nsids: [], unix_conf: [], ipv4_sysctl: [], objects: [], more_sysctls: [], bound_nsids: [] };
}
function readNetnsEntry(r: Reader, m: T.NetnsEntry): void {
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
function writeNetnsEntry(w: Writer, m: Encodable<T.NetnsEntry>): void {
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

function newNsFileEntry(): T.NsFileEntry {
  return { id: undefined as never, ns_id: undefined as never, ns_cflag: undefined as never, flags: undefined as never };
}
function readNsFileEntry(r: Reader, m: T.NsFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.ns_id = r.u32();
        break;
      case 24:
        m.ns_cflag = r.u32();
        break;
      case 32:
        m.flags = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('ns_file_entry.id');
  if (m.ns_id === undefined) r.missing('ns_file_entry.ns_id');
  if (m.ns_cflag === undefined) r.missing('ns_file_entry.ns_cflag');
  if (m.flags === undefined) r.missing('ns_file_entry.flags');
}
function writeNsFileEntry(w: Writer, m: Encodable<T.NsFileEntry>): void {
  w.u32(8, m.id, 'ns_file_entry.id');
  w.u32(16, m.ns_id, 'ns_file_entry.ns_id');
  w.u32(24, m.ns_cflag, 'ns_file_entry.ns_cflag');
  w.u32(32, m.flags, 'ns_file_entry.flags');
  w.unknown(m);
}
export const NsFileEntryCodec: Codec<T.NsFileEntry> = { create: newNsFileEntry, read: readNsFileEntry, write: writeNsFileEntry };

function newCRIUOpts(): T.CRIUOpts {
  return {};
}
function readCRIUOpts(r: Reader, m: T.CRIUOpts): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.hex = r.bool();
        break;
      case 16:
        m.ipadd = r.bool();
        break;
      case 26:
        m.flags = r.str();
        break;
      case 32:
        m.dev = r.bool();
        break;
      case 40:
        m.odev = r.bool();
        break;
      case 50:
        m.dict = r.str();
        break;
      case 58:
        m.conv = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
function writeCRIUOpts(w: Writer, m: Encodable<T.CRIUOpts>): void {
  if (m.hex != null) w.bool(8, m.hex, 'CRIU_Opts.hex');
  if (m.ipadd != null) w.bool(16, m.ipadd, 'CRIU_Opts.ipadd');
  if (m.flags != null) w.str(26, m.flags, 'CRIU_Opts.flags');
  if (m.dev != null) w.bool(32, m.dev, 'CRIU_Opts.dev');
  if (m.odev != null) w.bool(40, m.odev, 'CRIU_Opts.odev');
  if (m.dict != null) w.str(50, m.dict, 'CRIU_Opts.dict');
  if (m.conv != null) w.str(58, m.conv, 'CRIU_Opts.conv');
  w.unknown(m);
}
export const CRIUOptsCodec: Codec<T.CRIUOpts> = { create: newCRIUOpts, read: readCRIUOpts, write: writeCRIUOpts };

function newPacketMclist(): T.PacketMclist {
  return { index: undefined as never, type: undefined as never, addr: undefined as never };
}
function readPacketMclist(r: Reader, m: T.PacketMclist): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.index = r.u32();
        break;
      case 16:
        m.type = r.u32();
        break;
      case 26:
        m.addr = r.bytes();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.index === undefined) r.missing('packet_mclist.index');
  if (m.type === undefined) r.missing('packet_mclist.type');
  if (m.addr === undefined) r.missing('packet_mclist.addr');
}
function writePacketMclist(w: Writer, m: Encodable<T.PacketMclist>): void {
  w.u32(8, m.index, 'packet_mclist.index');
  w.u32(16, m.type, 'packet_mclist.type');
  w.bytes(26, m.addr, 'packet_mclist.addr');
  w.unknown(m);
}
export const PacketMclistCodec: Codec<T.PacketMclist> = { create: newPacketMclist, read: readPacketMclist, write: writePacketMclist };

function newPacketRing(): T.PacketRing {
  return { block_size: undefined as never, block_nr: undefined as never, frame_size: undefined as never, frame_nr: undefined as never, retire_tmo: undefined as never, sizeof_priv: undefined as never, features: undefined as never };
}
function readPacketRing(r: Reader, m: T.PacketRing): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.block_size = r.u32();
        break;
      case 16:
        m.block_nr = r.u32();
        break;
      case 24:
        m.frame_size = r.u32();
        break;
      case 32:
        m.frame_nr = r.u32();
        break;
      case 40:
        m.retire_tmo = r.u32();
        break;
      case 48:
        m.sizeof_priv = r.u32();
        break;
      case 56:
        m.features = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.block_size === undefined) r.missing('packet_ring.block_size');
  if (m.block_nr === undefined) r.missing('packet_ring.block_nr');
  if (m.frame_size === undefined) r.missing('packet_ring.frame_size');
  if (m.frame_nr === undefined) r.missing('packet_ring.frame_nr');
  if (m.retire_tmo === undefined) r.missing('packet_ring.retire_tmo');
  if (m.sizeof_priv === undefined) r.missing('packet_ring.sizeof_priv');
  if (m.features === undefined) r.missing('packet_ring.features');
}
function writePacketRing(w: Writer, m: Encodable<T.PacketRing>): void {
  w.u32(8, m.block_size, 'packet_ring.block_size');
  w.u32(16, m.block_nr, 'packet_ring.block_nr');
  w.u32(24, m.frame_size, 'packet_ring.frame_size');
  w.u32(32, m.frame_nr, 'packet_ring.frame_nr');
  w.u32(40, m.retire_tmo, 'packet_ring.retire_tmo');
  w.u32(48, m.sizeof_priv, 'packet_ring.sizeof_priv');
  w.u32(56, m.features, 'packet_ring.features');
  w.unknown(m);
}
export const PacketRingCodec: Codec<T.PacketRing> = { create: newPacketRing, read: readPacketRing, write: writePacketRing };

function newPacketSockEntry(): T.PacketSockEntry {
  return { id: undefined as never, type: undefined as never, protocol: undefined as never, flags: undefined as never, ifindex: undefined as never, fown: undefined as never, opts: undefined as never, version: undefined as never, reserve: undefined as never, aux_data: undefined as never, orig_dev: undefined as never, vnet_hdr: undefined as never, loss: undefined as never, timestamp: undefined as never, copy_thresh: undefined as never, mclist: [] };
}
function readPacketSockEntry(r: Reader, m: T.PacketSockEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.type = r.u32();
        break;
      case 24:
        m.protocol = r.u32();
        break;
      case 32:
        m.flags = r.u32();
        break;
      case 40:
        m.ifindex = r.u32();
        break;
      case 50:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 58:
        m.opts = r.alike(SkOptsEntryCodec, m.opts);
        break;
      case 64:
        m.version = r.u32();
        break;
      case 72:
        m.reserve = r.u32();
        break;
      case 80:
        m.aux_data = r.bool();
        break;
      case 88:
        m.orig_dev = r.bool();
        break;
      case 96:
        m.vnet_hdr = r.bool();
        break;
      case 104:
        m.loss = r.bool();
        break;
      case 112:
        m.timestamp = r.u32();
        break;
      case 120:
        m.copy_thresh = r.u32();
        break;
      case 130: {
        const outer = r.enter();
        const v = newPacketMclist();
        readPacketMclist(r, v);
        m.mclist.push(v);
        r.leave(outer);
        break;
      }
      case 136:
        m.fanout = r.u32();
        break;
      case 146: {
        const outer = r.enter();
        m.rx_ring ??= newPacketRing();
        readPacketRing(r, m.rx_ring);
        r.leave(outer);
        break;
      }
      case 154: {
        const outer = r.enter();
        m.tx_ring ??= newPacketRing();
        readPacketRing(r, m.tx_ring);
        r.leave(outer);
        break;
      }
      case 160:
        m.ns_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('packet_sock_entry.id');
  if (m.type === undefined) r.missing('packet_sock_entry.type');
  if (m.protocol === undefined) r.missing('packet_sock_entry.protocol');
  if (m.flags === undefined) r.missing('packet_sock_entry.flags');
  if (m.ifindex === undefined) r.missing('packet_sock_entry.ifindex');
  if (m.fown === undefined) r.missing('packet_sock_entry.fown');
  if (m.opts === undefined) r.missing('packet_sock_entry.opts');
  if (m.version === undefined) r.missing('packet_sock_entry.version');
  if (m.reserve === undefined) r.missing('packet_sock_entry.reserve');
  if (m.aux_data === undefined) r.missing('packet_sock_entry.aux_data');
  if (m.orig_dev === undefined) r.missing('packet_sock_entry.orig_dev');
  if (m.vnet_hdr === undefined) r.missing('packet_sock_entry.vnet_hdr');
  if (m.loss === undefined) r.missing('packet_sock_entry.loss');
  if (m.timestamp === undefined) r.missing('packet_sock_entry.timestamp');
  if (m.copy_thresh === undefined) r.missing('packet_sock_entry.copy_thresh');
}
function writePacketSockEntry(w: Writer, m: Encodable<T.PacketSockEntry>): void {
  w.u32(8, m.id, 'packet_sock_entry.id');
  w.u32(16, m.type, 'packet_sock_entry.type');
  w.u32(24, m.protocol, 'packet_sock_entry.protocol');
  w.u32(32, m.flags, 'packet_sock_entry.flags');
  w.u32(40, m.ifindex, 'packet_sock_entry.ifindex');
  w.alike(50, m.fown, 'packet_sock_entry.fown', writeFownEntry);
  w.alike(58, m.opts, 'packet_sock_entry.opts', writeSkOptsEntry);
  w.u32(64, m.version, 'packet_sock_entry.version');
  w.u32(72, m.reserve, 'packet_sock_entry.reserve');
  w.bool(80, m.aux_data, 'packet_sock_entry.aux_data');
  w.bool(88, m.orig_dev, 'packet_sock_entry.orig_dev');
  w.bool(96, m.vnet_hdr, 'packet_sock_entry.vnet_hdr');
  w.bool(104, m.loss, 'packet_sock_entry.loss');
  w.u32(112, m.timestamp, 'packet_sock_entry.timestamp');
  w.u32(120, m.copy_thresh, 'packet_sock_entry.copy_thresh');
  if (m.mclist != null) for (const v of m.mclist) { const start = w.begin(130, v, 'packet_sock_entry.mclist'); writePacketMclist(w, v); w.end(start); }
  if (m.fanout != null) w.u32(136, m.fanout, 'packet_sock_entry.fanout');
  if (m.rx_ring != null) { const start = w.begin(146, m.rx_ring, 'packet_sock_entry.rx_ring'); writePacketRing(w, m.rx_ring); w.end(start); }
  if (m.tx_ring != null) { const start = w.begin(154, m.tx_ring, 'packet_sock_entry.tx_ring'); writePacketRing(w, m.tx_ring); w.end(start); }
  if (m.ns_id != null) w.u32(160, m.ns_id, 'packet_sock_entry.ns_id');
  w.unknown(m);
}
export const PacketSockEntryCodec: Codec<T.PacketSockEntry> = { create: newPacketSockEntry, read: readPacketSockEntry, write: writePacketSockEntry };

function newPagemapHead(): T.PagemapHead {
  return { pages_id: undefined as never };
}
function readPagemapHead(r: Reader, m: T.PagemapHead): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pages_id = r.u32();
        break;
      case 8000:
        m.page_codec = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pages_id === undefined) r.missing('pagemap_head.pages_id');
}
function writePagemapHead(w: Writer, m: Encodable<T.PagemapHead>): void {
  w.u32(8, m.pages_id, 'pagemap_head.pages_id');
  if (m.page_codec != null) w.u32(8000, m.page_codec, 'pagemap_head.page_codec');
  w.unknown(m);
}
export const PagemapHeadCodec: Codec<T.PagemapHead> = { create: newPagemapHead, read: readPagemapHead, write: writePagemapHead };

function newPagemapEntry(): T.PagemapEntry {
  return { vaddr: undefined as never, compat_nr_pages: undefined as never, compressed_size: [] };
}
function readPagemapEntry(r: Reader, m: T.PagemapEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vaddr = r.u64();
        break;
      case 16:
        m.compat_nr_pages = r.u32();
        break;
      case 24:
        m.in_parent = r.bool();
        break;
      case 32:
        m.flags = r.u32();
        break;
      case 40:
        m.nr_pages = r.u64();
        break;
      case 48:
        m.compressed_size.push(r.u32());
        break;
      case 50: {
        const outer = r.enter();
        r.u32s(m.compressed_size);
        r.leave(outer);
        break;
      }
      case 56:
        m.total_compressed_size = r.u64();
        break;
      case 64:
        m.region_pages = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.vaddr === undefined) r.missing('pagemap_entry.vaddr');
  if (m.compat_nr_pages === undefined) r.missing('pagemap_entry.compat_nr_pages');
}
function writePagemapEntry(w: Writer, m: Encodable<T.PagemapEntry>): void {
  w.u64(8, m.vaddr, 'pagemap_entry.vaddr');
  w.u32(16, m.compat_nr_pages, 'pagemap_entry.compat_nr_pages');
  if (m.in_parent != null) w.bool(24, m.in_parent, 'pagemap_entry.in_parent');
  if (m.flags != null) w.u32(32, m.flags, 'pagemap_entry.flags');
  if (m.nr_pages != null) w.u64(40, m.nr_pages, 'pagemap_entry.nr_pages');
  if (m.compressed_size != null) for (const v of m.compressed_size) w.u32(48, v, 'pagemap_entry.compressed_size');
  if (m.total_compressed_size != null) w.u64(56, m.total_compressed_size, 'pagemap_entry.total_compressed_size');
  if (m.region_pages != null) w.u32(64, m.region_pages, 'pagemap_entry.region_pages');
  w.unknown(m);
}
export const PagemapEntryCodec: Codec<T.PagemapEntry> = { create: newPagemapEntry, read: readPagemapEntry, write: writePagemapEntry };

function newPidfdEntry(): T.PidfdEntry {
  return { id: undefined as never, ino: undefined as never, flags: undefined as never, nspid: undefined as never, fown: undefined as never };
}
function readPidfdEntry(r: Reader, m: T.PidfdEntry): void {
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
        m.flags = r.u32();
        break;
      case 32:
        m.nspid = r.i32();
        break;
      case 42:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('pidfd_entry.id');
  if (m.ino === undefined) r.missing('pidfd_entry.ino');
  if (m.flags === undefined) r.missing('pidfd_entry.flags');
  if (m.nspid === undefined) r.missing('pidfd_entry.nspid');
  if (m.fown === undefined) r.missing('pidfd_entry.fown');
}
function writePidfdEntry(w: Writer, m: Encodable<T.PidfdEntry>): void {
  w.u32(8, m.id, 'pidfd_entry.id');
  w.u32(16, m.ino, 'pidfd_entry.ino');
  w.u32(24, m.flags, 'pidfd_entry.flags');
  w.i32(32, m.nspid, 'pidfd_entry.nspid');
  w.alike(42, m.fown, 'pidfd_entry.fown', writeFownEntry);
  w.unknown(m);
}
export const PidfdEntryCodec: Codec<T.PidfdEntry> = { create: newPidfdEntry, read: readPidfdEntry, write: writePidfdEntry };

function newPidnsEntry(): T.PidnsEntry {
  return {};
}
function readPidnsEntry(r: Reader, m: T.PidnsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.ext_key = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
function writePidnsEntry(w: Writer, m: Encodable<T.PidnsEntry>): void {
  if (m.ext_key != null) w.str(10, m.ext_key, 'pidns_entry.ext_key');
  w.unknown(m);
}
export const PidnsEntryCodec: Codec<T.PidnsEntry> = { create: newPidnsEntry, read: readPidnsEntry, write: writePidnsEntry };

function newPipeDataEntry(): T.PipeDataEntry {
  return { pipe_id: undefined as never, bytes: undefined as never, packets: [] };
}
function readPipeDataEntry(r: Reader, m: T.PipeDataEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pipe_id = r.u32();
        break;
      case 16:
        m.bytes = r.u32();
        break;
      case 24:
        m.size = r.u32();
        break;
      case 8000:
        m.packets.push(r.u32());
        break;
      case 8002: {
        const outer = r.enter();
        r.u32s(m.packets);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pipe_id === undefined) r.missing('pipe_data_entry.pipe_id');
  if (m.bytes === undefined) r.missing('pipe_data_entry.bytes');
}
function writePipeDataEntry(w: Writer, m: Encodable<T.PipeDataEntry>): void {
  w.u32(8, m.pipe_id, 'pipe_data_entry.pipe_id');
  w.u32(16, m.bytes, 'pipe_data_entry.bytes');
  if (m.size != null) w.u32(24, m.size, 'pipe_data_entry.size');
  if (m.packets != null) for (const v of m.packets) w.u32(8000, v, 'pipe_data_entry.packets');
  w.unknown(m);
}
export const PipeDataEntryCodec: Codec<T.PipeDataEntry> = { create: newPipeDataEntry, read: readPipeDataEntry, write: writePipeDataEntry };

function newPipeEntry(): T.PipeEntry {
  return { id: undefined as never, pipe_id: undefined as never, flags: undefined as never, fown: undefined as never };
}
function readPipeEntry(r: Reader, m: T.PipeEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.pipe_id = r.u32();
        break;
      case 24:
        m.flags = r.u32();
        break;
      case 34:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('pipe_entry.id');
  if (m.pipe_id === undefined) r.missing('pipe_entry.pipe_id');
  if (m.flags === undefined) r.missing('pipe_entry.flags');
  if (m.fown === undefined) r.missing('pipe_entry.fown');
}
function writePipeEntry(w: Writer, m: Encodable<T.PipeEntry>): void {
  w.u32(8, m.id, 'pipe_entry.id');
  w.u32(16, m.pipe_id, 'pipe_entry.pipe_id');
  w.u32(24, m.flags, 'pipe_entry.flags');
  w.alike(34, m.fown, 'pipe_entry.fown', writeFownEntry);
  w.unknown(m);
}
export const PipeEntryCodec: Codec<T.PipeEntry> = { create: newPipeEntry, read: readPipeEntry, write: writePipeEntry };

function newPstreeEntry(): T.PstreeEntry {
  return { pid: undefined as never, ppid: undefined as never, pgid: undefined as never, sid: undefined as never, threads: [] };
}
function readPstreeEntry(r: Reader, m: T.PstreeEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pid = r.u32();
        break;
      case 16:
        m.ppid = r.u32();
        break;
      case 24:
        m.pgid = r.u32();
        break;
      case 32:
        m.sid = r.u32();
        break;
      case 40:
        m.threads.push(r.u32());
        break;
      case 42: {
        const outer = r.enter();
        r.u32s(m.threads);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pid === undefined) r.missing('pstree_entry.pid');
  if (m.ppid === undefined) r.missing('pstree_entry.ppid');
  if (m.pgid === undefined) r.missing('pstree_entry.pgid');
  if (m.sid === undefined) r.missing('pstree_entry.sid');
}
function writePstreeEntry(w: Writer, m: Encodable<T.PstreeEntry>): void {
  w.u32(8, m.pid, 'pstree_entry.pid');
  w.u32(16, m.ppid, 'pstree_entry.ppid');
  w.u32(24, m.pgid, 'pstree_entry.pgid');
  w.u32(32, m.sid, 'pstree_entry.sid');
  if (m.threads != null) for (const v of m.threads) w.u32(40, v, 'pstree_entry.threads');
  w.unknown(m);
}
export const PstreeEntryCodec: Codec<T.PstreeEntry> = { create: newPstreeEntry, read: readPstreeEntry, write: writePstreeEntry };

function newRegFileEntry(): T.RegFileEntry {
  return { id: undefined as never, flags: undefined as never, pos: undefined as never, fown: undefined as never, name: undefined as never, build_id: [] };
}
function readRegFileEntry(r: Reader, m: T.RegFileEntry): void {
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
      case 42:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 50:
        m.name = r.str();
        break;
      case 56:
        m.mnt_id = r.s32();
        break;
      case 64:
        m.size = r.u64();
        break;
      case 72:
        m.ext = r.bool();
        break;
      case 80:
        m.mode = r.u32();
        break;
      case 88:
        m.build_id.push(r.u32());
        break;
      case 90: {
        const outer = r.enter();
        r.u32s(m.build_id);
        r.leave(outer);
        break;
      }
      case 96:
        m.checksum = r.u32();
        break;
      case 104:
        m.checksum_config = r.u32();
        break;
      case 112:
        m.checksum_parameter = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('reg_file_entry.id');
  if (m.flags === undefined) r.missing('reg_file_entry.flags');
  if (m.pos === undefined) r.missing('reg_file_entry.pos');
  if (m.fown === undefined) r.missing('reg_file_entry.fown');
  if (m.name === undefined) r.missing('reg_file_entry.name');
}
function writeRegFileEntry(w: Writer, m: Encodable<T.RegFileEntry>): void {
  w.u32(8, m.id, 'reg_file_entry.id');
  w.u32(16, m.flags, 'reg_file_entry.flags');
  w.u64(24, m.pos, 'reg_file_entry.pos');
  w.alike(42, m.fown, 'reg_file_entry.fown', writeFownEntry);
  w.str(50, m.name, 'reg_file_entry.name');
  if (m.mnt_id != null) w.s32(56, m.mnt_id, 'reg_file_entry.mnt_id');
  if (m.size != null) w.u64(64, m.size, 'reg_file_entry.size');
  if (m.ext != null) w.bool(72, m.ext, 'reg_file_entry.ext');
  if (m.mode != null) w.u32(80, m.mode, 'reg_file_entry.mode');
  if (m.build_id != null) for (const v of m.build_id) w.u32(88, v, 'reg_file_entry.build_id');
  if (m.checksum != null) w.u32(96, m.checksum, 'reg_file_entry.checksum');
  if (m.checksum_config != null) w.u32(104, m.checksum_config, 'reg_file_entry.checksum_config');
  if (m.checksum_parameter != null) w.u32(112, m.checksum_parameter, 'reg_file_entry.checksum_parameter');
  w.unknown(m);
}
export const RegFileEntryCodec: Codec<T.RegFileEntry> = { create: newRegFileEntry, read: readRegFileEntry, write: writeRegFileEntry };

function newRemapFilePathEntry(): T.RemapFilePathEntry {
  return { orig_id: undefined as never, remap_id: undefined as never };
}
function readRemapFilePathEntry(r: Reader, m: T.RemapFilePathEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.orig_id = r.u32();
        break;
      case 16:
        m.remap_id = r.u32();
        break;
      case 24:
        m.remap_type = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.orig_id === undefined) r.missing('remap_file_path_entry.orig_id');
  if (m.remap_id === undefined) r.missing('remap_file_path_entry.remap_id');
}
function writeRemapFilePathEntry(w: Writer, m: Encodable<T.RemapFilePathEntry>): void {
  w.u32(8, m.orig_id, 'remap_file_path_entry.orig_id');
  w.u32(16, m.remap_id, 'remap_file_path_entry.remap_id');
  if (m.remap_type != null) w.i32(24, m.remap_type, 'remap_file_path_entry.remap_type');
  w.unknown(m);
}
export const RemapFilePathEntryCodec: Codec<T.RemapFilePathEntry> = { create: newRemapFilePathEntry, read: readRemapFilePathEntry, write: writeRemapFilePathEntry };

function newRlimitEntry(): T.RlimitEntry {
  return { cur: undefined as never, max: undefined as never };
}
function readRlimitEntry(r: Reader, m: T.RlimitEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.cur = r.u64();
        break;
      case 16:
        m.max = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.cur === undefined) r.missing('rlimit_entry.cur');
  if (m.max === undefined) r.missing('rlimit_entry.max');
}
function writeRlimitEntry(w: Writer, m: Encodable<T.RlimitEntry>): void {
  w.u64(8, m.cur, 'rlimit_entry.cur');
  w.u64(16, m.max, 'rlimit_entry.max');
  w.unknown(m);
}
export const RlimitEntryCodec: Codec<T.RlimitEntry> = { create: newRlimitEntry, read: readRlimitEntry, write: writeRlimitEntry };

function newCriuPageServerInfo(): T.CriuPageServerInfo {
  return {};
}
function readCriuPageServerInfo(r: Reader, m: T.CriuPageServerInfo): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.address = r.str();
        break;
      case 16:
        m.port = r.i32();
        break;
      case 24:
        m.pid = r.i32();
        break;
      case 32:
        m.fd = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
function writeCriuPageServerInfo(w: Writer, m: Encodable<T.CriuPageServerInfo>): void {
  if (m.address != null) w.str(10, m.address, 'criu_page_server_info.address');
  if (m.port != null) w.i32(16, m.port, 'criu_page_server_info.port');
  if (m.pid != null) w.i32(24, m.pid, 'criu_page_server_info.pid');
  if (m.fd != null) w.i32(32, m.fd, 'criu_page_server_info.fd');
  w.unknown(m);
}
export const CriuPageServerInfoCodec: Codec<T.CriuPageServerInfo> = { create: newCriuPageServerInfo, read: readCriuPageServerInfo, write: writeCriuPageServerInfo };

function newCriuVethPair(): T.CriuVethPair {
  return { if_in: undefined as never, if_out: undefined as never };
}
function readCriuVethPair(r: Reader, m: T.CriuVethPair): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.if_in = r.str();
        break;
      case 18:
        m.if_out = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.if_in === undefined) r.missing('criu_veth_pair.if_in');
  if (m.if_out === undefined) r.missing('criu_veth_pair.if_out');
}
function writeCriuVethPair(w: Writer, m: Encodable<T.CriuVethPair>): void {
  w.str(10, m.if_in, 'criu_veth_pair.if_in');
  w.str(18, m.if_out, 'criu_veth_pair.if_out');
  w.unknown(m);
}
export const CriuVethPairCodec: Codec<T.CriuVethPair> = { create: newCriuVethPair, read: readCriuVethPair, write: writeCriuVethPair };

function newExtMountMap(): T.ExtMountMap {
  return { key: undefined as never, val: undefined as never };
}
function readExtMountMap(r: Reader, m: T.ExtMountMap): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.key = r.str();
        break;
      case 18:
        m.val = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.key === undefined) r.missing('ext_mount_map.key');
  if (m.val === undefined) r.missing('ext_mount_map.val');
}
function writeExtMountMap(w: Writer, m: Encodable<T.ExtMountMap>): void {
  w.str(10, m.key, 'ext_mount_map.key');
  w.str(18, m.val, 'ext_mount_map.val');
  w.unknown(m);
}
export const ExtMountMapCodec: Codec<T.ExtMountMap> = { create: newExtMountMap, read: readExtMountMap, write: writeExtMountMap };

function newJoinNamespace(): T.JoinNamespace {
  return { ns: undefined as never, ns_file: undefined as never };
}
function readJoinNamespace(r: Reader, m: T.JoinNamespace): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.ns = r.str();
        break;
      case 18:
        m.ns_file = r.str();
        break;
      case 26:
        m.extra_opt = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.ns === undefined) r.missing('join_namespace.ns');
  if (m.ns_file === undefined) r.missing('join_namespace.ns_file');
}
function writeJoinNamespace(w: Writer, m: Encodable<T.JoinNamespace>): void {
  w.str(10, m.ns, 'join_namespace.ns');
  w.str(18, m.ns_file, 'join_namespace.ns_file');
  if (m.extra_opt != null) w.str(26, m.extra_opt, 'join_namespace.extra_opt');
  w.unknown(m);
}
export const JoinNamespaceCodec: Codec<T.JoinNamespace> = { create: newJoinNamespace, read: readJoinNamespace, write: writeJoinNamespace };

function newInheritFd(): T.InheritFd {
  return { key: undefined as never, fd: undefined as never };
}
function readInheritFd(r: Reader, m: T.InheritFd): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.key = r.str();
        break;
      case 16:
        m.fd = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.key === undefined) r.missing('inherit_fd.key');
  if (m.fd === undefined) r.missing('inherit_fd.fd');
}
function writeInheritFd(w: Writer, m: Encodable<T.InheritFd>): void {
  w.str(10, m.key, 'inherit_fd.key');
  w.i32(16, m.fd, 'inherit_fd.fd');
  w.unknown(m);
}
export const InheritFdCodec: Codec<T.InheritFd> = { create: newInheritFd, read: readInheritFd, write: writeInheritFd };

function newCgroupRoot(): T.CgroupRoot {
  return { path: undefined as never };
}
function readCgroupRoot(r: Reader, m: T.CgroupRoot): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.ctrl = r.str();
        break;
      case 18:
        m.path = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.path === undefined) r.missing('cgroup_root.path');
}
function writeCgroupRoot(w: Writer, m: Encodable<T.CgroupRoot>): void {
  if (m.ctrl != null) w.str(10, m.ctrl, 'cgroup_root.ctrl');
  w.str(18, m.path, 'cgroup_root.path');
  w.unknown(m);
}
export const CgroupRootCodec: Codec<T.CgroupRoot> = { create: newCgroupRoot, read: readCgroupRoot, write: writeCgroupRoot };

function newUnixSk(): T.UnixSk {
  return { inode: undefined as never };
}
function readUnixSk(r: Reader, m: T.UnixSk): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.inode = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.inode === undefined) r.missing('unix_sk.inode');
}
function writeUnixSk(w: Writer, m: Encodable<T.UnixSk>): void {
  w.u32(8, m.inode, 'unix_sk.inode');
  w.unknown(m);
}
export const UnixSkCodec: Codec<T.UnixSk> = { create: newUnixSk, read: readUnixSk, write: writeUnixSk };

function newCriuOpts(): T.CriuOpts {
  return { images_dir_fd: undefined as never, veths: [], exec_cmd: [], ext_mnt: [], cg_root: [], inherit_fd: [], skip_mnt: [], enable_fs: [], unix_sk_ino: [], irmap_scan_paths: [], external: [], join_ns: [], cgroup_dump_controller: [] };
}
function readCriuOpts(r: Reader, m: T.CriuOpts): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.images_dir_fd = r.i32();
        break;
      case 546:
        m.images_dir = r.str();
        break;
      case 16:
        m.pid = r.i32();
        break;
      case 24:
        m.leave_running = r.bool();
        break;
      case 32:
        m.ext_unix_sk = r.bool();
        break;
      case 40:
        m.tcp_established = r.bool();
        break;
      case 48:
        m.evasive_devices = r.bool();
        break;
      case 56:
        m.shell_job = r.bool();
        break;
      case 64:
        m.file_locks = r.bool();
        break;
      case 72:
        m.log_level = r.i32();
        break;
      case 82:
        m.log_file = r.str();
        break;
      case 90: {
        const outer = r.enter();
        m.ps ??= newCriuPageServerInfo();
        readCriuPageServerInfo(r, m.ps);
        r.leave(outer);
        break;
      }
      case 96:
        m.notify_scripts = r.bool();
        break;
      case 106:
        m.root = r.str();
        break;
      case 114:
        m.parent_img = r.str();
        break;
      case 120:
        m.track_mem = r.bool();
        break;
      case 128:
        m.auto_dedup = r.bool();
        break;
      case 136:
        m.work_dir_fd = r.i32();
        break;
      case 144:
        m.link_remap = r.bool();
        break;
      case 154: {
        const outer = r.enter();
        const v = newCriuVethPair();
        readCriuVethPair(r, v);
        m.veths.push(v);
        r.leave(outer);
        break;
      }
      case 160:
        m.cpu_cap = r.u32();
        break;
      case 168:
        m.force_irmap = r.bool();
        break;
      case 178:
        m.exec_cmd.push(r.str());
        break;
      case 186: {
        const outer = r.enter();
        const v = newExtMountMap();
        readExtMountMap(r, v);
        m.ext_mnt.push(v);
        r.leave(outer);
        break;
      }
      case 192:
        m.manage_cgroups = r.bool();
        break;
      case 202: {
        const outer = r.enter();
        const v = newCgroupRoot();
        readCgroupRoot(r, v);
        m.cg_root.push(v);
        r.leave(outer);
        break;
      }
      case 208:
        m.rst_sibling = r.bool();
        break;
      case 218: {
        const outer = r.enter();
        const v = newInheritFd();
        readInheritFd(r, v);
        m.inherit_fd.push(v);
        r.leave(outer);
        break;
      }
      case 224:
        m.auto_ext_mnt = r.bool();
        break;
      case 232:
        m.ext_sharing = r.bool();
        break;
      case 240:
        m.ext_masters = r.bool();
        break;
      case 250:
        m.skip_mnt.push(r.str());
        break;
      case 258:
        m.enable_fs.push(r.str());
        break;
      case 266: {
        const outer = r.enter();
        const v = newUnixSk();
        readUnixSk(r, v);
        m.unix_sk_ino.push(v);
        r.leave(outer);
        break;
      }
      case 272:
        m.manage_cgroups_mode = r.i32();
        break;
      case 280:
        m.ghost_limit = r.u32();
        break;
      case 290:
        m.irmap_scan_paths.push(r.str());
        break;
      case 298:
        m.external.push(r.str());
        break;
      case 304:
        m.empty_ns = r.u32();
        break;
      case 314: {
        const outer = r.enter();
        const v = newJoinNamespace();
        readJoinNamespace(r, v);
        m.join_ns.push(v);
        r.leave(outer);
        break;
      }
      case 330:
        m.cgroup_props = r.str();
        break;
      case 338:
        m.cgroup_props_file = r.str();
        break;
      case 346:
        m.cgroup_dump_controller.push(r.str());
        break;
      case 354:
        m.freeze_cgroup = r.str();
        break;
      case 360:
        m.timeout = r.u32();
        break;
      case 368:
        m.tcp_skip_in_flight = r.bool();
        break;
      case 376:
        m.weak_sysctls = r.bool();
        break;
      case 384:
        m.lazy_pages = r.bool();
        break;
      case 392:
        m.status_fd = r.i32();
        break;
      case 400:
        m.orphan_pts_master = r.bool();
        break;
      case 410:
        m.config_file = r.str();
        break;
      case 416:
        m.tcp_close = r.bool();
        break;
      case 426:
        m.lsm_profile = r.str();
        break;
      case 434:
        m.tls_cacert = r.str();
        break;
      case 442:
        m.tls_cacrl = r.str();
        break;
      case 450:
        m.tls_cert = r.str();
        break;
      case 458:
        m.tls_key = r.str();
        break;
      case 464:
        m.tls = r.bool();
        break;
      case 472:
        m.tls_no_cn_verify = r.bool();
        break;
      case 482:
        m.cgroup_yard = r.str();
        break;
      case 488:
        m.pre_dump_mode = r.i32();
        break;
      case 496:
        m.pidfd_store_sk = r.i32();
        break;
      case 506:
        m.lsm_mount_context = r.str();
        break;
      case 512:
        m.network_lock = r.i32();
        break;
      case 520:
        m.mntns_compat_mode = r.bool();
        break;
      case 528:
        m.skip_file_rwx_check = r.bool();
        break;
      case 536:
        m.unprivileged = r.bool();
        break;
      case 552:
        m.leave_stopped = r.bool();
        break;
      case 560:
        m.display_stats = r.bool();
        break;
      case 568:
        m.log_to_stderr = r.bool();
        break;
      case 576:
        m.image_io_mode = r.i32();
        break;
      case 584:
        m.compress = r.bool();
        break;
      case 592:
        m.compress_acceleration = r.u32();
        break;
      case 600:
        m.compress_region_size = r.u32();
        break;
      case 608:
        m.decompress_threads = r.u32();
        break;
      case 8000:
        m.lazy = r.bool();
        break;
      case 8008:
        m.live = r.bool();
        break;
      case 8018:
        m.compress_codec = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.images_dir_fd === undefined) r.missing('criu_opts.images_dir_fd');
}
function writeCriuOpts(w: Writer, m: Encodable<T.CriuOpts>): void {
  w.i32(8, m.images_dir_fd, 'criu_opts.images_dir_fd');
  if (m.pid != null) w.i32(16, m.pid, 'criu_opts.pid');
  if (m.leave_running != null) w.bool(24, m.leave_running, 'criu_opts.leave_running');
  if (m.ext_unix_sk != null) w.bool(32, m.ext_unix_sk, 'criu_opts.ext_unix_sk');
  if (m.tcp_established != null) w.bool(40, m.tcp_established, 'criu_opts.tcp_established');
  if (m.evasive_devices != null) w.bool(48, m.evasive_devices, 'criu_opts.evasive_devices');
  if (m.shell_job != null) w.bool(56, m.shell_job, 'criu_opts.shell_job');
  if (m.file_locks != null) w.bool(64, m.file_locks, 'criu_opts.file_locks');
  if (m.log_level != null) w.i32(72, m.log_level, 'criu_opts.log_level');
  if (m.log_file != null) w.str(82, m.log_file, 'criu_opts.log_file');
  if (m.ps != null) { const start = w.begin(90, m.ps, 'criu_opts.ps'); writeCriuPageServerInfo(w, m.ps); w.end(start); }
  if (m.notify_scripts != null) w.bool(96, m.notify_scripts, 'criu_opts.notify_scripts');
  if (m.root != null) w.str(106, m.root, 'criu_opts.root');
  if (m.parent_img != null) w.str(114, m.parent_img, 'criu_opts.parent_img');
  if (m.track_mem != null) w.bool(120, m.track_mem, 'criu_opts.track_mem');
  if (m.auto_dedup != null) w.bool(128, m.auto_dedup, 'criu_opts.auto_dedup');
  if (m.work_dir_fd != null) w.i32(136, m.work_dir_fd, 'criu_opts.work_dir_fd');
  if (m.link_remap != null) w.bool(144, m.link_remap, 'criu_opts.link_remap');
  if (m.veths != null) for (const v of m.veths) { const start = w.begin(154, v, 'criu_opts.veths'); writeCriuVethPair(w, v); w.end(start); }
  if (m.cpu_cap != null) w.u32(160, m.cpu_cap, 'criu_opts.cpu_cap');
  if (m.force_irmap != null) w.bool(168, m.force_irmap, 'criu_opts.force_irmap');
  if (m.exec_cmd != null) for (const v of m.exec_cmd) w.str(178, v, 'criu_opts.exec_cmd');
  if (m.ext_mnt != null) for (const v of m.ext_mnt) { const start = w.begin(186, v, 'criu_opts.ext_mnt'); writeExtMountMap(w, v); w.end(start); }
  if (m.manage_cgroups != null) w.bool(192, m.manage_cgroups, 'criu_opts.manage_cgroups');
  if (m.cg_root != null) for (const v of m.cg_root) { const start = w.begin(202, v, 'criu_opts.cg_root'); writeCgroupRoot(w, v); w.end(start); }
  if (m.rst_sibling != null) w.bool(208, m.rst_sibling, 'criu_opts.rst_sibling');
  if (m.inherit_fd != null) for (const v of m.inherit_fd) { const start = w.begin(218, v, 'criu_opts.inherit_fd'); writeInheritFd(w, v); w.end(start); }
  if (m.auto_ext_mnt != null) w.bool(224, m.auto_ext_mnt, 'criu_opts.auto_ext_mnt');
  if (m.ext_sharing != null) w.bool(232, m.ext_sharing, 'criu_opts.ext_sharing');
  if (m.ext_masters != null) w.bool(240, m.ext_masters, 'criu_opts.ext_masters');
  if (m.skip_mnt != null) for (const v of m.skip_mnt) w.str(250, v, 'criu_opts.skip_mnt');
  if (m.enable_fs != null) for (const v of m.enable_fs) w.str(258, v, 'criu_opts.enable_fs');
  if (m.unix_sk_ino != null) for (const v of m.unix_sk_ino) { const start = w.begin(266, v, 'criu_opts.unix_sk_ino'); writeUnixSk(w, v); w.end(start); }
  if (m.manage_cgroups_mode != null) w.i32(272, m.manage_cgroups_mode, 'criu_opts.manage_cgroups_mode');
  if (m.ghost_limit != null) w.u32(280, m.ghost_limit, 'criu_opts.ghost_limit');
  if (m.irmap_scan_paths != null) for (const v of m.irmap_scan_paths) w.str(290, v, 'criu_opts.irmap_scan_paths');
  if (m.external != null) for (const v of m.external) w.str(298, v, 'criu_opts.external');
  if (m.empty_ns != null) w.u32(304, m.empty_ns, 'criu_opts.empty_ns');
  if (m.join_ns != null) for (const v of m.join_ns) { const start = w.begin(314, v, 'criu_opts.join_ns'); writeJoinNamespace(w, v); w.end(start); }
  if (m.cgroup_props != null) w.str(330, m.cgroup_props, 'criu_opts.cgroup_props');
  if (m.cgroup_props_file != null) w.str(338, m.cgroup_props_file, 'criu_opts.cgroup_props_file');
  if (m.cgroup_dump_controller != null) for (const v of m.cgroup_dump_controller) w.str(346, v, 'criu_opts.cgroup_dump_controller');
  if (m.freeze_cgroup != null) w.str(354, m.freeze_cgroup, 'criu_opts.freeze_cgroup');
  if (m.timeout != null) w.u32(360, m.timeout, 'criu_opts.timeout');
  if (m.tcp_skip_in_flight != null) w.bool(368, m.tcp_skip_in_flight, 'criu_opts.tcp_skip_in_flight');
  if (m.weak_sysctls != null) w.bool(376, m.weak_sysctls, 'criu_opts.weak_sysctls');
  if (m.lazy_pages != null) w.bool(384, m.lazy_pages, 'criu_opts.lazy_pages');
  if (m.status_fd != null) w.i32(392, m.status_fd, 'criu_opts.status_fd');
  if (m.orphan_pts_master != null) w.bool(400, m.orphan_pts_master, 'criu_opts.orphan_pts_master');
  if (m.config_file != null) w.str(410, m.config_file, 'criu_opts.config_file');
  if (m.tcp_close != null) w.bool(416, m.tcp_close, 'criu_opts.tcp_close');
  if (m.lsm_profile != null) w.str(426, m.lsm_profile, 'criu_opts.lsm_profile');
  if (m.tls_cacert != null) w.str(434, m.tls_cacert, 'criu_opts.tls_cacert');
  if (m.tls_cacrl != null) w.str(442, m.tls_cacrl, 'criu_opts.tls_cacrl');
  if (m.tls_cert != null) w.str(450, m.tls_cert, 'criu_opts.tls_cert');
  if (m.tls_key != null) w.str(458, m.tls_key, 'criu_opts.tls_key');
  if (m.tls != null) w.bool(464, m.tls, 'criu_opts.tls');
  if (m.tls_no_cn_verify != null) w.bool(472, m.tls_no_cn_verify, 'criu_opts.tls_no_cn_verify');
  if (m.cgroup_yard != null) w.str(482, m.cgroup_yard, 'criu_opts.cgroup_yard');
  if (m.pre_dump_mode != null) w.i32(488, m.pre_dump_mode, 'criu_opts.pre_dump_mode');
  if (m.pidfd_store_sk != null) w.i32(496, m.pidfd_store_sk, 'criu_opts.pidfd_store_sk');
  if (m.lsm_mount_context != null) w.str(506, m.lsm_mount_context, 'criu_opts.lsm_mount_context');
  if (m.network_lock != null) w.i32(512, m.network_lock, 'criu_opts.network_lock');
  if (m.mntns_compat_mode != null) w.bool(520, m.mntns_compat_mode, 'criu_opts.mntns_compat_mode');
  if (m.skip_file_rwx_check != null) w.bool(528, m.skip_file_rwx_check, 'criu_opts.skip_file_rwx_check');
  if (m.unprivileged != null) w.bool(536, m.unprivileged, 'criu_opts.unprivileged');
  if (m.images_dir != null) w.str(546, m.images_dir, 'criu_opts.images_dir');
  if (m.leave_stopped != null) w.bool(552, m.leave_stopped, 'criu_opts.leave_stopped');
  if (m.display_stats != null) w.bool(560, m.display_stats, 'criu_opts.display_stats');
  if (m.log_to_stderr != null) w.bool(568, m.log_to_stderr, 'criu_opts.log_to_stderr');
  if (m.image_io_mode != null) w.i32(576, m.image_io_mode, 'criu_opts.image_io_mode');
  if (m.compress != null) w.bool(584, m.compress, 'criu_opts.compress');
  if (m.compress_acceleration != null) w.u32(592, m.compress_acceleration, 'criu_opts.compress_acceleration');
  if (m.compress_region_size != null) w.u32(600, m.compress_region_size, 'criu_opts.compress_region_size');
  if (m.decompress_threads != null) w.u32(608, m.decompress_threads, 'criu_opts.decompress_threads');
  if (m.lazy != null) w.bool(8000, m.lazy, 'criu_opts.lazy');
  if (m.live != null) w.bool(8008, m.live, 'criu_opts.live');
  if (m.compress_codec != null) w.str(8018, m.compress_codec, 'criu_opts.compress_codec');
  w.unknown(m);
}
export const CriuOptsCodec: Codec<T.CriuOpts> = { create: newCriuOpts, read: readCriuOpts, write: writeCriuOpts };

function newCriuDumpResp(): T.CriuDumpResp {
  return {};
}
function readCriuDumpResp(r: Reader, m: T.CriuDumpResp): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.restored = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
function writeCriuDumpResp(w: Writer, m: Encodable<T.CriuDumpResp>): void {
  if (m.restored != null) w.bool(8, m.restored, 'criu_dump_resp.restored');
  w.unknown(m);
}
export const CriuDumpRespCodec: Codec<T.CriuDumpResp> = { create: newCriuDumpResp, read: readCriuDumpResp, write: writeCriuDumpResp };

function newCriuRestoreResp(): T.CriuRestoreResp {
  return { pid: undefined as never };
}
function readCriuRestoreResp(r: Reader, m: T.CriuRestoreResp): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pid = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pid === undefined) r.missing('criu_restore_resp.pid');
}
function writeCriuRestoreResp(w: Writer, m: Encodable<T.CriuRestoreResp>): void {
  w.i32(8, m.pid, 'criu_restore_resp.pid');
  w.unknown(m);
}
export const CriuRestoreRespCodec: Codec<T.CriuRestoreResp> = { create: newCriuRestoreResp, read: readCriuRestoreResp, write: writeCriuRestoreResp };

function newCriuNotify(): T.CriuNotify {
  return {};
}
function readCriuNotify(r: Reader, m: T.CriuNotify): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.script = r.str();
        break;
      case 16:
        m.pid = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
function writeCriuNotify(w: Writer, m: Encodable<T.CriuNotify>): void {
  if (m.script != null) w.str(10, m.script, 'criu_notify.script');
  if (m.pid != null) w.i32(16, m.pid, 'criu_notify.pid');
  w.unknown(m);
}
export const CriuNotifyCodec: Codec<T.CriuNotify> = { create: newCriuNotify, read: readCriuNotify, write: writeCriuNotify };

function newCriuFeatures(): T.CriuFeatures {
  return {};
}
function readCriuFeatures(r: Reader, m: T.CriuFeatures): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mem_track = r.bool();
        break;
      case 16:
        m.lazy_pages = r.bool();
        break;
      case 24:
        m.pidfd_store = r.bool();
        break;
      case 32:
        m.mem_compression = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
function writeCriuFeatures(w: Writer, m: Encodable<T.CriuFeatures>): void {
  if (m.mem_track != null) w.bool(8, m.mem_track, 'criu_features.mem_track');
  if (m.lazy_pages != null) w.bool(16, m.lazy_pages, 'criu_features.lazy_pages');
  if (m.pidfd_store != null) w.bool(24, m.pidfd_store, 'criu_features.pidfd_store');
  if (m.mem_compression != null) w.bool(32, m.mem_compression, 'criu_features.mem_compression');
  w.unknown(m);
}
export const CriuFeaturesCodec: Codec<T.CriuFeatures> = { create: newCriuFeatures, read: readCriuFeatures, write: writeCriuFeatures };

function newCriuReq(): T.CriuReq {
  return { type: undefined as never };
}
function readCriuReq(r: Reader, m: T.CriuReq): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.i32();
        break;
      case 18: {
        const outer = r.enter();
        m.opts ??= newCriuOpts();
        readCriuOpts(r, m.opts);
        r.leave(outer);
        break;
      }
      case 24:
        m.notify_success = r.bool();
        break;
      case 32:
        m.keep_open = r.bool();
        break;
      case 42: {
        const outer = r.enter();
        m.features ??= newCriuFeatures();
        readCriuFeatures(r, m.features);
        r.leave(outer);
        break;
      }
      case 48:
        m.pid = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('criu_req.type');
}
function writeCriuReq(w: Writer, m: Encodable<T.CriuReq>): void {
  w.i32(8, m.type, 'criu_req.type');
  if (m.opts != null) { const start = w.begin(18, m.opts, 'criu_req.opts'); writeCriuOpts(w, m.opts); w.end(start); }
  if (m.notify_success != null) w.bool(24, m.notify_success, 'criu_req.notify_success');
  if (m.keep_open != null) w.bool(32, m.keep_open, 'criu_req.keep_open');
  if (m.features != null) { const start = w.begin(42, m.features, 'criu_req.features'); writeCriuFeatures(w, m.features); w.end(start); }
  if (m.pid != null) w.u32(48, m.pid, 'criu_req.pid');
  w.unknown(m);
}
export const CriuReqCodec: Codec<T.CriuReq> = { create: newCriuReq, read: readCriuReq, write: writeCriuReq };

function newCriuResp(): T.CriuResp {
  return { type: undefined as never, success: undefined as never };
}
function readCriuResp(r: Reader, m: T.CriuResp): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.i32();
        break;
      case 16:
        m.success = r.bool();
        break;
      case 26: {
        const outer = r.enter();
        m.dump ??= newCriuDumpResp();
        readCriuDumpResp(r, m.dump);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.restore ??= newCriuRestoreResp();
        readCriuRestoreResp(r, m.restore);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.notify ??= newCriuNotify();
        readCriuNotify(r, m.notify);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.ps ??= newCriuPageServerInfo();
        readCriuPageServerInfo(r, m.ps);
        r.leave(outer);
        break;
      }
      case 56:
        m.cr_errno = r.i32();
        break;
      case 66: {
        const outer = r.enter();
        m.features ??= newCriuFeatures();
        readCriuFeatures(r, m.features);
        r.leave(outer);
        break;
      }
      case 74:
        m.cr_errmsg = r.str();
        break;
      case 82: {
        const outer = r.enter();
        m.version ??= newCriuVersion();
        readCriuVersion(r, m.version);
        r.leave(outer);
        break;
      }
      case 88:
        m.status = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('criu_resp.type');
  if (m.success === undefined) r.missing('criu_resp.success');
}
function writeCriuResp(w: Writer, m: Encodable<T.CriuResp>): void {
  w.i32(8, m.type, 'criu_resp.type');
  w.bool(16, m.success, 'criu_resp.success');
  if (m.dump != null) { const start = w.begin(26, m.dump, 'criu_resp.dump'); writeCriuDumpResp(w, m.dump); w.end(start); }
  if (m.restore != null) { const start = w.begin(34, m.restore, 'criu_resp.restore'); writeCriuRestoreResp(w, m.restore); w.end(start); }
  if (m.notify != null) { const start = w.begin(42, m.notify, 'criu_resp.notify'); writeCriuNotify(w, m.notify); w.end(start); }
  if (m.ps != null) { const start = w.begin(50, m.ps, 'criu_resp.ps'); writeCriuPageServerInfo(w, m.ps); w.end(start); }
  if (m.cr_errno != null) w.i32(56, m.cr_errno, 'criu_resp.cr_errno');
  if (m.features != null) { const start = w.begin(66, m.features, 'criu_resp.features'); writeCriuFeatures(w, m.features); w.end(start); }
  if (m.cr_errmsg != null) w.str(74, m.cr_errmsg, 'criu_resp.cr_errmsg');
  if (m.version != null) { const start = w.begin(82, m.version, 'criu_resp.version'); writeCriuVersion(w, m.version); w.end(start); }
  if (m.status != null) w.i32(88, m.status, 'criu_resp.status');
  w.unknown(m);
}
export const CriuRespCodec: Codec<T.CriuResp> = { create: newCriuResp, read: readCriuResp, write: writeCriuResp };

function newCriuVersion(): T.CriuVersion {
  return { major_number: undefined as never, minor_number: undefined as never };
}
function readCriuVersion(r: Reader, m: T.CriuVersion): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.major_number = r.i32();
        break;
      case 16:
        m.minor_number = r.i32();
        break;
      case 26:
        m.gitid = r.str();
        break;
      case 32:
        m.sublevel = r.i32();
        break;
      case 40:
        m.extra = r.i32();
        break;
      case 50:
        m.name = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.major_number === undefined) r.missing('criu_version.major_number');
  if (m.minor_number === undefined) r.missing('criu_version.minor_number');
}
function writeCriuVersion(w: Writer, m: Encodable<T.CriuVersion>): void {
  w.i32(8, m.major_number, 'criu_version.major_number');
  w.i32(16, m.minor_number, 'criu_version.minor_number');
  if (m.gitid != null) w.str(26, m.gitid, 'criu_version.gitid');
  if (m.sublevel != null) w.i32(32, m.sublevel, 'criu_version.sublevel');
  if (m.extra != null) w.i32(40, m.extra, 'criu_version.extra');
  if (m.name != null) w.str(50, m.name, 'criu_version.name');
  w.unknown(m);
}
export const CriuVersionCodec: Codec<T.CriuVersion> = { create: newCriuVersion, read: readCriuVersion, write: writeCriuVersion };

function newRseqEntry(): T.RseqEntry {
  return { rseq_abi_pointer: undefined as never, rseq_abi_size: undefined as never, signature: undefined as never };
}
function readRseqEntry(r: Reader, m: T.RseqEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.rseq_abi_pointer = r.u64();
        break;
      case 16:
        m.rseq_abi_size = r.u32();
        break;
      case 24:
        m.signature = r.u32();
        break;
      case 32:
        m.rseq_cs_pointer = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.rseq_abi_pointer === undefined) r.missing('rseq_entry.rseq_abi_pointer');
  if (m.rseq_abi_size === undefined) r.missing('rseq_entry.rseq_abi_size');
  if (m.signature === undefined) r.missing('rseq_entry.signature');
}
function writeRseqEntry(w: Writer, m: Encodable<T.RseqEntry>): void {
  w.u64(8, m.rseq_abi_pointer, 'rseq_entry.rseq_abi_pointer');
  w.u32(16, m.rseq_abi_size, 'rseq_entry.rseq_abi_size');
  w.u32(24, m.signature, 'rseq_entry.signature');
  if (m.rseq_cs_pointer != null) w.u64(32, m.rseq_cs_pointer, 'rseq_entry.rseq_cs_pointer');
  w.unknown(m);
}
export const RseqEntryCodec: Codec<T.RseqEntry> = { create: newRseqEntry, read: readRseqEntry, write: writeRseqEntry };

function newSaEntry(): T.SaEntry {
  return { sigaction: undefined as never, flags: undefined as never, restorer: undefined as never, mask: undefined as never };
}
function readSaEntry(r: Reader, m: T.SaEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.sigaction = r.u64();
        break;
      case 16:
        m.flags = r.u64();
        break;
      case 24:
        m.restorer = r.u64();
        break;
      case 32:
        m.mask = r.u64();
        break;
      case 40:
        m.compat_sigaction = r.bool();
        break;
      case 48:
        m.mask_extended = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.sigaction === undefined) r.missing('sa_entry.sigaction');
  if (m.flags === undefined) r.missing('sa_entry.flags');
  if (m.restorer === undefined) r.missing('sa_entry.restorer');
  if (m.mask === undefined) r.missing('sa_entry.mask');
}
function writeSaEntry(w: Writer, m: Encodable<T.SaEntry>): void {
  w.u64(8, m.sigaction, 'sa_entry.sigaction');
  w.u64(16, m.flags, 'sa_entry.flags');
  w.u64(24, m.restorer, 'sa_entry.restorer');
  w.u64(32, m.mask, 'sa_entry.mask');
  if (m.compat_sigaction != null) w.bool(40, m.compat_sigaction, 'sa_entry.compat_sigaction');
  if (m.mask_extended != null) w.u64(48, m.mask_extended, 'sa_entry.mask_extended');
  w.unknown(m);
}
export const SaEntryCodec: Codec<T.SaEntry> = { create: newSaEntry, read: readSaEntry, write: writeSaEntry };

function newSeccompFilter(): T.SeccompFilter {
  return { filter: undefined as never };
}
function readSeccompFilter(r: Reader, m: T.SeccompFilter): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.filter = r.bytes();
        break;
      case 16:
        m.prev = r.u32();
        break;
      case 24:
        m.flags = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.filter === undefined) r.missing('seccomp_filter.filter');
}
function writeSeccompFilter(w: Writer, m: Encodable<T.SeccompFilter>): void {
  w.bytes(10, m.filter, 'seccomp_filter.filter');
  if (m.prev != null) w.u32(16, m.prev, 'seccomp_filter.prev');
  if (m.flags != null) w.u32(24, m.flags, 'seccomp_filter.flags');
  w.unknown(m);
}
export const SeccompFilterCodec: Codec<T.SeccompFilter> = { create: newSeccompFilter, read: readSeccompFilter, write: writeSeccompFilter };

function newSeccompEntry(): T.SeccompEntry {
  return { seccomp_filters: [] };
}
function readSeccompEntry(r: Reader, m: T.SeccompEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newSeccompFilter();
        readSeccompFilter(r, v);
        m.seccomp_filters.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeSeccompEntry(w: Writer, m: Encodable<T.SeccompEntry>): void {
  if (m.seccomp_filters != null) for (const v of m.seccomp_filters) { const start = w.begin(10, v, 'seccomp_entry.seccomp_filters'); writeSeccompFilter(w, v); w.end(start); }
  w.unknown(m);
}
export const SeccompEntryCodec: Codec<T.SeccompEntry> = { create: newSeccompEntry, read: readSeccompEntry, write: writeSeccompEntry };

function newSiginfoEntry(): T.SiginfoEntry {
  return { siginfo: undefined as never };
}
function readSiginfoEntry(r: Reader, m: T.SiginfoEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.siginfo = r.bytes();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.siginfo === undefined) r.missing('siginfo_entry.siginfo');
}
function writeSiginfoEntry(w: Writer, m: Encodable<T.SiginfoEntry>): void {
  w.bytes(10, m.siginfo, 'siginfo_entry.siginfo');
  w.unknown(m);
}
export const SiginfoEntryCodec: Codec<T.SiginfoEntry> = { create: newSiginfoEntry, read: readSiginfoEntry, write: writeSiginfoEntry };

function newSignalQueueEntry(): T.SignalQueueEntry {
  return { signals: [] };
}
function readSignalQueueEntry(r: Reader, m: T.SignalQueueEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newSiginfoEntry();
        readSiginfoEntry(r, v);
        m.signals.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeSignalQueueEntry(w: Writer, m: Encodable<T.SignalQueueEntry>): void {
  if (m.signals != null) for (const v of m.signals) { const start = w.begin(10, v, 'signal_queue_entry.signals'); writeSiginfoEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const SignalQueueEntryCodec: Codec<T.SignalQueueEntry> = { create: newSignalQueueEntry, read: readSignalQueueEntry, write: writeSignalQueueEntry };

function newSignalfdEntry(): T.SignalfdEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, sigmask: undefined as never };
}
function readSignalfdEntry(r: Reader, m: T.SignalfdEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 26:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 32:
        m.sigmask = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('signalfd_entry.id');
  if (m.flags === undefined) r.missing('signalfd_entry.flags');
  if (m.fown === undefined) r.missing('signalfd_entry.fown');
  if (m.sigmask === undefined) r.missing('signalfd_entry.sigmask');
}
function writeSignalfdEntry(w: Writer, m: Encodable<T.SignalfdEntry>): void {
  w.u32(8, m.id, 'signalfd_entry.id');
  w.u32(16, m.flags, 'signalfd_entry.flags');
  w.alike(26, m.fown, 'signalfd_entry.fown', writeFownEntry);
  w.u64(32, m.sigmask, 'signalfd_entry.sigmask');
  w.unknown(m);
}
export const SignalfdEntryCodec: Codec<T.SignalfdEntry> = { create: newSignalfdEntry, read: readSignalfdEntry, write: writeSignalfdEntry };

function newSitEntry(): T.SitEntry {
  return { local: [], remote: [], rd_prefix: [], relay_prefix: [] };
}
function readSitEntry(r: Reader, m: T.SitEntry): void {
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
function writeSitEntry(w: Writer, m: Encodable<T.SitEntry>): void {
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

function newIpOptsRawEntry(): T.IpOptsRawEntry {
  return { icmpv_filter: [] };
}
function readIpOptsRawEntry(r: Reader, m: T.IpOptsRawEntry): void {
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
function writeIpOptsRawEntry(w: Writer, m: Encodable<T.IpOptsRawEntry>): void {
  if (m.hdrincl != null) w.bool(8, m.hdrincl, 'ip_opts_raw_entry.hdrincl');
  if (m.nodefrag != null) w.bool(16, m.nodefrag, 'ip_opts_raw_entry.nodefrag');
  if (m.checksum != null) w.bool(24, m.checksum, 'ip_opts_raw_entry.checksum');
  if (m.icmpv_filter != null) for (const v of m.icmpv_filter) w.u32(32, v, 'ip_opts_raw_entry.icmpv_filter');
  w.unknown(m);
}
export const IpOptsRawEntryCodec: Codec<T.IpOptsRawEntry> = { create: newIpOptsRawEntry, read: readIpOptsRawEntry, write: writeIpOptsRawEntry };

function newIpOptsEntry(): T.IpOptsEntry {
  return {};
}
function readIpOptsEntry(r: Reader, m: T.IpOptsEntry): void {
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
function writeIpOptsEntry(w: Writer, m: Encodable<T.IpOptsEntry>): void {
  if (m.freebind != null) w.bool(8, m.freebind, 'ip_opts_entry.freebind');
  if (m.raw != null) { const start = w.begin(34, m.raw, 'ip_opts_entry.raw'); writeIpOptsRawEntry(w, m.raw); w.end(start); }
  if (m.pktinfo != null) w.bool(40, m.pktinfo, 'ip_opts_entry.pktinfo');
  if (m.tos != null) w.u32(48, m.tos, 'ip_opts_entry.tos');
  if (m.ttl != null) w.u32(56, m.ttl, 'ip_opts_entry.ttl');
  w.unknown(m);
}
export const IpOptsEntryCodec: Codec<T.IpOptsEntry> = { create: newIpOptsEntry, read: readIpOptsEntry, write: writeIpOptsEntry };

function newInetMembershipEntry(): T.InetMembershipEntry {
  return { ifindex: undefined as never, group: undefined as never, sources: [] };
}
function readInetMembershipEntry(r: Reader, m: T.InetMembershipEntry): void {
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
function writeInetMembershipEntry(w: Writer, m: Encodable<T.InetMembershipEntry>): void {
  w.u32(8, m.ifindex, 'inet_membership_entry.ifindex');
  w.bytes(18, m.group, 'inet_membership_entry.group');
  if (m.include != null) w.bool(24, m.include, 'inet_membership_entry.include');
  if (m.sources != null) for (const v of m.sources) w.bytes(34, v, 'inet_membership_entry.sources');
  w.unknown(m);
}
export const InetMembershipEntryCodec: Codec<T.InetMembershipEntry> = { create: newInetMembershipEntry, read: readInetMembershipEntry, write: writeInetMembershipEntry };

function newInetSkEntry(): T.InetSkEntry {
  return { id: undefined as never, ino: undefined as never, family: undefined as never, type: undefined as never, proto: undefined as never, state: undefined as never, src_port: undefined as never, dst_port: undefined as never, flags: undefined as never, backlog: undefined as never, src_addr: [], dst_addr: [], fown: undefined as never, opts: undefined as never, memberships: [] };
}
function readInetSkEntry(r: Reader, m: T.InetSkEntry): void {
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
function writeInetSkEntry(w: Writer, m: Encodable<T.InetSkEntry>): void {
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

function newNetlinkSkEntry(): T.NetlinkSkEntry {
  return { id: undefined as never, ino: undefined as never, protocol: undefined as never, state: undefined as never, flags: undefined as never, portid: undefined as never, groups: [], dst_portid: undefined as never, dst_group: undefined as never, fown: undefined as never, opts: undefined as never, more_groups: [] };
}
function readNetlinkSkEntry(r: Reader, m: T.NetlinkSkEntry): void {
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
function writeNetlinkSkEntry(w: Writer, m: Encodable<T.NetlinkSkEntry>): void {
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

function newSkOptionEntry(): T.SkOptionEntry {
  return { level: undefined as never, name: undefined as never, value: undefined as never };
}
function readSkOptionEntry(r: Reader, m: T.SkOptionEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.level = r.u32();
        break;
      case 16:
        m.name = r.u32();
        break;
      case 26:
        m.value = r.bytes();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.level === undefined) r.missing('sk_option_entry.level');
  if (m.name === undefined) r.missing('sk_option_entry.name');
  if (m.value === undefined) r.missing('sk_option_entry.value');
}
function writeSkOptionEntry(w: Writer, m: Encodable<T.SkOptionEntry>): void {
  w.u32(8, m.level, 'sk_option_entry.level');
  w.u32(16, m.name, 'sk_option_entry.name');
  w.bytes(26, m.value, 'sk_option_entry.value');
  w.unknown(m);
}
export const SkOptionEntryCodec: Codec<T.SkOptionEntry> = { create: newSkOptionEntry, read: readSkOptionEntry, write: writeSkOptionEntry };

function newSkOptsEntry(): T.SkOptsEntry {
  return { so_sndbuf: undefined as never, so_rcvbuf: undefined as never, so_snd_tmo_sec: undefined as never, so_snd_tmo_usec: undefined as never, so_rcv_tmo_sec: undefined as never, so_rcv_tmo_usec: undefined as never, so_filter: [], more: [], more_bytes: [] };
}
function readSkOptsEntry(r: Reader, m: T.SkOptsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.so_sndbuf = r.u32();
        break;
      case 16:
        m.so_rcvbuf = r.u32();
        break;
      case 24:
        m.so_snd_tmo_sec = r.u64();
        break;
      case 32:
        m.so_snd_tmo_usec = r.u64();
        break;
      case 40:
        m.so_rcv_tmo_sec = r.u64();
        break;
      case 48:
        m.so_rcv_tmo_usec = r.u64();
        break;
      case 56:
        m.reuseaddr = r.bool();
        break;
      case 64:
        m.so_priority = r.u32();
        break;
      case 72:
        m.so_rcvlowat = r.u32();
        break;
      case 80:
        m.so_mark = r.u32();
        break;
      case 88:
        m.so_passcred = r.bool();
        break;
      case 96:
        m.so_passsec = r.bool();
        break;
      case 104:
        m.so_dontroute = r.bool();
        break;
      case 112:
        m.so_no_check = r.bool();
        break;
      case 122:
        m.so_bound_dev = r.str();
        break;
      case 129:
        m.so_filter.push(r.fixed64());
        break;
      case 130: {
        const outer = r.enter();
        while (r.pos < r.end) m.so_filter.push(r.fixed64());
        r.leave(outer);
        break;
      }
      case 136:
        m.so_reuseport = r.bool();
        break;
      case 144:
        m.so_broadcast = r.bool();
        break;
      case 152:
        m.so_keepalive = r.bool();
        break;
      case 160:
        m.tcp_keepcnt = r.u32();
        break;
      case 168:
        m.tcp_keepidle = r.u32();
        break;
      case 176:
        m.tcp_keepintvl = r.u32();
        break;
      case 184:
        m.so_oobinline = r.u32();
        break;
      case 192:
        m.so_linger = r.u32();
        break;
      case 200:
        m.so_buf_lock = r.u32();
        break;
      case 8000:
        m.more.push(r.s32());
        break;
      case 8002: {
        const outer = r.enter();
        while (r.pos < r.end) m.more.push(r.s32());
        r.leave(outer);
        break;
      }
      case 8010: {
        const outer = r.enter();
        const v = newSkOptionEntry();
        readSkOptionEntry(r, v);
        m.more_bytes.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.so_sndbuf === undefined) r.missing('sk_opts_entry.so_sndbuf');
  if (m.so_rcvbuf === undefined) r.missing('sk_opts_entry.so_rcvbuf');
  if (m.so_snd_tmo_sec === undefined) r.missing('sk_opts_entry.so_snd_tmo_sec');
  if (m.so_snd_tmo_usec === undefined) r.missing('sk_opts_entry.so_snd_tmo_usec');
  if (m.so_rcv_tmo_sec === undefined) r.missing('sk_opts_entry.so_rcv_tmo_sec');
  if (m.so_rcv_tmo_usec === undefined) r.missing('sk_opts_entry.so_rcv_tmo_usec');
}
function writeSkOptsEntry(w: Writer, m: Encodable<T.SkOptsEntry>): void {
  w.u32(8, m.so_sndbuf, 'sk_opts_entry.so_sndbuf');
  w.u32(16, m.so_rcvbuf, 'sk_opts_entry.so_rcvbuf');
  w.u64(24, m.so_snd_tmo_sec, 'sk_opts_entry.so_snd_tmo_sec');
  w.u64(32, m.so_snd_tmo_usec, 'sk_opts_entry.so_snd_tmo_usec');
  w.u64(40, m.so_rcv_tmo_sec, 'sk_opts_entry.so_rcv_tmo_sec');
  w.u64(48, m.so_rcv_tmo_usec, 'sk_opts_entry.so_rcv_tmo_usec');
  if (m.reuseaddr != null) w.bool(56, m.reuseaddr, 'sk_opts_entry.reuseaddr');
  if (m.so_priority != null) w.u32(64, m.so_priority, 'sk_opts_entry.so_priority');
  if (m.so_rcvlowat != null) w.u32(72, m.so_rcvlowat, 'sk_opts_entry.so_rcvlowat');
  if (m.so_mark != null) w.u32(80, m.so_mark, 'sk_opts_entry.so_mark');
  if (m.so_passcred != null) w.bool(88, m.so_passcred, 'sk_opts_entry.so_passcred');
  if (m.so_passsec != null) w.bool(96, m.so_passsec, 'sk_opts_entry.so_passsec');
  if (m.so_dontroute != null) w.bool(104, m.so_dontroute, 'sk_opts_entry.so_dontroute');
  if (m.so_no_check != null) w.bool(112, m.so_no_check, 'sk_opts_entry.so_no_check');
  if (m.so_bound_dev != null) w.str(122, m.so_bound_dev, 'sk_opts_entry.so_bound_dev');
  if (m.so_filter != null) for (const v of m.so_filter) w.fixed64(129, v, 'sk_opts_entry.so_filter');
  if (m.so_reuseport != null) w.bool(136, m.so_reuseport, 'sk_opts_entry.so_reuseport');
  if (m.so_broadcast != null) w.bool(144, m.so_broadcast, 'sk_opts_entry.so_broadcast');
  if (m.so_keepalive != null) w.bool(152, m.so_keepalive, 'sk_opts_entry.so_keepalive');
  if (m.tcp_keepcnt != null) w.u32(160, m.tcp_keepcnt, 'sk_opts_entry.tcp_keepcnt');
  if (m.tcp_keepidle != null) w.u32(168, m.tcp_keepidle, 'sk_opts_entry.tcp_keepidle');
  if (m.tcp_keepintvl != null) w.u32(176, m.tcp_keepintvl, 'sk_opts_entry.tcp_keepintvl');
  if (m.so_oobinline != null) w.u32(184, m.so_oobinline, 'sk_opts_entry.so_oobinline');
  if (m.so_linger != null) w.u32(192, m.so_linger, 'sk_opts_entry.so_linger');
  if (m.so_buf_lock != null) w.u32(200, m.so_buf_lock, 'sk_opts_entry.so_buf_lock');
  if (m.more != null) for (const v of m.more) w.s32(8000, v, 'sk_opts_entry.more');
  if (m.more_bytes != null) for (const v of m.more_bytes) { const start = w.begin(8010, v, 'sk_opts_entry.more_bytes'); writeSkOptionEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const SkOptsEntryCodec: Codec<T.SkOptsEntry> = { create: newSkOptsEntry, read: readSkOptsEntry, write: writeSkOptsEntry };

function newScmEntry(): T.ScmEntry {
  return { type: undefined as never, rights: [] };
}
function readScmEntry(r: Reader, m: T.ScmEntry): void {
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
function writeScmEntry(w: Writer, m: Encodable<T.ScmEntry>): void {
  w.u32(8, m.type, 'scm_entry.type');
  if (m.rights != null) for (const v of m.rights) w.u32(16, v, 'scm_entry.rights');
  w.unknown(m);
}
export const ScmEntryCodec: Codec<T.ScmEntry> = { create: newScmEntry, read: readScmEntry, write: writeScmEntry };

function newSkPacketEntry(): T.SkPacketEntry {
  return { id_for: undefined as never, length: undefined as never, scm: [] };
}
function readSkPacketEntry(r: Reader, m: T.SkPacketEntry): void {
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
function writeSkPacketEntry(w: Writer, m: Encodable<T.SkPacketEntry>): void {
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

function newFilePermsEntry(): T.FilePermsEntry {
  return { mode: undefined as never, uid: undefined as never, gid: undefined as never };
}
function readFilePermsEntry(r: Reader, m: T.FilePermsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mode = r.u32();
        break;
      case 16:
        m.uid = r.u32();
        break;
      case 24:
        m.gid = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mode === undefined) r.missing('file_perms_entry.mode');
  if (m.uid === undefined) r.missing('file_perms_entry.uid');
  if (m.gid === undefined) r.missing('file_perms_entry.gid');
}
function writeFilePermsEntry(w: Writer, m: Encodable<T.FilePermsEntry>): void {
  w.u32(8, m.mode, 'file_perms_entry.mode');
  w.u32(16, m.uid, 'file_perms_entry.uid');
  w.u32(24, m.gid, 'file_perms_entry.gid');
  w.unknown(m);
}
export const FilePermsEntryCodec: Codec<T.FilePermsEntry> = { create: newFilePermsEntry, read: readFilePermsEntry, write: writeFilePermsEntry };

function newUnixSkEntry(): T.UnixSkEntry {
  return { id: undefined as never, ino: undefined as never, type: undefined as never, state: undefined as never, flags: undefined as never, uflags: undefined as never, backlog: undefined as never, peer: undefined as never, fown: undefined as never, opts: undefined as never, name: undefined as never, peer_cred: [], connected_by: [] };
}
function readUnixSkEntry(r: Reader, m: T.UnixSkEntry): void {
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
        m.type = r.u32();
        break;
      case 32:
        m.state = r.u32();
        break;
      case 40:
        m.flags = r.u32();
        break;
      case 48:
        m.uflags = r.u32();
        break;
      case 56:
        m.backlog = r.u32();
        break;
      case 64:
        m.peer = r.u32();
        break;
      case 74:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 82:
        m.opts = r.alike(SkOptsEntryCodec, m.opts);
        break;
      case 90:
        m.name = r.bytes();
        break;
      case 96:
        m.shutdown = r.i32();
        break;
      case 106: {
        const outer = r.enter();
        m.file_perms ??= newFilePermsEntry();
        readFilePermsEntry(r, m.file_perms);
        r.leave(outer);
        break;
      }
      case 114:
        m.name_dir = r.str();
        break;
      case 120:
        m.deleted = r.bool();
        break;
      case 128:
        m.ns_id = r.u32();
        break;
      case 136:
        m.mnt_id = r.s32();
        break;
      case 8000:
        m.reset = r.bool();
        break;
      case 8008:
        m.peer_cred.push(r.u32());
        break;
      case 8010: {
        const outer = r.enter();
        r.u32s(m.peer_cred);
        r.leave(outer);
        break;
      }
      case 8016:
        m.connected_by.push(r.u32());
        break;
      case 8018: {
        const outer = r.enter();
        r.u32s(m.connected_by);
        r.leave(outer);
        break;
      }
      case 8026:
        m.gone_peer = r.bytes();
        break;
      case 8034:
        m.file_name = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('unix_sk_entry.id');
  if (m.ino === undefined) r.missing('unix_sk_entry.ino');
  if (m.type === undefined) r.missing('unix_sk_entry.type');
  if (m.state === undefined) r.missing('unix_sk_entry.state');
  if (m.flags === undefined) r.missing('unix_sk_entry.flags');
  if (m.uflags === undefined) r.missing('unix_sk_entry.uflags');
  if (m.backlog === undefined) r.missing('unix_sk_entry.backlog');
  if (m.peer === undefined) r.missing('unix_sk_entry.peer');
  if (m.fown === undefined) r.missing('unix_sk_entry.fown');
  if (m.opts === undefined) r.missing('unix_sk_entry.opts');
  if (m.name === undefined) r.missing('unix_sk_entry.name');
}
function writeUnixSkEntry(w: Writer, m: Encodable<T.UnixSkEntry>): void {
  w.u32(8, m.id, 'unix_sk_entry.id');
  w.u32(16, m.ino, 'unix_sk_entry.ino');
  w.u32(24, m.type, 'unix_sk_entry.type');
  w.u32(32, m.state, 'unix_sk_entry.state');
  w.u32(40, m.flags, 'unix_sk_entry.flags');
  w.u32(48, m.uflags, 'unix_sk_entry.uflags');
  w.u32(56, m.backlog, 'unix_sk_entry.backlog');
  w.u32(64, m.peer, 'unix_sk_entry.peer');
  w.alike(74, m.fown, 'unix_sk_entry.fown', writeFownEntry);
  w.alike(82, m.opts, 'unix_sk_entry.opts', writeSkOptsEntry);
  w.bytes(90, m.name, 'unix_sk_entry.name');
  if (m.shutdown != null) w.i32(96, m.shutdown, 'unix_sk_entry.shutdown');
  if (m.file_perms != null) { const start = w.begin(106, m.file_perms, 'unix_sk_entry.file_perms'); writeFilePermsEntry(w, m.file_perms); w.end(start); }
  if (m.name_dir != null) w.str(114, m.name_dir, 'unix_sk_entry.name_dir');
  if (m.deleted != null) w.bool(120, m.deleted, 'unix_sk_entry.deleted');
  if (m.ns_id != null) w.u32(128, m.ns_id, 'unix_sk_entry.ns_id');
  if (m.mnt_id != null) w.s32(136, m.mnt_id, 'unix_sk_entry.mnt_id');
  if (m.reset != null) w.bool(8000, m.reset, 'unix_sk_entry.reset');
  if (m.peer_cred != null) for (const v of m.peer_cred) w.u32(8008, v, 'unix_sk_entry.peer_cred');
  if (m.connected_by != null) for (const v of m.connected_by) w.u32(8016, v, 'unix_sk_entry.connected_by');
  if (m.gone_peer != null) w.bytes(8026, m.gone_peer, 'unix_sk_entry.gone_peer');
  if (m.file_name != null) w.str(8034, m.file_name, 'unix_sk_entry.file_name');
  w.unknown(m);
}
export const UnixSkEntryCodec: Codec<T.UnixSkEntry> = { create: newUnixSkEntry, read: readUnixSkEntry, write: writeUnixSkEntry };

function newDumpStatsEntry(): T.DumpStatsEntry {
  return { freezing_time: undefined as never, frozen_time: undefined as never, memdump_time: undefined as never, memwrite_time: undefined as never, pages_scanned: undefined as never, pages_skipped_parent: undefined as never, pages_written: undefined as never, pages_lazy: undefined as never };
}
function readDumpStatsEntry(r: Reader, m: T.DumpStatsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.freezing_time = r.u32();
        break;
      case 16:
        m.frozen_time = r.u32();
        break;
      case 24:
        m.memdump_time = r.u32();
        break;
      case 32:
        m.memwrite_time = r.u32();
        break;
      case 40:
        m.pages_scanned = r.u64();
        break;
      case 48:
        m.pages_skipped_parent = r.u64();
        break;
      case 56:
        m.pages_written = r.u64();
        break;
      case 64:
        m.irmap_resolve = r.u32();
        break;
      case 72:
        m.pages_lazy = r.u64();
        break;
      case 80:
        m.page_pipes = r.u64();
        break;
      case 88:
        m.page_pipe_bufs = r.u64();
        break;
      case 96:
        m.shpages_scanned = r.u64();
        break;
      case 104:
        m.shpages_skipped_parent = r.u64();
        break;
      case 112:
        m.shpages_written = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.freezing_time === undefined) r.missing('dump_stats_entry.freezing_time');
  if (m.frozen_time === undefined) r.missing('dump_stats_entry.frozen_time');
  if (m.memdump_time === undefined) r.missing('dump_stats_entry.memdump_time');
  if (m.memwrite_time === undefined) r.missing('dump_stats_entry.memwrite_time');
  if (m.pages_scanned === undefined) r.missing('dump_stats_entry.pages_scanned');
  if (m.pages_skipped_parent === undefined) r.missing('dump_stats_entry.pages_skipped_parent');
  if (m.pages_written === undefined) r.missing('dump_stats_entry.pages_written');
  if (m.pages_lazy === undefined) r.missing('dump_stats_entry.pages_lazy');
}
function writeDumpStatsEntry(w: Writer, m: Encodable<T.DumpStatsEntry>): void {
  w.u32(8, m.freezing_time, 'dump_stats_entry.freezing_time');
  w.u32(16, m.frozen_time, 'dump_stats_entry.frozen_time');
  w.u32(24, m.memdump_time, 'dump_stats_entry.memdump_time');
  w.u32(32, m.memwrite_time, 'dump_stats_entry.memwrite_time');
  w.u64(40, m.pages_scanned, 'dump_stats_entry.pages_scanned');
  w.u64(48, m.pages_skipped_parent, 'dump_stats_entry.pages_skipped_parent');
  w.u64(56, m.pages_written, 'dump_stats_entry.pages_written');
  if (m.irmap_resolve != null) w.u32(64, m.irmap_resolve, 'dump_stats_entry.irmap_resolve');
  w.u64(72, m.pages_lazy, 'dump_stats_entry.pages_lazy');
  if (m.page_pipes != null) w.u64(80, m.page_pipes, 'dump_stats_entry.page_pipes');
  if (m.page_pipe_bufs != null) w.u64(88, m.page_pipe_bufs, 'dump_stats_entry.page_pipe_bufs');
  if (m.shpages_scanned != null) w.u64(96, m.shpages_scanned, 'dump_stats_entry.shpages_scanned');
  if (m.shpages_skipped_parent != null) w.u64(104, m.shpages_skipped_parent, 'dump_stats_entry.shpages_skipped_parent');
  if (m.shpages_written != null) w.u64(112, m.shpages_written, 'dump_stats_entry.shpages_written');
  w.unknown(m);
}
export const DumpStatsEntryCodec: Codec<T.DumpStatsEntry> = { create: newDumpStatsEntry, read: readDumpStatsEntry, write: writeDumpStatsEntry };

function newRestoreStatsEntry(): T.RestoreStatsEntry {
  return { pages_compared: undefined as never, pages_skipped_cow: undefined as never, forking_time: undefined as never, restore_time: undefined as never };
}
function readRestoreStatsEntry(r: Reader, m: T.RestoreStatsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pages_compared = r.u64();
        break;
      case 16:
        m.pages_skipped_cow = r.u64();
        break;
      case 24:
        m.forking_time = r.u32();
        break;
      case 32:
        m.restore_time = r.u32();
        break;
      case 40:
        m.pages_restored = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pages_compared === undefined) r.missing('restore_stats_entry.pages_compared');
  if (m.pages_skipped_cow === undefined) r.missing('restore_stats_entry.pages_skipped_cow');
  if (m.forking_time === undefined) r.missing('restore_stats_entry.forking_time');
  if (m.restore_time === undefined) r.missing('restore_stats_entry.restore_time');
}
function writeRestoreStatsEntry(w: Writer, m: Encodable<T.RestoreStatsEntry>): void {
  w.u64(8, m.pages_compared, 'restore_stats_entry.pages_compared');
  w.u64(16, m.pages_skipped_cow, 'restore_stats_entry.pages_skipped_cow');
  w.u32(24, m.forking_time, 'restore_stats_entry.forking_time');
  w.u32(32, m.restore_time, 'restore_stats_entry.restore_time');
  if (m.pages_restored != null) w.u64(40, m.pages_restored, 'restore_stats_entry.pages_restored');
  w.unknown(m);
}
export const RestoreStatsEntryCodec: Codec<T.RestoreStatsEntry> = { create: newRestoreStatsEntry, read: readRestoreStatsEntry, write: writeRestoreStatsEntry };

function newDumpOriginEntry(): T.DumpOriginEntry {
  return {};
}
function readDumpOriginEntry(r: Reader, m: T.DumpOriginEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.dumped_at = r.u64();
        break;
      case 18:
        m.dumped_by = r.str();
        break;
      case 26:
        m.kernel = r.str();
        break;
      case 34:
        m.machine = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
function writeDumpOriginEntry(w: Writer, m: Encodable<T.DumpOriginEntry>): void {
  if (m.dumped_at != null) w.u64(8, m.dumped_at, 'dump_origin_entry.dumped_at');
  if (m.dumped_by != null) w.str(18, m.dumped_by, 'dump_origin_entry.dumped_by');
  if (m.kernel != null) w.str(26, m.kernel, 'dump_origin_entry.kernel');
  if (m.machine != null) w.str(34, m.machine, 'dump_origin_entry.machine');
  w.unknown(m);
}
export const DumpOriginEntryCodec: Codec<T.DumpOriginEntry> = { create: newDumpOriginEntry, read: readDumpOriginEntry, write: writeDumpOriginEntry };

function newStatsEntry(): T.StatsEntry {
  return {};
}
function readStatsEntry(r: Reader, m: T.StatsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.dump ??= newDumpStatsEntry();
        readDumpStatsEntry(r, m.dump);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.restore ??= newRestoreStatsEntry();
        readRestoreStatsEntry(r, m.restore);
        r.leave(outer);
        break;
      }
      case 8002: {
        const outer = r.enter();
        m.origin ??= newDumpOriginEntry();
        readDumpOriginEntry(r, m.origin);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
function writeStatsEntry(w: Writer, m: Encodable<T.StatsEntry>): void {
  if (m.dump != null) { const start = w.begin(10, m.dump, 'stats_entry.dump'); writeDumpStatsEntry(w, m.dump); w.end(start); }
  if (m.restore != null) { const start = w.begin(18, m.restore, 'stats_entry.restore'); writeRestoreStatsEntry(w, m.restore); w.end(start); }
  if (m.origin != null) { const start = w.begin(8002, m.origin, 'stats_entry.origin'); writeDumpOriginEntry(w, m.origin); w.end(start); }
  w.unknown(m);
}
export const StatsEntryCodec: Codec<T.StatsEntry> = { create: newStatsEntry, read: readStatsEntry, write: writeStatsEntry };

function newSysctlEntry(): T.SysctlEntry {
  return { type: undefined as never };
}
function readSysctlEntry(r: Reader, m: T.SysctlEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.i32();
        break;
      case 16:
        m.iarg = r.i32();
        break;
      case 26:
        m.sarg = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('sysctl_entry.type');
}
function writeSysctlEntry(w: Writer, m: Encodable<T.SysctlEntry>): void {
  w.i32(8, m.type, 'sysctl_entry.type');
  if (m.iarg != null) w.i32(16, m.iarg, 'sysctl_entry.iarg');
  if (m.sarg != null) w.str(26, m.sarg, 'sysctl_entry.sarg');
  w.unknown(m);
}
export const SysctlEntryCodec: Codec<T.SysctlEntry> = { create: newSysctlEntry, read: readSysctlEntry, write: writeSysctlEntry };

function newTcpOptsEntry(): T.TcpOptsEntry {
  return {};
}
function readTcpOptsEntry(r: Reader, m: T.TcpOptsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.cork = r.bool();
        break;
      case 16:
        m.nodelay = r.bool();
        break;
      case 24:
        m.keepcnt = r.u32();
        break;
      case 32:
        m.keepidle = r.u32();
        break;
      case 40:
        m.keepintvl = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
function writeTcpOptsEntry(w: Writer, m: Encodable<T.TcpOptsEntry>): void {
  if (m.cork != null) w.bool(8, m.cork, 'tcp_opts_entry.cork');
  if (m.nodelay != null) w.bool(16, m.nodelay, 'tcp_opts_entry.nodelay');
  if (m.keepcnt != null) w.u32(24, m.keepcnt, 'tcp_opts_entry.keepcnt');
  if (m.keepidle != null) w.u32(32, m.keepidle, 'tcp_opts_entry.keepidle');
  if (m.keepintvl != null) w.u32(40, m.keepintvl, 'tcp_opts_entry.keepintvl');
  w.unknown(m);
}
export const TcpOptsEntryCodec: Codec<T.TcpOptsEntry> = { create: newTcpOptsEntry, read: readTcpOptsEntry, write: writeTcpOptsEntry };

function newTcpStreamEntry(): T.TcpStreamEntry {
  return { inq_len: undefined as never, inq_seq: undefined as never, outq_len: undefined as never, outq_seq: undefined as never, opt_mask: undefined as never, snd_wscale: undefined as never, mss_clamp: undefined as never };
}
function readTcpStreamEntry(r: Reader, m: T.TcpStreamEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.inq_len = r.u32();
        break;
      case 16:
        m.inq_seq = r.u32();
        break;
      case 24:
        m.outq_len = r.u32();
        break;
      case 32:
        m.outq_seq = r.u32();
        break;
      case 40:
        m.opt_mask = r.u32();
        break;
      case 48:
        m.snd_wscale = r.u32();
        break;
      case 56:
        m.mss_clamp = r.u32();
        break;
      case 64:
        m.rcv_wscale = r.u32();
        break;
      case 72:
        m.timestamp = r.u32();
        break;
      case 80:
        m.cork = r.bool();
        break;
      case 88:
        m.nodelay = r.bool();
        break;
      case 96:
        m.unsq_len = r.u32();
        break;
      case 104:
        m.snd_wl1 = r.u32();
        break;
      case 112:
        m.snd_wnd = r.u32();
        break;
      case 120:
        m.max_window = r.u32();
        break;
      case 128:
        m.rcv_wnd = r.u32();
        break;
      case 136:
        m.rcv_wup = r.u32();
        break;
      case 8000:
        m.window_clamp = r.u32();
        break;
      case 8008:
        m.error = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.inq_len === undefined) r.missing('tcp_stream_entry.inq_len');
  if (m.inq_seq === undefined) r.missing('tcp_stream_entry.inq_seq');
  if (m.outq_len === undefined) r.missing('tcp_stream_entry.outq_len');
  if (m.outq_seq === undefined) r.missing('tcp_stream_entry.outq_seq');
  if (m.opt_mask === undefined) r.missing('tcp_stream_entry.opt_mask');
  if (m.snd_wscale === undefined) r.missing('tcp_stream_entry.snd_wscale');
  if (m.mss_clamp === undefined) r.missing('tcp_stream_entry.mss_clamp');
}
function writeTcpStreamEntry(w: Writer, m: Encodable<T.TcpStreamEntry>): void {
  w.u32(8, m.inq_len, 'tcp_stream_entry.inq_len');
  w.u32(16, m.inq_seq, 'tcp_stream_entry.inq_seq');
  w.u32(24, m.outq_len, 'tcp_stream_entry.outq_len');
  w.u32(32, m.outq_seq, 'tcp_stream_entry.outq_seq');
  w.u32(40, m.opt_mask, 'tcp_stream_entry.opt_mask');
  w.u32(48, m.snd_wscale, 'tcp_stream_entry.snd_wscale');
  w.u32(56, m.mss_clamp, 'tcp_stream_entry.mss_clamp');
  if (m.rcv_wscale != null) w.u32(64, m.rcv_wscale, 'tcp_stream_entry.rcv_wscale');
  if (m.timestamp != null) w.u32(72, m.timestamp, 'tcp_stream_entry.timestamp');
  if (m.cork != null) w.bool(80, m.cork, 'tcp_stream_entry.cork');
  if (m.nodelay != null) w.bool(88, m.nodelay, 'tcp_stream_entry.nodelay');
  if (m.unsq_len != null) w.u32(96, m.unsq_len, 'tcp_stream_entry.unsq_len');
  if (m.snd_wl1 != null) w.u32(104, m.snd_wl1, 'tcp_stream_entry.snd_wl1');
  if (m.snd_wnd != null) w.u32(112, m.snd_wnd, 'tcp_stream_entry.snd_wnd');
  if (m.max_window != null) w.u32(120, m.max_window, 'tcp_stream_entry.max_window');
  if (m.rcv_wnd != null) w.u32(128, m.rcv_wnd, 'tcp_stream_entry.rcv_wnd');
  if (m.rcv_wup != null) w.u32(136, m.rcv_wup, 'tcp_stream_entry.rcv_wup');
  if (m.window_clamp != null) w.u32(8000, m.window_clamp, 'tcp_stream_entry.window_clamp');
  if (m.error != null) w.u32(8008, m.error, 'tcp_stream_entry.error');
  w.unknown(m);
}
export const TcpStreamEntryCodec: Codec<T.TcpStreamEntry> = { create: newTcpStreamEntry, read: readTcpStreamEntry, write: writeTcpStreamEntry };

function newTimeval(): T.Timeval {
  return { tv_sec: undefined as never, tv_usec: undefined as never };
}
function readTimeval(r: Reader, m: T.Timeval): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.tv_sec = r.u64();
        break;
      case 16:
        m.tv_usec = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.tv_sec === undefined) r.missing('timeval.tv_sec');
  if (m.tv_usec === undefined) r.missing('timeval.tv_usec');
}
function writeTimeval(w: Writer, m: Encodable<T.Timeval>): void {
  w.u64(8, m.tv_sec, 'timeval.tv_sec');
  w.u64(16, m.tv_usec, 'timeval.tv_usec');
  w.unknown(m);
}
export const TimevalCodec: Codec<T.Timeval> = { create: newTimeval, read: readTimeval, write: writeTimeval };

function newTimespec(): T.Timespec {
  return { tv_sec: undefined as never, tv_nsec: undefined as never };
}
function readTimespec(r: Reader, m: T.Timespec): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.tv_sec = r.u64();
        break;
      case 16:
        m.tv_nsec = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.tv_sec === undefined) r.missing('timespec.tv_sec');
  if (m.tv_nsec === undefined) r.missing('timespec.tv_nsec');
}
function writeTimespec(w: Writer, m: Encodable<T.Timespec>): void {
  w.u64(8, m.tv_sec, 'timespec.tv_sec');
  w.u64(16, m.tv_nsec, 'timespec.tv_nsec');
  w.unknown(m);
}
export const TimespecCodec: Codec<T.Timespec> = { create: newTimespec, read: readTimespec, write: writeTimespec };

function newTimensEntry(): T.TimensEntry {
  return { monotonic: undefined as never, boottime: undefined as never };
}
function readTimensEntry(r: Reader, m: T.TimensEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.monotonic ??= newTimespec();
        readTimespec(r, m.monotonic);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.boottime ??= newTimespec();
        readTimespec(r, m.boottime);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.monotonic === undefined) r.missing('timens_entry.monotonic');
  if (m.boottime === undefined) r.missing('timens_entry.boottime');
}
function writeTimensEntry(w: Writer, m: Encodable<T.TimensEntry>): void {
  { const start = w.begin(10, m.monotonic, 'timens_entry.monotonic'); writeTimespec(w, m.monotonic); w.end(start); }
  { const start = w.begin(18, m.boottime, 'timens_entry.boottime'); writeTimespec(w, m.boottime); w.end(start); }
  w.unknown(m);
}
export const TimensEntryCodec: Codec<T.TimensEntry> = { create: newTimensEntry, read: readTimensEntry, write: writeTimensEntry };

function newItimerEntry(): T.ItimerEntry {
  return { isec: undefined as never, iusec: undefined as never, vsec: undefined as never, vusec: undefined as never };
}
function readItimerEntry(r: Reader, m: T.ItimerEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.isec = r.u64();
        break;
      case 16:
        m.iusec = r.u64();
        break;
      case 24:
        m.vsec = r.u64();
        break;
      case 32:
        m.vusec = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.isec === undefined) r.missing('itimer_entry.isec');
  if (m.iusec === undefined) r.missing('itimer_entry.iusec');
  if (m.vsec === undefined) r.missing('itimer_entry.vsec');
  if (m.vusec === undefined) r.missing('itimer_entry.vusec');
}
function writeItimerEntry(w: Writer, m: Encodable<T.ItimerEntry>): void {
  w.u64(8, m.isec, 'itimer_entry.isec');
  w.u64(16, m.iusec, 'itimer_entry.iusec');
  w.u64(24, m.vsec, 'itimer_entry.vsec');
  w.u64(32, m.vusec, 'itimer_entry.vusec');
  w.unknown(m);
}
export const ItimerEntryCodec: Codec<T.ItimerEntry> = { create: newItimerEntry, read: readItimerEntry, write: writeItimerEntry };

function newPosixTimerEntry(): T.PosixTimerEntry {
  return { it_id: undefined as never, clock_id: undefined as never, si_signo: undefined as never, it_sigev_notify: undefined as never, sival_ptr: undefined as never, overrun: undefined as never, isec: undefined as never, insec: undefined as never, vsec: undefined as never, vnsec: undefined as never };
}
function readPosixTimerEntry(r: Reader, m: T.PosixTimerEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.it_id = r.u32();
        break;
      case 16:
        m.clock_id = r.u32();
        break;
      case 24:
        m.si_signo = r.u32();
        break;
      case 32:
        m.it_sigev_notify = r.u32();
        break;
      case 40:
        m.sival_ptr = r.u64();
        break;
      case 48:
        m.overrun = r.u32();
        break;
      case 56:
        m.isec = r.u64();
        break;
      case 64:
        m.insec = r.u64();
        break;
      case 72:
        m.vsec = r.u64();
        break;
      case 80:
        m.vnsec = r.u64();
        break;
      case 88:
        m.notify_thread_id = r.i32();
        break;
      case 8000:
        m.clock_gone = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.it_id === undefined) r.missing('posix_timer_entry.it_id');
  if (m.clock_id === undefined) r.missing('posix_timer_entry.clock_id');
  if (m.si_signo === undefined) r.missing('posix_timer_entry.si_signo');
  if (m.it_sigev_notify === undefined) r.missing('posix_timer_entry.it_sigev_notify');
  if (m.sival_ptr === undefined) r.missing('posix_timer_entry.sival_ptr');
  if (m.overrun === undefined) r.missing('posix_timer_entry.overrun');
  if (m.isec === undefined) r.missing('posix_timer_entry.isec');
  if (m.insec === undefined) r.missing('posix_timer_entry.insec');
  if (m.vsec === undefined) r.missing('posix_timer_entry.vsec');
  if (m.vnsec === undefined) r.missing('posix_timer_entry.vnsec');
}
function writePosixTimerEntry(w: Writer, m: Encodable<T.PosixTimerEntry>): void {
  w.u32(8, m.it_id, 'posix_timer_entry.it_id');
  w.u32(16, m.clock_id, 'posix_timer_entry.clock_id');
  w.u32(24, m.si_signo, 'posix_timer_entry.si_signo');
  w.u32(32, m.it_sigev_notify, 'posix_timer_entry.it_sigev_notify');
  w.u64(40, m.sival_ptr, 'posix_timer_entry.sival_ptr');
  w.u32(48, m.overrun, 'posix_timer_entry.overrun');
  w.u64(56, m.isec, 'posix_timer_entry.isec');
  w.u64(64, m.insec, 'posix_timer_entry.insec');
  w.u64(72, m.vsec, 'posix_timer_entry.vsec');
  w.u64(80, m.vnsec, 'posix_timer_entry.vnsec');
  if (m.notify_thread_id != null) w.i32(88, m.notify_thread_id, 'posix_timer_entry.notify_thread_id');
  if (m.clock_gone != null) w.bool(8000, m.clock_gone, 'posix_timer_entry.clock_gone');
  w.unknown(m);
}
export const PosixTimerEntryCodec: Codec<T.PosixTimerEntry> = { create: newPosixTimerEntry, read: readPosixTimerEntry, write: writePosixTimerEntry };

function newTaskTimersEntry(): T.TaskTimersEntry {
  return { real: undefined as never, virt: undefined as never, prof: undefined as never, posix: [] };
}
function readTaskTimersEntry(r: Reader, m: T.TaskTimersEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.real ??= newItimerEntry();
        readItimerEntry(r, m.real);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.virt ??= newItimerEntry();
        readItimerEntry(r, m.virt);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.prof ??= newItimerEntry();
        readItimerEntry(r, m.prof);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        const v = newPosixTimerEntry();
        readPosixTimerEntry(r, v);
        m.posix.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.real === undefined) r.missing('task_timers_entry.real');
  if (m.virt === undefined) r.missing('task_timers_entry.virt');
  if (m.prof === undefined) r.missing('task_timers_entry.prof');
}
function writeTaskTimersEntry(w: Writer, m: Encodable<T.TaskTimersEntry>): void {
  { const start = w.begin(10, m.real, 'task_timers_entry.real'); writeItimerEntry(w, m.real); w.end(start); }
  { const start = w.begin(18, m.virt, 'task_timers_entry.virt'); writeItimerEntry(w, m.virt); w.end(start); }
  { const start = w.begin(26, m.prof, 'task_timers_entry.prof'); writeItimerEntry(w, m.prof); w.end(start); }
  if (m.posix != null) for (const v of m.posix) { const start = w.begin(34, v, 'task_timers_entry.posix'); writePosixTimerEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const TaskTimersEntryCodec: Codec<T.TaskTimersEntry> = { create: newTaskTimersEntry, read: readTaskTimersEntry, write: writeTaskTimersEntry };

function newTimerfdEntry(): T.TimerfdEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, clockid: undefined as never, ticks: undefined as never, settime_flags: undefined as never, vsec: undefined as never, vnsec: undefined as never, isec: undefined as never, insec: undefined as never };
}
function readTimerfdEntry(r: Reader, m: T.TimerfdEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 26:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 32:
        m.clockid = r.u32();
        break;
      case 40:
        m.ticks = r.u64();
        break;
      case 48:
        m.settime_flags = r.u32();
        break;
      case 56:
        m.vsec = r.u64();
        break;
      case 64:
        m.vnsec = r.u64();
        break;
      case 72:
        m.isec = r.u64();
        break;
      case 80:
        m.insec = r.u64();
        break;
      case 8000:
        m.expires_at = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('timerfd_entry.id');
  if (m.flags === undefined) r.missing('timerfd_entry.flags');
  if (m.fown === undefined) r.missing('timerfd_entry.fown');
  if (m.clockid === undefined) r.missing('timerfd_entry.clockid');
  if (m.ticks === undefined) r.missing('timerfd_entry.ticks');
  if (m.settime_flags === undefined) r.missing('timerfd_entry.settime_flags');
  if (m.vsec === undefined) r.missing('timerfd_entry.vsec');
  if (m.vnsec === undefined) r.missing('timerfd_entry.vnsec');
  if (m.isec === undefined) r.missing('timerfd_entry.isec');
  if (m.insec === undefined) r.missing('timerfd_entry.insec');
}
function writeTimerfdEntry(w: Writer, m: Encodable<T.TimerfdEntry>): void {
  w.u32(8, m.id, 'timerfd_entry.id');
  w.u32(16, m.flags, 'timerfd_entry.flags');
  w.alike(26, m.fown, 'timerfd_entry.fown', writeFownEntry);
  w.u32(32, m.clockid, 'timerfd_entry.clockid');
  w.u64(40, m.ticks, 'timerfd_entry.ticks');
  w.u32(48, m.settime_flags, 'timerfd_entry.settime_flags');
  w.u64(56, m.vsec, 'timerfd_entry.vsec');
  w.u64(64, m.vnsec, 'timerfd_entry.vnsec');
  w.u64(72, m.isec, 'timerfd_entry.isec');
  w.u64(80, m.insec, 'timerfd_entry.insec');
  if (m.expires_at != null) w.u64(8000, m.expires_at, 'timerfd_entry.expires_at');
  w.unknown(m);
}
export const TimerfdEntryCodec: Codec<T.TimerfdEntry> = { create: newTimerfdEntry, read: readTimerfdEntry, write: writeTimerfdEntry };

function newWinsizeEntry(): T.WinsizeEntry {
  return { ws_row: undefined as never, ws_col: undefined as never, ws_xpixel: undefined as never, ws_ypixel: undefined as never };
}
function readWinsizeEntry(r: Reader, m: T.WinsizeEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.ws_row = r.u32();
        break;
      case 16:
        m.ws_col = r.u32();
        break;
      case 24:
        m.ws_xpixel = r.u32();
        break;
      case 32:
        m.ws_ypixel = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.ws_row === undefined) r.missing('winsize_entry.ws_row');
  if (m.ws_col === undefined) r.missing('winsize_entry.ws_col');
  if (m.ws_xpixel === undefined) r.missing('winsize_entry.ws_xpixel');
  if (m.ws_ypixel === undefined) r.missing('winsize_entry.ws_ypixel');
}
function writeWinsizeEntry(w: Writer, m: Encodable<T.WinsizeEntry>): void {
  w.u32(8, m.ws_row, 'winsize_entry.ws_row');
  w.u32(16, m.ws_col, 'winsize_entry.ws_col');
  w.u32(24, m.ws_xpixel, 'winsize_entry.ws_xpixel');
  w.u32(32, m.ws_ypixel, 'winsize_entry.ws_ypixel');
  w.unknown(m);
}
export const WinsizeEntryCodec: Codec<T.WinsizeEntry> = { create: newWinsizeEntry, read: readWinsizeEntry, write: writeWinsizeEntry };

function newTermiosEntry(): T.TermiosEntry {
  return { c_iflag: undefined as never, c_oflag: undefined as never, c_cflag: undefined as never, c_lflag: undefined as never, c_line: undefined as never, c_ispeed: undefined as never, c_ospeed: undefined as never, c_cc: [] };
}
function readTermiosEntry(r: Reader, m: T.TermiosEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.c_iflag = r.u32();
        break;
      case 16:
        m.c_oflag = r.u32();
        break;
      case 24:
        m.c_cflag = r.u32();
        break;
      case 32:
        m.c_lflag = r.u32();
        break;
      case 40:
        m.c_line = r.u32();
        break;
      case 48:
        m.c_ispeed = r.u32();
        break;
      case 56:
        m.c_ospeed = r.u32();
        break;
      case 64:
        m.c_cc.push(r.u32());
        break;
      case 66: {
        const outer = r.enter();
        r.u32s(m.c_cc);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.c_iflag === undefined) r.missing('termios_entry.c_iflag');
  if (m.c_oflag === undefined) r.missing('termios_entry.c_oflag');
  if (m.c_cflag === undefined) r.missing('termios_entry.c_cflag');
  if (m.c_lflag === undefined) r.missing('termios_entry.c_lflag');
  if (m.c_line === undefined) r.missing('termios_entry.c_line');
  if (m.c_ispeed === undefined) r.missing('termios_entry.c_ispeed');
  if (m.c_ospeed === undefined) r.missing('termios_entry.c_ospeed');
}
function writeTermiosEntry(w: Writer, m: Encodable<T.TermiosEntry>): void {
  w.u32(8, m.c_iflag, 'termios_entry.c_iflag');
  w.u32(16, m.c_oflag, 'termios_entry.c_oflag');
  w.u32(24, m.c_cflag, 'termios_entry.c_cflag');
  w.u32(32, m.c_lflag, 'termios_entry.c_lflag');
  w.u32(40, m.c_line, 'termios_entry.c_line');
  w.u32(48, m.c_ispeed, 'termios_entry.c_ispeed');
  w.u32(56, m.c_ospeed, 'termios_entry.c_ospeed');
  if (m.c_cc != null) for (const v of m.c_cc) w.u32(64, v, 'termios_entry.c_cc');
  w.unknown(m);
}
export const TermiosEntryCodec: Codec<T.TermiosEntry> = { create: newTermiosEntry, read: readTermiosEntry, write: writeTermiosEntry };

function newTtyPtyEntry(): T.TtyPtyEntry {
  return { index: undefined as never };
}
function readTtyPtyEntry(r: Reader, m: T.TtyPtyEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.index = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.index === undefined) r.missing('tty_pty_entry.index');
}
function writeTtyPtyEntry(w: Writer, m: Encodable<T.TtyPtyEntry>): void {
  w.u32(8, m.index, 'tty_pty_entry.index');
  w.unknown(m);
}
export const TtyPtyEntryCodec: Codec<T.TtyPtyEntry> = { create: newTtyPtyEntry, read: readTtyPtyEntry, write: writeTtyPtyEntry };

function newTtyDataEntry(): T.TtyDataEntry {
  return { tty_id: undefined as never, data: undefined as never, ends: [] };
}
function readTtyDataEntry(r: Reader, m: T.TtyDataEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.tty_id = r.u32();
        break;
      case 18:
        m.data = r.bytes();
        break;
      case 8000:
        m.ends.push(r.u32());
        break;
      case 8002: {
        const outer = r.enter();
        r.u32s(m.ends);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.tty_id === undefined) r.missing('tty_data_entry.tty_id');
  if (m.data === undefined) r.missing('tty_data_entry.data');
}
function writeTtyDataEntry(w: Writer, m: Encodable<T.TtyDataEntry>): void {
  w.u32(8, m.tty_id, 'tty_data_entry.tty_id');
  w.bytes(18, m.data, 'tty_data_entry.data');
  if (m.ends != null) for (const v of m.ends) w.u32(8000, v, 'tty_data_entry.ends');
  w.unknown(m);
}
export const TtyDataEntryCodec: Codec<T.TtyDataEntry> = { create: newTtyDataEntry, read: readTtyDataEntry, write: writeTtyDataEntry };

function newTtyInfoEntry(): T.TtyInfoEntry {
  return { id: undefined as never, type: undefined as never, locked: undefined as never, exclusive: undefined as never, packet_mode: undefined as never, sid: undefined as never, pgrp: undefined as never, rdev: undefined as never };
}
function readTtyInfoEntry(r: Reader, m: T.TtyInfoEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.type = r.i32();
        break;
      case 24:
        m.locked = r.bool();
        break;
      case 32:
        m.exclusive = r.bool();
        break;
      case 40:
        m.packet_mode = r.bool();
        break;
      case 48:
        m.sid = r.u32();
        break;
      case 56:
        m.pgrp = r.u32();
        break;
      case 64:
        m.rdev = r.u32();
        break;
      case 74: {
        const outer = r.enter();
        m.termios ??= newTermiosEntry();
        readTermiosEntry(r, m.termios);
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        m.termios_locked ??= newTermiosEntry();
        readTermiosEntry(r, m.termios_locked);
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        m.winsize ??= newWinsizeEntry();
        readWinsizeEntry(r, m.winsize);
        r.leave(outer);
        break;
      }
      case 98: {
        const outer = r.enter();
        m.pty ??= newTtyPtyEntry();
        readTtyPtyEntry(r, m.pty);
        r.leave(outer);
        break;
      }
      case 104:
        m.dev = r.u32();
        break;
      case 112:
        m.uid = r.u32();
        break;
      case 120:
        m.gid = r.u32();
        break;
      case 8000:
        m.slave_left = r.bool();
        break;
      case 8008:
        m.output_stopped = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('tty_info_entry.id');
  if (m.type === undefined) r.missing('tty_info_entry.type');
  if (m.locked === undefined) r.missing('tty_info_entry.locked');
  if (m.exclusive === undefined) r.missing('tty_info_entry.exclusive');
  if (m.packet_mode === undefined) r.missing('tty_info_entry.packet_mode');
  if (m.sid === undefined) r.missing('tty_info_entry.sid');
  if (m.pgrp === undefined) r.missing('tty_info_entry.pgrp');
  if (m.rdev === undefined) r.missing('tty_info_entry.rdev');
}
function writeTtyInfoEntry(w: Writer, m: Encodable<T.TtyInfoEntry>): void {
  w.u32(8, m.id, 'tty_info_entry.id');
  w.i32(16, m.type, 'tty_info_entry.type');
  w.bool(24, m.locked, 'tty_info_entry.locked');
  w.bool(32, m.exclusive, 'tty_info_entry.exclusive');
  w.bool(40, m.packet_mode, 'tty_info_entry.packet_mode');
  w.u32(48, m.sid, 'tty_info_entry.sid');
  w.u32(56, m.pgrp, 'tty_info_entry.pgrp');
  w.u32(64, m.rdev, 'tty_info_entry.rdev');
  if (m.termios != null) { const start = w.begin(74, m.termios, 'tty_info_entry.termios'); writeTermiosEntry(w, m.termios); w.end(start); }
  if (m.termios_locked != null) { const start = w.begin(82, m.termios_locked, 'tty_info_entry.termios_locked'); writeTermiosEntry(w, m.termios_locked); w.end(start); }
  if (m.winsize != null) { const start = w.begin(90, m.winsize, 'tty_info_entry.winsize'); writeWinsizeEntry(w, m.winsize); w.end(start); }
  if (m.pty != null) { const start = w.begin(98, m.pty, 'tty_info_entry.pty'); writeTtyPtyEntry(w, m.pty); w.end(start); }
  if (m.dev != null) w.u32(104, m.dev, 'tty_info_entry.dev');
  if (m.uid != null) w.u32(112, m.uid, 'tty_info_entry.uid');
  if (m.gid != null) w.u32(120, m.gid, 'tty_info_entry.gid');
  if (m.slave_left != null) w.bool(8000, m.slave_left, 'tty_info_entry.slave_left');
  if (m.output_stopped != null) w.u32(8008, m.output_stopped, 'tty_info_entry.output_stopped');
  w.unknown(m);
}
export const TtyInfoEntryCodec: Codec<T.TtyInfoEntry> = { create: newTtyInfoEntry, read: readTtyInfoEntry, write: writeTtyInfoEntry };

function newTtyFileEntry(): T.TtyFileEntry {
  return { id: undefined as never, tty_info_id: undefined as never, flags: undefined as never, fown: undefined as never };
}
function readTtyFileEntry(r: Reader, m: T.TtyFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.tty_info_id = r.u32();
        break;
      case 24:
        m.flags = r.u32();
        break;
      case 34:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 48:
        m.regf_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('tty_file_entry.id');
  if (m.tty_info_id === undefined) r.missing('tty_file_entry.tty_info_id');
  if (m.flags === undefined) r.missing('tty_file_entry.flags');
  if (m.fown === undefined) r.missing('tty_file_entry.fown');
}
function writeTtyFileEntry(w: Writer, m: Encodable<T.TtyFileEntry>): void {
  w.u32(8, m.id, 'tty_file_entry.id');
  w.u32(16, m.tty_info_id, 'tty_file_entry.tty_info_id');
  w.u32(24, m.flags, 'tty_file_entry.flags');
  w.alike(34, m.fown, 'tty_file_entry.fown', writeFownEntry);
  if (m.regf_id != null) w.u32(48, m.regf_id, 'tty_file_entry.regf_id');
  w.unknown(m);
}
export const TtyFileEntryCodec: Codec<T.TtyFileEntry> = { create: newTtyFileEntry, read: readTtyFileEntry, write: writeTtyFileEntry };

function newTunfileEntry(): T.TunfileEntry {
  return { id: undefined as never };
}
function readTunfileEntry(r: Reader, m: T.TunfileEntry): void {
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
function writeTunfileEntry(w: Writer, m: Encodable<T.TunfileEntry>): void {
  w.u32(8, m.id, 'tunfile_entry.id');
  if (m.netdev != null) w.str(18, m.netdev, 'tunfile_entry.netdev');
  if (m.detached != null) w.bool(24, m.detached, 'tunfile_entry.detached');
  if (m.ns_id != null) w.u32(32, m.ns_id, 'tunfile_entry.ns_id');
  w.unknown(m);
}
export const TunfileEntryCodec: Codec<T.TunfileEntry> = { create: newTunfileEntry, read: readTunfileEntry, write: writeTunfileEntry };

function newTunLinkEntry(): T.TunLinkEntry {
  return { flags: undefined as never, owner: undefined as never, group: undefined as never, vnethdr: undefined as never, sndbuf: undefined as never };
}
function readTunLinkEntry(r: Reader, m: T.TunLinkEntry): void {
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
function writeTunLinkEntry(w: Writer, m: Encodable<T.TunLinkEntry>): void {
  w.u32(8, m.flags, 'tun_link_entry.flags');
  w.i32(16, m.owner, 'tun_link_entry.owner');
  w.i32(24, m.group, 'tun_link_entry.group');
  w.u32(32, m.vnethdr, 'tun_link_entry.vnethdr');
  w.u32(40, m.sndbuf, 'tun_link_entry.sndbuf');
  w.unknown(m);
}
export const TunLinkEntryCodec: Codec<T.TunLinkEntry> = { create: newTunLinkEntry, read: readTunLinkEntry, write: writeTunLinkEntry };

function newUidGidExtent(): T.UidGidExtent {
  return { first: undefined as never, lower_first: undefined as never, count: undefined as never };
}
function readUidGidExtent(r: Reader, m: T.UidGidExtent): void {
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
function writeUidGidExtent(w: Writer, m: Encodable<T.UidGidExtent>): void {
  w.u32(8, m.first, 'uid_gid_extent.first');
  w.u32(16, m.lower_first, 'uid_gid_extent.lower_first');
  w.u32(24, m.count, 'uid_gid_extent.count');
  w.unknown(m);
}
export const UidGidExtentCodec: Codec<T.UidGidExtent> = { create: newUidGidExtent, read: readUidGidExtent, write: writeUidGidExtent };

function newUsernsEntry(): T.UsernsEntry {
  return { uid_map: [], gid_map: [], outer_groups: [] };
}
function readUsernsEntry(r: Reader, m: T.UsernsEntry): void {
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
function writeUsernsEntry(w: Writer, m: Encodable<T.UsernsEntry>): void {
  if (m.uid_map != null) for (const v of m.uid_map) { const start = w.begin(10, v, 'userns_entry.uid_map'); writeUidGidExtent(w, v); w.end(start); }
  if (m.gid_map != null) for (const v of m.gid_map) { const start = w.begin(18, v, 'userns_entry.gid_map'); writeUidGidExtent(w, v); w.end(start); }
  if (m.setgroups_denied != null) w.bool(8000, m.setgroups_denied, 'userns_entry.setgroups_denied');
  if (m.outer_groups != null) for (const v of m.outer_groups) w.u32(8008, v, 'userns_entry.outer_groups');
  w.unknown(m);
}
export const UsernsEntryCodec: Codec<T.UsernsEntry> = { create: newUsernsEntry, read: readUsernsEntry, write: writeUsernsEntry };

function newUtsnsEntry(): T.UtsnsEntry {
  return { nodename: undefined as never, domainname: undefined as never };
}
function readUtsnsEntry(r: Reader, m: T.UtsnsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.nodename = r.str();
        break;
      case 18:
        m.domainname = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.nodename === undefined) r.missing('utsns_entry.nodename');
  if (m.domainname === undefined) r.missing('utsns_entry.domainname');
}
function writeUtsnsEntry(w: Writer, m: Encodable<T.UtsnsEntry>): void {
  w.str(10, m.nodename, 'utsns_entry.nodename');
  w.str(18, m.domainname, 'utsns_entry.domainname');
  w.unknown(m);
}
export const UtsnsEntryCodec: Codec<T.UtsnsEntry> = { create: newUtsnsEntry, read: readUtsnsEntry, write: writeUtsnsEntry };

function newVmaEntry(): T.VmaEntry {
  return { start: undefined as never, end: undefined as never, pgoff: undefined as never, shmid: undefined as never, prot: undefined as never, flags: undefined as never, status: undefined as never, fd: undefined as never };
}
function readVmaEntry(r: Reader, m: T.VmaEntry): void {
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
function writeVmaEntry(w: Writer, m: Encodable<T.VmaEntry>): void {
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

/** Every codec by the name of its message type. */
export const codecs: { readonly [K in keyof T.MessageTypes]: Codec<T.MessageTypes[K]> } = {
  AaPolicy: AaPolicyCodec,
  AaNamespace: AaNamespaceCodec,
  ApparmorEntry: ApparmorEntryCodec,
  AutofsName: AutofsNameCodec,
  AutofsEntry: AutofsEntryCodec,
  BinfmtMiscEntry: BinfmtMiscEntryCodec,
  BpfmapDataEntry: BpfmapDataEntryCodec,
  BpfmapFileEntry: BpfmapFileEntryCodec,
  CgroupPerms: CgroupPermsCodec,
  CgroupPropEntry: CgroupPropEntryCodec,
  CgroupDirEntry: CgroupDirEntryCodec,
  CgControllerEntry: CgControllerEntryCodec,
  CgMemberEntry: CgMemberEntryCodec,
  CgSetEntry: CgSetEntryCodec,
  CgroupEntry: CgroupEntryCodec,
  UserAarch64RegsEntry: UserAarch64RegsEntryCodec,
  UserAarch64FpsimdContextEntry: UserAarch64FpsimdContextEntryCodec,
  PacAddressKeys: PacAddressKeysCodec,
  PacGenericKeys: PacGenericKeysCodec,
  PacKeys: PacKeysCodec,
  ThreadInfoAarch64: ThreadInfoAarch64Codec,
  UserArmRegsEntry: UserArmRegsEntryCodec,
  UserArmVfpstateEntry: UserArmVfpstateEntryCodec,
  ThreadInfoArm: ThreadInfoArmCodec,
  UserLoongarch64GpregsEntry: UserLoongarch64GpregsEntryCodec,
  UserLoongarch64FpregsEntry: UserLoongarch64FpregsEntryCodec,
  ThreadInfoLoongarch64: ThreadInfoLoongarch64Codec,
  UserMipsRegsEntry: UserMipsRegsEntryCodec,
  UserMipsFpregsEntry: UserMipsFpregsEntryCodec,
  ThreadInfoMips: ThreadInfoMipsCodec,
  UserPpc64RegsEntry: UserPpc64RegsEntryCodec,
  UserPpc64FpstateEntry: UserPpc64FpstateEntryCodec,
  UserPpc64VrstateEntry: UserPpc64VrstateEntryCodec,
  UserPpc64VsxstateEntry: UserPpc64VsxstateEntryCodec,
  UserPpc64TmRegsEntry: UserPpc64TmRegsEntryCodec,
  ThreadInfoPpc64: ThreadInfoPpc64Codec,
  UserRiscv64RegsEntry: UserRiscv64RegsEntryCodec,
  UserRiscv64DExtEntry: UserRiscv64DExtEntryCodec,
  ThreadInfoRiscv64: ThreadInfoRiscv64Codec,
  UserS390RegsEntry: UserS390RegsEntryCodec,
  UserS390VxrsLowEntry: UserS390VxrsLowEntryCodec,
  UserS390VxrsHighEntry: UserS390VxrsHighEntryCodec,
  UserS390FpregsEntry: UserS390FpregsEntryCodec,
  UserS390GsCbEntry: UserS390GsCbEntryCodec,
  UserS390RiEntry: UserS390RiEntryCodec,
  ThreadInfoS390: ThreadInfoS390Codec,
  UserX86RegsEntry: UserX86RegsEntryCodec,
  UserX86CetEntry: UserX86CetEntryCodec,
  UserX86XsaveEntry: UserX86XsaveEntryCodec,
  UserX86FpregsEntry: UserX86FpregsEntryCodec,
  UserDescT: UserDescTCodec,
  ThreadInfoX86: ThreadInfoX86Codec,
  TaskCoreEntry: TaskCoreEntryCodec,
  SemUndoEntry: SemUndoEntryCodec,
  TaskKobjIdsEntry: TaskKobjIdsEntryCodec,
  ThreadSasEntry: ThreadSasEntryCodec,
  ThreadCoreEntry: ThreadCoreEntryCodec,
  TaskRlimitsEntry: TaskRlimitsEntryCodec,
  CoreEntry: CoreEntryCodec,
  CpuinfoX86Entry: CpuinfoX86EntryCodec,
  CpuinfoPpc64Entry: CpuinfoPpc64EntryCodec,
  CpuinfoS390Entry: CpuinfoS390EntryCodec,
  CpuinfoEntry: CpuinfoEntryCodec,
  CredsEntry: CredsEntryCodec,
  EventfdFileEntry: EventfdFileEntryCodec,
  EventpollTfdEntry: EventpollTfdEntryCodec,
  EventpollFileEntry: EventpollFileEntryCodec,
  ExtFileEntry: ExtFileEntryCodec,
  FdinfoEntry: FdinfoEntryCodec,
  FileEntry: FileEntryCodec,
  FhEntry: FhEntryCodec,
  IrmapCacheEntry: IrmapCacheEntryCodec,
  FifoEntry: FifoEntryCodec,
  FileLockEntry: FileLockEntryCodec,
  FownEntry: FownEntryCodec,
  FsEntry: FsEntryCodec,
  InotifyWdEntry: InotifyWdEntryCodec,
  InotifyFileEntry: InotifyFileEntryCodec,
  FanotifyInodeMarkEntry: FanotifyInodeMarkEntryCodec,
  FanotifyMountMarkEntry: FanotifyMountMarkEntryCodec,
  FanotifyMarkEntry: FanotifyMarkEntryCodec,
  FanotifyFileEntry: FanotifyFileEntryCodec,
  GhostFileEntry: GhostFileEntryCodec,
  GhostChunkEntry: GhostChunkEntryCodec,
  ImgStreamerRequestEntry: ImgStreamerRequestEntryCodec,
  ImgStreamerReplyEntry: ImgStreamerReplyEntryCodec,
  PluginsEntry: PluginsEntryCodec,
  InventoryEntry: InventoryEntryCodec,
  IpcDescEntry: IpcDescEntryCodec,
  IpcMsg: IpcMsgCodec,
  IpcMsgEntry: IpcMsgEntryCodec,
  IpcSemEntry: IpcSemEntryCodec,
  IpcShmEntry: IpcShmEntryCodec,
  IpcVarEntry: IpcVarEntryCodec,
  MacvlanLinkEntry: MacvlanLinkEntryCodec,
  MemfdFileEntry: MemfdFileEntryCodec,
  MemfdInodeEntry: MemfdInodeEntryCodec,
  AioRingEntry: AioRingEntryCodec,
  MmEntry: MmEntryCodec,
  MntEntry: MntEntryCodec,
  ShownCgroup: ShownCgroupCodec,
  MountIds: MountIdsCodec,
  SocketFile: SocketFileCodec,
  FlaggedFile: FlaggedFileCodec,
  NamespaceBind: NamespaceBindCodec,
  PosixMessageEntry: PosixMessageEntryCodec,
  PosixQueueEntry: PosixQueueEntryCodec,
  PosixQueueFileEntry: PosixQueueFileEntryCodec,
  NetDeviceEntry: NetDeviceEntryCodec,
  NetlinkObject: NetlinkObjectCodec,
  NamedSysctl: NamedSysctlCodec,
  NetnsId: NetnsIdCodec,
  NetnsEntry: NetnsEntryCodec,
  NsFileEntry: NsFileEntryCodec,
  CRIUOpts: CRIUOptsCodec,
  PacketMclist: PacketMclistCodec,
  PacketRing: PacketRingCodec,
  PacketSockEntry: PacketSockEntryCodec,
  PagemapHead: PagemapHeadCodec,
  PagemapEntry: PagemapEntryCodec,
  PidfdEntry: PidfdEntryCodec,
  PidnsEntry: PidnsEntryCodec,
  PipeDataEntry: PipeDataEntryCodec,
  PipeEntry: PipeEntryCodec,
  PstreeEntry: PstreeEntryCodec,
  RegFileEntry: RegFileEntryCodec,
  RemapFilePathEntry: RemapFilePathEntryCodec,
  RlimitEntry: RlimitEntryCodec,
  CriuPageServerInfo: CriuPageServerInfoCodec,
  CriuVethPair: CriuVethPairCodec,
  ExtMountMap: ExtMountMapCodec,
  JoinNamespace: JoinNamespaceCodec,
  InheritFd: InheritFdCodec,
  CgroupRoot: CgroupRootCodec,
  UnixSk: UnixSkCodec,
  CriuOpts: CriuOptsCodec,
  CriuDumpResp: CriuDumpRespCodec,
  CriuRestoreResp: CriuRestoreRespCodec,
  CriuNotify: CriuNotifyCodec,
  CriuFeatures: CriuFeaturesCodec,
  CriuReq: CriuReqCodec,
  CriuResp: CriuRespCodec,
  CriuVersion: CriuVersionCodec,
  RseqEntry: RseqEntryCodec,
  SaEntry: SaEntryCodec,
  SeccompFilter: SeccompFilterCodec,
  SeccompEntry: SeccompEntryCodec,
  SiginfoEntry: SiginfoEntryCodec,
  SignalQueueEntry: SignalQueueEntryCodec,
  SignalfdEntry: SignalfdEntryCodec,
  SitEntry: SitEntryCodec,
  IpOptsRawEntry: IpOptsRawEntryCodec,
  IpOptsEntry: IpOptsEntryCodec,
  InetMembershipEntry: InetMembershipEntryCodec,
  InetSkEntry: InetSkEntryCodec,
  NetlinkSkEntry: NetlinkSkEntryCodec,
  SkOptionEntry: SkOptionEntryCodec,
  SkOptsEntry: SkOptsEntryCodec,
  ScmEntry: ScmEntryCodec,
  SkPacketEntry: SkPacketEntryCodec,
  FilePermsEntry: FilePermsEntryCodec,
  UnixSkEntry: UnixSkEntryCodec,
  DumpStatsEntry: DumpStatsEntryCodec,
  RestoreStatsEntry: RestoreStatsEntryCodec,
  DumpOriginEntry: DumpOriginEntryCodec,
  StatsEntry: StatsEntryCodec,
  SysctlEntry: SysctlEntryCodec,
  TcpOptsEntry: TcpOptsEntryCodec,
  TcpStreamEntry: TcpStreamEntryCodec,
  Timeval: TimevalCodec,
  Timespec: TimespecCodec,
  TimensEntry: TimensEntryCodec,
  ItimerEntry: ItimerEntryCodec,
  PosixTimerEntry: PosixTimerEntryCodec,
  TaskTimersEntry: TaskTimersEntryCodec,
  TimerfdEntry: TimerfdEntryCodec,
  WinsizeEntry: WinsizeEntryCodec,
  TermiosEntry: TermiosEntryCodec,
  TtyPtyEntry: TtyPtyEntryCodec,
  TtyDataEntry: TtyDataEntryCodec,
  TtyInfoEntry: TtyInfoEntryCodec,
  TtyFileEntry: TtyFileEntryCodec,
  TunfileEntry: TunfileEntryCodec,
  TunLinkEntry: TunLinkEntryCodec,
  UidGidExtent: UidGidExtentCodec,
  UsernsEntry: UsernsEntryCodec,
  UtsnsEntry: UtsnsEntryCodec,
  VmaEntry: VmaEntryCodec,
};
