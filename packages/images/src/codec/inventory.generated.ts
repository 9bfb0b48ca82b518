// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newTaskKobjIdsEntry, readTaskKobjIdsEntry, writeTaskKobjIdsEntry } from './core.generated.js';

export function newPluginsEntry(): T.PluginsEntry {
  return { plugins: [], versions: [] };
}
export function readPluginsEntry(r: Reader, m: T.PluginsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 98:
        m.plugins.push(r.str());
        break;
      case 8002:
        m.versions.push(r.str());
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
export function writePluginsEntry(w: Writer, m: Encodable<T.PluginsEntry>): void {
  if (m.plugins != null) for (const v of m.plugins) w.str(98, v, 'plugins_entry.plugins');
  if (m.versions != null) for (const v of m.versions) w.str(8002, v, 'plugins_entry.versions');
  w.unknown(m);
}
export const PluginsEntryCodec: Codec<T.PluginsEntry> = { create: newPluginsEntry, read: readPluginsEntry, write: writePluginsEntry };

export function newInventoryEntry(): T.InventoryEntry {
  return { img_version: undefined as never };
}
export function readInventoryEntry(r: Reader, m: T.InventoryEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.img_version = r.u32();
        break;
      case 16:
        m.fdinfo_per_id = r.bool();
        break;
      case 26: {
        const outer = r.enter();
        m.root_ids ??= newTaskKobjIdsEntry();
        readTaskKobjIdsEntry(r, m.root_ids);
        r.leave(outer);
        break;
      }
      case 32:
        m.ns_per_id = r.bool();
        break;
      case 40:
        m.root_cg_set = r.u32();
        break;
      case 48:
        m.lsmtype = r.i32();
        break;
      case 64:
        m.dump_uptime = r.u64();
        break;
      case 72:
        m.pre_dump_mode = r.u32();
        break;
      case 80:
        m.tcp_close = r.bool();
        break;
      case 88:
        m.network_lock_method = r.u32();
        break;
      case 98: {
        const outer = r.enter();
        m.plugins_entry ??= newPluginsEntry();
        readPluginsEntry(r, m.plugins_entry);
        r.leave(outer);
        break;
      }
      case 106:
        m.dump_criu_run_id = r.str();
        break;
      case 112:
        m.allow_uprobes = r.bool();
        break;
      case 120:
        m.compress = r.u32();
        break;
      case 128:
        m.compress_region_size = r.u32();
        break;
      case 8032:
        m.page_codec = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.img_version === undefined) r.missing('inventory_entry.img_version');
}
export function writeInventoryEntry(w: Writer, m: Encodable<T.InventoryEntry>): void {
  w.u32(8, m.img_version, 'inventory_entry.img_version');
  if (m.fdinfo_per_id != null) w.bool(16, m.fdinfo_per_id, 'inventory_entry.fdinfo_per_id');
  if (m.root_ids != null) { const start = w.begin(26, m.root_ids, 'inventory_entry.root_ids'); writeTaskKobjIdsEntry(w, m.root_ids); w.end(start); }
  if (m.ns_per_id != null) w.bool(32, m.ns_per_id, 'inventory_entry.ns_per_id');
  if (m.root_cg_set != null) w.u32(40, m.root_cg_set, 'inventory_entry.root_cg_set');
  if (m.lsmtype != null) w.i32(48, m.lsmtype, 'inventory_entry.lsmtype');
  if (m.dump_uptime != null) w.u64(64, m.dump_uptime, 'inventory_entry.dump_uptime');
  if (m.pre_dump_mode != null) w.u32(72, m.pre_dump_mode, 'inventory_entry.pre_dump_mode');
  if (m.tcp_close != null) w.bool(80, m.tcp_close, 'inventory_entry.tcp_close');
  if (m.network_lock_method != null) w.u32(88, m.network_lock_method, 'inventory_entry.network_lock_method');
  if (m.plugins_entry != null) { const start = w.begin(98, m.plugins_entry, 'inventory_entry.plugins_entry'); writePluginsEntry(w, m.plugins_entry); w.end(start); }
  if (m.dump_criu_run_id != null) w.str(106, m.dump_criu_run_id, 'inventory_entry.dump_criu_run_id');
  if (m.allow_uprobes != null) w.bool(112, m.allow_uprobes, 'inventory_entry.allow_uprobes');
  if (m.compress != null) w.u32(120, m.compress, 'inventory_entry.compress');
  if (m.compress_region_size != null) w.u32(128, m.compress_region_size, 'inventory_entry.compress_region_size');
  if (m.page_codec != null) w.u32(8032, m.page_codec, 'inventory_entry.page_codec');
  w.unknown(m);
}
export const InventoryEntryCodec: Codec<T.InventoryEntry> = { create: newInventoryEntry, read: readInventoryEntry, write: writeInventoryEntry };
