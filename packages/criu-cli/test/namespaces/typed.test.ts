// What waits in a pseudo-terminal comes back as it was: lines, parts of lines, ends of files, stopped output.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { freshDir } from '../support.js';
import { cycle } from './cycle.js';

afterAll(cleanUp);

const OWN = ['unshare', '--mount', '--propagation', 'private'];
const KINDS = ['lines', 'ends', 'packets', 'stopped by call', 'stopped by key', 'left'];

async function withTerminal(kind: string, use: (victim: Victim) => Promise<unknown>): Promise<void> {
  const place = mkdtempSync(join(scratch(), 'typed-'));
  const source = new URL('victims/typed.c', import.meta.url);
  const victim = await Victim.start('typed', { KIND: kind, PLACE: place }, source, OWN);
  try {
    await use(victim);
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
    rmSync(place, { recursive: true, force: true });
  }
}

describe.skipIf(!isRoot)('a terminal (needs root)', () => {
  it.each(KINDS)('comes back with what waits in it: %s', (kind) =>
    withTerminal(kind, (victim) => cycle(victim)),
  );

  it.each(KINDS)('keeps it while its task is dumped and runs on: %s', (kind) =>
    withTerminal(kind, (victim) => dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true })),
  );
});
