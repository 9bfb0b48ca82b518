// Checkpoints that CRIU 4.2 made come back here. CRIU_PEER names its binary; the other direction is in test/dump.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, scratch, Victim } from '../dump/victim.js';

afterAll(cleanUp);

describe.skipIf(!isRoot || !peer)('a dump of CRIU 4.2 (needs root and CRIU_PEER)', () => {
  it('is restored, three times in a row', async () => {
    const victim = await Victim.start('everything');
    try {
      for (let i = 0; i < 3; i++) {
        const images = join(scratch(), `peer-${i}`);
        mkdirSync(images);
        execFileSync(peer!, ['dump', '-t', String(victim.pid), '-D', images, '-v4', '-o', 'dump.log']);
        for (let tries = 0; existsSync(`/proc/${victim.pid}`) && tries < 500; tries++)
          await new Promise((resolve) => setTimeout(resolve, 10));
        await restore({ imagesDir: images, detached: true });
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });
});
