// An error that a socket has not told yet is told after a restore; what cannot be put there again is refused.
import { afterAll, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../../native/test/own-network.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

enterOwnNetwork();
afterAll(cleanUp);

async function withVictim(kind: string, use: (victim: Victim) => Promise<unknown>): Promise<void> {
  const victim = await Victim.start('errors', { KIND: kind }, new URL('victims/errors.c', import.meta.url));
  try {
    await use(victim);
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
}

const options = (imagesDir: string) => ({ imagesDir, tcpEstablished: true });

describe.skipIf(!isRoot)('an error that a socket has not told (needs root)', () => {
  it.each(['reset 4', 'reset 6', 'refused 4', 'refused 6', 'unheard 4', 'unheard 6'])(
    'comes back, also from a second dump: %s',
    (kind) =>
      withVictim(kind, async ({ pid }) => {
        for (let round = 0; round < 2; round++) {
          const both = options(freshDir());
          await dump({ pid, ...both });
          await free([pid]);
          await restore({ ...both, detached: true });
        }
      }),
  );

  it.each(['reset 4', 'refused 6', 'unheard 4'])('stays where the task runs on: %s', (kind) =>
    withVictim(kind, ({ pid }) => dump({ pid, ...options(freshDir()), leaveRunning: true })),
  );

  it.each(['queue 4', 'queue 6', 'notice 4'])('is refused where there may be several: %s', (kind) =>
    withVictim(kind, ({ pid }) =>
      expect(dump({ pid, ...options(freshDir()) })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/MSG_ERRQUEUE/),
        remedy: expect.stringMatching(/receive/),
      }),
    ),
  );
});

it.skipIf(!isRoot)('a datagram socket whose peer was closed is told so, once (needs root)', async () => {
  const victim = await Victim.start('gone-peer', {}, new URL('victims/gone-peer.c', import.meta.url));
  try {
    await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
    for (let round = 0; round < 2; round++) {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await free([victim.pid]);
      await restore({ imagesDir, detached: true });
    }
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
});
