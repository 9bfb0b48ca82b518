// What V8 has compiled is taken by the very node that compiled it, and by no other: V8 itself does not tell them apart, and
// crashes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import launcher from './launcher.cjs';

const { compiledIn, keepCompiled } = launcher;
const source = '(function () { return 42; })';

describe('compiled code', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'launcher-'));
    file = join(dir, 'criu.cache');
    keepCompiled(file, new Script(source));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('is taken as it was kept', () => {
    const script = new Script(source, { cachedData: compiledIn(file) });
    expect(script.cachedDataRejected).toBe(false);
    expect(script.runInThisContext()()).toBe(42);
  });

  it('is not there when there is no file, or not all of one', () => {
    expect(compiledIn(join(dir, 'none'))).toBeUndefined();
    for (const text of ['', 'short', `${process.version} `]) {
      writeFileSync(file, text);
      expect(compiledIn(file)).toBeUndefined();
    }
  });

  it.each([
    ['release of node', process.version, 'v20.0.1'],
    ['version of V8', process.versions.v8, process.versions.v8.replace(/.$/, '#')],
    ['build', / \d+ /, ' 1 '],
  ])('of another %s is left alone', (_, from, to) => {
    const kept = readFileSync(file, 'latin1');
    const changed = kept.replace(from, to.padEnd(typeof from === 'string' ? from.length : 0));
    expect(changed).not.toBe(kept);
    writeFileSync(file, changed, 'latin1');
    expect(compiledIn(file)).toBeUndefined();
  });
});
