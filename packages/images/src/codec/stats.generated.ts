// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newDumpStatsEntry(): T.DumpStatsEntry {
  return { freezing_time: undefined as never, frozen_time: undefined as never, memdump_time: undefined as never, memwrite_time: undefined as never, pages_scanned: undefined as never, pages_skipped_parent: undefined as never, pages_written: undefined as never, pages_lazy: undefined as never };
}
export function readDumpStatsEntry(r: Reader, m: T.DumpStatsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.freezing_time = r.u32();
        break;
      case 16:
        m.frozen_time = r.u32();
        break;
      case 24:
        m.memdump_time = r.u32();
        break;
      case 32:
        m.memwrite_time = r.u32();
        break;
      case 40:
        m.pages_scanned = r.u64();
        break;
      case 48:
        m.pages_skipped_parent = r.u64();
        break;
      case 56:
        m.pages_written = r.u64();
        break;
      case 64:
        m.irmap_resolve = r.u32();
        break;
      case 72:
        m.pages_lazy = r.u64();
        break;
      case 80:
        m.page_pipes = r.u64();
        break;
      case 88:
        m.page_pipe_bufs = r.u64();
        break;
      case 96:
        m.shpages_scanned = r.u64();
        break;
      case 104:
        m.shpages_skipped_parent = r.u64();
        break;
      case 112:
        m.shpages_written = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.freezing_time === undefined) r.missing('dump_stats_entry.freezing_time');
  if (m.frozen_time === undefined) r.missing('dump_stats_entry.frozen_time');
  if (m.memdump_time === undefined) r.missing('dump_stats_entry.memdump_time');
  if (m.memwrite_time === undefined) r.missing('dump_stats_entry.memwrite_time');
  if (m.pages_scanned === undefined) r.missing('dump_stats_entry.pages_scanned');
  if (m.pages_skipped_parent === undefined) r.missing('dump_stats_entry.pages_skipped_parent');
  if (m.pages_written === undefined) r.missing('dump_stats_entry.pages_written');
  if (m.pages_lazy === undefined) r.missing('dump_stats_entry.pages_lazy');
}
export function writeDumpStatsEntry(w: Writer, m: Encodable<T.DumpStatsEntry>): void {
  w.u32(8, m.freezing_time, 'dump_stats_entry.freezing_time');
  w.u32(16, m.frozen_time, 'dump_stats_entry.frozen_time');
  w.u32(24, m.memdump_time, 'dump_stats_entry.memdump_time');
  w.u32(32, m.memwrite_time, 'dump_stats_entry.memwrite_time');
  w.u64(40, m.pages_scanned, 'dump_stats_entry.pages_scanned');
  w.u64(48, m.pages_skipped_parent, 'dump_stats_entry.pages_skipped_parent');
  w.u64(56, m.pages_written, 'dump_stats_entry.pages_written');
  if (m.irmap_resolve != null) w.u32(64, m.irmap_resolve, 'dump_stats_entry.irmap_resolve');
  w.u64(72, m.pages_lazy, 'dump_stats_entry.pages_lazy');
  if (m.page_pipes != null) w.u64(80, m.page_pipes, 'dump_stats_entry.page_pipes');
  if (m.page_pipe_bufs != null) w.u64(88, m.page_pipe_bufs, 'dump_stats_entry.page_pipe_bufs');
  if (m.shpages_scanned != null) w.u64(96, m.shpages_scanned, 'dump_stats_entry.shpages_scanned');
  if (m.shpages_skipped_parent != null) w.u64(104, m.shpages_skipped_parent, 'dump_stats_entry.shpages_skipped_parent');
  if (m.shpages_written != null) w.u64(112, m.shpages_written, 'dump_stats_entry.shpages_written');
  w.unknown(m);
}
export const DumpStatsEntryCodec: Codec<T.DumpStatsEntry> = { create: newDumpStatsEntry, read: readDumpStatsEntry, write: writeDumpStatsEntry };

