// System V semaphores: what a task holds is given back when it ends, also after a restore (SEM_UNDO), and who waits for one waits on.
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { encode, never, shift } from '../../src/resources/semaphores/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { cycle } from '../namespaces/cycle.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

describe('operations on semaphores', () => {
  it.each([
    { value: 0, by: -3, expected: [3, -3], undone: [true, false] },
    { value: 0, by: 3, expected: [3, -3], undone: [false, true] },
    { value: 20_000, by: -3, expected: [-3, 3], undone: [false, true] },
    { value: 20_000, by: 3, expected: [-3, 3], undone: [true, false] },
  ])('shift an adjustment by $by and leave a value of $value', ({ value, by, expected, undone }) => {
    const operations = shift(8, value, by);
    expect(operations.map(({ add }) => add)).toEqual(expected);
    expect(operations.map(({ undo }) => undo)).toEqual(undone);
  });

  it('shift by more than a value has room for in several steps', () => {
    const operations = shift(0, 16_383, -32_768);
    let value = 16_383;
    for (const { add } of operations) {
      value += add;
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(32_767);
    }
    expect(value).toBe(16_383);
    expect(operations.reduce((sum, { add, undo }) => sum - (undo ? add : 0), 0)).toBe(-32_768);
  });

  it('are an array of struct sembuf, none of which waits', () => {
    expect(encode([...shift(1, 0, 2), ...never(1)]).toString('hex')).toBe(
      '010002000008' + '0100feff0018' + '010000000008' + '0100ffff0008',
    );
  });
});

describe.skipIf(!isRoot)('semaphores of a task (needs root)', () => {
  const start = (wrapper: string[] = []) =>
    Victim.start('semaphores', {}, new URL('victims/semaphores.c', import.meta.url), wrapper);

  it.each([
    { where: 'of the machine', wrapper: [] },
    { where: 'of a namespace of its own', wrapper: ['unshare', '--ipc'] },
  ])('$where are held as before, and given back when it ends', async ({ wrapper }) => {
    const victim = await start(wrapper);
    try {
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
      await cycle(victim);
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('are waited for on, and given back, when it is dumped and runs on, and when the dump fails', async () => {
    const victim = await start();
    try {
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
      await expect(
        dump({ pid: victim.pid, imagesDir: freshDir(), faults: ['describe'] }),
      ).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
