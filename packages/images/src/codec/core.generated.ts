// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newThreadInfoAarch64, readThreadInfoAarch64, writeThreadInfoAarch64 } from './core-aarch64.generated.js';
import { newThreadInfoArm, readThreadInfoArm, writeThreadInfoArm } from './core-arm.generated.js';
import { newThreadInfoLoongarch64, readThreadInfoLoongarch64, writeThreadInfoLoongarch64 } from './core-loongarch64.generated.js';
import { newThreadInfoMips, readThreadInfoMips, writeThreadInfoMips } from './core-mips.generated.js';
import { newThreadInfoPpc64, readThreadInfoPpc64, writeThreadInfoPpc64 } from './core-ppc64.generated.js';
import { newThreadInfoRiscv64, readThreadInfoRiscv64, writeThreadInfoRiscv64 } from './core-riscv64.generated.js';
import { newThreadInfoS390, readThreadInfoS390, writeThreadInfoS390 } from './core-s390.generated.js';
import { newThreadInfoX86, readThreadInfoX86, writeThreadInfoX86 } from './core-x86.generated.js';
import { newCredsEntry, readCredsEntry, writeCredsEntry } from './creds.generated.js';
import { newRlimitEntry, readRlimitEntry, writeRlimitEntry } from './rlimit.generated.js';
import { newRseqEntry, readRseqEntry, writeRseqEntry } from './rseq.generated.js';
import { newSaEntry, readSaEntry, writeSaEntry } from './sa.generated.js';
import { newSignalQueueEntry, readSignalQueueEntry, writeSignalQueueEntry } from './siginfo.generated.js';
import { newTaskTimersEntry, readTaskTimersEntry, writeTaskTimersEntry } from './timer.generated.js';