export function newRestoreStatsEntry(): T.RestoreStatsEntry {
  return { pages_compared: undefined as never, pages_skipped_cow: undefined as never, forking_time: undefined as never, restore_time: undefined as never };
}
export function readRestoreStatsEntry(r: Reader, m: T.RestoreStatsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pages_compared = r.u64();
        break;
      case 16:
        m.pages_skipped_cow = r.u64();
        break;
      case 24:
        m.forking_time = r.u32();
        break;
      case 32:
        m.restore_time = r.u32();
        break;
      case 40:
        m.pages_restored = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pages_compared === undefined) r.missing('restore_stats_entry.pages_compared');
  if (m.pages_skipped_cow === undefined) r.missing('restore_stats_entry.pages_skipped_cow');
  if (m.forking_time === undefined) r.missing('restore_stats_entry.forking_time');
  if (m.restore_time === undefined) r.missing('restore_stats_entry.restore_time');
}
export function writeRestoreStatsEntry(w: Writer, m: Encodable<T.RestoreStatsEntry>): void {
  w.u64(8, m.pages_compared, 'restore_stats_entry.pages_compared');
  w.u64(16, m.pages_skipped_cow, 'restore_stats_entry.pages_skipped_cow');
  w.u32(24, m.forking_time, 'restore_stats_entry.forking_time');
  w.u32(32, m.restore_time, 'restore_stats_entry.restore_time');
  if (m.pages_restored != null) w.u64(40, m.pages_restored, 'restore_stats_entry.pages_restored');
  w.unknown(m);
}
export const RestoreStatsEntryCodec: Codec<T.RestoreStatsEntry> = { create: newRestoreStatsEntry, read: readRestoreStatsEntry, write: writeRestoreStatsEntry };

export function newDumpOriginEntry(): T.DumpOriginEntry {
  return {};
}
export function readDumpOriginEntry(r: Reader, m: T.DumpOriginEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.dumped_at = r.u64();
        break;
      case 18:
        m.dumped_by = r.str();
        break;
      case 26:
        m.kernel = r.str();
        break;
      case 34:
        m.machine = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeDumpOriginEntry(w: Writer, m: Encodable<T.DumpOriginEntry>): void {
  if (m.dumped_at != null) w.u64(8, m.dumped_at, 'dump_origin_entry.dumped_at');
  if (m.dumped_by != null) w.str(18, m.dumped_by, 'dump_origin_entry.dumped_by');
  if (m.kernel != null) w.str(26, m.kernel, 'dump_origin_entry.kernel');
  if (m.machine != null) w.str(34, m.machine, 'dump_origin_entry.machine');
  w.unknown(m);
}
export const DumpOriginEntryCodec: Codec<T.DumpOriginEntry> = { create: newDumpOriginEntry, read: readDumpOriginEntry, write: writeDumpOriginEntry };

export function newStatsEntry(): T.StatsEntry {
  return {};
}
export function readStatsEntry(r: Reader, m: T.StatsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.dump ??= newDumpStatsEntry();
        readDumpStatsEntry(r, m.dump);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.restore ??= newRestoreStatsEntry();
        readRestoreStatsEntry(r, m.restore);
        r.leave(outer);
        break;
      }
      case 8002: {
        const outer = r.enter();
        m.origin ??= newDumpOriginEntry();
        readDumpOriginEntry(r, m.origin);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeStatsEntry(w: Writer, m: Encodable<T.StatsEntry>): void {
  if (m.dump != null) { const start = w.begin(10, m.dump, 'stats_entry.dump'); writeDumpStatsEntry(w, m.dump); w.end(start); }
  if (m.restore != null) { const start = w.begin(18, m.restore, 'stats_entry.restore'); writeRestoreStatsEntry(w, m.restore); w.end(start); }
  if (m.origin != null) { const start = w.begin(8002, m.origin, 'stats_entry.origin'); writeDumpOriginEntry(w, m.origin); w.end(start); }
  w.unknown(m);
}
export const StatsEntryCodec: Codec<T.StatsEntry> = { create: newStatsEntry, read: readStatsEntry, write: writeStatsEntry };
