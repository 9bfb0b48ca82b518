// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newPosixMessageEntry(): T.PosixMessageEntry {
  return { priority: undefined as never, data: undefined as never };
}
export function readPosixMessageEntry(r: Reader, m: T.PosixMessageEntry): void {
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
export function writePosixMessageEntry(w: Writer, m: Encodable<T.PosixMessageEntry>): void {
  w.u32(8, m.priority, 'posix_message_entry.priority');
  w.bytes(18, m.data, 'posix_message_entry.data');
  w.unknown(m);
}
export const PosixMessageEntryCodec: Codec<T.PosixMessageEntry> = { create: newPosixMessageEntry, read: readPosixMessageEntry, write: writePosixMessageEntry };

export function newPosixQueueEntry(): T.PosixQueueEntry {
  return { id: undefined as never, uid: undefined as never, gid: undefined as never, mode: undefined as never, max_messages: undefined as never, message_size: undefined as never, messages: [] };
}
export function readPosixQueueEntry(r: Reader, m: T.PosixQueueEntry): void {
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
export function writePosixQueueEntry(w: Writer, m: Encodable<T.PosixQueueEntry>): void {
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

export function newPosixQueueFileEntry(): T.PosixQueueFileEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, queue_id: undefined as never };
}
export function readPosixQueueFileEntry(r: Reader, m: T.PosixQueueFileEntry): void {
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
export function writePosixQueueFileEntry(w: Writer, m: Encodable<T.PosixQueueFileEntry>): void {
  w.u32(8, m.id, 'posix_queue_file_entry.id');
  w.u32(16, m.flags, 'posix_queue_file_entry.flags');
  w.alike(26, m.fown, 'posix_queue_file_entry.fown', writeFownEntry);
  w.u32(32, m.queue_id, 'posix_queue_file_entry.queue_id');
  if (m.name != null) w.str(42, m.name, 'posix_queue_file_entry.name');
  if (m.pos != null) w.u64(48, m.pos, 'posix_queue_file_entry.pos');
  w.unknown(m);
}
export const PosixQueueFileEntryCodec: Codec<T.PosixQueueFileEntry> = { create: newPosixQueueFileEntry, read: readPosixQueueFileEntry, write: writePosixQueueFileEntry };
