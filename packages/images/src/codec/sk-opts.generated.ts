// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newSkOptionEntry(): T.SkOptionEntry {
  return { level: undefined as never, name: undefined as never, value: undefined as never };
}
export function readSkOptionEntry(r: Reader, m: T.SkOptionEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.level = r.u32();
        break;
      case 16:
        m.name = r.u32();
        break;
      case 26:
        m.value = r.bytes();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.level === undefined) r.missing('sk_option_entry.level');
  if (m.name === undefined) r.missing('sk_option_entry.name');
  if (m.value === undefined) r.missing('sk_option_entry.value');
}
export function writeSkOptionEntry(w: Writer, m: Encodable<T.SkOptionEntry>): void {
  w.u32(8, m.level, 'sk_option_entry.level');
  w.u32(16, m.name, 'sk_option_entry.name');
  w.bytes(26, m.value, 'sk_option_entry.value');
  w.unknown(m);
}
export const SkOptionEntryCodec: Codec<T.SkOptionEntry> = { create: newSkOptionEntry, read: readSkOptionEntry, write: writeSkOptionEntry };

export function newSkOptsEntry(): T.SkOptsEntry {
  return { so_sndbuf: undefined as never, so_rcvbuf: undefined as never, so_snd_tmo_sec: undefined as never, so_snd_tmo_usec: undefined as never, so_rcv_tmo_sec: undefined as never, so_rcv_tmo_usec: undefined as never, so_filter: [], more: [], more_bytes: [] };
}
export function readSkOptsEntry(r: Reader, m: T.SkOptsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.so_sndbuf = r.u32();
        break;
      case 16:
        m.so_rcvbuf = r.u32();
        break;
      case 24:
        m.so_snd_tmo_sec = r.u64();
        break;
      case 32:
        m.so_snd_tmo_usec = r.u64();
        break;
      case 40:
        m.so_rcv_tmo_sec = r.u64();
        break;
      case 48:
        m.so_rcv_tmo_usec = r.u64();
        break;
      case 56:
        m.reuseaddr = r.bool();
        break;
      case 64:
        m.so_priority = r.u32();
        break;
      case 72:
        m.so_rcvlowat = r.u32();
        break;
      case 80:
        m.so_mark = r.u32();
        break;
      case 88:
        m.so_passcred = r.bool();
        break;
      case 96:
        m.so_passsec = r.bool();
        break;
      case 104:
        m.so_dontroute = r.bool();
        break;
      case 112:
        m.so_no_check = r.bool();
        break;
      case 122:
        m.so_bound_dev = r.str();
        break;
      case 129:
        m.so_filter.push(r.fixed64());
        break;
      case 130: {
        const outer = r.enter();
        while (r.pos < r.end) m.so_filter.push(r.fixed64());
        r.leave(outer);
        break;
      }
      case 136:
        m.so_reuseport = r.bool();
        break;
      case 144:
        m.so_broadcast = r.bool();
        break;
      case 152:
        m.so_keepalive = r.bool();
        break;
      case 160:
        m.tcp_keepcnt = r.u32();
        break;
      case 168:
        m.tcp_keepidle = r.u32();
        break;
      case 176:
        m.tcp_keepintvl = r.u32();
        break;
      case 184:
        m.so_oobinline = r.u32();
        break;
      case 192:
        m.so_linger = r.u32();
        break;
      case 200:
        m.so_buf_lock = r.u32();
        break;
      case 8000:
        m.more.push(r.s32());
        break;
      case 8002: {
        const outer = r.enter();
        while (r.pos < r.end) m.more.push(r.s32());
        r.leave(outer);
        break;
      }
      case 8010: {
        const outer = r.enter();
        const v = newSkOptionEntry();
        readSkOptionEntry(r, v);
        m.more_bytes.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.so_sndbuf === undefined) r.missing('sk_opts_entry.so_sndbuf');
  if (m.so_rcvbuf === undefined) r.missing('sk_opts_entry.so_rcvbuf');
  if (m.so_snd_tmo_sec === undefined) r.missing('sk_opts_entry.so_snd_tmo_sec');
  if (m.so_snd_tmo_usec === undefined) r.missing('sk_opts_entry.so_snd_tmo_usec');
  if (m.so_rcv_tmo_sec === undefined) r.missing('sk_opts_entry.so_rcv_tmo_sec');
  if (m.so_rcv_tmo_usec === undefined) r.missing('sk_opts_entry.so_rcv_tmo_usec');
}
export function writeSkOptsEntry(w: Writer, m: Encodable<T.SkOptsEntry>): void {
  w.u32(8, m.so_sndbuf, 'sk_opts_entry.so_sndbuf');
  w.u32(16, m.so_rcvbuf, 'sk_opts_entry.so_rcvbuf');
  w.u64(24, m.so_snd_tmo_sec, 'sk_opts_entry.so_snd_tmo_sec');
  w.u64(32, m.so_snd_tmo_usec, 'sk_opts_entry.so_snd_tmo_usec');
  w.u64(40, m.so_rcv_tmo_sec, 'sk_opts_entry.so_rcv_tmo_sec');
  w.u64(48, m.so_rcv_tmo_usec, 'sk_opts_entry.so_rcv_tmo_usec');
  if (m.reuseaddr != null) w.bool(56, m.reuseaddr, 'sk_opts_entry.reuseaddr');
  if (m.so_priority != null) w.u32(64, m.so_priority, 'sk_opts_entry.so_priority');
  if (m.so_rcvlowat != null) w.u32(72, m.so_rcvlowat, 'sk_opts_entry.so_rcvlowat');
  if (m.so_mark != null) w.u32(80, m.so_mark, 'sk_opts_entry.so_mark');
  if (m.so_passcred != null) w.bool(88, m.so_passcred, 'sk_opts_entry.so_passcred');
  if (m.so_passsec != null) w.bool(96, m.so_passsec, 'sk_opts_entry.so_passsec');
  if (m.so_dontroute != null) w.bool(104, m.so_dontroute, 'sk_opts_entry.so_dontroute');
  if (m.so_no_check != null) w.bool(112, m.so_no_check, 'sk_opts_entry.so_no_check');
  if (m.so_bound_dev != null) w.str(122, m.so_bound_dev, 'sk_opts_entry.so_bound_dev');
  if (m.so_filter != null) for (const v of m.so_filter) w.fixed64(129, v, 'sk_opts_entry.so_filter');
  if (m.so_reuseport != null) w.bool(136, m.so_reuseport, 'sk_opts_entry.so_reuseport');
  if (m.so_broadcast != null) w.bool(144, m.so_broadcast, 'sk_opts_entry.so_broadcast');
  if (m.so_keepalive != null) w.bool(152, m.so_keepalive, 'sk_opts_entry.so_keepalive');
  if (m.tcp_keepcnt != null) w.u32(160, m.tcp_keepcnt, 'sk_opts_entry.tcp_keepcnt');
  if (m.tcp_keepidle != null) w.u32(168, m.tcp_keepidle, 'sk_opts_entry.tcp_keepidle');
  if (m.tcp_keepintvl != null) w.u32(176, m.tcp_keepintvl, 'sk_opts_entry.tcp_keepintvl');
  if (m.so_oobinline != null) w.u32(184, m.so_oobinline, 'sk_opts_entry.so_oobinline');
  if (m.so_linger != null) w.u32(192, m.so_linger, 'sk_opts_entry.so_linger');
  if (m.so_buf_lock != null) w.u32(200, m.so_buf_lock, 'sk_opts_entry.so_buf_lock');
  if (m.more != null) for (const v of m.more) w.s32(8000, v, 'sk_opts_entry.more');
  if (m.more_bytes != null) for (const v of m.more_bytes) { const start = w.begin(8010, v, 'sk_opts_entry.more_bytes'); writeSkOptionEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const SkOptsEntryCodec: Codec<T.SkOptsEntry> = { create: newSkOptsEntry, read: readSkOptsEntry, write: writeSkOptsEntry };
