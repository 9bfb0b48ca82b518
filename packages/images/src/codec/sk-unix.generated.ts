// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';
import { SkOptsEntryCodec, writeSkOptsEntry } from './sk-opts.generated.js';

export function newFilePermsEntry(): T.FilePermsEntry {
  return { mode: undefined as never, uid: undefined as never, gid: undefined as never };
}
export function readFilePermsEntry(r: Reader, m: T.FilePermsEntry): void {
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
export function writeFilePermsEntry(w: Writer, m: Encodable<T.FilePermsEntry>): void {
  w.u32(8, m.mode, 'file_perms_entry.mode');
  w.u32(16, m.uid, 'file_perms_entry.uid');
  w.u32(24, m.gid, 'file_perms_entry.gid');
  w.unknown(m);
}
export const FilePermsEntryCodec: Codec<T.FilePermsEntry> = { create: newFilePermsEntry, read: readFilePermsEntry, write: writeFilePermsEntry };

export function newUnixSkEntry(): T.UnixSkEntry {
  return { id: undefined as never, ino: undefined as never, type: undefined as never, state: undefined as never, flags: undefined as never, uflags: undefined as never, backlog: undefined as never, peer: undefined as never, fown: undefined as never, opts: undefined as never, name: undefined as never, peer_cred: [], connected_by: [] };
}
export function readUnixSkEntry(r: Reader, m: T.UnixSkEntry): void {
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
export function writeUnixSkEntry(w: Writer, m: Encodable<T.UnixSkEntry>): void {
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
