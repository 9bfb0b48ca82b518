// UTS namespaces: tasks find the names of host and domain that they had, and the host keeps its own.
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { encodeImage, readImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { cycle, free, ours, start, theirs } from './cycle.js';

afterAll(cleanUp);

describe.skipIf(!isRoot)('a UTS namespace (needs root)', () => {
  it('comes back with its names, for all tasks in it', async () => {
    const host = hostname();
    const victim = await start('uts');
    try {
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
        const [a, b] = family(victim.pid).map((pid) => readlinkSync(`/proc/${pid}/ns/uts`));
        expect(a).toBe(b);
        expect(a).not.toBe(readlinkSync('/proc/self/ns/uts'));
      }
      expect(hostname()).toBe(host);
    } finally {
      await victim.end();
    }
  });

  it('of a child only is refused', async () => {
    const victim = await start('uts', { NESTED: '1' });
    try {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/another uts namespace/),
      });
    } finally {
      await victim.end();
    }
  });

  it('is left as it was when the dump fails', async () => {
    const victim = await start('uts');
    try {
      await expect(
        dump({ pid: victim.pid, imagesDir: freshDir(), faults: ['describe'] }),
      ).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('has no names longer than the kernel takes', async () => {
    const victim = await start('uts');
    try {
      const dir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: dir });
      await free(pids);
      const id = readImageSync(join(dir, `ids-${victim.pid}.img`), 'IDS')[0]!.entry.uts_ns_id!;
      const file = join(dir, `utsns-${id}.img`);
      const good = readFileSync(file);
      writeFileSync(file, encodeImage('UTSNS', [{ entry: { nodename: 'x'.repeat(65), domainname: '' } }]));
      await expect(restore({ imagesDir: dir, detached: true })).rejects.toThrow(/65 bytes/);
      writeFileSync(file, '');
      await expect(restore({ imagesDir: dir, detached: true })).rejects.toMatchObject({ code: 'BAD_IMAGE' });
      writeFileSync(file, good);
      await expect(restore({ imagesDir: dir, detached: true, faults: ['files'] })).rejects.toMatchObject({
        code: 'INTERNAL',
      });
      await free(pids);
      await restore({ imagesDir: dir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  describe.skipIf(!peer)('beside CRIU 4.2 (needs CRIU_PEER)', () => {
    it('its image and the ids of tasks are the same', async () => {
      const victim = await start('uts');
      try {
        const [a, b] = [freshDir(), freshDir()];
        await dump({ pid: victim.pid, imagesDir: a, leaveRunning: true });
        await theirs.dump(victim.pid, b);
        const ids = readImageSync(join(a, `ids-${victim.pid}.img`), 'IDS');
        expect(ids).toEqual(readImageSync(join(b, `ids-${victim.pid}.img`), 'IDS'));
        const name = `utsns-${ids[0]!.entry.uts_ns_id}.img`;
        expect(readImageSync(join(a, name), 'UTSNS')).toEqual(readImageSync(join(b, name), 'UTSNS'));
      } finally {
        await victim.end();
      }
    });

    for (const [who, dumper, restorer] of [
      ['restores what we dumped', ours, theirs],
      ['dumped what we restore', theirs, ours],
    ] as const)
      it(`CRIU ${who}`, async () => {
        const victim = await start('uts');
        try {
          await cycle(victim, dumper, restorer);
          expect(await victim.verify()).toBe('ok');
        } finally {
          await victim.end();
        }
      });
  });
});
