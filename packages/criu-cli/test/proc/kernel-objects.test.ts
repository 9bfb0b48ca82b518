// Objects that processes share are found among many, in whichever order they are met.
import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KernelObjects } from '../../src/proc/kernel-objects.js';

const VM = 1;
const COUNT = 20;

describe.runIf(process.getuid?.() === 0)('objects of the kernel', () => {
  const children: ChildProcess[] = [];
  let pids: number[] = [];
  beforeAll(() => {
    for (let i = 0; i < COUNT; i++) children.push(spawn('sleep', ['1000'], { stdio: 'ignore' }));
    pids = children.map(({ pid = 0 }) => pid);
  });
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  test('have each its own place', () => {
    const memories = new KernelObjects<{ whose: number }>(VM);
    for (let i = 0; i < COUNT; i++) {
      // Not as they were started.
      const pid = pids[(i * 7) % COUNT] ?? 0;
      const place = memories.find(pid);
      // A place, as it was not met yet.
      expect(place).toBeGreaterThanOrEqual(0);
      expect(place).toBeLessThanOrEqual(i);
      memories.insert(Number(place), pid, { whose: pid });
    }
    for (const pid of pids) expect(memories.find(pid)).toEqual({ whose: pid });
  });

  test('that cannot be compared are an error', () => {
    const memories = new KernelObjects<number>(VM);
    memories.insert(0, process.pid, 1);
    expect(() => memories.find(0x3fffffff)).toThrow(/kcmp .*: ESRCH/);
  });
});
