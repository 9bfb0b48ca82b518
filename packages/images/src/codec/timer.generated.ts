// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newItimerEntry(): T.ItimerEntry {
  return { isec: undefined as never, iusec: undefined as never, vsec: undefined as never, vusec: undefined as never };
}
export function readItimerEntry(r: Reader, m: T.ItimerEntry): void {
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
export function writeItimerEntry(w: Writer, m: Encodable<T.ItimerEntry>): void {
  w.u64(8, m.isec, 'itimer_entry.isec');
  w.u64(16, m.iusec, 'itimer_entry.iusec');
  w.u64(24, m.vsec, 'itimer_entry.vsec');
  w.u64(32, m.vusec, 'itimer_entry.vusec');
  w.unknown(m);
}
export const ItimerEntryCodec: Codec<T.ItimerEntry> = { create: newItimerEntry, read: readItimerEntry, write: writeItimerEntry };

export function newPosixTimerEntry(): T.PosixTimerEntry {
  return { it_id: undefined as never, clock_id: undefined as never, si_signo: undefined as never, it_sigev_notify: undefined as never, sival_ptr: undefined as never, overrun: undefined as never, isec: undefined as never, insec: undefined as never, vsec: undefined as never, vnsec: undefined as never };
}
export function readPosixTimerEntry(r: Reader, m: T.PosixTimerEntry): void {
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
export function writePosixTimerEntry(w: Writer, m: Encodable<T.PosixTimerEntry>): void {
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

export function newTaskTimersEntry(): T.TaskTimersEntry {
  return { real: undefined as never, virt: undefined as never, prof: undefined as never, posix: [] };
}
export function readTaskTimersEntry(r: Reader, m: T.TaskTimersEntry): void {
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
export function writeTaskTimersEntry(w: Writer, m: Encodable<T.TaskTimersEntry>): void {
  { const start = w.begin(10, m.real, 'task_timers_entry.real'); writeItimerEntry(w, m.real); w.end(start); }
  { const start = w.begin(18, m.virt, 'task_timers_entry.virt'); writeItimerEntry(w, m.virt); w.end(start); }
  { const start = w.begin(26, m.prof, 'task_timers_entry.prof'); writeItimerEntry(w, m.prof); w.end(start); }
  if (m.posix != null) for (const v of m.posix) { const start = w.begin(34, v, 'task_timers_entry.posix'); writePosixTimerEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const TaskTimersEntryCodec: Codec<T.TaskTimersEntry> = { create: newTaskTimersEntry, read: readTaskTimersEntry, write: writeTaskTimersEntry };
