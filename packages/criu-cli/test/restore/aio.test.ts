// AIO contexts: their rings come back with the events that nobody has taken, at the same place.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeImage, readImageSync, vmaTable } from '@criu/images';
import { addon, close, SYS, sys } from '@criu/native';
import { afterAll, describe, expect, it } from 'vitest';
import { VMA } from '../../src/images/vma.js';
import { dump, planRestore, restore } from '../../src/operations.js';
import { readAioRing, requestsOf } from '../../src/resources/memory/aio.js';
import { checkQuiet, dumpAioRings } from '../../src/resources/memory/aio-dump.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

const start = () => Victim.start('rings', {}, new URL('victims/rings.c', import.meta.url));

describe.skipIf(!isRoot)('AIO contexts (need root)', () => {
  it('keep their events, in order, three times in a row', async () => {
    const victim = await start();
    try {
      for (let i = 0; i < 3; i++) {
        await roundTrip(victim);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('that the images have only in part are refused before anything is made', async () => {
    const victim = await start();
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await free([victim.pid]);
      const name = `mm-${victim.pid}.img`;
      const [mm] = readImageSync(join(imagesDir, name), 'MM');
      const [first, second] = mm!.entry.aios;
      const broken = [
        [[], 'are mapped, for 0 contexts'],
        [[first!, { ...second!, ring_len: 4096 * 1024 }], 'has no mapping of'],
        [[first!, { ...second!, id: second!.id + 4096n }], 'has no mapping of'],
      ] as const;
      for (const [aios, message] of broken) {
        const dir = freshDir();
        cpSync(imagesDir, dir, { recursive: true });
        writeFileSync(join(dir, name), encodeImage('MM', [{ entry: { ...mm!.entry, aios: [...aios] } }]));
        await expect(planRestore({ imagesDir: dir })).rejects.toMatchObject({
          code: 'BAD_IMAGE',
          message: expect.stringContaining(message),
        });
      }
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});

describe('a ring in which requests complete while it is read', () => {
  it('is not dumped', () => {
    const context = new BigUint64Array(1);
    sys('io_setup', 16, context);
    const sink = sys('open', Buffer.from('/dev/null\0'), 1, 0);
    try {
      const pid = process.pid;
      const nr = Buffer.alloc(4);
      addon().vmRead(pid, context[0]! + 4n, nr);
      const length = nr.readUInt32LE() * 32 + 32;
      const entry = {
        start: context[0]!,
        end: context[0]! + BigInt(length),
        pgoff: 0n,
        shmid: 0n,
        prot: 3,
        flags: 1,
        status: VMA.AIORING,
        fd: -1n,
      };
      const rings = dumpAioRings({ ifStopped: (work) => work() }, pid, vmaTable([entry]));
      expect(rings.map((r) => r.entry)).toEqual([
        { id: context[0]!, nr_req: requestsOf(nr.readUInt32LE()), ring_len: length },
      ]);
      expect(() => checkQuiet(pid, rings)).not.toThrow();
      const request = Buffer.alloc(64);
      request.writeUInt16LE(1, 16);
      request.writeUInt32LE(sink, 20);
      request.writeBigUInt64LE(addon().addressOf(request), 24);
      const pointer = new BigUint64Array([addon().addressOf(request)]);
      expect(addon().sys(SYS.io_submit, context[0]!, 1, pointer)).toBe(1);
      expect(() => checkQuiet(pid, rings)).toThrow(/in flight/);
    } finally {
      close(sink);
      addon().sys(SYS.io_destroy, context[0]!);
    }
  });
});

describe('the header of a ring', () => {
  const header = (change: (h: Buffer) => void = () => undefined) => {
    const h = Buffer.alloc(32);
    for (const [at, value] of [
      [4, 127],
      [8, 3],
      [12, 126],
      [16, 0xa10a10a1],
      [20, 1],
      [28, 32],
    ] as const)
      h.writeUInt32LE(value, at);
    change(h);
    return h;
  };
  it('tells where head and tail are', () => {
    expect(readAioRing(header(), 4096)).toEqual({ nr: 127, head: 3, tail: 126 });
  });
  it.each([
    ['another magic', 16, 1],
    ['a head behind the end', 8, 127],
    ['a tail behind the end', 12, 127],
    ['more places than it has room for', 4, 128],
    ['features that are not known', 24, 1],
  ])('with %s is none', (_what, at, value) => {
    expect(
      readAioRing(
        header((h) => h.writeUInt32LE(value, at)),
        4096,
      ),
    ).toBeUndefined();
  });
});
