// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newTcpOptsEntry(): T.TcpOptsEntry {
  return {};
}
export function readTcpOptsEntry(r: Reader, m: T.TcpOptsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.cork = r.bool();
        break;
      case 16:
        m.nodelay = r.bool();
        break;
      case 24:
        m.keepcnt = r.u32();
        break;
      case 32:
        m.keepidle = r.u32();
        break;
      case 40:
        m.keepintvl = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeTcpOptsEntry(w: Writer, m: Encodable<T.TcpOptsEntry>): void {
  if (m.cork != null) w.bool(8, m.cork, 'tcp_opts_entry.cork');
  if (m.nodelay != null) w.bool(16, m.nodelay, 'tcp_opts_entry.nodelay');
  if (m.keepcnt != null) w.u32(24, m.keepcnt, 'tcp_opts_entry.keepcnt');
  if (m.keepidle != null) w.u32(32, m.keepidle, 'tcp_opts_entry.keepidle');
  if (m.keepintvl != null) w.u32(40, m.keepintvl, 'tcp_opts_entry.keepintvl');
  w.unknown(m);
}
export const TcpOptsEntryCodec: Codec<T.TcpOptsEntry> = { create: newTcpOptsEntry, read: readTcpOptsEntry, write: writeTcpOptsEntry };

export function newTcpStreamEntry(): T.TcpStreamEntry {
  return { inq_len: undefined as never, inq_seq: undefined as never, outq_len: undefined as never, outq_seq: undefined as never, opt_mask: undefined as never, snd_wscale: undefined as never, mss_clamp: undefined as never };
}
export function readTcpStreamEntry(r: Reader, m: T.TcpStreamEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.inq_len = r.u32();
        break;
      case 16:
        m.inq_seq = r.u32();
        break;
      case 24:
        m.outq_len = r.u32();
        break;
      case 32:
        m.outq_seq = r.u32();
        break;
      case 40:
        m.opt_mask = r.u32();
        break;
      case 48:
        m.snd_wscale = r.u32();
        break;
      case 56:
        m.mss_clamp = r.u32();
        break;
      case 64:
        m.rcv_wscale = r.u32();
        break;
      case 72:
        m.timestamp = r.u32();
        break;
      case 80:
        m.cork = r.bool();
        break;
      case 88:
        m.nodelay = r.bool();
        break;
      case 96:
        m.unsq_len = r.u32();
        break;
      case 104:
        m.snd_wl1 = r.u32();
        break;
      case 112:
        m.snd_wnd = r.u32();
        break;
      case 120:
        m.max_window = r.u32();
        break;
      case 128:
        m.rcv_wnd = r.u32();
        break;
      case 136:
        m.rcv_wup = r.u32();
        break;
      case 8000:
        m.window_clamp = r.u32();
        break;
      case 8008:
        m.error = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.inq_len === undefined) r.missing('tcp_stream_entry.inq_len');
  if (m.inq_seq === undefined) r.missing('tcp_stream_entry.inq_seq');
  if (m.outq_len === undefined) r.missing('tcp_stream_entry.outq_len');
  if (m.outq_seq === undefined) r.missing('tcp_stream_entry.outq_seq');
  if (m.opt_mask === undefined) r.missing('tcp_stream_entry.opt_mask');
  if (m.snd_wscale === undefined) r.missing('tcp_stream_entry.snd_wscale');
  if (m.mss_clamp === undefined) r.missing('tcp_stream_entry.mss_clamp');
}
export function writeTcpStreamEntry(w: Writer, m: Encodable<T.TcpStreamEntry>): void {
  w.u32(8, m.inq_len, 'tcp_stream_entry.inq_len');
  w.u32(16, m.inq_seq, 'tcp_stream_entry.inq_seq');
  w.u32(24, m.outq_len, 'tcp_stream_entry.outq_len');
  w.u32(32, m.outq_seq, 'tcp_stream_entry.outq_seq');
  w.u32(40, m.opt_mask, 'tcp_stream_entry.opt_mask');
  w.u32(48, m.snd_wscale, 'tcp_stream_entry.snd_wscale');
  w.u32(56, m.mss_clamp, 'tcp_stream_entry.mss_clamp');
  if (m.rcv_wscale != null) w.u32(64, m.rcv_wscale, 'tcp_stream_entry.rcv_wscale');
  if (m.timestamp != null) w.u32(72, m.timestamp, 'tcp_stream_entry.timestamp');
  if (m.cork != null) w.bool(80, m.cork, 'tcp_stream_entry.cork');
  if (m.nodelay != null) w.bool(88, m.nodelay, 'tcp_stream_entry.nodelay');
  if (m.unsq_len != null) w.u32(96, m.unsq_len, 'tcp_stream_entry.unsq_len');
  if (m.snd_wl1 != null) w.u32(104, m.snd_wl1, 'tcp_stream_entry.snd_wl1');
  if (m.snd_wnd != null) w.u32(112, m.snd_wnd, 'tcp_stream_entry.snd_wnd');
  if (m.max_window != null) w.u32(120, m.max_window, 'tcp_stream_entry.max_window');
  if (m.rcv_wnd != null) w.u32(128, m.rcv_wnd, 'tcp_stream_entry.rcv_wnd');
  if (m.rcv_wup != null) w.u32(136, m.rcv_wup, 'tcp_stream_entry.rcv_wup');
  if (m.window_clamp != null) w.u32(8000, m.window_clamp, 'tcp_stream_entry.window_clamp');
  if (m.error != null) w.u32(8008, m.error, 'tcp_stream_entry.error');
  w.unknown(m);
}
export const TcpStreamEntryCodec: Codec<T.TcpStreamEntry> = { create: newTcpStreamEntry, read: readTcpStreamEntry, write: writeTcpStreamEntry };
