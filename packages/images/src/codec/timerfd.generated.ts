// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newTimerfdEntry(): T.TimerfdEntry {
  return { id: undefined as never, flags: undefined as never, fown: undefined as never, clockid: undefined as never, ticks: undefined as never, settime_flags: undefined as never, vsec: undefined as never, vnsec: undefined as never, isec: undefined as never, insec: undefined as never };
}
export function readTimerfdEntry(r: Reader, m: T.TimerfdEntry): void {
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
export function writeTimerfdEntry(w: Writer, m: Encodable<T.TimerfdEntry>): void {
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
