// Names are bytes: whatever a file, folder, socket, thread or memfd is called, it is called so after a restore.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, peer, scratch, Victim } from '../dump/victim.js';
import { family, free, freshDir } from '../support.js';

afterAll(cleanUp);

const bytes = (text: string) => Buffer.from(text, 'latin1').toString('hex');
const NAMES: readonly (readonly [what: string, hex: string])[] = [
  ['bytes that are no UTF-8', bytes('caf\xe9-\xff\xfe')],
  ['UTF-8 cut off within', bytes('\xe2\x98\x83\xf0\x9f\x98')],
  ['UTF-8 as it should be', Buffer.from('naïve ☃😀\ufffd').toString('hex')],
  ['an encoded surrogate', bytes('\xed\xb2\x80')],
  ['newline, tab and escape', bytes('a\nb\tc\x1b[1m\r')],
  ['what the kernel marks deleted files with', bytes('x (deleted)')],
  ['the octal escapes of /proc', bytes('a\\012b\\040\\134c\\')],
  ['quotes and what a shell acts upon', bytes(`'"\`$(x) *;#`)],
];

let folders = 0;

/** Starts the victim in a folder of its own, which has a short path, as a socket's has to be. */
function start(hex: string, env: Record<string, string> = {}): Promise<Victim> {
  folders += 1;
  const folder = join(scratch(), String(folders));
  mkdirSync(folder);
  const source = new URL('victims/names.c', import.meta.url);
  return Victim.start('names', { FOLDER: folder, NAME: hex, ...env }, source);
}

const OPTIONS = { fileLocks: true, linkRemap: true } as const;

async function cycle(victim: Victim, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const imagesDir = freshDir();
    const pids = family(victim.pid);
    await dump({ pid: victim.pid, imagesDir, ...OPTIONS });
    await free(pids);
    await restore({ imagesDir, detached: true, ...OPTIONS });
    expect(await victim.verify()).toBe('ok');
  }
}

describe.skipIf(!isRoot)('names (needs root)', () => {
  it.each(NAMES)('of %s are kept by all that has a name, twice in a row', async (_what, hex) => {
    const victim = await start(hex);
    try {
      expect(await victim.verify()).toBe('ok');
      await cycle(victim, 2);
    } finally {
      await victim.end();
    }
  });

  it.each(NAMES)('of %s stay gone when the file has another one', async (_what, hex) => {
    const victim = await start(hex, { RELINK: '1' });
    try {
      await cycle(victim, 2);
    } finally {
      await victim.end();
    }
  });

  it('in a path that is longer than the kernel tells are refused, and the task runs on', async () => {
    const victim = await start(NAMES[0]![1], { DEEP: '1' });
    try {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir(), ...OPTIONS })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        object: { pid: victim.pid, file: expect.stringMatching(/^\/proc\/\d+\/fd\/\d+$/) },
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
      // Node finds no way down there.
      execFileSync('rm', ['-rf', join(scratch(), String(folders))]);
    }
  });

  it.each(NAMES)('of %s are those of root and working directory after chroot(2)', async (_what, hex) => {
    const victim = await start(hex, { CHROOT: '1' });
    try {
      expect(await victim.verify()).toBe('ok');
      await cycle(victim, 2);
    } finally {
      await victim.end();
    }
  });

  it('are left behind nowhere by a restore that fails', async () => {
    const victim = await start(NAMES[0]![1]);
    const folder = join(scratch(), String(folders));
    const all = () => readdirSync(folder, { encoding: 'latin1', recursive: true }).sort();
    try {
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir, ...OPTIONS });
      await free(pids);
      const before = all().filter((name) => !/(^|\/)(sock|r)\./.test(name));
      const failing = restore({ imagesDir, detached: true, ...OPTIONS, faults: ['commit'] });
      await expect(failing).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(all().filter((name) => !/(^|\/)(sock|r)\./.test(name))).toEqual(before);
      await restore({ imagesDir, detached: true, ...OPTIONS });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});

describe.skipIf(!isRoot || !peer)('names between CRIU 4.2 and this (needs root and CRIU_PEER)', () => {
  const flags = ['--file-locks', '--link-remap', '-v4'];
  const criu = (...args: string[]) => execFileSync(peer!, args, { stdio: 'pipe' });

  it.each(NAMES)('of %s are kept where CRIU restores what was dumped here', async (_what, hex) => {
    const victim = await start(hex);
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, ...OPTIONS });
      await free([victim.pid]);
      criu('restore', '-D', imagesDir, '-d', '-o', 'restore.log', ...flags);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  // CRIU takes every name that ends in the mark of deletion for that of a deleted file.
  it.each(NAMES.filter(([, hex]) => !hex.endsWith(bytes('(deleted)'))))(
    'of %s are kept where CRIU has made the dump',
    async (_what, hex) => {
      const victim = await start(hex);
      try {
        const imagesDir = freshDir();
        criu('dump', '-t', String(victim.pid), '-D', imagesDir, '-o', 'dump.log', ...flags);
        await free([victim.pid]);
        await restore({ imagesDir, detached: true, ...OPTIONS });
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    },
  );
});
