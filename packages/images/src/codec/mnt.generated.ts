// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newUidGidExtent, readUidGidExtent, writeUidGidExtent } from './userns.generated.js';

export function newMntEntry(): T.MntEntry {
  return { fstype: undefined as never, mnt_id: undefined as never, root_dev: undefined as never, parent_mnt_id: undefined as never, flags: undefined as never, root: undefined as never, mountpoint: undefined as never, source: undefined as never, options: undefined as never, namespace_binds: [], flagged_files: [], sockets: [] };
}
export function readMntEntry(r: Reader, m: T.MntEntry): void {
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
export function writeMntEntry(w: Writer, m: Encodable<T.MntEntry>): void {
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

export function newShownCgroup(): T.ShownCgroup {
  return { hierarchy: undefined as never, path: undefined as never };
}
export function readShownCgroup(r: Reader, m: T.ShownCgroup): void {
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
export function writeShownCgroup(w: Writer, m: Encodable<T.ShownCgroup>): void {
  w.str(10, m.hierarchy, 'shown_cgroup.hierarchy');
  w.str(18, m.path, 'shown_cgroup.path');
  w.unknown(m);
}
export const ShownCgroupCodec: Codec<T.ShownCgroup> = { create: newShownCgroup, read: readShownCgroup, write: writeShownCgroup };

export function newMountIds(): T.MountIds {
  return { users: [], groups: [] };
}
export function readMountIds(r: Reader, m: T.MountIds): void {
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
export function writeMountIds(w: Writer, m: Encodable<T.MountIds>): void {
  if (m.users != null) for (const v of m.users) { const start = w.begin(10, v, 'mount_ids.users'); writeUidGidExtent(w, v); w.end(start); }
  if (m.groups != null) for (const v of m.groups) { const start = w.begin(18, v, 'mount_ids.groups'); writeUidGidExtent(w, v); w.end(start); }
  w.unknown(m);
}
export const MountIdsCodec: Codec<T.MountIds> = { create: newMountIds, read: readMountIds, write: writeMountIds };

export function newSocketFile(): T.SocketFile {
  return { path: undefined as never, mode: undefined as never, uid: undefined as never, gid: undefined as never, mtime: undefined as never };
}
export function readSocketFile(r: Reader, m: T.SocketFile): void {
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
export function writeSocketFile(w: Writer, m: Encodable<T.SocketFile>): void {
  w.str(10, m.path, 'socket_file.path');
  w.u32(16, m.mode, 'socket_file.mode');
  w.u32(24, m.uid, 'socket_file.uid');
  w.u32(32, m.gid, 'socket_file.gid');
  w.i64(40, m.mtime, 'socket_file.mtime');
  if (m.link_to != null) w.str(50, m.link_to, 'socket_file.link_to');
  w.unknown(m);
}
export const SocketFileCodec: Codec<T.SocketFile> = { create: newSocketFile, read: readSocketFile, write: writeSocketFile };

export function newFlaggedFile(): T.FlaggedFile {
  return { path: undefined as never, flags: undefined as never };
}
export function readFlaggedFile(r: Reader, m: T.FlaggedFile): void {
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
export function writeFlaggedFile(w: Writer, m: Encodable<T.FlaggedFile>): void {
  w.str(10, m.path, 'flagged_file.path');
  w.u32(16, m.flags, 'flagged_file.flags');
  w.unknown(m);
}
export const FlaggedFileCodec: Codec<T.FlaggedFile> = { create: newFlaggedFile, read: readFlaggedFile, write: writeFlaggedFile };

export function newNamespaceBind(): T.NamespaceBind {
  return { mnt_id: undefined as never, parent_mnt_id: undefined as never, flags: undefined as never, mountpoint: undefined as never, root: undefined as never, ns_cflag: undefined as never, ns_id: undefined as never };
}
export function readNamespaceBind(r: Reader, m: T.NamespaceBind): void {
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
export function writeNamespaceBind(w: Writer, m: Encodable<T.NamespaceBind>): void {
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
