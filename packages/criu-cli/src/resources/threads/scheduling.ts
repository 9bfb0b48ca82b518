// Scheduling state for which CRIU's images have no room: CPU affinity, time slice, utilization clamps and I/O priority.
import type { Program } from '@criu/compel';
import type { ThreadCoreEntry } from '@criu/images';
import { SysError, sysRaw } from '@criu/native';
import {
  EINVAL,
  IOPRIO_CLASS_SHIFT,
  IOPRIO_WHO_PROCESS,
  PR_SET_TIMERSLACK,
  SCHED_BATCH,
  SCHED_FIFO,
  SCHED_FLAG_KEEP_PARAMS,
  SCHED_FLAG_KEEP_POLICY,
  SCHED_FLAG_UTIL_CLAMP_MAX,
  SCHED_FLAG_UTIL_CLAMP_MIN,
  SCHED_OTHER,
  SCHED_RR,
  sched_attr,
} from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import type { PlanContext } from '../../engine/plan.js';
import { asCriuError } from '../../errors.js';
import { cpusetCpus, onlineCpus, parseCpus } from '../../proc/cpus.js';
import { readCpuset } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { listOfImage } from './lists.js';
import { USUAL_SLACK_NS } from './switches.js';

const KEEP_ALL = SCHED_FLAG_KEEP_POLICY | SCHED_FLAG_KEEP_PARAMS;
const UTIL_CLAMP = SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX;
const UTIL_WHOLE = 1024;

type Fields = Pick<
  ThreadCoreEntry,
  'io_priority' | 'cpus_allowed' | 'sched_slice_ns' | 'sched_util_min' | 'sched_util_max'
>;

export function attrOf(tid: number): Buffer | undefined {
  const attr = Buffer.alloc(sched_attr.sizeof);
  return sysRaw('sched_getattr', tid, attr, attr.length, 0) === 0 ? attr : undefined;
}

/** Scheduling of the dumping process, as an example of the defaults. */
const usual = stateKey('usual scheduling', (_: DumpContext) => {
  const attr = attrOf(0);
  const slice =
    attr?.readUInt32LE(sched_attr.sched_policy) === SCHED_OTHER
      ? attr.readBigUInt64LE(sched_attr.sched_runtime)
      : undefined;
  return { slice, online: onlineCpus(), cpusets: new Map<string, bigint | undefined>() };
});

/** Records the defaults, before the dumping process changes its own scheduling. */
export function noteUsual(ctx: DumpContext): void {
  ctx.states.get(usual);
}

/** The scheduling of a thread where it differs from the defaults. The task is stopped. */
export function schedulingOf(ctx: DumpContext, task: LiveTask, tid: number): Fields {
  const out: Fields = {};
  const io = sysRaw('ioprio_get', IOPRIO_WHO_PROCESS, tid);
  if (io >> IOPRIO_CLASS_SHIFT > 0) out.io_priority = io;
  const bound = boundTo(ctx, task, tid);
  if (bound !== undefined) out.cpus_allowed = bound;
  const attr = attrOf(tid);
  if (!attr) return out;
  const policy = attr.readUInt32LE(sched_attr.sched_policy);
  const slice = attr.readBigUInt64LE(sched_attr.sched_runtime);
  const { slice: usualSlice } = ctx.states.get(usual);
  if ((policy === SCHED_OTHER || policy === SCHED_BATCH) && usualSlice && slice && slice !== usualSlice)
    out.sched_slice_ns = slice;
  const [min, max] = [
    attr.readUInt32LE(sched_attr.sched_util_min),
    attr.readUInt32LE(sched_attr.sched_util_max),
  ];
  const usualMin = policy === SCHED_FIFO || policy === SCHED_RR ? UTIL_WHOLE : 0;
  // Both values are 0 on a kernel without utilization clamping.
  if (max !== 0 && (min !== usualMin || max !== UTIL_WHOLE)) {
    out.sched_util_min = min;
    out.sched_util_max = max;
  }
  return out;
}

