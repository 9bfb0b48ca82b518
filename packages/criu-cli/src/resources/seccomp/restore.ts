// Restores seccomp by the last system calls of each thread, made by the tracer while filters are suspended.

import { SYS } from '@criu/native';
import {
  BPF_MAXINSNS,
  SECCOMP_MODE_FILTER,
  SECCOMP_MODE_STRICT,
  SECCOMP_SET_MODE_FILTER,
  SECCOMP_SET_MODE_STRICT,
  sock_filter,
  sock_fprog,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import type { SeccompFilter } from '../../images/types.js';
import type { NsPid } from '../../proc/pids.js';

const IMAGE = 'seccomp.img';

export const seccompRestore: RestorePart = {
  plan(ctx: PlanContext): void {
    let filters: SeccompFilter[] | undefined;
    for (const plan of ctx.tasks) {
      for (const { tid, core } of plan.task.threads) {
        const { seccomp_mode: mode, seccomp_filter: first } = core.thread_core;
        if (!mode) continue;
        plan.suspendSeccomp = true;
        if (mode === SECCOMP_MODE_STRICT) {
          plan.finalCalls.push({
            tid,
            label: 'strict seccomp',
            nr: SYS.seccomp,
            data: Buffer.alloc(0),
            args: () => [SECCOMP_SET_MODE_STRICT, 0, 0],
          });
        } else if (mode === SECCOMP_MODE_FILTER) {
          filters ??= ctx.checkpoint.images.single('SECCOMP').seccomp_filters;
          chain(plan, tid, filters, first);
        } else throw new CriuError('BAD_IMAGE', `seccomp mode ${mode}`, { file: `core-${tid}.img` });
      }
    }
  },
};

/** The filters in the order of installation: `prev` of each is the one installed after it. */
function chain(
  plan: TaskPlan,
  tid: NsPid,
  filters: readonly SeccompFilter[],
  first: number | undefined,
): void {
  const seen = new Set<number>();
  let id = first;
  while (id !== undefined) {
    const entry = filters[id];
    if (!entry || seen.has(id))
      throw new CriuError('BAD_IMAGE', `there is no chain of seccomp filters from ${first}`, {
        pid: tid,
        file: IMAGE,
      });
    seen.add(id);
    const { filter, flags } = entry;
    const count = filter.length / sock_filter.sizeof;
    if (!Number.isInteger(count) || count < 1 || count > BPF_MAXINSNS)
      throw new CriuError('BAD_IMAGE', `seccomp filter ${id} has ${filter.length} bytes`, { file: IMAGE });
    plan.finalCalls.push({
      tid,
      label: `seccomp filter ${id}`,
      nr: SYS.seccomp,
      data: Buffer.alloc(sock_fprog.sizeof + filter.length),
      args: (address, data) => {
        data.writeUInt16LE(count, sock_fprog.len);
        data.writeBigUInt64LE(address + BigInt(sock_fprog.sizeof), sock_fprog.filter);
        data.set(filter, sock_fprog.sizeof);
        return [SECCOMP_SET_MODE_FILTER, flags ?? 0, address];
      },
    });
    id = entry.prev;
  }
}
