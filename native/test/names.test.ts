// Names of any bytes as strings, and node:fs with them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  cstring,
  decodeCString,
  decodeName,
  encodeName,
  isOddName,
  pathArg,
  printable,
  showName,
  startable,
} from '@criu/native';
import * as files from '@criu/native/fs';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'names-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a name', () => {
  const names: readonly (readonly [what: string, bytes: number[], text: string])[] = [
    ['ASCII', [0x61, 0x62], 'ab'],
    ['UTF-8', [0xc3, 0xaf, 0xe2, 0x98, 0x83, 0xf0, 0x9f, 0x98, 0x80], 'ï☃😀'],
    ['a real U+FFFD', [0xef, 0xbf, 0xbd], '\ufffd'],
    ['a real U+FEFF at its start', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
    ['latin1', [0x63, 0xe9, 0x2d], 'c\udce9-'],
    ['a sequence cut off at its end', [0xe2, 0x98], '\udce2\udc98'],
    ['a sequence cut off within', [0xf0, 0x9f, 0x98, 0x61], '\udcf0\udc9f\udc98a'],
    ['an encoded surrogate', [0xed, 0xb2, 0x80], '\udced\udcb2\udc80'],
    ['more bytes than needed', [0xc0, 0xaf, 0xe0, 0x80, 0xaf], '\udcc0\udcaf\udce0\udc80\udcaf'],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
    ['an odd byte behind a pair', [0xf0, 0x9f, 0x98, 0x80, 0xff], '😀\udcff'],
  ];
  it.each(names)('of %s survives', (_what, bytes, text) => {
    expect(decodeName(Uint8Array.from(bytes))).toBe(text);
    expect([...encodeName(text)]).toEqual(bytes);
    expect([...cstring(text)]).toEqual([...bytes, 0]);
    expect(Buffer.from(pathArg(text))).toEqual(Buffer.from(bytes));
  });

  it('of any two bytes in the middle of others survives', () => {
    for (let first = 0x7f; first < 0x100; first++)
      for (let second = 0x7f; second < 0x100; second++) {
        const bytes = Buffer.of(0x61, first, second, 0xbf, 0x62);
        const text = decodeName(bytes);
        expect(encodeName(text).equals(bytes), bytes.toString('hex')).toBe(true);
        expect(isOddName(text)).toBe(!Buffer.from(text).equals(bytes));
      }
  });

  it('ends before its first NUL where it is a string of C', () => {
    expect(decodeCString(Buffer.from('eth\xe9\0rest', 'latin1'))).toBe('eth\udce9');
    expect(decodeCString(Buffer.from('full'))).toBe('full');
  });

  it('is shown on one line, without what a terminal would act upon', () => {
    expect(showName('caf\udce9 ï\n\x1b[2J\x7f\u009b')).toBe('caf\\xe9 ï\\x0a\\x1b[2J\\x7f\\u009b');
    expect(showName('\ud800')).toBe('\\ud800');
    expect(printable('one\n\ttwo\r\udcff')).toBe('one\n\ttwo\\x0d\\xff');
  });
});

