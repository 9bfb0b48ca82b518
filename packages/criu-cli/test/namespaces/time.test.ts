// Time namespaces: the monotonic clocks of restored tasks go on from what they said, however long that was ago.
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeImage } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, type Victim } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { free, ours, start, theirs } from './cycle.js';

afterAll(cleanUp);

const PAUSE_MS = 1200;

/** Seconds that passed by each clock since it was asked last, and what it says. */
async function clocks(victim: Victim): Promise<number[]> {
  return (await victim.verify()).split(' ').map(Number);
}

/**
 * Dumps, waits, and restores. What the clocks have gone on by meanwhile, as the victim says, and the most that it can
 * be: all that passed here from before the victim's first look at them until after its second, but for the wait.
 */
async function paused(victim: Victim, dumper = ours, restorer = ours) {
  const before = process.hrtime.bigint();
  await clocks(victim);
  const dir = freshDir();
  const pids = family(victim.pid);
  await dumper.dump(victim.pid, dir);
  await free(pids);
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  await restorer.restore(dir);
  const [monotonic, boottime, m, b] = (await clocks(victim)) as [number, number, number, number];
  const most = Number(process.hrtime.bigint() - before) / 1e9 - PAUSE_MS / 1000;
  expect(monotonic).toBeGreaterThan(0);
  expect(monotonic).toBeLessThan(most);
  expect(boottime).toBeCloseTo(monotonic, 1);
  return { m, b };
}

describe.skipIf(!isRoot)('the clocks (needs root)', () => {
  it('of a task of the host stand still while it is an image', async () => {
    const victim = await start('clocks');
    try {
      for (let i = 0; i < 2; i++) {
        await paused(victim);
      }
      expect(readlinkSync(`/proc/${victim.pid}/ns/time`)).not.toBe(readlinkSync('/proc/self/ns/time'));
    } finally {
      await victim.end();
    }
  });

  for (const offsets of ['monotonic 100000 5\nboottime 200000 7', 'monotonic -1 0\nboottime -2 999999999'])
    it(`of a time namespace keep their offsets: ${JSON.stringify(offsets)}`, async () => {
      const victim = await start('clocks', { OFFSETS: offsets });
      try {
        const { m, b } = await paused(victim);
        // Boot time and monotonic time differ by suspends only, of which this machine has none to speak of.
        if (offsets.startsWith('monotonic 1')) expect(b - m).toBeGreaterThan(99_000);
      } finally {
        await victim.end();
      }
    });

  const shifted = 'monotonic 100000 5\nboottime 200000 7';
  for (const [where, env] of [
    ['the host, while its parent has left that', { OFFSETS: shifted }],
    ['a time namespace of its own', { CHILD_OFFSETS: shifted }],
  ] as const)
    for (const ANSWERS of ['child', 'parent'])
      it(`of a parent and of a child in ${where}: the ${ANSWERS}'s`, async () => {
        const victim = await start('clocks', { ...env, ANSWERS });
        try {
          const isShifted = 'OFFSETS' in env === (ANSWERS === 'parent');
          for (let i = 0; i < 2; i++) {
            const { m, b } = await paused(victim);
            expect(b - m > 99_000).toBe(isShifted);
          }
          const [parent, child] = family(victim.pid);
          expect(readlinkSync(`/proc/${parent}/ns/time`)).not.toBe(readlinkSync(`/proc/${child}/ns/time`));
        } finally {
          await victim.end();
        }
      });

  it('cannot be set to what no clock says', async () => {
    const victim = await start('clocks');
    try {
      const dir = freshDir();
      const pids = family(victim.pid);
      await ours.dump(victim.pid, dir);
      await free(pids);
      const file = join(dir, 'timens-0.img');
      const good = readFileSync(file);
      const time = (tv_sec: bigint, tv_nsec: bigint) =>
        encodeImage('TIMENS', [{ entry: { monotonic: { tv_sec, tv_nsec }, boottime: { tv_sec, tv_nsec } } }]);
      for (const bad of [time(1n << 60n, 0n), time(1n, 1_000_000_000n)]) {
        writeFileSync(file, bad);
        await expect(ours.restore(dir)).rejects.toMatchObject({ code: 'BAD_IMAGE' });
      }
      // So far the kernel has to say no.
      writeFileSync(file, time((1n << 33n) - 1n, 0n));
      await expect(ours.restore(dir)).rejects.toThrow(/cannot restore the task/);
      await free(pids);
      writeFileSync(file, good);
      await restore({ imagesDir: dir, detached: true });
      await clocks(victim);
    } finally {
      await victim.end();
    }
  });

  describe.skipIf(!peer)('beside CRIU 4.2 (needs CRIU_PEER)', () => {
    it('CRIU restores tasks of several time namespaces, all in that of the first', async () => {
      const victim = await start('clocks', { OFFSETS: shifted, ANSWERS: 'parent' });
      try {
        await paused(victim, ours, theirs);
        const [parent, child] = family(victim.pid);
        expect(readlinkSync(`/proc/${parent}/ns/time`)).toBe(readlinkSync(`/proc/${child}/ns/time`));
      } finally {
        await victim.end();
      }
    });

    for (const [who, dumper, restorer] of [
      ['restores what we dumped', ours, theirs],
      ['dumped what we restore', theirs, ours],
    ] as const)
      for (const env of [{}, { OFFSETS: 'monotonic 100000 5\nboottime 200000 7' }] as Record<
        string,
        string
      >[])
        it(`CRIU ${who}, ${'OFFSETS' in env ? 'with offsets' : 'of the host'}`, async () => {
          const victim = await start('clocks', env);
          try {
            await paused(victim, dumper, restorer);
          } finally {
            await victim.end();
          }
        });
  });
});
