// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newAutofsName(): T.AutofsName {
  return { path: undefined as never, mode: undefined as never, uid: undefined as never, gid: undefined as never };
}
export function readAutofsName(r: Reader, m: T.AutofsName): void {
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
export function writeAutofsName(w: Writer, m: Encodable<T.AutofsName>): void {
  w.str(10, m.path, 'autofs_name.path');
  w.u32(16, m.mode, 'autofs_name.mode');
  w.u32(24, m.uid, 'autofs_name.uid');
  w.u32(32, m.gid, 'autofs_name.gid');
  if (m.target != null) w.str(42, m.target, 'autofs_name.target');
  w.unknown(m);
}
export const AutofsNameCodec: Codec<T.AutofsName> = { create: newAutofsName, read: readAutofsName, write: writeAutofsName };

export function newAutofsEntry(): T.AutofsEntry {
  return { fd: undefined as never, pgrp: undefined as never, timeout: undefined as never, minproto: undefined as never, maxproto: undefined as never, mode: undefined as never, names: [] };
}
export function readAutofsEntry(r: Reader, m: T.AutofsEntry): void {
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
export function writeAutofsEntry(w: Writer, m: Encodable<T.AutofsEntry>): void {
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
