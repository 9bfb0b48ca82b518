// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newFhEntry, readFhEntry, writeFhEntry } from './fh.generated.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newInotifyWdEntry(): T.InotifyWdEntry {
  return { id: undefined as never, i_ino: undefined as never, mask: undefined as never, ignored_mask: undefined as never, s_dev: undefined as never, wd: undefined as never, f_handle: undefined as never };
}
export function readInotifyWdEntry(r: Reader, m: T.InotifyWdEntry): void {
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
export function writeInotifyWdEntry(w: Writer, m: Encodable<T.InotifyWdEntry>): void {
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

export function newInotifyFileEntry(): T.InotifyFileEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, wd: [] };
}
export function readInotifyFileEntry(r: Reader, m: T.InotifyFileEntry): void {
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
export function writeInotifyFileEntry(w: Writer, m: Encodable<T.InotifyFileEntry>): void {
  w.u32(8, m.id, 'inotify_file_entry.id');
  w.u32(16, m.flags, 'inotify_file_entry.flags');
  w.alike(34, m.fown, 'inotify_file_entry.fown', writeFownEntry);
  if (m.wd != null) for (const v of m.wd) { const start = w.begin(42, v, 'inotify_file_entry.wd'); writeInotifyWdEntry(w, v); w.end(start); }
  if (m.events_lost != null) w.bool(8000, m.events_lost, 'inotify_file_entry.events_lost');
  w.unknown(m);
}
export const InotifyFileEntryCodec: Codec<T.InotifyFileEntry> = { create: newInotifyFileEntry, read: readInotifyFileEntry, write: writeInotifyFileEntry };

export function newFanotifyInodeMarkEntry(): T.FanotifyInodeMarkEntry {
  return { i_ino: undefined as never, f_handle: undefined as never };
}
export function readFanotifyInodeMarkEntry(r: Reader, m: T.FanotifyInodeMarkEntry): void {
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
export function writeFanotifyInodeMarkEntry(w: Writer, m: Encodable<T.FanotifyInodeMarkEntry>): void {
  w.u64(8, m.i_ino, 'fanotify_inode_mark_entry.i_ino');
  { const start = w.begin(18, m.f_handle, 'fanotify_inode_mark_entry.f_handle'); writeFhEntry(w, m.f_handle); w.end(start); }
  w.unknown(m);
}
export const FanotifyInodeMarkEntryCodec: Codec<T.FanotifyInodeMarkEntry> = { create: newFanotifyInodeMarkEntry, read: readFanotifyInodeMarkEntry, write: writeFanotifyInodeMarkEntry };

export function newFanotifyMountMarkEntry(): T.FanotifyMountMarkEntry {
  return { mnt_id: undefined as never };
}
export function readFanotifyMountMarkEntry(r: Reader, m: T.FanotifyMountMarkEntry): void {
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
export function writeFanotifyMountMarkEntry(w: Writer, m: Encodable<T.FanotifyMountMarkEntry>): void {
  w.u32(8, m.mnt_id, 'fanotify_mount_mark_entry.mnt_id');
  if (m.path != null) w.str(18, m.path, 'fanotify_mount_mark_entry.path');
  w.unknown(m);
}
export const FanotifyMountMarkEntryCodec: Codec<T.FanotifyMountMarkEntry> = { create: newFanotifyMountMarkEntry, read: readFanotifyMountMarkEntry, write: writeFanotifyMountMarkEntry };

export function newFanotifyMarkEntry(): T.FanotifyMarkEntry {
  return { id: undefined as never, type: undefined as never, mflags: undefined as never, mask: undefined as never, ignored_mask: undefined as never, s_dev: undefined as never };
}
export function readFanotifyMarkEntry(r: Reader, m: T.FanotifyMarkEntry): void {
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
export function writeFanotifyMarkEntry(w: Writer, m: Encodable<T.FanotifyMarkEntry>): void {
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

export function newFanotifyFileEntry(): T.FanotifyFileEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, faflags: undefined as never, evflags: undefined as never, mark: [] };
}
export function readFanotifyFileEntry(r: Reader, m: T.FanotifyFileEntry): void {
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
export function writeFanotifyFileEntry(w: Writer, m: Encodable<T.FanotifyFileEntry>): void {
  w.u32(8, m.id, 'fanotify_file_entry.id');
  w.u32(16, m.flags, 'fanotify_file_entry.flags');
  w.alike(26, m.fown, 'fanotify_file_entry.fown', writeFownEntry);
  w.u32(32, m.faflags, 'fanotify_file_entry.faflags');
  w.u32(40, m.evflags, 'fanotify_file_entry.evflags');
  if (m.mark != null) for (const v of m.mark) { const start = w.begin(50, v, 'fanotify_file_entry.mark'); writeFanotifyMarkEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const FanotifyFileEntryCodec: Codec<T.FanotifyFileEntry> = { create: newFanotifyFileEntry, read: readFanotifyFileEntry, write: writeFanotifyFileEntry };