export function newTaskCoreEntry(): T.TaskCoreEntry {
  return { task_state: undefined as never, exit_code: undefined as never, personality: undefined as never, flags: undefined as never, blk_sigset: undefined as never, comm: undefined as never, sigactions: [], sem_undos: [] };
}
export function readTaskCoreEntry(r: Reader, m: T.TaskCoreEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.task_state = r.u32();
        break;
      case 16:
        m.exit_code = r.u32();
        break;
      case 24:
        m.personality = r.u32();
        break;
      case 32:
        m.flags = r.u32();
        break;
      case 40:
        m.blk_sigset = r.u64();
        break;
      case 50:
        m.comm = r.str();
        break;
      case 58: {
        const outer = r.enter();
        m.timers ??= newTaskTimersEntry();
        readTaskTimersEntry(r, m.timers);
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.rlimits ??= newTaskRlimitsEntry();
        readTaskRlimitsEntry(r, m.rlimits);
        r.leave(outer);
        break;
      }
      case 72:
        m.cg_set = r.u32();
        break;
      case 82: {
        const outer = r.enter();
        m.signals_s ??= newSignalQueueEntry();
        readSignalQueueEntry(r, m.signals_s);
        r.leave(outer);
        break;
      }
      case 88:
        m.old_seccomp_mode = r.i32();
        break;
      case 96:
        m.old_seccomp_filter = r.u32();
        break;
      case 104:
        m.loginuid = r.u32();
        break;
      case 112:
        m.oom_score_adj = r.i32();
        break;
      case 122: {
        const outer = r.enter();
        const v = newSaEntry();
        readSaEntry(r, v);
        m.sigactions.push(v);
        r.leave(outer);
        break;
      }
      case 144:
        m.child_subreaper = r.bool();
        break;
      case 160:
        m.blk_sigset_extended = r.u64();
        break;
      case 168:
        m.stop_signo = r.u32();
        break;
      case 176:
        m.membarrier_registration_mask = r.u32();
        break;
      case 8000:
        m.stop_told = r.bool();
        break;
      case 8008:
        m.continued = r.bool();
        break;
      case 8016:
        m.exit_signal = r.u32();
        break;
      case 8026: {
        const outer = r.enter();
        const v = newSemUndoEntry();
        readSemUndoEntry(r, v);
        m.sem_undos.push(v);
        r.leave(outer);
        break;
      }
      case 8032:
        m.autogroup_nice = r.s32();
        break;
      case 8040:
        m.exit_uid = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.task_state === undefined) r.missing('task_core_entry.task_state');
  if (m.exit_code === undefined) r.missing('task_core_entry.exit_code');
  if (m.personality === undefined) r.missing('task_core_entry.personality');
  if (m.flags === undefined) r.missing('task_core_entry.flags');
  if (m.blk_sigset === undefined) r.missing('task_core_entry.blk_sigset');
  if (m.comm === undefined) r.missing('task_core_entry.comm');
}
export function writeTaskCoreEntry(w: Writer, m: Encodable<T.TaskCoreEntry>): void {
  w.u32(8, m.task_state, 'task_core_entry.task_state');
  w.u32(16, m.exit_code, 'task_core_entry.exit_code');
  w.u32(24, m.personality, 'task_core_entry.personality');
  w.u32(32, m.flags, 'task_core_entry.flags');
  w.u64(40, m.blk_sigset, 'task_core_entry.blk_sigset');
  w.str(50, m.comm, 'task_core_entry.comm');
  if (m.timers != null) { const start = w.begin(58, m.timers, 'task_core_entry.timers'); writeTaskTimersEntry(w, m.timers); w.end(start); }
  if (m.rlimits != null) { const start = w.begin(66, m.rlimits, 'task_core_entry.rlimits'); writeTaskRlimitsEntry(w, m.rlimits); w.end(start); }
  if (m.cg_set != null) w.u32(72, m.cg_set, 'task_core_entry.cg_set');
  if (m.signals_s != null) { const start = w.begin(82, m.signals_s, 'task_core_entry.signals_s'); writeSignalQueueEntry(w, m.signals_s); w.end(start); }
  if (m.old_seccomp_mode != null) w.i32(88, m.old_seccomp_mode, 'task_core_entry.old_seccomp_mode');
  if (m.old_seccomp_filter != null) w.u32(96, m.old_seccomp_filter, 'task_core_entry.old_seccomp_filter');
  if (m.loginuid != null) w.u32(104, m.loginuid, 'task_core_entry.loginuid');
  if (m.oom_score_adj != null) w.i32(112, m.oom_score_adj, 'task_core_entry.oom_score_adj');
  if (m.sigactions != null) for (const v of m.sigactions) { const start = w.begin(122, v, 'task_core_entry.sigactions'); writeSaEntry(w, v); w.end(start); }
  if (m.child_subreaper != null) w.bool(144, m.child_subreaper, 'task_core_entry.child_subreaper');
  if (m.blk_sigset_extended != null) w.u64(160, m.blk_sigset_extended, 'task_core_entry.blk_sigset_extended');
  if (m.stop_signo != null) w.u32(168, m.stop_signo, 'task_core_entry.stop_signo');
  if (m.membarrier_registration_mask != null) w.u32(176, m.membarrier_registration_mask, 'task_core_entry.membarrier_registration_mask');
  if (m.stop_told != null) w.bool(8000, m.stop_told, 'task_core_entry.stop_told');
  if (m.continued != null) w.bool(8008, m.continued, 'task_core_entry.continued');
  if (m.exit_signal != null) w.u32(8016, m.exit_signal, 'task_core_entry.exit_signal');
  if (m.sem_undos != null) for (const v of m.sem_undos) { const start = w.begin(8026, v, 'task_core_entry.sem_undos'); writeSemUndoEntry(w, v); w.end(start); }
  if (m.autogroup_nice != null) w.s32(8032, m.autogroup_nice, 'task_core_entry.autogroup_nice');
  if (m.exit_uid != null) w.u32(8040, m.exit_uid, 'task_core_entry.exit_uid');
  w.unknown(m);
}
export const TaskCoreEntryCodec: Codec<T.TaskCoreEntry> = { create: newTaskCoreEntry, read: readTaskCoreEntry, write: writeTaskCoreEntry };

