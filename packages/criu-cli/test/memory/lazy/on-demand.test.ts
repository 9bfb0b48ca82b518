// Restores whose memory comes when the tasks run already (`restore --lazy`).
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { sysRaw } from '@criu/native';
import { SCHED_FIFO, SCHED_OTHER } from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import { missing } from '../../../src/features/index.js';
import { dump, planRestore, restore } from '../../../src/operations.js';
import { PAGER_LOG } from '../../../src/pages/lazy/bringer.js';
import { Pager } from '../../../src/pages/lazy/pager.js';
import { cleanUp, isRoot, Victim } from '../../dump/victim.js';
import { criu } from '../../rpc/real.js';
import { family, free } from '../../support.js';
import { chain, recordedLog } from '../support.js';

afterAll(cleanUp);

/** `npm run memory-rounds` has more of them. */
const ROUNDS = Number(process.env.MEMORY_ROUNDS ?? 2);
const MOST_MS = Math.max(60_000, ROUNDS * 20_000);

const lack = await missing('uffd-noncoop');

/** MiB that cannot all be there before the next step of a test, however quick the machine is. */
const MUCH = '1024';

const start = (env: Record<string, string> = {}, name = 'on-demand') =>
  Victim.start(name, env, new URL(`victims/${name}.c`, import.meta.url));

/** Dumps a victim, which is gone then. */
async function kept(victim: Victim): Promise<string> {
  const [imagesDir = ''] = chain(1);
  const pids = family(victim.pid);
  await dump({ pid: victim.pid, imagesDir });
  await free(pids);
  return imagesDir;
}

/** Restores it; `pager` is the process that brings memory. */
async function lazily(imagesDir: string) {
  const log = recordedLog();
  const result = await restore({ imagesDir, detached: true, lazy: true, log });
  const line = log.lines.find((text) => text.includes('in the background')) ?? '';
  return {
    ...result,
    complete: result.complete?.() ?? Promise.reject(new Error('not lazy')),
    pager: Number(/process (\d+)/.exec(line)?.[1]),
  };
}

const lives = (pid: number) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(status(pid));
const status = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State: Z';
  }
};

