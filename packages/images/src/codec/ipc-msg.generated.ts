// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newIpcDescEntry, readIpcDescEntry, writeIpcDescEntry } from './ipc-desc.generated.js';

export function newIpcMsg(): T.IpcMsg {
  return { mtype: undefined as never, msize: undefined as never };
}
export function readIpcMsg(r: Reader, m: T.IpcMsg): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mtype = r.u64();
        break;
      case 16:
        m.msize = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mtype === undefined) r.missing('ipc_msg.mtype');
  if (m.msize === undefined) r.missing('ipc_msg.msize');
}
export function writeIpcMsg(w: Writer, m: Encodable<T.IpcMsg>): void {
  w.u64(8, m.mtype, 'ipc_msg.mtype');
  w.u32(16, m.msize, 'ipc_msg.msize');
  w.unknown(m);
}
export const IpcMsgCodec: Codec<T.IpcMsg> = { create: newIpcMsg, read: readIpcMsg, write: writeIpcMsg };

export function newIpcMsgEntry(): T.IpcMsgEntry {
  return { desc: undefined as never, qbytes: undefined as never, qnum: undefined as never };
}
export function readIpcMsgEntry(r: Reader, m: T.IpcMsgEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.desc ??= newIpcDescEntry();
        readIpcDescEntry(r, m.desc);
        r.leave(outer);
        break;
      }
      case 16:
        m.qbytes = r.u32();
        break;
      case 24:
        m.qnum = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.desc === undefined) r.missing('ipc_msg_entry.desc');
  if (m.qbytes === undefined) r.missing('ipc_msg_entry.qbytes');
  if (m.qnum === undefined) r.missing('ipc_msg_entry.qnum');
}
export function writeIpcMsgEntry(w: Writer, m: Encodable<T.IpcMsgEntry>): void {
  { const start = w.begin(10, m.desc, 'ipc_msg_entry.desc'); writeIpcDescEntry(w, m.desc); w.end(start); }
  w.u32(16, m.qbytes, 'ipc_msg_entry.qbytes');
  w.u32(24, m.qnum, 'ipc_msg_entry.qnum');
  w.unknown(m);
}
export const IpcMsgEntryCodec: Codec<T.IpcMsgEntry> = { create: newIpcMsgEntry, read: readIpcMsgEntry, write: writeIpcMsgEntry };