export function newSemUndoEntry(): T.SemUndoEntry {
  return { sem_id: undefined as never, sem_num: undefined as never, adjustment: undefined as never };
}
export function readSemUndoEntry(r: Reader, m: T.SemUndoEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.sem_id = r.u32();
        break;
      case 16:
        m.sem_num = r.u32();
        break;
      case 24:
        m.adjustment = r.s32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.sem_id === undefined) r.missing('sem_undo_entry.sem_id');
  if (m.sem_num === undefined) r.missing('sem_undo_entry.sem_num');
  if (m.adjustment === undefined) r.missing('sem_undo_entry.adjustment');
}
export function writeSemUndoEntry(w: Writer, m: Encodable<T.SemUndoEntry>): void {
  w.u32(8, m.sem_id, 'sem_undo_entry.sem_id');
  w.u32(16, m.sem_num, 'sem_undo_entry.sem_num');
  w.s32(24, m.adjustment, 'sem_undo_entry.adjustment');
  w.unknown(m);
}
export const SemUndoEntryCodec: Codec<T.SemUndoEntry> = { create: newSemUndoEntry, read: readSemUndoEntry, write: writeSemUndoEntry };

export function newTaskKobjIdsEntry(): T.TaskKobjIdsEntry {
  return { vm_id: undefined as never, files_id: undefined as never, fs_id: undefined as never, sighand_id: undefined as never };
}
export function readTaskKobjIdsEntry(r: Reader, m: T.TaskKobjIdsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.vm_id = r.u32();
        break;
      case 16:
        m.files_id = r.u32();
        break;
      case 24:
        m.fs_id = r.u32();
        break;
      case 32:
        m.sighand_id = r.u32();
        break;
      case 40:
        m.pid_ns_id = r.u32();
        break;
      case 48:
        m.net_ns_id = r.u32();
        break;
      case 56:
        m.ipc_ns_id = r.u32();
        break;
      case 64:
        m.uts_ns_id = r.u32();
        break;
      case 72:
        m.mnt_ns_id = r.u32();
        break;
      case 80:
        m.user_ns_id = r.u32();
        break;
      case 88:
        m.cgroup_ns_id = r.u32();
        break;
      case 96:
        m.time_ns_id = r.u32();
        break;
      case 8000:
        m.own_time_ns_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.vm_id === undefined) r.missing('task_kobj_ids_entry.vm_id');
  if (m.files_id === undefined) r.missing('task_kobj_ids_entry.files_id');
  if (m.fs_id === undefined) r.missing('task_kobj_ids_entry.fs_id');
  if (m.sighand_id === undefined) r.missing('task_kobj_ids_entry.sighand_id');
}
export function writeTaskKobjIdsEntry(w: Writer, m: Encodable<T.TaskKobjIdsEntry>): void {
  w.u32(8, m.vm_id, 'task_kobj_ids_entry.vm_id');
  w.u32(16, m.files_id, 'task_kobj_ids_entry.files_id');
  w.u32(24, m.fs_id, 'task_kobj_ids_entry.fs_id');
  w.u32(32, m.sighand_id, 'task_kobj_ids_entry.sighand_id');
  if (m.pid_ns_id != null) w.u32(40, m.pid_ns_id, 'task_kobj_ids_entry.pid_ns_id');
  if (m.net_ns_id != null) w.u32(48, m.net_ns_id, 'task_kobj_ids_entry.net_ns_id');
  if (m.ipc_ns_id != null) w.u32(56, m.ipc_ns_id, 'task_kobj_ids_entry.ipc_ns_id');
  if (m.uts_ns_id != null) w.u32(64, m.uts_ns_id, 'task_kobj_ids_entry.uts_ns_id');
  if (m.mnt_ns_id != null) w.u32(72, m.mnt_ns_id, 'task_kobj_ids_entry.mnt_ns_id');
  if (m.user_ns_id != null) w.u32(80, m.user_ns_id, 'task_kobj_ids_entry.user_ns_id');
  if (m.cgroup_ns_id != null) w.u32(88, m.cgroup_ns_id, 'task_kobj_ids_entry.cgroup_ns_id');
  if (m.time_ns_id != null) w.u32(96, m.time_ns_id, 'task_kobj_ids_entry.time_ns_id');
  if (m.own_time_ns_id != null) w.u32(8000, m.own_time_ns_id, 'task_kobj_ids_entry.own_time_ns_id');
  w.unknown(m);
}
export const TaskKobjIdsEntryCodec: Codec<T.TaskKobjIdsEntry> = { create: newTaskKobjIdsEntry, read: readTaskKobjIdsEntry, write: writeTaskKobjIdsEntry };