async function until(what: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !what(); ) {
    if (Date.now() > deadline) throw new Error('it does not come to pass');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The other process of a pager, which ends the tasks should it die. */
function guardOf(pager: number): number {
  return Number(readFileSync(`/proc/${pager}/task/${pager}/children`, 'utf8').trim());
}

describe.skipIf(!isRoot || lack !== null)(`memory on demand${lack ? ` (${lack})` : ' (needs root)'}`, () => {
  it('is right whatever the task does to it meanwhile', { timeout: MOST_MS }, async () => {
    const victim = await start();
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const imagesDir = await kept(victim);
        const { complete, pager } = await lazily(imagesDir);
        expect(await victim.verify()).toBe('ok');
        await complete;
        await until(() => !lives(pager));
        expect(readFileSync(join(imagesDir, PAGER_LOG), 'utf8')).toContain('all memory is there');
        // Nothing of it is left on the mappings.
        expect(readFileSync(`/proc/${victim.pid}/smaps`, 'utf8')).not.toMatch(/VmFlags:.* um/);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('leaves guards that the task makes where pages are missing', async () => {
    const victim = await start({}, 'guards');
    try {
      const { complete } = await lazily(await kept(victim));
      const made = await victim.verify();
      await complete;
      if (made === 'ok') expect(await victim.verify()).toBe('ok');
      else expect(made).toBe('this kernel has no guards');
    } finally {
      await victim.end();
    }
  });

  it('comes without the real-time priority that the command may have', async () => {
    const own = sysRaw('sched_getscheduler', 0);
    const setPolicy = (policy: number, priority: number) =>
      sysRaw('sched_setscheduler', 0, policy, Int32Array.of(priority));
    expect(setPolicy(SCHED_FIFO, 1)).toBe(0);
    const pager = (() => {
      try {
        return Pager.start();
      } finally {
        setPolicy(own, 0);
      }
    })();
    try {
      const threads = () =>
        readdirSync(`/proc/${pager.pid}/task`)
          .map(Number)
          .filter((tid) => tid !== pager.pid);
      const policies = () => threads().map((tid) => sysRaw('sched_getscheduler', tid));
      // Each thread begins with the priority of the one that creates it.
      await until(() => threads().length === 4 && policies().every((policy) => policy === SCHED_OTHER));
      expect(sysRaw('sched_getscheduler', pager.pid)).toBe(SCHED_FIFO);
    } finally {
      pager.stop();
    }
  });

  it('ends the tasks when the pager is killed, and says so', async () => {
    const victim = await start({ MIB: MUCH });
    try {
      const imagesDir = await kept(victim);
      const { complete, pager } = await lazily(imagesDir);
      process.kill(pager, 'SIGKILL');
      await expect(complete).rejects.toThrow(/the pager has ended before all memory was there/);
      await until(() => !lives(victim.pid));
      expect(readFileSync(join(imagesDir, PAGER_LOG), 'utf8')).toMatch(/the restored tasks are ended/);
    } finally {
      await victim.end();
    }
  });

  it('ends the tasks when the images cannot be read any more', async () => {
    const victim = await start({ MIB: MUCH });
    try {
      const imagesDir = await kept(victim);
      const { complete } = await lazily(imagesDir);
      for (const name of readdirSync(imagesDir))
        if (/^pages-/.test(name)) truncateSync(join(imagesDir, name), 4096);
      await expect(complete).rejects.toThrow(/the image ends before page/);
      await until(() => !lives(victim.pid));
    } finally {
      await victim.end();
    }
  });

  it('goes on when the guard of the pager is killed', async () => {
    const victim = await start({ MIB: '96' });
    try {
      const { complete, pager } = await lazily(await kept(victim));
      const guard = guardOf(pager);
      process.kill(guard, 'SIGKILL');
      await until(() => !lives(guard) || !lives(pager));
      expect(await victim.verify()).toBe('ok');
      await complete;
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.each(['memory', 'threads', 'commit'])(
    'leaves nothing behind when the restore fails (%s)',
    async (point) => {
      const victim = await start();
      try {
        const imagesDir = await kept(victim);
        const log = recordedLog();
        await expect(
          restore({ imagesDir, detached: true, lazy: true, log, faults: [point] }),
        ).rejects.toThrow(/fault injected/);
        const line = log.lines.find((text) => text.includes('in the background')) ?? '';
        const pager = Number(/process (\d+)/.exec(line)?.[1]);
        await until(() => !lives(pager) && !lives(victim.pid));
        await restore({ imagesDir, detached: true });
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    },
  );

  it('does without the device that containers must not open', async () => {
    const victim = await start();
    try {
      const imagesDir = await kept(victim);
      const closed =
        'mount --bind /dev/userfaultfd /dev/userfaultfd && mount -o remount,bind,nodev /dev/userfaultfd';
      const args = ['restore', '-d', '--lazy', '-D', imagesDir, '-o', 'log', '-v4', '--pidfile', 'pid'];
      const inside = `if [ -e /dev/userfaultfd ]; then ${closed}; fi; exec "$@"`;
      execFileSync('unshare', ['--mount', 'sh', '-c', inside, 'sh', criu, ...args], { stdio: 'ignore' });
      expect(await victim.verify()).toBe('ok');
      const pid = Number(readFileSync(join(imagesDir, 'pid'), 'utf8'));
      const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
      expect(open.filter((link) => link.includes('userfaultfd'))).toEqual([]);
    } finally {
      await victim.end();
    }
  });

  it('shows in the plan', async () => {
    const victim = await start();
    try {
      const plan = await planRestore({ imagesDir: await kept(victim), lazy: true });
      expect(plan.toText()).toContain('memory that comes later');
    } finally {
      await victim.end();
    }
  });
});