/** The CPU affinity of a thread, if it is narrower than its cpuset. */
function boundTo(ctx: DumpContext, task: LiveTask, tid: number): string | undefined {
  const list = task.statuses.get(tid)?.cpusAllowedList;
  if (list === undefined) return undefined;
  const { online, cpusets } = ctx.states.get(usual);
  const mask = parseCpus(list);
  if ((online & ~mask) === 0n) return undefined;
  const path = readCpuset(tid) ?? '/';
  if (!cpusets.has(path)) cpusets.set(path, cpusetCpus(path));
  const allowed = cpusets.get(path) ?? online;
  return (allowed & ~mask) === 0n ? undefined : list;
}

/** struct sched_attr that sets only the utilization clamps of a thread; undefined for the defaults. */
export function utilizationOf({ sched_util_min: min, sched_util_max: max }: Fields): Buffer | undefined {
  if (min === undefined || max === undefined) return undefined;
  const attr = Buffer.alloc(sched_attr.sizeof);
  attr.writeUInt32LE(sched_attr.sizeof, sched_attr.size);
  attr.writeBigUInt64LE(BigInt(KEEP_ALL | UTIL_CLAMP), sched_attr.sched_flags);
  attr.writeUInt32LE(min, sched_attr.sched_util_min);
  attr.writeUInt32LE(max, sched_attr.sched_util_max);
  return attr;
}

/**
 * Steps with which a new task gives up what it has from the restoring process: policy, I/O priority and timer slack. Its
 * descendants inherit the usual ones.
 */
export function forgetScheduling(p: Program): void {
  p.syscall('sched_setscheduler', [0, SCHED_OTHER, p.i32(0)], { label: 'usual scheduling' });
  p.syscall('ioprio_set', [IOPRIO_WHO_PROCESS, 0, 0], { label: 'usual I/O priority' });
  p.syscall('prctl', [PR_SET_TIMERSLACK, USUAL_SLACK_NS, 0, 0, 0], { label: 'usual timer slack' });
}

/**
 * Steps with which a thread sets its time slice, utilization clamps and I/O priority; its policy has been set already.
 */
export function setScheduling(p: Program, tid: number, thread: Fields): void {
  const { io_priority: io = 0, sched_slice_ns: slice } = thread;
  if (io !== 0) p.syscall('ioprio_set', [IOPRIO_WHO_PROCESS, 0, io], { label: `I/O priority of ${tid}` });
  if (slice !== undefined) {
    const attr = p.out(sched_attr.sizeof);
    // Nice value and flags stay as they are.
    p.syscall('sched_getattr', [0, attr, sched_attr.sizeof, 0], { label: `scheduling of ${tid}` });
    p.poke(p.at(attr, sched_attr.sched_runtime), slice, 8);
    p.syscall('sched_setattr', [0, attr, 0], { label: `time slice of ${tid}` });
  }
  const utilization = utilizationOf(thread);
  if (utilization)
    p.syscall('sched_setattr', [0, p.data(utilization), 0], { label: `utilization of ${tid}` });
}

/** Sets the CPU affinity of threads. If this machine has none of the CPUs, the affinity is left out with a warning. */
export function bindToCpus(ctx: PlanContext): void {
  const bound = ctx.tasks.flatMap((plan) =>
    plan.task.threads.flatMap(({ tid, core }) => {
      const list = core.thread_core.cpus_allowed;
      return list === undefined ? [] : [{ plan, tid, list, mask: maskOf(list, tid) }];
    }),
  );
  if (bound.length === 0) return;
  ctx.afterSpawn('note whom to bind to CPUs', (runs) => {
    ctx.beforeGo('bind threads to CPUs', () => {
      for (const { plan, tid, list, mask } of bound) {
        const run = runs.find((r) => r.plan === plan);
        const result = run ? sysRaw('sched_setaffinity', run.hostTid(tid), mask.length, mask) : 0;
        if (result === -EINVAL)
          ctx.log.warn(`thread ${tid} is not bound to CPUs ${list}: it cannot run on any of them here`);
        else if (result < 0)
          throw asCriuError(new SysError('sched_setaffinity', -result), `cannot bind it to CPUs ${list}`, {
            pid: tid,
          });
      }
    });
  });
}

function maskOf(list: string, tid: number): Buffer {
  const mask = listOfImage(tid, 'cpus_allowed', list);
  const bytes: number[] = [];
  for (let rest = mask; rest > 0n || bytes.length % 8 !== 0; rest >>= 8n) bytes.push(Number(rest & 0xffn));
  return Buffer.from(bytes);
}
