// Objects that processes share are found among many, in whichever order they are met.
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KernelObjects } from '../../src/proc/kernel-objects.js';

const [FILE, VM] = [0, 1];
const COUNT = 40;

// Each even descriptor is a file of its own, the odd one behind it the same.
const SCRIPT = `
import os, time
for i in range(${COUNT}):
    a = os.open('/dev/null', os.O_RDONLY)
    os.dup2(a, 100 + 2 * i)
    os.dup2(a, 101 + 2 * i)
    os.close(a)
print('ready', flush=True)
time.sleep(1000)
`;

describe.runIf(process.getuid?.() === 0)('objects of the kernel', () => {
  const child = spawn('python3', ['-c', SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  beforeAll(async () => {
    await new Promise((resolve) => child.stdout.once('data', resolve));
  });
  afterAll(() => {
    child.kill('SIGKILL');
  });

  test('have each its own place', () => {
    const files = new KernelObjects<number>(FILE);
    for (let i = 0; i < COUNT; i++) {
      // Not as they were opened.
      const fd = 100 + 2 * ((i * 7) % COUNT);
      const place = files.find({ pid, fd });
      // A place, as it was not met yet.
      expect(place).toBeGreaterThanOrEqual(0);
      expect(place).toBeLessThanOrEqual(i);
      files.insert(Number(place), { pid, fd }, fd * 1000);
    }
    for (let i = 0; i < COUNT; i++) {
      expect(files.find({ pid, fd: 100 + 2 * i })).toBe((100 + 2 * i) * 1000);
      expect(files.find({ pid, fd: 101 + 2 * i })).toBe((100 + 2 * i) * 1000);
    }
  });

  test('of two processes are two', () => {
    const memory = new KernelObjects<{ whose: number }>(VM);
    memory.insert(0, { pid: process.pid }, { whose: process.pid });
    const place = memory.find({ pid });
    expect([0, 1]).toContain(place);
    memory.insert(Number(place), { pid }, { whose: pid });
    expect(memory.find({ pid })).toEqual({ whose: pid });
    expect(memory.find({ pid: process.pid })).toEqual({ whose: process.pid });
  });

  test('that cannot be compared are an error', () => {
    const files = new KernelObjects<number>(FILE);
    files.insert(0, { pid, fd: 100 }, 1);
    expect(() => files.find({ pid, fd: 99 })).toThrow(/kcmp descriptor 99 of \d+: EBADF/);
    expect(() => files.find({ pid: 0x3fffffff, fd: 3 })).toThrow(/kcmp .*: ESRCH/);
  });
});
