// Which machines the binaries run on, and what is said on others.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Machine, thisMachine, unfitMachine } from '../lib/machine.js';
import { checkBinaries, tooNew, versionsNeeded } from '../tools/elf.mjs';

const prebuilds = fileURLToPath(new URL('../prebuilds/linux-x64/', import.meta.url));
const addon = readFileSync(join(prebuilds, 'criu.node'));
/** The addon, needing other versions: those are found by their names. */
const altered = (from: string, to: string) =>
  Buffer.from(addon.toString('latin1').replaceAll(`\0${from}\0`, `\0${to}\0`), 'latin1');

describe('binaries', () => {
  it('need no more than glibc 2.28', () => {
    expect(readdirSync(prebuilds)).toContain('plugin-host');
    checkBinaries(readdirSync(prebuilds).map((name) => join(prebuilds, name)));
    const needed = versionsNeeded(addon).find(({ version }) => version === 'GLIBC_2.14');
    expect(needed).toEqual({
      library: 'libc.so.6',
      version: 'GLIBC_2.14',
      symbols: expect.arrayContaining(['memcpy']),
    });
  });

  it.each([
    [
      'GLIBC_2.14',
      'GLIBC_2.29',
      expect.stringMatching(/memcpy.* of libc.so.6 in version GLIBC_2.29, newer than GLIBC_2.28/),
    ],
    [
      'GCC_3.0',
      'GCC_9.0',
      expect.stringMatching(/_Unwind_Resume.* in version GCC_9.0, newer than GCC_7.0.0/),
    ],
    ['GCC_3.3', 'ZIP_1.0', expect.stringMatching(/in version ZIP_1.0, which not every system has/)],
  ])('that need %s as %s are refused', (from, to, line) => {
    expect(tooNew(altered(from, to))).toEqual([line]);
  });

  it('are not put into place when they need too much', () => {
    const dir = mkdtempSync(join(tmpdir(), 'elf-'));
    try {
      writeFileSync(join(dir, 'new.node'), altered('GLIBC_2.14', 'GLIBC_2.36'));
      expect(() => checkBinaries([join(dir, 'new.node')])).toThrow(/new\.node needs too new a system/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('a machine', () => {
  const debian: Machine = { platform: 'linux', arch: 'x64', glibc: '2.36' };

  it('with Linux, x86_64 and glibc 2.28 or newer is fit', () => {
    expect(unfitMachine(thisMachine())).toBeUndefined();
    expect(unfitMachine({ ...debian, glibc: '2.28' })).toBeUndefined();
    expect(unfitMachine({ ...debian, glibc: '3.0' })).toBeUndefined();
  });

  it.each<[Partial<Machine>, RegExp]>([
    [{ platform: 'darwin' }, /on Linux only, and this is darwin/],
    [{ arch: 'arm64' }, /no native part for arm64: .*x86_64 only/],
    [{ glibc: undefined }, /another C library \(musl, as on Alpine Linux\): use a distribution that has it/],
    [{ glibc: '2.17' }, /needs glibc 2.28 or newer, and this is glibc 2.17: use a distribution/],
  ])('with %j is told what it lacks', (other, message) => {
    expect(unfitMachine({ ...debian, ...other })).toMatch(message);
  });

  it('of another kind has a command that says so', () => {
    const dir = mkdtempSync(join(tmpdir(), 'machine-'));
    try {
      const pretend = join(dir, 'arm.cjs');
      writeFileSync(pretend, "Object.defineProperty(process, 'arch', { value: 'arm64' });");
      const criu = fileURLToPath(new URL('../../packages/criu-cli/bin/criu', import.meta.url));
      // In a checkout this bundles the sources, with a program for the real machine.
      spawnSync(criu, ['--help']);
      const env = { ...process.env, NODE_OPTIONS: `--require=${pretend}` };
      const { status, stderr } = spawnSync(criu, ['check'], { env, encoding: 'utf8' });
      expect(stderr).toMatch(/^criu: there is no native part for arm64: .*\[NATIVE_LOAD\]\n$/);
      expect(status).toBe(1);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
