// `--cpu-cap` of dump and restore, and `criu cpuinfo`, on this machine; and beside CRIU 4.2, which comes to the same answers.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CpuinfoX86Entry, decodeImage, writeImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { checkCpuinfo, writeCpuinfo } from '../../src/arch/cpuinfo.js';
import { WORD } from '../../src/arch/x86_64/cpuinfo/words.js';
import { dump, restore } from '../../src/operations.js';
import type { CpuClass } from '../../src/options.js';
import { cleanUp, isRoot, peer, Victim } from '../dump/victim.js';
import { free, theirs } from '../namespaces/cycle.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const all: readonly CpuClass[] = ['fpu', 'ins', 'cpu'];

function change(dir: string, edit: (entry: CpuinfoX86Entry) => void): void {
  const file = join(dir, 'cpuinfo.img');
  const [item] = decodeImage('CPUINFO', readFileSync(file), file);
  const [x86] = item?.entry.x86_entry ?? [];
  if (item === undefined || x86 === undefined) throw new Error('no processor');
  edit(x86);
  writeImageSync(file, 'CPUINFO', [item]);
}

/** Changes of the image, as of a dump on another machine. */
const flip = (word: number, bit: number) => (entry: CpuinfoX86Entry) => {
  entry.capability[word] = ((entry.capability[word] ?? 0) ^ (1 << bit)) >>> 0;
};
const CHANGES: readonly [string, (entry: CpuinfoX86Entry) => void][] = [
  ['nothing', () => undefined],
  ['an instruction, there or here', flip(WORD.LEAF_1_ECX, 28)],
  ['one that no processor has both here and there', flip(WORD.LEAF_80000001_ECX, 11)],
  ['AVX2', flip(WORD.LEAF_7_EBX, 5)],
  ['a feature that is no instruction', flip(WORD.LEAF_1_EDX, 1)],
  ['a feature beyond those that have names', flip(WORD.LEAF_7_EDX, 31)],
  ['FXSAVE', flip(WORD.LEAF_1_EDX, 24)],
  ['XSAVES', flip(WORD.LEAF_D1_EAX, 3)],
  ['OSXSAVE', flip(WORD.LEAF_1_ECX, 27)],
  ['register state of AMX', (entry) => (entry.xfeatures_mask = (entry.xfeatures_mask ?? 0n) | (1n << 17n))],
  ['less register state', (entry) => (entry.xfeatures_mask = 1n)],
  [
    'the bits of the state that CRIU leaves out',
    (entry) => (entry.xfeatures_mask = (entry.xfeatures_mask ?? 0n) | 2n),
  ],
  ['the size of the XSAVE area', (entry) => (entry.xsave_size = 1)],
  ['its largest size', (entry) => (entry.xsave_size_max = 1)],
  ['the maker', (entry) => (entry.vendor_id = entry.vendor_id === 1 ? 2 : 1)],
  ['an unknown maker', (entry) => (entry.vendor_id = 0)],
  [
    'numbers and name',
    (entry) => Object.assign(entry, { cpu_family: 1, model: 1, stepping: 1, model_id: 'none' }),
  ],
  ['the version', (entry) => (entry.capability_ver = 9)],
  [
    'an old version',
    (entry) => Object.assign(entry, { capability_ver: 1, capability: entry.capability.slice(0, 12) }),
  ],
  ['too few words', (entry) => (entry.capability = entry.capability.slice(0, 4))],
];

describe.skipIf(!isRoot)('--cpu-cap (needs root)', () => {
  it('writes cpuinfo.img on dump; on restore another processor is refused, and nothing is left', async () => {
    const victim = await Victim.start('everything');
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, cpuCap: all });
      await victim.gone();
      change(imagesDir, (entry) => {
        entry.xsave_size = 1;
        entry.capability[WORD.LEAF_7_EDX] = 0xffffffff;
      });
      await expect(restore({ imagesDir, detached: true, cpuCap: ['fpu', 'cpu'] })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/XSAVE area.*; its features are not the same/),
      });
      expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
      // As it is not asked for, it is as without the image.
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('is nothing to a dump without it, and a restore with it needs the image', async () => {
    const victim = await Victim.start('everything');
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await victim.gone();
      expect(existsSync(join(imagesDir, 'cpuinfo.img'))).toBe(false);
      const refused = restore({ imagesDir, detached: true, cpuCap: ['ins'] });
      await expect(refused).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
      await restore({ imagesDir, detached: true, cpuCap: [] });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('criu cpuinfo writes and checks, and says with its exit code what it has found', () => {
    const dir = freshDir();
    const run = (...args: string[]) => spawnSync(criu, ['cpuinfo', ...args, '-D', dir], { encoding: 'utf8' });
    expect(run('check')).toMatchObject({ status: 1, stderr: expect.stringContaining('IMAGE_MISSING') });
    expect(run('dump')).toMatchObject({ status: 0, stderr: '' });
    for (const option of [[], ['--cpu-cap'], ['--cpu-cap=none'], ['--cpu-cap=^fpu']])
      expect(run('check', ...option)).toMatchObject({ status: 0, stderr: '' });
    change(dir, flip(WORD.LEAF_7_EDX, 31));
    expect(run('check').status).toBe(0);
    expect(run('check', '--cpu-cap')).toMatchObject({ status: 1, stderr: expect.stringContaining('18:31') });
    expect(run('check', '--cpu-cap=bogus').status).toBe(1);
    expect(run('nonsense').status).toBe(1);
  });
});

describe.skipIf(!isRoot || !peer)('beside CRIU 4.2 (needs root and CRIU_PEER)', () => {
  const run = (...args: string[]) => spawnSync(peer ?? '', args, { encoding: 'utf8' }).status;

  it('both write the same image', () => {
    const dir = freshDir();
    writeCpuinfo(dir);
    const ours = readFileSync(join(dir, 'cpuinfo.img'));
    rmSync(join(dir, 'cpuinfo.img'));
    expect(run('cpuinfo', 'dump', '-D', dir)).toBe(0);
    expect(ours.equals(readFileSync(join(dir, 'cpuinfo.img')))).toBe(true);
  });

  it.each(CHANGES)('both come to the same answer: %s', (_, edit) => {
    const dir = freshDir();
    writeCpuinfo(dir);
    change(dir, edit);
    for (const [cap, classes] of [
      ['all', all],
      ['none,fpu', ['fpu']],
      ['none,ins', ['ins']],
      ['none,cpu', ['cpu']],
    ] as const) {
      let fit = true;
      try {
        checkCpuinfo(dir, classes);
      } catch {
        fit = false;
      }
      expect(fit, cap).toBe(run('cpuinfo', 'check', '-D', dir, `--cpu-cap=${cap}`) === 0);
    }
  });

  it('images with a processor go both ways', async () => {
    const victim = await Victim.start('everything');
    try {
      const dir = freshDir();
      await dump({ pid: victim.pid, imagesDir: dir, cpuCap: all });
      await victim.gone();
      await theirs.restore(dir, ['--cpu-cap=all']);
      expect(await victim.verify()).toBe('ok');
      const back = freshDir();
      await theirs.dump(victim.pid, back, ['--cpu-cap=all']);
      // CRIU has left it to us as an orphan.
      await free([0, victim.pid]);
      await restore({ imagesDir: back, detached: true, cpuCap: all });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
