// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newWinsizeEntry(): T.WinsizeEntry {
  return { ws_row: undefined as never, ws_col: undefined as never, ws_xpixel: undefined as never, ws_ypixel: undefined as never };
}
export function readWinsizeEntry(r: Reader, m: T.WinsizeEntry): void {
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
export function writeWinsizeEntry(w: Writer, m: Encodable<T.WinsizeEntry>): void {
  w.u32(8, m.ws_row, 'winsize_entry.ws_row');
  w.u32(16, m.ws_col, 'winsize_entry.ws_col');
  w.u32(24, m.ws_xpixel, 'winsize_entry.ws_xpixel');
  w.u32(32, m.ws_ypixel, 'winsize_entry.ws_ypixel');
  w.unknown(m);
}
export const WinsizeEntryCodec: Codec<T.WinsizeEntry> = { create: newWinsizeEntry, read: readWinsizeEntry, write: writeWinsizeEntry };

export function newTermiosEntry(): T.TermiosEntry {
  return { c_iflag: undefined as never, c_oflag: undefined as never, c_cflag: undefined as never, c_lflag: undefined as never, c_line: undefined as never, c_ispeed: undefined as never, c_ospeed: undefined as never, c_cc: [] };
}
export function readTermiosEntry(r: Reader, m: T.TermiosEntry): void {
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
export function writeTermiosEntry(w: Writer, m: Encodable<T.TermiosEntry>): void {
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

export function newTtyPtyEntry(): T.TtyPtyEntry {
  return { index: undefined as never };
}
export function readTtyPtyEntry(r: Reader, m: T.TtyPtyEntry): void {
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
export function writeTtyPtyEntry(w: Writer, m: Encodable<T.TtyPtyEntry>): void {
  w.u32(8, m.index, 'tty_pty_entry.index');
  w.unknown(m);
}
export const TtyPtyEntryCodec: Codec<T.TtyPtyEntry> = { create: newTtyPtyEntry, read: readTtyPtyEntry, write: writeTtyPtyEntry };

export function newTtyDataEntry(): T.TtyDataEntry {
  return { tty_id: undefined as never, data: undefined as never, ends: [] };
}
export function readTtyDataEntry(r: Reader, m: T.TtyDataEntry): void {
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
export function writeTtyDataEntry(w: Writer, m: Encodable<T.TtyDataEntry>): void {
  w.u32(8, m.tty_id, 'tty_data_entry.tty_id');
  w.bytes(18, m.data, 'tty_data_entry.data');
  if (m.ends != null) for (const v of m.ends) w.u32(8000, v, 'tty_data_entry.ends');
  w.unknown(m);
}
export const TtyDataEntryCodec: Codec<T.TtyDataEntry> = { create: newTtyDataEntry, read: readTtyDataEntry, write: writeTtyDataEntry };

export function newTtyInfoEntry(): T.TtyInfoEntry {
  return { id: undefined as never, type: undefined as never, locked: undefined as never, exclusive: undefined as never, packet_mode: undefined as never, sid: undefined as never, pgrp: undefined as never, rdev: undefined as never };
}
export function readTtyInfoEntry(r: Reader, m: T.TtyInfoEntry): void {
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
export function writeTtyInfoEntry(w: Writer, m: Encodable<T.TtyInfoEntry>): void {
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

export function newTtyFileEntry(): T.TtyFileEntry {
  return { id: undefined as never, tty_info_id: undefined as never, flags: undefined as never, fown: undefined as never };
}
export function readTtyFileEntry(r: Reader, m: T.TtyFileEntry): void {
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
export function writeTtyFileEntry(w: Writer, m: Encodable<T.TtyFileEntry>): void {
  w.u32(8, m.id, 'tty_file_entry.id');
  w.u32(16, m.tty_info_id, 'tty_file_entry.tty_info_id');
  w.u32(24, m.flags, 'tty_file_entry.flags');
  w.alike(34, m.fown, 'tty_file_entry.fown', writeFownEntry);
  if (m.regf_id != null) w.u32(48, m.regf_id, 'tty_file_entry.regf_id');
  w.unknown(m);
}
export const TtyFileEntryCodec: Codec<T.TtyFileEntry> = { create: newTtyFileEntry, read: readTtyFileEntry, write: writeTtyFileEntry };
