// Seccomp: mode of each thread, and the chains of filters; a chain that threads share is written once.

import type { SeccompFilter as Filter } from '@criu/compel';
import type { Encodable, SeccompFilter } from '@criu/images';
import type { DumpContext } from '../../engine/dump-context.js';
import { dumpModule } from '../../engine/dump-module.js';
import { CriuError } from '../../errors.js';

const MODE_FILTER = 2;

interface Chains {
  readonly filters: Encodable<SeccompFilter>[];
  /** Index of the last filter of a chain, by its content. */
  readonly ends: Map<string, number>;
}

const states = new WeakMap<DumpContext, Chains>();

function chainsOf(ctx: DumpContext): Chains {
  let state = states.get(ctx);
  if (!state) {
    state = { filters: [], ends: new Map() };
    states.set(ctx, state);
  }
  return state;
}

function chainEnd(ctx: DumpContext, filters: readonly Filter[]): number {
  const { filters: all, ends } = chainsOf(ctx);
  const key = filters.map((f) => `${f.flags}:${f.instructions.toString('base64')}`).join('|');
  const known = ends.get(key);
  if (known !== undefined) return known;
  filters.forEach(({ instructions, flags }, i) => {
    all.push({ filter: instructions, ...(i > 0 ? { prev: all.length - 1 } : {}), flags: Number(flags) });
  });
  ends.set(key, all.length - 1);
  return all.length - 1;
}

/** Writes the filters; the image is there also without any. */
export function finishSeccomp(ctx: DumpContext): void {
  ctx.images.add('SECCOMP', { seccomp_filters: chainsOf(ctx).filters });
}

export const seccomp = dumpModule<undefined>({
  name: 'seccomp',
  collect: () => undefined,
  describe(ctx, task) {
    for (const thread of task.state.threads) {
      const mode = task.statuses.get(thread.tid)!.seccomp ?? 0;
      if (mode === 0) continue;
      const core = task.threadCore(thread.tid);
      core.seccomp_mode = mode;
      if (mode !== MODE_FILTER) continue;
      if (thread.seccomp.length === 0)
        throw new CriuError(
          'NOT_PERMITTED',
          `cannot read the seccomp filters of thread ${thread.tid}`,
          { pid: task.pid },
          'CAP_SYS_ADMIN is needed, and the dumper may not be under seccomp itself',
        );
      core.seccomp_filter = chainEnd(ctx, thread.seccomp);
    }
  },
});
