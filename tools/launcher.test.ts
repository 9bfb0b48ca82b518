// What V8 has compiled is taken by the very node that compiled it, and by no other: V8 itself does not tell them apart, and
// crashes.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import launcher from './launcher.cjs';
import { root } from './pack/packages.mjs';

const { compiledIn, keepCompiled } = launcher;
const source = '(function () { return 42; })';

describe('compiled code', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'launcher-'));
    file = join(dir, 'criu.cache');
    keepCompiled(file, new Script(source), source);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('is taken as it was kept', () => {
    const script = new Script(source, { cachedData: compiledIn(file, source) });
    expect(script.cachedDataRejected).toBe(false);
    expect(script.runInThisContext()()).toBe(42);
  });

  it('is not there when there is no file, or not all of one', () => {
    expect(compiledIn(join(dir, 'none'), source)).toBeUndefined();
    for (const text of ['', 'short', `${process.version} `]) {
      writeFileSync(file, text);
      expect(compiledIn(file, source)).toBeUndefined();
    }
  });

  it('of another bundle of the same length is left alone', () =>
    expect(compiledIn(file, source.replace('42', '43'))).toBeUndefined());

  it.each([
    ['release of node', process.version, 'v20.0.1'],
    ['version of V8', process.versions.v8, process.versions.v8.replace(/.$/, '#')],
    ['build', / \d+ /, ' 1 '],
  ])('of another %s is left alone', (_, from, to) => {
    const kept = readFileSync(file, 'latin1');
    const changed = kept.replace(from, to.padEnd(typeof from === 'string' ? from.length : 0));
    expect(changed).not.toBe(kept);
    writeFileSync(file, changed, 'latin1');
    expect(compiledIn(file, source)).toBeUndefined();
  });
});

describe('an installed package', () => {
  let above: string;
  let home: string;
  const dist = () => readdirSync(join(home, 'dist')).sort();
  const run = (options = {}) =>
    spawnSync(
      process.execPath,
      [
        '-e',
        `require('${root}tools/launcher.cjs').start('${home}/bin', { name: 'example', bundles: ['example'], native: true })`,
      ],
      { encoding: 'utf8', ...options },
    );
  beforeEach(() => {
    above = mkdtempSync(join(tmpdir(), 'launcher-'));
    chmodSync(above, 0o755);
    home = join(above, 'cli');
    mkdirSync(join(home, 'dist'), { recursive: true });
    writeFileSync(
      join(home, 'dist/example.cjs'),
      '(function (exports) { exports.run = (_, keep) => console.log(keep ? "ran, keeps" : "ran, no more"); })',
    );
  });
  afterEach(() => rmSync(above, { recursive: true }));

  it('keeps what this node compiles at the first run, instead of what another one has compiled', () => {
    const cache = join(home, 'dist/example.cache');
    writeFileSync(cache, `${'v20.0.1 of somebody'.padEnd(160)}code`);
    expect(run().stdout).toBe('ran, keeps\n');
    expect(compiledIn(cache, readFileSync(join(home, 'dist/example.cjs'), 'latin1'))?.length).toBeGreaterThan(
      100,
    );
    expect(run().stdout).toBe('ran, no more\n');
    expect(dist()).toEqual(['example.cache', 'example.cjs']);
  });

  /** Puts the native part where an installed package has it, and gives its folder. */
  function addNative(folder: string): string {
    const prebuilds = join(home, folder, `prebuilds/linux-${process.arch}`);
    mkdirSync(prebuilds, { recursive: true });
    copyFileSync(
      join(root, `native/prebuilds/linux-${process.arch}/criu.node`),
      join(prebuilds, 'criu.node'),
    );
    return prebuilds;
  }

  it('has a thread read the files of a command word while its bundle is loaded', () => {
    addNative('../native');
    writeFileSync(
      join(home, 'dist/example.cjs'),
      "(function (exports) { exports.run = () => { const { ahead, addon } = globalThis[Symbol.for('criu.native')]; console.log(...[...ahead].flatMap(([file, text]) => [file, addon.takeAhead(text)])); }; })",
    );
    const start = (word: string) =>
      spawnSync(
        process.execPath,
        [
          '-e',
          `require('${root}tools/launcher.cjs').start('${home}/bin', { name: 'example', bundles: ['example'], native: true, words: { compiled: {}, ahead: { look: ['/proc/sys/kernel/ostype'] } } })`,
          'example',
          word,
        ],
        { encoding: 'utf8' },
      );
    expect(start('look').stdout).toBe('/proc/sys/kernel/ostype Linux\n\n');
    expect(start('listen').stdout).toBe('\n');
  });

  it.each(['node_modules/@criu/native', '../native'])('takes the native part from %s', (folder) => {
    const prebuilds = addNative(folder);
    writeFileSync(
      join(home, 'dist/example.cjs'),
      "(function (exports) { exports.run = () => console.log(globalThis[Symbol.for('criu.native')].prebuilds); })",
    );
    expect(run().stdout).toBe(`${prebuilds}\n`);
  });

  it.skipIf(process.getuid?.() !== 0)('is left alone by those who may not write there (needs root)', () => {
    expect(run({ uid: 12345, gid: 12345 }).stdout).toBe('ran, no more\n');
    expect(dist()).toEqual(['example.cjs']);
  });
});
