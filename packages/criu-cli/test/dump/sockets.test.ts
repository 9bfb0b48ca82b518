// Sockets, locks and watches of one task.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../../native/test/own-network.js';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from './victim.js';

enterOwnNetwork();
afterAll(cleanUp);

describe.skipIf(!isRoot)('sockets, locks and watches (needs root)', () => {
  let victim: Victim;
  let dir: string;
  let n = 0;
  beforeEach(async () => {
    victim = await Victim.start('sockets');
    n += 1;
    dir = join(scratch(), `images-${n}`);
    mkdirSync(dir);
  });
  afterEach(() => victim.end());

  it('are as they were after a dump that leaves the task running', async () => {
    for (let i = 0; i < 3; i++) {
      await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true, fileLocks: true });
      expect(await victim.verify()).toBe('ok');
    }
  });

  it('have their queues, peers and descriptors in flight in the images', async () => {
    await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true, fileLocks: true });
    const files = readImageSync(join(dir, 'files.img'), 'FILES').map((i) => i.entry);
    const unix = files.flatMap((f) => (f.usk ? [f.usk] : []));
    const packets = readImageSync(join(dir, 'sk-queues.img'), 'SK_QUEUES');
    const texts = packets.map((p) => p.payload?.toString());
    expect(texts).toEqual(expect.arrayContaining(['one', 'three', 'hey', 'r']));
    expect(texts.filter((t) => t === 'stream' || t === 'more' || t === 'streammore').length).toBeGreaterThan(
      0,
    );
    const inFlight = packets.find((p) => p.entry.scm.length > 0)?.entry.scm[0]?.rights[0];
    expect(files.find((f) => f.id === inFlight)?.reg?.name).toBe('/etc/passwd');
    const byInode = new Map(unix.map((u) => [u.ino, u]));
    for (const u of unix) if (u.peer) expect(byInode.get(u.peer)).toBeDefined();
    expect(unix.filter((u) => u.state === 10).map((u) => u.backlog)).toEqual([7]);
    expect(unix.flatMap((u) => u.shutdown ?? []).sort()).toEqual([1, 2]);
    const inet = files.flatMap((f) => (f.isk ? [f.isk] : []));
    expect(inet.map((s) => [s.proto, s.state, s.backlog])).toEqual([
      [6, 10, 12],
      [17, 7, 0],
    ]);
    expect(readImageSync(join(dir, 'filelocks.img'), 'FILE_LOCKS')[0]!.entry).toMatchObject({
      flag: 2,
      type: 1,
      pid: victim.pid,
      start: 0n,
      len: 0n,
    });
    expect(files.find((f) => f.ify)?.ify?.wd[0]).toMatchObject({ wd: 1, f_handle: { path: '/etc' } });
  });

  it('need --file-locks when a lock is held', async () => {
    await expect(dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      remedy: expect.stringMatching(/--file-locks/),
    });
    expect(await victim.verify()).toBe('ok');
  });
});