export function newThreadSasEntry(): T.ThreadSasEntry {
  return { ss_sp: undefined as never, ss_size: undefined as never, ss_flags: undefined as never };
}
export function readThreadSasEntry(r: Reader, m: T.ThreadSasEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.ss_sp = r.u64();
        break;
      case 16:
        m.ss_size = r.u64();
        break;
      case 24:
        m.ss_flags = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.ss_sp === undefined) r.missing('thread_sas_entry.ss_sp');
  if (m.ss_size === undefined) r.missing('thread_sas_entry.ss_size');
  if (m.ss_flags === undefined) r.missing('thread_sas_entry.ss_flags');
}
export function writeThreadSasEntry(w: Writer, m: Encodable<T.ThreadSasEntry>): void {
  w.u64(8, m.ss_sp, 'thread_sas_entry.ss_sp');
  w.u64(16, m.ss_size, 'thread_sas_entry.ss_size');
  w.u32(24, m.ss_flags, 'thread_sas_entry.ss_flags');
  w.unknown(m);
}
export const ThreadSasEntryCodec: Codec<T.ThreadSasEntry> = { create: newThreadSasEntry, read: readThreadSasEntry, write: writeThreadSasEntry };

export function newThreadCoreEntry(): T.ThreadCoreEntry {
  return { futex_rla: undefined as never, futex_rla_len: undefined as never };
}
export function readThreadCoreEntry(r: Reader, m: T.ThreadCoreEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.futex_rla = r.u64();
        break;
      case 16:
        m.futex_rla_len = r.u32();
        break;
      case 24:
        m.sched_nice = r.s32();
        break;
      case 32:
        m.sched_policy = r.u32();
        break;
      case 40:
        m.sched_prio = r.u32();
        break;
      case 48:
        m.blk_sigset = r.u64();
        break;
      case 58: {
        const outer = r.enter();
        m.sas ??= newThreadSasEntry();
        readThreadSasEntry(r, m.sas);
        r.leave(outer);
        break;
      }
      case 64:
        m.pdeath_sig = r.u32();
        break;
      case 74: {
        const outer = r.enter();
        m.signals_p ??= newSignalQueueEntry();
        readSignalQueueEntry(r, m.signals_p);
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        m.creds ??= newCredsEntry();
        readCredsEntry(r, m.creds);
        r.leave(outer);
        break;
      }
      case 88:
        m.seccomp_mode = r.i32();
        break;
      case 96:
        m.seccomp_filter = r.u32();
        break;
      case 106:
        m.comm = r.str();
        break;
      case 112:
        m.blk_sigset_extended = r.u64();
        break;
      case 122: {
        const outer = r.enter();
        m.rseq_entry ??= newRseqEntry();
        readRseqEntry(r, m.rseq_entry);
        r.leave(outer);
        break;
      }
      case 128:
        m.cg_set = r.u32();
        break;
      case 8000:
        m.timer_slack_ns = r.u64();
        break;
      case 8008:
        m.io_priority = r.u32();
        break;
      case 8018:
        m.cpus_allowed = r.str();
        break;
      case 8024:
        m.sched_slice_ns = r.u64();
        break;
      case 8032:
        m.sched_util_min = r.u32();
        break;
      case 8040:
        m.sched_util_max = r.u32();
        break;
      case 8048:
        m.tsc_faults = r.bool();
        break;
      case 8056:
        m.cpuid_faults = r.bool();
        break;
      case 8064:
        m.mce_kill = r.u32();
        break;
      case 8072:
        m.spec_store_bypass = r.u32();
        break;
      case 8080:
        m.spec_indirect_branch = r.u32();
        break;
      case 8088:
        m.spec_l1d_flush = r.u32();
        break;
      case 8096:
        m.io_flusher = r.bool();
        break;
      case 8104:
        m.dispatch_mode = r.u64();
        break;
      case 8112:
        m.dispatch_selector = r.u64();
        break;
      case 8120:
        m.dispatch_offset = r.u64();
        break;
      case 8128:
        m.dispatch_length = r.u64();
        break;
      case 8136:
        m.personality = r.u32();
        break;
      case 8144:
        m.mempolicy_mode = r.u32();
        break;
      case 8154:
        m.mempolicy_nodes = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.futex_rla === undefined) r.missing('thread_core_entry.futex_rla');
  if (m.futex_rla_len === undefined) r.missing('thread_core_entry.futex_rla_len');
}
export function writeThreadCoreEntry(w: Writer, m: Encodable<T.ThreadCoreEntry>): void {
  w.u64(8, m.futex_rla, 'thread_core_entry.futex_rla');
  w.u32(16, m.futex_rla_len, 'thread_core_entry.futex_rla_len');
  if (m.sched_nice != null) w.s32(24, m.sched_nice, 'thread_core_entry.sched_nice');
  if (m.sched_policy != null) w.u32(32, m.sched_policy, 'thread_core_entry.sched_policy');
  if (m.sched_prio != null) w.u32(40, m.sched_prio, 'thread_core_entry.sched_prio');
  if (m.blk_sigset != null) w.u64(48, m.blk_sigset, 'thread_core_entry.blk_sigset');
  if (m.sas != null) { const start = w.begin(58, m.sas, 'thread_core_entry.sas'); writeThreadSasEntry(w, m.sas); w.end(start); }
  if (m.pdeath_sig != null) w.u32(64, m.pdeath_sig, 'thread_core_entry.pdeath_sig');
  if (m.signals_p != null) { const start = w.begin(74, m.signals_p, 'thread_core_entry.signals_p'); writeSignalQueueEntry(w, m.signals_p); w.end(start); }
  if (m.creds != null) { const start = w.begin(82, m.creds, 'thread_core_entry.creds'); writeCredsEntry(w, m.creds); w.end(start); }
  if (m.seccomp_mode != null) w.i32(88, m.seccomp_mode, 'thread_core_entry.seccomp_mode');
  if (m.seccomp_filter != null) w.u32(96, m.seccomp_filter, 'thread_core_entry.seccomp_filter');
  if (m.comm != null) w.str(106, m.comm, 'thread_core_entry.comm');
  if (m.blk_sigset_extended != null) w.u64(112, m.blk_sigset_extended, 'thread_core_entry.blk_sigset_extended');
  if (m.rseq_entry != null) { const start = w.begin(122, m.rseq_entry, 'thread_core_entry.rseq_entry'); writeRseqEntry(w, m.rseq_entry); w.end(start); }
  if (m.cg_set != null) w.u32(128, m.cg_set, 'thread_core_entry.cg_set');
  if (m.timer_slack_ns != null) w.u64(8000, m.timer_slack_ns, 'thread_core_entry.timer_slack_ns');
  if (m.io_priority != null) w.u32(8008, m.io_priority, 'thread_core_entry.io_priority');
  if (m.cpus_allowed != null) w.str(8018, m.cpus_allowed, 'thread_core_entry.cpus_allowed');
  if (m.sched_slice_ns != null) w.u64(8024, m.sched_slice_ns, 'thread_core_entry.sched_slice_ns');
  if (m.sched_util_min != null) w.u32(8032, m.sched_util_min, 'thread_core_entry.sched_util_min');
  if (m.sched_util_max != null) w.u32(8040, m.sched_util_max, 'thread_core_entry.sched_util_max');
  if (m.tsc_faults != null) w.bool(8048, m.tsc_faults, 'thread_core_entry.tsc_faults');
  if (m.cpuid_faults != null) w.bool(8056, m.cpuid_faults, 'thread_core_entry.cpuid_faults');
  if (m.mce_kill != null) w.u32(8064, m.mce_kill, 'thread_core_entry.mce_kill');
  if (m.spec_store_bypass != null) w.u32(8072, m.spec_store_bypass, 'thread_core_entry.spec_store_bypass');
  if (m.spec_indirect_branch != null) w.u32(8080, m.spec_indirect_branch, 'thread_core_entry.spec_indirect_branch');
  if (m.spec_l1d_flush != null) w.u32(8088, m.spec_l1d_flush, 'thread_core_entry.spec_l1d_flush');
  if (m.io_flusher != null) w.bool(8096, m.io_flusher, 'thread_core_entry.io_flusher');
  if (m.dispatch_mode != null) w.u64(8104, m.dispatch_mode, 'thread_core_entry.dispatch_mode');
  if (m.dispatch_selector != null) w.u64(8112, m.dispatch_selector, 'thread_core_entry.dispatch_selector');
  if (m.dispatch_offset != null) w.u64(8120, m.dispatch_offset, 'thread_core_entry.dispatch_offset');
  if (m.dispatch_length != null) w.u64(8128, m.dispatch_length, 'thread_core_entry.dispatch_length');
  if (m.personality != null) w.u32(8136, m.personality, 'thread_core_entry.personality');
  if (m.mempolicy_mode != null) w.u32(8144, m.mempolicy_mode, 'thread_core_entry.mempolicy_mode');
  if (m.mempolicy_nodes != null) w.str(8154, m.mempolicy_nodes, 'thread_core_entry.mempolicy_nodes');
  w.unknown(m);
}
export const ThreadCoreEntryCodec: Codec<T.ThreadCoreEntry> = { create: newThreadCoreEntry, read: readThreadCoreEntry, write: writeThreadCoreEntry };

