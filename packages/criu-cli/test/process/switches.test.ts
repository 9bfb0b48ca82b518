// Switches of processes and threads: what a program has asked for is so after the restore.
import { release } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cpusetCpus, formatCpus, onlineCpus, parseCpus } from '../../src/proc/cpus.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { cycle } from '../namespaces/cycle.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

const [major = 0, minor = 0] = release().split('.').map(Number);
/** The kernel does not tell of syscall user dispatch (PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG). */
const BEFORE_6_4 = major < 6 || (major === 6 && minor < 4);

describe('lists of CPUs', () => {
  it.each([
    ['0', 1n],
    ['0-3,8', 0b100001111n],
    ['63-64', (1n << 63n) | (1n << 64n)],
    ['', 0n],
  ])('%j', (list, mask) => {
    expect(parseCpus(list)).toBe(mask);
    expect(formatCpus(mask)).toBe(list);
  });

  it.each(['a', '1-', '3-1', '0..3', '-1', '1000000'])('%j is none', (list) => {
    expect(() => parseCpus(list)).toThrow(RangeError);
  });

  it('are those of this machine', () => {
    expect(onlineCpus()).toBeGreaterThan(0n);
    const root = cpusetCpus('/');
    if (root !== undefined) expect(root & ~onlineCpus()).toBe(0n);
  });
});

describe.skipIf(!isRoot)('switches of processes and threads (need root)', () => {
  it.each(['usual', 'all', 'on fault'])('come back: %s', async (kind) => {
    const victim = await Victim.start(
      'switches',
      { KIND: kind },
      new URL('victims/switches.c', import.meta.url),
    );
    try {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('syscall user dispatch stays on, and foreign code in the thread gets by', async () => {
    const victim = await Victim.start('dispatch', {}, new URL('victims/dispatch.c', import.meta.url));
    try {
      if ((await victim.verify()) === 'not here') return;
      if (BEFORE_6_4) {
        await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
          code: 'UNSUPPORTED',
          remedy: expect.stringMatching(/syscall user dispatch .* Linux 6\.4/),
        });
        expect(await victim.verify()).toBe('ok');
        return;
      }
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
      expect(await victim.verify()).toBe('ok');
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('are no trouble to the rehearsal of a dump, whose answers are all zero', async () => {
    const victim = await Victim.start(
      'switches',
      { KIND: 'all' },
      new URL('victims/switches.c', import.meta.url),
    );
    try {
      const complaints: string[] = [];
      const note = (message: string) => {
        if (message.startsWith('rehearsal:')) complaints.push(message);
      };
      const log = { level: 4, error: note, warn: note, info: note, debug: note } as const;
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true, log });
      expect(complaints).toEqual([]);
    } finally {
      await victim.end();
    }
  });

  it('a child ends with the signal that it was to end with', async () => {
    const victim = await Victim.start('exit-signal', {}, new URL('victims/exit-signal.c', import.meta.url));
    try {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });
});
