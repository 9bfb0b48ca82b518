// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newPstreeEntry(): T.PstreeEntry {
  return { pid: undefined as never, ppid: undefined as never, pgid: undefined as never, sid: undefined as never, threads: [] };
}
export function readPstreeEntry(r: Reader, m: T.PstreeEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pid = r.u32();
        break;
      case 16:
        m.ppid = r.u32();
        break;
      case 24:
        m.pgid = r.u32();
        break;
      case 32:
        m.sid = r.u32();
        break;
      case 40:
        m.threads.push(r.u32());
        break;
      case 42: {
        const outer = r.enter();
        r.u32s(m.threads);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pid === undefined) r.missing('pstree_entry.pid');
  if (m.ppid === undefined) r.missing('pstree_entry.ppid');
  if (m.pgid === undefined) r.missing('pstree_entry.pgid');
  if (m.sid === undefined) r.missing('pstree_entry.sid');
}
export function writePstreeEntry(w: Writer, m: Encodable<T.PstreeEntry>): void {
  w.u32(8, m.pid, 'pstree_entry.pid');
  w.u32(16, m.ppid, 'pstree_entry.ppid');
  w.u32(24, m.pgid, 'pstree_entry.pgid');
  w.u32(32, m.sid, 'pstree_entry.sid');
  if (m.threads != null) for (const v of m.threads) w.u32(40, v, 'pstree_entry.threads');
  w.unknown(m);
}
export const PstreeEntryCodec: Codec<T.PstreeEntry> = { create: newPstreeEntry, read: readPstreeEntry, write: writePstreeEntry };
