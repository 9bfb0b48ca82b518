// Timers come back as they were: of CPU clocks, interval timers, and those behind descriptors.
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { DumpContext } from '../../src/engine/dump-context.js';
import type { LiveTask } from '../../src/engine/dump-task.js';
import { NO_OWNER, type OpenFile } from '../../src/resources/files/open-file.js';
import { timerfdDump } from '../../src/resources/files/timerfd/dump.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { type Checkpointer, cycle, ours } from '../namespaces/cycle.js';

afterAll(cleanUp);

let lacking = '';
vi.mock(import('../../src/features/index.js'), async (original) => {
  const features = await original();
  return {
    ...features,
    missing: async (name: string) => (name === lacking ? 'as on an older kernel' : features.missing(name)),
  };
});

async function comesBack(name: string, ways: readonly (readonly [Checkpointer, Checkpointer])[]) {
  const victim = await Victim.start(name, {}, new URL(`victims/${name}.c`, import.meta.url));
  try {
    expect(await victim.verify()).toBe('ok');
    for (const [dumper, restorer] of ways) {
      await cycle(victim, dumper, restorer);
      expect(await victim.verify()).toBe('ok');
    }
  } finally {
    await victim.end();
  }
}

const twice = [
  [ours, ours],
  [ours, ours],
] as const;

describe('a timerfd', () => {
  const ctx = {} as DumpContext;
  const file = (timer: { ticks: bigint; value: bigint; interval: bigint }) =>
    ({
      pid: 5,
      fd: 7,
      flags: 0,
      fown: NO_OWNER,
      info: { timerfd: { clockId: 1, settimeFlags: 3, ...timer } },
    }) as OpenFile;
  const dumped = (timer: { ticks: bigint; value: bigint; interval: bigint }) =>
    timerfdDump.dump(ctx, {} as LiveTask, file(timer), 1);

  it('that the program has not heard from that the clock was set is refused', () => {
    expect(() => dumped({ ticks: 1n, value: 5n, interval: 0n })).toThrow(/ECANCELED/);
  });

  it('is kept where it has simply expired, or is still to expire', () => {
    expect(dumped({ ticks: 0n, value: 5n, interval: 0n })).toMatchObject({ tfd: { ticks: 0n, vnsec: 5n } });
    expect(dumped({ ticks: 1n, value: 5n, interval: 9n })).toMatchObject({ tfd: { ticks: 1n, insec: 9n } });
  });
});

describe.skipIf(!isRoot)('timers (needs root)', () => {
  it('timers of CPU clocks count for the thread that they counted for', () => comesBack('cpu-clocks', twice));
  it('a timer whose time is up goes on, in its period; one that is not armed stays so', () =>
    comesBack('expired', twice));
  it('timers for a time of day expire at that time, however long nobody runs', async () => {
    const victim = await Victim.start('wall', {}, new URL('victims/wall.c', import.meta.url));
    try {
      await cycle(victim, ours, {
        ...ours,
        restore: async (dir) => {
          await new Promise((resolve) => setTimeout(resolve, 1500));
          await ours.restore(dir);
        },
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('timers have the ids that they had, with holes in between', () => comesBack('ids', twice));
  it('so they have where ids come in sequence only', async () => {
    lacking = 'timer_cr_ids';
    await comesBack('ids', twice).finally(() => {
      lacking = '';
    });
  });
});
