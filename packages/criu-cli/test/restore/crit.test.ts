// Python's crit (Debian's criu package) reads what we write, and what it writes anew is restored.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';

afterAll(cleanUp);

/** Python's, not one of ours in node_modules/.bin. */
const crit = '/usr/bin/crit';
const found = spawnSync(crit, ['--help']).status === 0;

describe.skipIf(!isRoot || !found)("Debian's crit (needs root and /usr/bin/crit)", () => {
  it('decodes every image of a dump; what it encodes again is restored', async () => {
    const victim = await Victim.start('everything');
    try {
      const images = join(scratch(), 'crit');
      mkdirSync(images);
      await dump({ pid: victim.pid, imagesDir: images });
      await victim.gone();
      const again = join(scratch(), 'crit-again');
      cpSync(images, again, { recursive: true });
      let decoded = 0;
      for (const name of readdirSync(images)) {
        if (!/\.img$|^stats-/.test(name) || name.startsWith('pages-')) continue;
        const text = execFileSync(crit, ['decode', '-i', join(images, name)], { maxBuffer: 1 << 28 });
        expect(JSON.parse(text.toString()).magic, name).toMatch(/^[A-Z_]+$/);
        decoded++;
        // Debian's version knows no 64-bit page counts and drops what it does not know.
        if (name.startsWith('pagemap-')) continue;
        writeFileSync(join(again, `${name}.json`), text);
        execFileSync(crit, ['encode', '-i', join(again, `${name}.json`), '-o', join(again, name)]);
      }
      expect(decoded).toBeGreaterThan(8);
      expect(readFileSync(join(again, 'pstree.img'))).toEqual(readFileSync(join(images, 'pstree.img')));
      await restore({ imagesDir: again, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
