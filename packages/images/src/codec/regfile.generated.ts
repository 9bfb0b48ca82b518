// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';

export function newRegFileEntry(): T.RegFileEntry {
  return { id: undefined as never, flags: undefined as never, pos: undefined as never, fown: undefined as never, name: undefined as never, build_id: [] };
}
export function readRegFileEntry(r: Reader, m: T.RegFileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 24:
        m.pos = r.u64();
        break;
      case 42:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 50:
        m.name = r.str();
        break;
      case 56:
        m.mnt_id = r.s32();
        break;
      case 64:
        m.size = r.u64();
        break;
      case 72:
        m.ext = r.bool();
        break;
      case 80:
        m.mode = r.u32();
        break;
      case 88:
        m.build_id.push(r.u32());
        break;
      case 90: {
        const outer = r.enter();
        r.u32s(m.build_id);
        r.leave(outer);
        break;
      }
      case 96:
        m.checksum = r.u32();
        break;
      case 104:
        m.checksum_config = r.u32();
        break;
      case 112:
        m.checksum_parameter = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('reg_file_entry.id');
  if (m.flags === undefined) r.missing('reg_file_entry.flags');
  if (m.pos === undefined) r.missing('reg_file_entry.pos');
  if (m.fown === undefined) r.missing('reg_file_entry.fown');
  if (m.name === undefined) r.missing('reg_file_entry.name');
}
export function writeRegFileEntry(w: Writer, m: Encodable<T.RegFileEntry>): void {
  w.u32(8, m.id, 'reg_file_entry.id');
  w.u32(16, m.flags, 'reg_file_entry.flags');
  w.u64(24, m.pos, 'reg_file_entry.pos');
  w.alike(42, m.fown, 'reg_file_entry.fown', writeFownEntry);
  w.str(50, m.name, 'reg_file_entry.name');
  if (m.mnt_id != null) w.s32(56, m.mnt_id, 'reg_file_entry.mnt_id');
  if (m.size != null) w.u64(64, m.size, 'reg_file_entry.size');
  if (m.ext != null) w.bool(72, m.ext, 'reg_file_entry.ext');
  if (m.mode != null) w.u32(80, m.mode, 'reg_file_entry.mode');
  if (m.build_id != null) for (const v of m.build_id) w.u32(88, v, 'reg_file_entry.build_id');
  if (m.checksum != null) w.u32(96, m.checksum, 'reg_file_entry.checksum');
  if (m.checksum_config != null) w.u32(104, m.checksum_config, 'reg_file_entry.checksum_config');
  if (m.checksum_parameter != null) w.u32(112, m.checksum_parameter, 'reg_file_entry.checksum_parameter');
  w.unknown(m);
}
export const RegFileEntryCodec: Codec<T.RegFileEntry> = { create: newRegFileEntry, read: readRegFileEntry, write: writeRegFileEntry };
