// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newCgroupPerms(): T.CgroupPerms {
  return { mode: undefined as never, uid: undefined as never, gid: undefined as never };
}
export function readCgroupPerms(r: Reader, m: T.CgroupPerms): void {
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
export function writeCgroupPerms(w: Writer, m: Encodable<T.CgroupPerms>): void {
  w.u32(8, m.mode, 'cgroup_perms.mode');
  w.u32(16, m.uid, 'cgroup_perms.uid');
  w.u32(24, m.gid, 'cgroup_perms.gid');
  w.unknown(m);
}
export const CgroupPermsCodec: Codec<T.CgroupPerms> = { create: newCgroupPerms, read: readCgroupPerms, write: writeCgroupPerms };

export function newCgroupPropEntry(): T.CgroupPropEntry {
  return { name: undefined as never, value: undefined as never };
}
export function readCgroupPropEntry(r: Reader, m: T.CgroupPropEntry): void {
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
export function writeCgroupPropEntry(w: Writer, m: Encodable<T.CgroupPropEntry>): void {
  w.str(10, m.name, 'cgroup_prop_entry.name');
  w.str(18, m.value, 'cgroup_prop_entry.value');
  if (m.perms != null) { const start = w.begin(26, m.perms, 'cgroup_prop_entry.perms'); writeCgroupPerms(w, m.perms); w.end(start); }
  w.unknown(m);
}
export const CgroupPropEntryCodec: Codec<T.CgroupPropEntry> = { create: newCgroupPropEntry, read: readCgroupPropEntry, write: writeCgroupPropEntry };

export function newCgroupDirEntry(): T.CgroupDirEntry {
  return { dir_name: undefined as never, children: [], properties: [] };
}
export function readCgroupDirEntry(r: Reader, m: T.CgroupDirEntry): void {
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
export function writeCgroupDirEntry(w: Writer, m: Encodable<T.CgroupDirEntry>): void {
  w.str(10, m.dir_name, 'cgroup_dir_entry.dir_name');
  if (m.children != null) for (const v of m.children) { const start = w.begin(18, v, 'cgroup_dir_entry.children'); writeCgroupDirEntry(w, v); w.end(start); }
  if (m.properties != null) for (const v of m.properties) { const start = w.begin(26, v, 'cgroup_dir_entry.properties'); writeCgroupPropEntry(w, v); w.end(start); }
  if (m.dir_perms != null) { const start = w.begin(34, m.dir_perms, 'cgroup_dir_entry.dir_perms'); writeCgroupPerms(w, m.dir_perms); w.end(start); }
  w.unknown(m);
}
export const CgroupDirEntryCodec: Codec<T.CgroupDirEntry> = { create: newCgroupDirEntry, read: readCgroupDirEntry, write: writeCgroupDirEntry };

export function newCgControllerEntry(): T.CgControllerEntry {
  return { cnames: [], dirs: [] };
}
export function readCgControllerEntry(r: Reader, m: T.CgControllerEntry): void {
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
export function writeCgControllerEntry(w: Writer, m: Encodable<T.CgControllerEntry>): void {
  if (m.cnames != null) for (const v of m.cnames) w.str(10, v, 'cg_controller_entry.cnames');
  if (m.dirs != null) for (const v of m.dirs) { const start = w.begin(18, v, 'cg_controller_entry.dirs'); writeCgroupDirEntry(w, v); w.end(start); }
  if (m.is_threaded != null) w.bool(24, m.is_threaded, 'cg_controller_entry.is_threaded');
  w.unknown(m);
}
export const CgControllerEntryCodec: Codec<T.CgControllerEntry> = { create: newCgControllerEntry, read: readCgControllerEntry, write: writeCgControllerEntry };

export function newCgMemberEntry(): T.CgMemberEntry {
  return { name: undefined as never, path: undefined as never };
}
export function readCgMemberEntry(r: Reader, m: T.CgMemberEntry): void {
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
export function writeCgMemberEntry(w: Writer, m: Encodable<T.CgMemberEntry>): void {
  w.str(10, m.name, 'cg_member_entry.name');
  w.str(18, m.path, 'cg_member_entry.path');
  if (m.cgns_prefix != null) w.u32(24, m.cgns_prefix, 'cg_member_entry.cgns_prefix');
  w.unknown(m);
}
export const CgMemberEntryCodec: Codec<T.CgMemberEntry> = { create: newCgMemberEntry, read: readCgMemberEntry, write: writeCgMemberEntry };

export function newCgSetEntry(): T.CgSetEntry {
  return { id: undefined as never, ctls: [] };
}
export function readCgSetEntry(r: Reader, m: T.CgSetEntry): void {
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
export function writeCgSetEntry(w: Writer, m: Encodable<T.CgSetEntry>): void {
  w.u32(8, m.id, 'cg_set_entry.id');
  if (m.ctls != null) for (const v of m.ctls) { const start = w.begin(18, v, 'cg_set_entry.ctls'); writeCgMemberEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const CgSetEntryCodec: Codec<T.CgSetEntry> = { create: newCgSetEntry, read: readCgSetEntry, write: writeCgSetEntry };

export function newCgroupEntry(): T.CgroupEntry {
  return { sets: [], controllers: [] };
}
export function readCgroupEntry(r: Reader, m: T.CgroupEntry): void {
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
export function writeCgroupEntry(w: Writer, m: Encodable<T.CgroupEntry>): void {
  if (m.sets != null) for (const v of m.sets) { const start = w.begin(10, v, 'cgroup_entry.sets'); writeCgSetEntry(w, v); w.end(start); }
  if (m.controllers != null) for (const v of m.controllers) { const start = w.begin(18, v, 'cgroup_entry.controllers'); writeCgControllerEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const CgroupEntryCodec: Codec<T.CgroupEntry> = { create: newCgroupEntry, read: readCgroupEntry, write: writeCgroupEntry };
