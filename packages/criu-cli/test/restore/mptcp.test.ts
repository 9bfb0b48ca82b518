// Sockets of MPTCP: listening ones come back, connections are refused by name.
import { close, sysRaw } from '@criu/native';
import { afterAll, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../../native/test/own-network.js';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, peer, Victim } from '../dump/victim.js';
import { theirs } from '../namespaces/cycle.js';
import { roundTrip } from '../round-trip.js';
import { free, freshDir } from '../support.js';

enterOwnNetwork();
afterAll(cleanUp);

function hasMptcp(): boolean {
  const fd = sysRaw('socket', 2 /* AF_INET */, 1 /* SOCK_STREAM */, 262 /* IPPROTO_MPTCP */);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

const start = (env: Record<string, string> = {}) =>
  Victim.start('mptcp', env, new URL('victims/mptcp.c', import.meta.url));

describe.skipIf(!isRoot || !hasMptcp())('sockets of MPTCP (need root and a kernel with MPTCP)', () => {
  it('listen again, accept clients of both protocols, and keep connections that are of TCP', async () => {
    const victim = await start();
    try {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < 2; i++) {
        await roundTrip(victim, { tcpEstablished: true });
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('that are connected are refused by name, with what to do, and go on', async () => {
    const victim = await start({ CONNECTED: '1' });
    try {
      await expect(
        dump({ pid: victim.pid, imagesDir: freshDir(), tcpEstablished: true }),
      ).rejects.toMatchObject({
        message: expect.stringMatching(/2 errors|connection of MPTCP/),
        errors: expect.arrayContaining([
          expect.objectContaining({
            code: 'UNSUPPORTED',
            message: expect.stringMatching(/it is a connection of MPTCP/),
            remedy: expect.stringMatching(/GODEBUG=multipathtcp=0/),
          }),
        ]),
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.skipIf(!peer)(
    'are sockets of TCP for CRIU 4.2, which restores them as such (needs CRIU_PEER)',
    async () => {
      const victim = await start();
      try {
        const imagesDir = freshDir();
        await dump({ pid: victim.pid, imagesDir, tcpEstablished: true });
        await free([victim.pid]);
        await theirs.restore(imagesDir, ['--tcp-established']);
        expect(await victim.verify()).toMatch(/SO_PROTOCOL/);
      } finally {
        await victim.end();
      }
    },
  );
});
