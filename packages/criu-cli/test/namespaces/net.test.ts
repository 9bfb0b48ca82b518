// Network namespaces: tasks find the devices, addresses, routes, tunables and sockets that they had; the host has none of them.
import { readFileSync, readlinkSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { cycle, free, ours, start, theirs } from './cycle.js';

afterAll(cleanUp);

const devices = () => readFileSync('/proc/net/dev', 'utf8').replace(/:.*/g, '');

describe.skipIf(!isRoot)('a network namespace (needs root)', () => {
  it('comes back with all that is in it, for all tasks in it', async () => {
    const host = devices();
    const victim = await start('net');
    try {
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
        const [a, b] = family(victim.pid).map((pid) => readlinkSync(`/proc/${pid}/ns/net`));
        expect(a).toBe(b);
        expect(a).not.toBe(readlinkSync('/proc/self/ns/net'));
      }
      expect(devices()).toBe(host);
    } finally {
      await victim.end();
    }
  });

  it('goes on as it was when the dump fails, and comes back after a restore that failed', async () => {
    const victim = await start('net');
    try {
      const failing = dump({ pid: victim.pid, imagesDir: freshDir(), faults: ['describe'] });
      await expect(failing).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await victim.verify()).toBe('ok');
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      const failed = restore({ imagesDir, detached: true, faults: ['files'] });
      await expect(failed).rejects.toMatchObject({ code: 'INTERNAL' });
      await free(pids);
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  describe.skipIf(!peer)('beside CRIU 4.2 (needs CRIU_PEER)', () => {
    for (const [who, dumper, restorer] of [
      ['restores what we dumped', ours, theirs],
      ['dumped what we restore', theirs, ours],
    ] as const)
      it(`CRIU ${who}`, async () => {
        const victim = await start('net');
        try {
          await cycle(victim, dumper, restorer);
          expect(await victim.verify()).toBe('ok');
        } finally {
          await victim.end();
        }
      });
  });
});
