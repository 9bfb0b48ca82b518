// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newSysctlEntry(): T.SysctlEntry {
  return { type: undefined as never };
}
export function readSysctlEntry(r: Reader, m: T.SysctlEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.i32();
        break;
      case 16:
        m.iarg = r.i32();
        break;
      case 26:
        m.sarg = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('sysctl_entry.type');
}
export function writeSysctlEntry(w: Writer, m: Encodable<T.SysctlEntry>): void {
  w.i32(8, m.type, 'sysctl_entry.type');
  if (m.iarg != null) w.i32(16, m.iarg, 'sysctl_entry.iarg');
  if (m.sarg != null) w.str(26, m.sarg, 'sysctl_entry.sarg');
  w.unknown(m);
}
export const SysctlEntryCodec: Codec<T.SysctlEntry> = { create: newSysctlEntry, read: readSysctlEntry, write: writeSysctlEntry };
