// Tasks have the scheduling policy that they had, whatever that of the process is which restores them.
import { sys } from '@criu/native';
import { SCHED_BATCH, SCHED_OTHER } from '@criu/native/uapi';
import { afterAll, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { modelVictim } from '../memory/support.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

const setPolicy = (pid: number, policy: number) =>
  sys('sched_setscheduler', pid, policy, new Int32Array([0]));

it.skipIf(!isRoot).each([
  ['the usual one', SCHED_OTHER],
  ['one for batches', SCHED_BATCH],
])('a task of %s comes back with it, also to one for batches (needs root)', async (_, policy) => {
  const imagesDir = freshDir();
  const victim = await modelVictim();
  try {
    setPolicy(victim.pid, policy);
    await dump({ pid: victim.pid, imagesDir });
    await free([victim.pid]);
    setPolicy(0, SCHED_BATCH);
    try {
      await restore({ imagesDir, detached: true });
    } finally {
      setPolicy(0, SCHED_OTHER);
    }
    expect(sys('sched_getscheduler', victim.pid)).toBe(policy);
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
});
