// Tasks that have met a probe in their code (uprobes) are dumped and restored where that is asked for.
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

const source = new URL('victims/probed.c', import.meta.url);
let victim: Victim | undefined;
if (isRoot)
  victim = await Victim.start('probed', {}, source).catch(() => {
    console.log('probed.test.ts: skipped: no probes can be set here (perf_event_open, uprobe)');
    return undefined;
  });
const canProbe = victim !== undefined;
await victim?.end();

describe.skipIf(!canProbe)('a task with a page of the kernel for probes (needs root)', () => {
  let probed: Victim;
  beforeEach(async () => {
    probed = await Victim.start('probed', {}, source);
  });
  afterEach(() => probed.end());

  it('is refused unless that is allowed', async () => {
    await expect(dump({ pid: probed.pid, imagesDir: freshDir() })).rejects.toMatchObject({
      message: expect.stringMatching(/probe is or was set/),
      remedy: expect.stringMatching(/--allow-uprobes/),
    });
    expect(await probed.verify()).toBe('ok');
  });

  it('is dumped without that page, and restored where that is allowed', async () => {
    const imagesDir = freshDir();
    const { pid } = probed;
    await dump({ pid, imagesDir, allowUprobes: true });
    await free([pid]);
    await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({
      message: expect.stringMatching(/probes were set/),
      remedy: expect.stringMatching(/--allow-uprobes/),
    });
    await restore({ imagesDir, detached: true, allowUprobes: true });
    expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).not.toContain('[uprobes]');
    expect(await probed.verify()).toBe('ok');
  });
});
