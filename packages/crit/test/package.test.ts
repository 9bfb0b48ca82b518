// The package as it would be installed: the tarball holds all that the command and the API need.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipcSet } from './support.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = join(root, 'packages', 'crit');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
let dir: string;
let home: string;

const run = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'crit-package-'));
  home = join(dir, 'node_modules', '@criu', 'crit');
  run(process.execPath, [tsc, '-b'], here);
  run(process.execPath, ['bundle.mjs'], here);
  const packed = run('npm', ['pack', '--json', '--pack-destination', dir], here);
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf('[')));
  mkdirSync(home, { recursive: true });
  run('tar', ['xzf', join(dir, filename), '-C', home, '--strip-components=1'], dir);
  cpSync(ipcSet.images, dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"type": "module"}');
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('the package alone', () => {
  it('has a command that needs nothing else', () => {
    const bin = join(home, JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).bin.crit);
    expect(run(bin, ['decode', '-i', 'core-1.img', '--pretty'], dir)).toBe(
      readFileSync(join(ipcSet.texts, 'core-1.pretty.json'), 'utf8'),
    );
    expect(run(bin, ['x', '.', 'ps'], dir)).toBe(readFileSync(join(ipcSet.texts, 'x-ps.txt'), 'utf8'));
  });

  it('has a command that works without what V8 made of it, too', () => {
    const works = () => {
      expect(run(join(home, 'bin', 'crit.cjs'), ['info', 'core-1.img'], dir)).toMatch(/"magic": "CORE"/);
      expect(run(join(home, 'bin', 'crit.cjs'), ['x', '.', 'ps'], dir)).toMatch(/PGID/);
    };
    const caches = ['quick', 'crit'].map((name) => join(home, 'dist', `${name}.cache`));
    for (const cache of caches) writeFileSync(cache, 'of another version');
    works();
    for (const cache of caches) rmSync(cache);
    works();
  });

  it('has a command that starts through a link, through node itself, and without the certificates of the environment', () => {
    const link = join(dir, 'crit');
    symlinkSync(join(home, 'bin', 'crit.cjs'), link);
    const expected = run(link, ['info', 'core-1.img'], dir);
    expect(run(process.execPath, [link, 'info', 'core-1.img'], dir)).toBe(expected);
    // Node says so when it looks at certificates that are not there.
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(dir, 'none.pem') };
    const started = spawnSync(link, ['info', 'core-1.img'], { cwd: dir, encoding: 'utf8', env });
    expect(started.stderr).toBe('');
    expect(started.stdout).toBe(expected);
  });

  it('has a README whose examples type-check and run', () => {
    // Dependencies, taken from here so that the test needs no network.
    for (const name of ['@criu/images', '@types/node', 'yargs']) {
      mkdirSync(join(dir, 'node_modules', name, '..'), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name));
    }
    const readme = readFileSync(join(here, 'README.md'), 'utf8');
    const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
    writeFileSync(join(dir, 'example.ts'), example);
    writeFileSync(join(dir, 'example.mjs'), example);
    run(
      process.execPath,
      [tsc, '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', 'example.ts'],
      dir,
    );
    expect(run(process.execPath, ['example.mjs'], dir)).toMatch(/"magic": "PSTREE"/);
  });
});