export function newTaskRlimitsEntry(): T.TaskRlimitsEntry {
  return { rlimits: [] };
}
export function readTaskRlimitsEntry(r: Reader, m: T.TaskRlimitsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newRlimitEntry();
        readRlimitEntry(r, v);
        m.rlimits.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeTaskRlimitsEntry(w: Writer, m: Encodable<T.TaskRlimitsEntry>): void {
  if (m.rlimits != null) for (const v of m.rlimits) { const start = w.begin(10, v, 'task_rlimits_entry.rlimits'); writeRlimitEntry(w, v); w.end(start); }
  w.unknown(m);
}
export const TaskRlimitsEntryCodec: Codec<T.TaskRlimitsEntry> = { create: newTaskRlimitsEntry, read: readTaskRlimitsEntry, write: writeTaskRlimitsEntry };

export function newCoreEntry(): T.CoreEntry {
  return { mtype: undefined as never };
}
export function readCoreEntry(r: Reader, m: T.CoreEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mtype = r.i32();
        break;
      case 18: {
        const outer = r.enter();
        m.thread_info ??= newThreadInfoX86();
        readThreadInfoX86(r, m.thread_info);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.ti_arm ??= newThreadInfoArm();
        readThreadInfoArm(r, m.ti_arm);
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.ti_aarch64 ??= newThreadInfoAarch64();
        readThreadInfoAarch64(r, m.ti_aarch64);
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        m.ti_ppc64 ??= newThreadInfoPpc64();
        readThreadInfoPpc64(r, m.ti_ppc64);
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        m.ti_s390 ??= newThreadInfoS390();
        readThreadInfoS390(r, m.ti_s390);
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        m.ti_mips ??= newThreadInfoMips();
        readThreadInfoMips(r, m.ti_mips);
        r.leave(outer);
        break;
      }
      case 98: {
        const outer = r.enter();
        m.ti_loongarch64 ??= newThreadInfoLoongarch64();
        readThreadInfoLoongarch64(r, m.ti_loongarch64);
        r.leave(outer);
        break;
      }
      case 106: {
        const outer = r.enter();
        m.ti_riscv64 ??= newThreadInfoRiscv64();
        readThreadInfoRiscv64(r, m.ti_riscv64);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.tc ??= newTaskCoreEntry();
        readTaskCoreEntry(r, m.tc);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.ids ??= newTaskKobjIdsEntry();
        readTaskKobjIdsEntry(r, m.ids);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.thread_core ??= newThreadCoreEntry();
        readThreadCoreEntry(r, m.thread_core);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.mtype === undefined) r.missing('core_entry.mtype');
}
export function writeCoreEntry(w: Writer, m: Encodable<T.CoreEntry>): void {
  w.i32(8, m.mtype, 'core_entry.mtype');
  if (m.thread_info != null) { const start = w.begin(18, m.thread_info, 'core_entry.thread_info'); writeThreadInfoX86(w, m.thread_info); w.end(start); }
  if (m.tc != null) { const start = w.begin(26, m.tc, 'core_entry.tc'); writeTaskCoreEntry(w, m.tc); w.end(start); }
  if (m.ids != null) { const start = w.begin(34, m.ids, 'core_entry.ids'); writeTaskKobjIdsEntry(w, m.ids); w.end(start); }
  if (m.thread_core != null) { const start = w.begin(42, m.thread_core, 'core_entry.thread_core'); writeThreadCoreEntry(w, m.thread_core); w.end(start); }
  if (m.ti_arm != null) { const start = w.begin(50, m.ti_arm, 'core_entry.ti_arm'); writeThreadInfoArm(w, m.ti_arm); w.end(start); }
  if (m.ti_aarch64 != null) { const start = w.begin(66, m.ti_aarch64, 'core_entry.ti_aarch64'); writeThreadInfoAarch64(w, m.ti_aarch64); w.end(start); }
  if (m.ti_ppc64 != null) { const start = w.begin(74, m.ti_ppc64, 'core_entry.ti_ppc64'); writeThreadInfoPpc64(w, m.ti_ppc64); w.end(start); }
  if (m.ti_s390 != null) { const start = w.begin(82, m.ti_s390, 'core_entry.ti_s390'); writeThreadInfoS390(w, m.ti_s390); w.end(start); }
  if (m.ti_mips != null) { const start = w.begin(90, m.ti_mips, 'core_entry.ti_mips'); writeThreadInfoMips(w, m.ti_mips); w.end(start); }
  if (m.ti_loongarch64 != null) { const start = w.begin(98, m.ti_loongarch64, 'core_entry.ti_loongarch64'); writeThreadInfoLoongarch64(w, m.ti_loongarch64); w.end(start); }
  if (m.ti_riscv64 != null) { const start = w.begin(106, m.ti_riscv64, 'core_entry.ti_riscv64'); writeThreadInfoRiscv64(w, m.ti_riscv64); w.end(start); }
  w.unknown(m);
}
export const CoreEntryCodec: Codec<T.CoreEntry> = { create: newCoreEntry, read: readCoreEntry, write: writeCoreEntry };
