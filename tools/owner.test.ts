// What root leaves in somebody's checkout is his, and what the launcher bundles there as well.

import { spawnSync } from 'node:child_process';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asOwner, giveBack, otherOwner, withHome } from './owner.mjs';
import { root } from './pack/packages.mjs';

it('what npm tells of the home of root is not for others', () => {
  const env = {
    HOME: '/root',
    PATH: '/bin',
    npm_config_cache: '/root/.npm',
    npm_config_userconfig: '/root/.npmrc',
    npm_config_cafile: '/etc/ssl/ca.crt',
    npm_config_nodedir: '/rooted',
  };
  expect(withHome(env, '/home/me')).toEqual({
    HOME: '/home/me',
    PATH: '/bin',
    npm_config_cafile: '/etc/ssl/ca.crt',
    npm_config_nodedir: '/rooted',
  });
  expect(withHome({ npm_config_cache: '/cache' }, '/home/me')).toEqual({
    npm_config_cache: '/cache',
    HOME: '/home/me',
  });
});

const isRoot = process.getuid?.() === 0;
const SOMEBODY = 12345;
if (!isRoot) console.log('owner.test.ts: skipped: needs root');

describe.skipIf(!isRoot)('a checkout of somebody (needs root)', () => {
  let dir: string;
  const owners = () =>
    readdirSync(dir, { recursive: true })
      .map((file) => `${file} ${lstatSync(join(dir, String(file))).uid}`)
      .sort();
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'owner-'));
    for (const name of ['.git', 'build', 'build/deep']) mkdirSync(join(dir, name));
    for (const name of ['.git/index', 'build/deep/made', 'his']) writeFileSync(join(dir, name), '');
    symlinkSync('/etc/passwd', join(dir, 'link'));
    chownSync(join(dir, 'his'), SOMEBODY + 1, SOMEBODY);
    chownSync(dir, SOMEBODY, SOMEBODY);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('gets what is root’s in it, and nothing that is elsewhere or another’s', () => {
    const passwd = lstatSync('/etc/passwd').uid;
    expect(giveBack(dir)).toBe(4);
    expect(owners()).toEqual(
      [
        '.git 0',
        '.git/index 0',
        `build ${SOMEBODY}`,
        `build/deep ${SOMEBODY}`,
        `build/deep/made ${SOMEBODY}`,
        `his ${SOMEBODY + 1}`,
        `link ${SOMEBODY}`,
      ].sort(),
    );
    expect(lstatSync('/etc/passwd').uid).toBe(passwd);
  });

  it('is built in as its owner', () => {
    expect(asOwner(dir)).toMatchObject({
      uid: SOMEBODY,
      gid: SOMEBODY,
      env: { HOME: join(dir, 'node_modules/.cache/home') },
    });
    expect(spawnSync('id', ['-u'], { encoding: 'utf8', ...asOwner(dir) }).stdout.trim()).toBe(
      String(SOMEBODY),
    );
  });

  it('of root is left alone', () => {
    chownSync(dir, 0, 0);
    expect([otherOwner(dir), giveBack(dir), asOwner(dir)]).toEqual([undefined, 0, {}]);
  });

  it('has bundles of its owner when root runs a command in it', () => {
    const home = join(dir, 'packages/example');
    mkdirSync(join(home, 'src'), { recursive: true });
    mkdirSync(join(home, 'bin'));
    writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(home, 'bundle.mjs'),
      `import { writeFileSync } from 'node:fs';
       export async function bundle(dir) {
         writeFileSync(dir + '/example.cjs', '(function (exports) { exports.run = () => console.log("ran"); })');
         writeFileSync(dir + '/example.sources.json', '[]');
       }`,
    );
    giveBack(dir);
    const start = `require('${root}tools/launcher.cjs').start('${join(home, 'bin')}', { name: 'example', bundles: ['example'] })`;
    expect(spawnSync(process.execPath, ['-e', start], { encoding: 'utf8' })).toMatchObject({
      stdout: 'ran\n',
    });
    const cache = join(dir, 'node_modules/.cache/example');
    const [bundles] = readdirSync(cache).filter((name) => name !== 'current');
    for (const path of [join(dir, 'node_modules'), cache, join(cache, bundles ?? '')])
      expect([path, lstatSync(path).uid]).toEqual([path, SOMEBODY]);
  });
});
