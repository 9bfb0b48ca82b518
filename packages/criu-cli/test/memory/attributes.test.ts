// What mappings have beyond their contents comes back, or is refused.
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { readMappings } from '../../src/proc/index.js';
import { sumFlags, VM_FLAGS } from '../../src/resources/memory/vm-flags.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { cycle } from '../namespaces/cycle.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

describe('flags of mappings', () => {
  const codes = (is: string) =>
    Object.entries(VM_FLAGS)
      .filter(([, flag]) => flag.is === is)
      .map(([code]) => code)
      .sort();

  it('are all of the kernel, each kept, derived or refused', () => {
    expect(codes('mapping')).toEqual(['dp', 'gd', 'ht', 'lo', 'nr']);
    expect(codes('advice')).toEqual(['dc', 'dd', 'hg', 'mg', 'nh', 'rr', 'sr', 'wf']);
    expect(codes('field')).toEqual(['lf', 'sl']);
    expect(codes('refused')).toEqual(['bt', 'io', 'mt', 'nl', 'pf', 'sf', 'ss', 'ui', 'um', 'uw']);
    expect(codes('derived')).toEqual([
      '??',
      'ac',
      'ar',
      'de',
      'dw',
      'ex',
      'gu',
      'me',
      'mm',
      'mp',
      'mr',
      'ms',
      'mw',
      'rd',
      'sd',
      'sh',
      'wr',
    ]);
  });

  it('of this very process are known', () => {
    for (const { fresh } of readMappings(process.pid))
      for (const { vmFlags } of fresh) expect(sumFlags(vmFlags).unknown).toEqual([]);
  });

  it('of a newer kernel are told', () => {
    expect(sumFlags(['rd', 'zz'])).toMatchObject({ unknown: ['zz'], refused: undefined });
  });

  it.each([
    [['rd', 'sr', 'hg', 'nr'], { flags: 0x4000, madv: (1n << 2n) | (1n << 14n), fields: {} }],
    [['rd', 'lo', 'lf', 'sl'], { flags: 0x2000, madv: 0n, fields: { lock_on_fault: true, sealed: true } }],
    [['rd', 'lo', '??'], { flags: 0x2000, madv: 0n, fields: { lock_on_fault: true } }],
    [['rd', '??'], { flags: 0, madv: 0n, fields: {} }],
    [['rd', 'um'], { refused: { is: 'refused' } }],
  ])('%j are put together', (list, sum) => {
    expect(sumFlags(list)).toMatchObject(sum);
  });
});

describe.skipIf(!isRoot)('attributes of mappings (needs root)', () => {
  it('advice, locks, seals, names and guard regions come back', async () => {
    const victim = await Victim.start('attributes', {}, new URL('victims/attributes.c', import.meta.url));
    try {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });
});

describe.skipIf(!isRoot)('memory that cannot be kept (needs root)', () => {
  it.each([
    ['io_uring', 'none', /io_uring is mapped \(descriptor 3\)/],
    ['io_uring', 'closed', /io_uring is mapped \(none that is open\)/],
    ['secret', 'none', /secret memory/],
    ['userfaultfd', 'closed', /userfaultfd/],
  ])('of %s (%s) is refused by name, and goes on', async (kind, how, message) => {
    const victim = await Victim.start(
      'unkept',
      { KIND: kind, HOW: how },
      new URL('victims/unkept.c', import.meta.url),
    );
    try {
      const verdict = await victim.verify();
      // Not every kernel has all of them.
      if (verdict === 'not here') return;
      const refused = dump({ pid: victim.pid, imagesDir: freshDir() });
      await expect(refused).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(message),
        object: { pid: victim.pid },
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
