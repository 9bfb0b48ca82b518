// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newEventpollTfdEntry(): T.EventpollTfdEntry {
  return { id: undefined as never, tfd: undefined as never, events: undefined as never, data: undefined as never };
}
export function readEventpollTfdEntry(r: Reader, m: T.EventpollTfdEntry): void {
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
export function writeEventpollTfdEntry(w: Writer, m: Encodable<T.EventpollTfdEntry>): void {
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

export function newEventpollFileEntry(): T.EventpollFileEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, tfd: [] };
}
export function readEventpollFileEntry(r: Reader, m: T.EventpollFileEntry): void {
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
export function writeEventpollFileEntry(w: Writer, m: Encodable<T.EventpollFileEntry>): void {
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