describe('a program', () => {
  // Every byte but NUL, twice, so that each has others before and behind it, and newlines at the end.
  const bytes = Uint8Array.from([...Array(255).keys(), ...Array(255).keys(), 9, 9], (byte) => byte + 1);
  const all = decodeName(bytes);

  it('gets all bytes in its arguments and its environment', () => {
    const wanted = {
      command: '/bin/sh',
      args: ['-c', 'printf %s "$1"; env -0', "it's", all],
      env: { ODD: all, PLAIN: "'\n" },
    };
    const { command, args, env } = startable(wanted);
    expect([command, ...args, ...Object.values(env)].some((text) => isOddName(text ?? ''))).toBe(false);
    const { stdout, stderr } = spawnSync(command, args, { env });
    expect(stderr.toString()).toBe('');
    expect(stdout.subarray(0, bytes.length)).toEqual(Buffer.from(bytes));
    const variables = stdout.subarray(bytes.length).toString('latin1').split('\0');
    expect(variables).toContain(`ODD=${Buffer.from(bytes).toString('latin1')}`);
    expect(variables).toContain("PLAIN='\n");
  });

  it('starts in a folder that is not UTF-8, and is left alone where nothing is odd', () => {
    const start = join(folder, '-d\udce9');
    files.mkdirSync(start);
    const { command, args, env, cwd } = startable({ command: '/bin/pwd', args: [], env: {}, cwd: start });
    const { stdout } = spawnSync(command, args, { env, cwd });
    expect(decodeName(stdout)).toBe(`${files.realpathSync(start)}\n`);
    const plain = { command: 'x', args: ['ï'], env: { A: undefined }, cwd: '/' };
    expect(startable(plain)).toBe(plain);
  });

  it('knows its own arguments and environment', () => {
    const own = join(folder, 'own.mjs');
    const lib = fileURLToPath(new URL('../lib/own.ts', import.meta.url));
    buildSync({ entryPoints: [lib], bundle: true, format: 'esm', platform: 'node', outfile: own });
    const script = join(folder, 'script.mjs');
    writeFileSync(
      script,
      `import { ownArguments, ownEnvironment } from './own.mjs';
      process.env.NEW = 'new';
      delete process.env.GONE;
      const { ODD, NEW, GONE, PLAIN } = ownEnvironment();
      console.log(JSON.stringify({ args: ownArguments(), ODD, NEW, GONE, PLAIN }));`,
    );
    const { command, args, env } = startable({
      command: process.execPath,
      args: [script, 'a', 'o\udce9', '', '\ufffd'],
      env: { ODD: all, GONE: 'g\udce9', PLAIN: 'ï' },
    });
    const { stdout, stderr } = spawnSync(command, args, { env });
    expect(stderr.toString()).toBe('');
    const expected = { args: ['a', 'o\udce9', '', '\ufffd'], ODD: all, NEW: 'new', PLAIN: 'ï' };
    expect(JSON.parse(stdout.toString())).toEqual(expected);
  });
});

describe('files whose names are not UTF-8', () => {
  it('are made, found, listed, read and removed', () => {
    const inside = join(folder, 'd\udce9', 'e\udcff');
    files.mkdirSync(inside, { recursive: true });
    const file = join(inside, 'f\udcfe');
    files.writeFileSync(file, 'text');
    const link = join(inside, 'l\udc80');
    files.symlinkSync('f\udcfe', link);
    expect(files.readFileSync(link, 'utf8')).toBe('text');
    expect(files.readlinkSync(link)).toBe('f\udcfe');
    expect(files.realpathSync(link)).toBe(files.realpathSync(file));
    expect(files.readdirSync(inside).sort()).toEqual(['f\udcfe', 'l\udc80']);
    expect(files.readFoldersSync(join(folder, 'd\udce9'))).toEqual(['e\udcff']);
    expect(files.statSync(file).size).toBe(4);
    expect(files.lstatSync(link).isSymbolicLink()).toBe(true);
    expect(files.existsSync(join(inside, 'f\ufffd'))).toBe(false);
    files.accessSync(file);
    files.chmodSync(file, 0o600);
    files.utimesSync(file, 1, 2);
    files.unlinkSync(link);
    files.rmSync(file, { force: true });
    files.rmSync(file, { force: true });
    files.rmdirSync(inside);
    expect(files.readdirSync(join(folder, 'd\udce9'))).toEqual([]);
  });

  it('are named in errors as they are', () => {
    const missing = join(folder, 'no\udce9');
    expect(() => files.openSync(missing, 'r')).toThrow(
      expect.objectContaining({
        code: 'ENOENT',
        path: missing,
        message: expect.stringContaining('no\udce9'),
      }),
    );
    expect(files.statSync(missing, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('can be the working directory', () => {
    const before = process.cwd();
    const there = join(files.realpathSync(folder), 'w\udce9');
    files.mkdirSync(there);
    try {
      files.chdir(there);
      expect(files.workingDirectory()).toBe(there);
      expect(files.resolvePath('x')).toBe(join(there, 'x'));
      expect(files.resolvePath('/x')).toBe('/x');
    } finally {
      process.chdir(before);
    }
  });
});
