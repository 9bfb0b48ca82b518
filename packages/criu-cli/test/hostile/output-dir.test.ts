// Files that are made in a directory of somebody else: never through what he has put there, and never for him to read.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { OutputDirectory, openLog, openOwnFile, reopenLog } from '../../src/output-dir.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

const NOBODY = 65534;

function output(): { dir: string; out: OutputDirectory; outside: string } {
  const dir = freshDir();
  const outside = join(freshDir(), 'outside');
  writeFileSync(outside, 'mine', { mode: 0o640 });
  return { dir, out: OutputDirectory.open(dir), outside };
}

const mode = (path: string) => statSync(path).mode & 0o7777;

test.skipIf(isRoot)(
  'a directory that may not be written to is an error that says what to do (as a user)',
  () => {
    const { dir, out } = output();
    chmodSync(dir, 0o500);
    try {
      expect(() => out.write('pstree.img', '')).toThrow(
        expect.objectContaining({ code: 'NOT_PERMITTED', remedy: expect.stringContaining('-D for images') }),
      );
    } finally {
      chmodSync(dir, 0o700);
    }
  },
);

describe('a file in a directory', () => {
  const TRAPS: readonly [string, (path: string, outside: string) => void][] = [
    ['a symbolic link', (path, outside) => symlinkSync(outside, path)],
    ['a symbolic link to nothing yet', (path, outside) => symlinkSync(`${outside}-new`, path)],
    ['another name of a file', (path, outside) => linkSync(outside, path)],
    ['a FIFO', (path) => void execFileSync('mkfifo', [path])],
  ];
  test.each(TRAPS)('takes the place of %s, which stays as it is', (_what, lay) => {
    const { dir, out, outside } = output();
    const path = join(dir, 'pages-1.img');
    lay(path, outside);
    out.write('pages-1.img', 'secret');
    out.close();
    expect([lstatSync(path).isFile(), readFileSync(path, 'utf8')]).toEqual([true, 'secret']);
    expect([readFileSync(outside, 'utf8'), mode(outside)]).toEqual(['mine', 0o640]);
    expect(existsSync(`${outside}-new`)).toBe(false);
  });

  test('is not the one that somebody has open already', () => {
    const { dir, out } = output();
    const path = join(dir, 'core-1.img');
    writeFileSync(path, 'theirs');
    chmodSync(path, 0o666);
    if (isRoot) chownSync(path, NOBODY, NOBODY);
    const theirs = openSync(path, 'r+');
    out.write('core-1.img', 'secret');
    const seen = Buffer.alloc(10);
    expect(seen.toString('utf8', 0, readSync(theirs, seen, 0, 10, 0))).toBe('theirs');
    closeSync(theirs);
    expect([mode(path), statSync(path).uid]).toEqual([0o600, process.geteuid!()]);
    out.close();
  });

  test.each([0, 0o022, 0o777])('is for its owner whatever the umask: %i', (umask) => {
    const { dir, out } = output();
    const before = process.umask(umask);
    try {
      out.write('a', 'secret');
    } finally {
      process.umask(before);
    }
    expect(mode(join(dir, 'a'))).toBe(0o600);
    out.close();
  });

  test('goes into the directory that was opened, whatever has its name by now', () => {
    const { dir, out, outside } = output();
    execFileSync('mv', [dir, `${dir}-moved`]);
    symlinkSync(join(outside, '..'), dir);
    out.write('a', 'secret');
    out.link('parent', '../1');
    expect(existsSync(join(outside, '..', 'a'))).toBe(false);
    expect(readFileSync(join(`${dir}-moved`, 'a'), 'utf8')).toBe('secret');
    out.close();
  });

  test('does not take the place of a directory', () => {
    const { dir, out } = output();
    mkdirSync(join(dir, 'a'));
    expect(() => out.write('a', 'x')).toThrow(/there is a directory of that name/);
    for (const name of ['', '.', '..', 'a/b', '../a']) expect(() => out.create(name)).toThrow(/no name/);
    out.close();
  });
});

describe('a log', () => {
  test('is made anew, and gone on with', () => {
    const { dir } = output();
    const path = join(dir, 'log');
    writeFileSync(path, 'of an earlier run');
    for (const [open, text] of [
      [openLog, 'one'],
      [reopenLog, 'two'],
    ] as const) {
      const fd = open(path);
      writeSync(fd, text);
      closeSync(fd);
    }
    expect([readFileSync(path, 'utf8'), mode(path)]).toEqual(['onetwo', 0o600]);
  });

  test('goes where a link of ours leads, also to a descriptor', () => {
    const { dir } = output();
    symlinkSync('real', join(dir, 'log'));
    closeSync(openLog(join(dir, 'log')));
    expect(lstatSync(join(dir, 'real')).isFile()).toBe(true);
    closeSync(openLog('/dev/null'));
    const file = openSync(join(dir, 'other'), 'w');
    const fd = openLog(`/proc/self/fd/${file}`);
    writeSync(fd, 'there');
    expect(readFileSync(join(dir, 'other'), 'utf8')).toBe('there');
    for (const one of [fd, file]) closeSync(one);
    expect(() => openLog(join(dir, 'missing', 'log'))).toThrow(/directory of the file/);
  });

  test.skipIf(!isRoot)('does not go where a link or a FIFO of somebody else leads (needs root)', () => {
    const { dir, outside } = output();
    const path = join(dir, 'log');
    execFileSync('ln', ['-s', outside, path]);
    execFileSync('chown', ['-h', String(NOBODY), path]);
    closeSync(openLog(path));
    expect([lstatSync(path).isFile(), readFileSync(outside, 'utf8')]).toEqual([true, 'mine']);
    const fifo = join(dir, 'fifo');
    execFileSync('mkfifo', [fifo]);
    chownSync(fifo, NOBODY, NOBODY);
    expect(() => openLog(fifo)).toThrow(/FIFO of user 65534/);
  });

  test('is not gone on with when it is another file by now', () => {
    const { dir, outside } = output();
    const path = join(dir, 'log');
    closeSync(openLog(path));
    linkSync(path, `${path}-too`);
    expect(() => reopenLog(path)).toThrow(/other names/);
    execFileSync('ln', ['-sf', outside, path]);
    expect(() => openOwnFile(path)).toThrow(/cannot open/);
  });
});
