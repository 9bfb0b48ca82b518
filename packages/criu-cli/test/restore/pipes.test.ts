// What waits in pipes and FIFOs comes back with its borders.
import { afterAll, describe, expect, it } from 'vitest';
import type { PipeDataEntry } from '../../src/images/types.js';
import { dump } from '../../src/operations.js';
import { piecesOf } from '../../src/resources/files/pipe/refill.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

const content = (bytes: number, ...packets: number[]): PipeDataEntry => ({ pipe_id: 7, bytes, packets });

describe('the content of a pipe', () => {
  it.each([
    [content(0), ''],
    [content(9), '0-9'],
    [content(9, 0, 9), '0-9!'],
    [content(9, 2, 3, 5, 1), '0-2 2-5! 5-6! 6-9'],
  ])('is cut at packets %#', (entry, pieces) => {
    const text = piecesOf(entry, '').map(({ start, end, packet }) => `${start}-${end}${packet ? '!' : ''}`);
    expect(text.join(' ')).toBe(pieces);
  });
  it.each([
    [content(9, 5, 5)],
    [content(9, 2, 3, 1, 2)],
    [content(9, 2, 0)],
    [content(9, 2)],
    [content(9000, 0, 5000)],
  ])('must be where its packets are %#', (entry) => {
    expect(() => piecesOf(entry, 'pipes-data.img')).toThrow(/pipe 7 has a packet of/);
  });
});

describe.skipIf(!isRoot)('a pipe or FIFO (needs root)', () => {
  it('keeps packets, stream, capacity and what nobody reads yet, also after it was looked at', async () => {
    const victim = await Victim.start('pipes', {}, new URL('victims/pipes.c', import.meta.url));
    try {
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
      await roundTrip(victim);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
