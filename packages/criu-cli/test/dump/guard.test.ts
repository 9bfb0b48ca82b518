// The guard of a dump: tasks are only ended once a restore could be planned from what was written of them.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { freshDir, until } from '../support.js';
import { cleanUp, isRoot, Victim } from './victim.js';

afterAll(cleanUp);

describe.skipIf(!isRoot)('a dump from which nothing could be restored (needs root)', () => {
  let victim: Victim;
  beforeEach(async () => {
    victim = await Victim.start('everything');
  });
  afterEach(() => victim.end());

  it.each([
    ['ends its tasks', {}],
    ['leaves them running', { leaveRunning: true }],
    ['leaves them stopped', { leaveStopped: true }],
  ])('that %s fails instead, says why and leaves no images', async (_name, how) => {
    const imagesDir = freshDir();
    const error = await dump({ pid: victim.pid, imagesDir, faults: ['unplannable'], ...how }).catch((e) => e);
    expect(error).toMatchObject({ code: 'NOT_DUMPABLE', object: { file: 'files.img' } });
    expect(error.explain()).toMatch(
      /nothing could be restored.*refers to file id \d+, which files.img does not have/s,
    );
    expect(readdirSync(imagesDir)).toEqual([]);
    expect(victim.tracer).toBe(0);
    await until('it sleeps', () => victim.state === 'S');
    expect(await victim.verify()).toBe('ok');
  });

  it('is followed by one that can be restored, in the same directory', async () => {
    const imagesDir = freshDir();
    await expect(dump({ pid: victim.pid, imagesDir, faults: ['unplannable'] })).rejects.toThrow();
    await dump({ pid: victim.pid, imagesDir });
    await victim.gone();
    expect(existsSync(join(imagesDir, 'inventory.img'))).toBe(true);
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
  });
});
