// vDSO, vvar and vvar_vclock come back as the program has left them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, Victim } from '../dump/victim.js';
import { cycle, free, ours, theirs } from '../namespaces/cycle.js';
import { family, freshDir, until } from '../support.js';

afterAll(cleanUp);

function start(what: string): Promise<Victim> {
  return Victim.start('vdso', { WHAT: what }, new URL('victims/vdso.c', import.meta.url));
}

describe.skipIf(!isRoot)('what the kernel maps for every program (needs root)', () => {
  it.each([
    'as it was',
    'together',
    'apart',
    'reversed',
    'only the vDSO',
    'no vDSO',
    'no first part',
    'no second part',
    'nothing',
    'hidden',
    'first part hidden',
    'patched',
    'writable',
    'sealed',
  ])('comes back: %s', async (what) => {
    const victim = await start(what);
    try {
      expect(await victim.verify()).toBe('ok');
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('is refused where its functions are not those of this kernel', async () => {
    const victim = await start('as it was');
    try {
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      const pages = join(imagesDir, 'pages-1.img');
      const bytes = readFileSync(pages);
      // An ELF image of two pages with that name in it.
      const code = Array.from({ length: bytes.length / 4096 }, (_, page) => page * 4096).find(
        (from) =>
          bytes.readUInt32BE(from) === 0x7f454c46 &&
          bytes.subarray(from, from + 8192).includes('linux-vdso.so.1'),
      );
      expect(code).toBeDefined();
      const at = bytes.indexOf('__vdso_getcpu\0', code);
      bytes.write('__vdso_getCPU', at);
      writeFileSync(pages, bytes);
      await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/vDSO of this kernel differs/),
      });
      await free(pids);
      bytes.write('__vdso_getcpu', at);
      // Code that nobody is in the middle of may be another's.
      const last = (code ?? 0) + 8190;
      bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
      writeFileSync(pages, bytes);
      await restore({ imagesDir, detached: true });
      await until('it sleeps again', () => victim.state === 'S');
    } finally {
      await victim.end();
    }
  });

  it.skipIf(!peer)('goes to CRIU 4.2 and comes from there as it was', async () => {
    const victim = await start('together');
    try {
      await cycle(victim, theirs, ours);
      expect(await victim.verify()).toBe('ok');
      await cycle(victim, ours, theirs);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
