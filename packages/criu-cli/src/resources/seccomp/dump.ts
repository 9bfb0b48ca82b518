// Dumps seccomp: the mode of each thread, and the chains of filters. A chain that threads share is stored once.

import type { SeccompFilter as Filter, ThreadState } from '@criu/compel';
import type { Encodable, SeccompFilter } from '@criu/images';
import {
  BPF_K,
  BPF_RET,
  SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_MODE_FILTER,
  SECCOMP_RET_ACTION_FULL,
  SECCOMP_RET_USER_NOTIF,
  sock_filter,
} from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { stateKey } from '../../states.js';

interface Chains {
  readonly filters: Encodable<SeccompFilter>[];
  /** Index of the last filter of a chain, by its content. */
  readonly ends: Map<string, number>;
}

const states = stateKey('seccomp filters', (_: DumpContext): Chains => ({ filters: [], ends: new Map() }));

function chainsOf(ctx: DumpContext): Chains {
  const state = ctx.states.get(states);
  return state;
}

/** The chain as text; equal texts are equal chains. */
function chainKey(filters: readonly Filter[]): string {
  return filters.map((f) => `${f.flags}:${f.instructions.toString('base64')}`).join('|');
}

/** Whether a filter has somebody else decide on system calls (SECCOMP_RET_USER_NOTIF of seccomp(2)). */
function asksListener({ instructions }: Filter): boolean {
  for (let at = 0; at + sock_filter.sizeof <= instructions.length; at += sock_filter.sizeof) {
    const code = instructions.readUInt16LE(at + sock_filter.code);
    const answer = instructions.readUInt32LE(at + sock_filter.k) & SECCOMP_RET_ACTION_FULL;
    if (code === (BPF_RET | BPF_K) && answer >>> 0 === SECCOMP_RET_USER_NOTIF >>> 0) return true;
  }
  return false;
}

/**
 * Index by which a thread refers to its chain: that of the filter installed first. `prev` of each filter is the filter
 * that was installed after it, so that a restore follows the chain in the order of installation.
 */
function chainEnd(ctx: DumpContext, filters: readonly Filter[], flags: number): number {
  const { filters: all, ends } = chainsOf(ctx);
  const key = `${flags}:${chainKey(filters)}`;
  const known = ends.get(key);
  if (known !== undefined) return known;
  [...filters].reverse().forEach((filter, i) => {
    all.push({
      filter: filter.instructions,
      ...(i > 0 ? { prev: all.length - 1 } : {}),
      flags: Number(filter.flags) | flags,
    });
  });
  ends.set(key, all.length - 1);
  return all.length - 1;
}

/** Adds the filters to the images; the image is written even if there are none. */
function finishSeccomp(ctx: DumpContext): void {
  ctx.images.add('SECCOMP', { seccomp_filters: chainsOf(ctx).filters });
}

export const seccompDump: DumpPart<undefined> = {
  collect: () => undefined,
  describe(ctx, task) {
    const modeOf = (thread: ThreadState) => task.statusOf(thread.tid).seccomp ?? 0;
    const { threads } = task.state;
    for (const thread of threads)
      if (modeOf(thread) === SECCOMP_MODE_FILTER && thread.seccomp.length === 0)
        throw new CriuError(
          'NOT_PERMITTED',
          `cannot read the seccomp filters of thread ${thread.tid}`,
          { pid: task.pid },
          'CAP_SYS_ADMIN is needed, and the dumper may not be under seccomp itself',
        );
    for (const { tid, seccomp } of threads)
      if (seccomp.some(asksListener))
        throw new CriuError(
          'UNSUPPORTED',
          `a seccomp filter of thread ${tid} has another process decide on system calls (SECCOMP_RET_USER_NOTIF), whose listener belongs to the running tasks: restored ones would get ENOSYS`,
          { pid: task.pid },
          'start it with a filter without that (no `listenerPath` or SCMP_ACT_NOTIFY in the configuration of a container)',
        );
    // If all threads have the same chain, it is stored for the leader only and restored with SECCOMP_FILTER_FLAG_TSYNC:
    // then the kernel has a single chain again, and later filters can be synchronised.
    const { leader } = task;
    const key = chainKey(leader.seccomp);
    const same = threads.every((t) => modeOf(t) === SECCOMP_MODE_FILTER && chainKey(t.seccomp) === key);
    for (const thread of same ? [leader] : threads) {
      const mode = modeOf(thread);
      if (mode === 0) continue;
      const core = task.threadCore(thread.tid);
      core.seccomp_mode = mode;
      if (mode === SECCOMP_MODE_FILTER)
        core.seccomp_filter = chainEnd(ctx, thread.seccomp, same ? SECCOMP_FILTER_FLAG_TSYNC : 0);
    }
  },
  afterDescribe: finishSeccomp,
};
