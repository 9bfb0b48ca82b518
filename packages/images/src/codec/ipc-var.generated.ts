// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newPosixQueueEntry, readPosixQueueEntry, writePosixQueueEntry } from './mqueue.generated.js';

export function newIpcVarEntry(): T.IpcVarEntry {
  return { sem_ctls: [], msg_ctlmax: undefined as never, msg_ctlmnb: undefined as never, msg_ctlmni: undefined as never, auto_msgmni: undefined as never, shm_ctlmax: undefined as never, shm_ctlall: undefined as never, shm_ctlmni: undefined as never, shm_rmid_forced: undefined as never, mq_queues_max: undefined as never, mq_msg_max: undefined as never, mq_msgsize_max: undefined as never, posix_queues: [] };
}
export function readIpcVarEntry(r: Reader, m: T.IpcVarEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.sem_ctls.push(r.u32());
        break;
      case 10: {
        const outer = r.enter();
        r.u32s(m.sem_ctls);
        r.leave(outer);
        break;
      }
      case 16:
        m.msg_ctlmax = r.u32();
        break;
      case 24:
        m.msg_ctlmnb = r.u32();
        break;
      case 32:
        m.msg_ctlmni = r.u32();
        break;
      case 40:
        m.auto_msgmni = r.u32();
        break;
      case 48:
        m.shm_ctlmax = r.u64();
        break;
      case 56:
        m.shm_ctlall = r.u64();
        break;
      case 64:
        m.shm_ctlmni = r.u32();
        break;
      case 72:
        m.shm_rmid_forced = r.u32();
        break;
      case 80:
        m.mq_queues_max = r.u32();
        break;
      case 88:
        m.mq_msg_max = r.u32();
        break;
      case 96:
        m.mq_msgsize_max = r.u32();
        break;
      case 104:
        m.mq_msg_default = r.u32();
        break;
      case 112:
        m.mq_msgsize_default = r.u32();
        break;
      case 120:
        m.msg_next_id = r.u32();
        break;
      case 128:
        m.sem_next_id = r.u32();
        break;
      case 136:
        m.shm_next_id = r.u32();
        break;
      case 8002: {
        const outer = r.enter();
        const v = newPosixQueueEntry();
        readPosixQueueEntry(r, v);
        m.posix_queues.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.msg_ctlmax === undefined) r.missing('ipc_var_entry.msg_ctlmax');
  if (m.msg_ctlmnb === undefined) r.missing('ipc_var_entry.msg_ctlmnb');
  if (m.msg_ctlmni === undefined) r.missing('ipc_var_entry.msg_ctlmni');
  if (m.auto_msgmni === undefined) r.missing('ipc_var_entry.auto_msgmni');
  if (m.shm_ctlmax === undefined) r.missing('ipc_var_entry.shm_ctlmax');
  if (m.shm_ctlall === undefined) r.missing('ipc_var_entry.shm_ctlall');
  if (m.shm_ctlmni === undefined) r.missing('ipc_var_entry.shm_ctlmni');
  if (m.shm_rmid_forced === undefined) r.missing('ipc_var_entry.shm_rmid_forced');
  if (m.mq_queues_max === undefined) r.missing('ipc_var_entry.mq_queues_max');
  if (m.mq_msg_max === undefined) r.missing('ipc_var_entry.mq_msg_max');
  if (m.mq_msgsize_max === undefined) r.missing('ipc_var_entry.mq_msgsize_max');
}
export function writeIpcVarEntry(w: Writer, m: Encodable<T.IpcVarEntry>): void {
  if (m.sem_ctls != null) for (const v of m.sem_ctls) w.u32(8, v, 'ipc_var_entry.sem_ctls');
  w.u32(16, m.msg_ctlmax, 'ipc_var_entry.msg_ctlmax');
  w.u32(24, m.msg_ctlmnb, 'ipc_var_entry.msg_ctlmnb');
  w.u32(32, m.msg_ctlmni, 'ipc_var_entry.msg_ctlmni');
  w.u32(40, m.auto_msgmni, 'ipc_var_entry.auto_msgmni');
  w.u64(48, m.shm_ctlmax, 'ipc_var_entry.shm_ctlmax');
  w.u64(56, m.shm_ctlall, 'ipc_var_entry.shm_ctlall');
  w.u32(64, m.shm_ctlmni, 'ipc_var_entry.shm_ctlmni');
  w.u32(72, m.shm_rmid_forced, 'ipc_var_entry.shm_rmid_forced');
  w.u32(80, m.mq_queues_max, 'ipc_var_entry.mq_queues_max');
  w.u32(88, m.mq_msg_max, 'ipc_var_entry.mq_msg_max');
  w.u32(96, m.mq_msgsize_max, 'ipc_var_entry.mq_msgsize_max');
  if (m.mq_msg_default != null) w.u32(104, m.mq_msg_default, 'ipc_var_entry.mq_msg_default');
  if (m.mq_msgsize_default != null) w.u32(112, m.mq_msgsize_default, 'ipc_var_entry.mq_msgsize_default');
  if (m.msg_next_id != null) w.u32(120, m.msg_next_id, 'ipc_var_entry.msg_next_id');
  if (m.sem_next_id != null) w.u32(128, m.sem_next_id, 'ipc_var_entry.sem_next_id');
  if (m.shm_next_id != null) w.u32(136, m.shm_next_id, 'ipc_var_entry.shm_next_id');
  if (m.posix_queues != null) for (const v of m.posix_queues) { const start = w.begin(8002, v, 'ipc_var_entry.posix_queues'); writePosixQueueEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const IpcVarEntryCodec: Codec<T.IpcVarEntry> = { create: newIpcVarEntry, read: readIpcVarEntry, write: writeIpcVarEntry };
