// The program of a task has to be one that can be executed when the task is restored.
import { chmodSync, readlinkSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { modelVictim } from '../memory/support.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

it.skipIf(!isRoot)('a program that nobody may execute any more is refused (needs root)', async () => {
  const victim = await modelVictim();
  const program = readlinkSync(`/proc/${victim.pid}/exe`);
  try {
    chmodSync(program, 0o644);
    await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
      code: 'NOT_DUMPABLE',
      message: expect.stringMatching(/nobody may execute its program/),
      remedy: expect.stringMatching(/chmod/),
    });
    expect(await victim.verify()).toBe('ok');
  } finally {
    chmodSync(program, 0o755);
    await victim.end();
  }
});
