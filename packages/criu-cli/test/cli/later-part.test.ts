// What the bundles for dumps and restores do without until it is needed (later.mjs): plain tasks never need it, and all that is
// used of it can be stood for.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../bundle.mjs';

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('later-part.test.ts: skipped in part: dumping needs root');

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const BUNDLES = ['dump', 'restore'];

describe('the later part of a bundle', () => {
  /** A package as it is installed. */
  let home: string;
  const dist = (file: string) => join(home, 'dist', file);
  const criu = (...args: string[]) =>
    spawnSync(join(home, 'bin/criu'), args, { cwd: home, encoding: 'utf8', timeout: 60_000 });

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'criu-later-'));
    for (const folder of ['bin', 'dist', 'away', 'node_modules/@criu'])
      mkdirSync(join(home, folder), { recursive: true });
    for (const file of ['criu', 'start.js', 'package.json'])
      copyFileSync(join(root, 'packages/criu-cli/bin', file), join(home, 'bin', file));
    symlinkSync(join(root, 'native'), join(home, 'node_modules/@criu/native'));
    await bundle(join(home, 'dist'), { inPlace: true });
    copyFileSync(join(root, 'tools/launcher.cjs'), dist('launcher.cjs'));
  }, 120_000);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it.each(BUNDLES)('has functions, classes and objects only, in that for a %s', (name) => {
    const script = `
      const { later } = require('${dist('launcher.cjs')}').open('${join(home, 'dist')}', '${name}', ['none']);
      const kindOf = (value) =>
        value instanceof Map || value instanceof Set ? 'a collection' : value === null ? 'null' : typeof value;
      console.log(JSON.stringify(Object.entries(later()).map(([key, value]) => [key, kindOf(value)])));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const kinds = new Map<string, string>(JSON.parse(stdout));
    const used = [...readFileSync(dist(`${name}.cjs`), 'utf8').matchAll(/\bstandIn\("(\w+)"\)/g)];
    expect(used.length).toBeGreaterThan(50);
    expect(
      used
        .map(([, key = '']) => `${key}: ${kinds.get(key)}`)
        .filter((one) => !/: (function|object)$/.test(one)),
    ).toEqual([]);
  });

  it.each(BUNDLES)('is not needed while that for a %s starts', (name) => {
    const { open } = createRequire(import.meta.url)(join(root, 'tools/launcher.cjs'));
    renameSync(dist(`${name}.later.cjs`), join(home, 'away', name));
    try {
      expect(Object.keys(open(join(home, 'dist'), name, ['none']).exports)).toEqual(['run']);
    } finally {
      renameSync(join(home, 'away', name), dist(`${name}.later.cjs`));
    }
  });

  it('is not taken from another build, which has put its own in the place', () => {
    const { open } = createRequire(import.meta.url)(join(root, 'tools/launcher.cjs'));
    const { later } = open(join(home, 'dist'), 'dump', ['none']);
    const kept = readFileSync(dist('dump.later.cjs'));
    copyFileSync(dist('restore.later.cjs'), dist('dump.later.cjs'));
    try {
      expect(later).toThrow('dump.later.cjs is of another build than what runs');
    } finally {
      writeFileSync(dist('dump.later.cjs'), kept);
    }
  });

  it.skipIf(!isRoot)(
    'is not needed by plain tasks, and is by others',
    async () => {
      // A task with a descriptor of each plain kind, and one that stands on a terminal that is gone or in a namespace needs more.
      const start = async (...command: string[]) => {
        const victim = spawn('setsid', command, { stdio: ['ignore', 'pipe', 'ignore'], cwd: '/' });
        await once(victim, 'spawn');
        await once(victim.stdout, 'data');
        victim.stdout.destroy();
        const [pid] = readdirSync('/proc').filter((one) => one === String(victim.pid));
        return { victim, pid: pid ?? '' };
      };
      const waits = 'exec 3<>/dev/null 4</etc/passwd; echo ready; exec >/dev/null; exec sleep 1000';
      const away = (there: boolean) => {
        for (const name of BUNDLES) {
          const [from, to] = [dist(`${name}.later.cjs`), join(home, 'away', name)];
          renameSync(there ? from : to, there ? to : from);
        }
      };
      const plain = await start('sh', '-c', waits);
      const apart = await start('unshare', '--uts', 'sh', '-c', waits);
      const images = (name: string) => join(home, name);
      for (const name of ['plain', 'apart']) mkdirSync(images(name));
      away(true);
      try {
        const gone = once(plain.victim, 'exit');
        const common = ['--no-default-config', '-o', 'log'];
        expect(criu('dump', '-t', plain.pid, '-D', images('plain'), ...common)).toMatchObject({ status: 0 });
        await gone;
        expect(criu('restore', '-d', '-D', images('plain'), ...common)).toMatchObject({ status: 0 });
        expect(existsSync(`/proc/${plain.pid}`)).toBe(true);
        const failed = criu('dump', '-t', apart.pid, '-D', images('apart'), ...common);
        expect(failed.status).not.toBe(0);
        expect(failed.stderr).toContain('dump.later.cjs');
        expect(apart.victim.exitCode).toBeNull();
        away(false);
        const over = once(apart.victim, 'exit');
        expect(criu('dump', '-t', apart.pid, '-D', images('apart'), ...common)).toMatchObject({ status: 0 });
        await over;
        expect(criu('restore', '-d', '-D', images('apart'), ...common)).toMatchObject({ status: 0 });
        expect(readdirSync(join(home, 'dist'))).toContain('dump.later.cache');
      } finally {
        for (const { pid } of [plain, apart])
          if (existsSync(`/proc/${pid}`)) process.kill(Number(pid), 'SIGKILL');
      }
    },
    120_000,
  );
});
