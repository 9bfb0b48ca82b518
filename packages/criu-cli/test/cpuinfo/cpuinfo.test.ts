// What a processor can do, from recorded CPUID and /proc/cpuinfo; which one is fit for the images of which, with no second machine.
import { readFileSync } from 'node:fs';
import { decodeImage, encodeImage } from '@criu/images';
import { describe, expect, it } from 'vitest';
import { classesToCheck, parseCpuClasses } from '../../src/arch/cpu-classes.js';
import { checkCpu } from '../../src/arch/cpuinfo.js';
import { compareCpus } from '../../src/arch/x86_64/cpuinfo/compare.js';
import { cpuFacts } from '../../src/arch/x86_64/cpuinfo/facts.js';
import { cpuinfoEntry, factsOfEntry } from '../../src/arch/x86_64/cpuinfo/image.js';
import { has, INSTRUCTIONS, REP_GOOD, WORD } from '../../src/arch/x86_64/cpuinfo/words.js';
import type { ImageSource } from '../../src/images/source.js';
import { processors, RECORDED, recorded, replay } from './processors.js';

describe('--cpu-cap', () => {
  it.each([
    ['', ['fpu', 'ins', 'cpu']],
    ['fpu', ['fpu', 'ins']],
    ['cpu', ['fpu', 'ins', 'cpu']],
    ['all', ['fpu', 'ins', 'cpu']],
    ['none', []],
    ['^ins', ['fpu']],
    ['^fpu,^ins', []],
    ['all,^cpu', ['fpu', 'ins']],
    ['none,ins', ['ins']],
    ['none,ins,cpu', ['ins', 'cpu']],
    ['ins,none', []],
    ['^none', ['fpu', 'ins', 'cpu']],
    ['^all', []],
    ['^^cpu', ['fpu', 'ins', 'cpu']],
    // As CRIU reads it: a sign is for all until the next comma, or the next sign.
    ['all,^fpuins', ['cpu']],
    ['all,^fpu^ins', ['ins', 'cpu']],
    [',,', ['fpu', 'ins']],
  ])('%j means %j', (text, classes) => {
    expect(parseCpuClasses(text)).toEqual(classes);
  });

  it.each(['bogus', 'fpux', 'FPU', 'fpu;ins', '!ins', 'ins,', ' fpu', '-ins', 'fp'])(
    '%j is refused',
    (text) => {
      if (text === 'ins,') expect(parseCpuClasses(text)).toEqual(['fpu', 'ins']);
      else expect(() => parseCpuClasses(text)).toThrow(`bad value for --cpu-cap: ${text}`);
    },
  );

  it('a check compares something, whatever is asked for', () => {
    expect(classesToCheck(undefined)).toEqual(['fpu', 'ins']);
    expect(classesToCheck('none')).toEqual(['fpu', 'ins', 'cpu']);
    expect(classesToCheck('none,cpu')).toEqual(['cpu']);
  });
});

describe('the facts of a processor', () => {
  it('are told by CPUID', () => {
    expect(recorded).toMatchObject({ vendor: 'intel', family: 6, model: 207, stepping: 2 });
    expect(recorded.modelName).toBe('Intel(R) Xeon(R) Processor');
    expect(recorded.words).toHaveLength(19);
    expect(recorded).toMatchObject({ xfeatures: 0xe5n, xsaveSize: 2688, xsaveSizeMax: 11008 });
  });

  it('say of this machine what /proc/cpuinfo says', () => {
    const text = readFileSync('/proc/cpuinfo', 'utf8');
    const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? '';
    const here = cpuFacts();
    expect([here.family, here.model, here.stepping]).toEqual(
      ['cpu family', 'model', 'stepping'].map((name) => Number(field(name))),
    );
    expect(here.modelName.trim()).toBe(field('model name').trim());
    const flags = new Set(field('flags').split(' '));
    for (const [word, names] of INSTRUCTIONS)
      for (const [name, bit] of Object.entries(names)) {
        // Linux has no flag for it; it hides what it, or a hypervisor, has switched off, which CPUID may still tell.
        if (flags.has(name)) expect(has(here.words, [word, bit]), name).toBe(true);
      }
  });

  it.each([
    ['of AMD', { '0.0': [16, 0x68747541, 0x444d4163, 0x69746e65] }, { vendor: 'amd' }],
    ['of Hygon', { '0.0': [16, 0x6f677948, 0x656e6975, 0x6e65476e] }, { vendor: 'amd' }],
    // Family 0x19 of AMD: extended family and model count.
    ['with extended numbers', { '1.0': [0x00a20f12, 0, 0, 0] }, { family: 25, model: 33, stepping: 2 }],
    ['without XSAVE', { '0.0': [0xb, 1970169159, 1818588270, 1231384169] }, { xfeatures: 0n, xsaveSize: 0 }],
  ] as const)('%s', (_, leaves, expected) => {
    expect(cpuFacts(replay({ ...RECORDED, ...leaves } as never))).toMatchObject(expected);
  });

  it('are adjusted as Linux does', () => {
    const amd = { '0.0': [1, 0x68747541, 0x444d4163, 0x69746e65] };
    const k8 = (signature: number) =>
      cpuFacts(replay({ ...RECORDED, ...amd, '1.0': [signature, 0, 0, 0xffffffff] } as never)).words;
    expect(has(k8(0x0f50), REP_GOOD)).toBe(false);
    expect(has(k8(0x0f48), REP_GOOD)).toBe(true);
    expect(k8(0x0f48)[WORD.LEAF_1_EDX]).toBe(0x7fffffff);
  });

  it('of other makers have no place in images', () => {
    const other = { ...RECORDED, '0.0': [1, 0x746e6543, 0x736c7561, 0x48727561] } as never;
    expect(() => cpuFacts(replay(other))).toThrow(/processors of CentaurHauls cannot be described/);
  });

  it('are the same after they were written and read', () => {
    const bytes = encodeImage('CPUINFO', [{ entry: cpuinfoEntry(recorded) }]);
    const [item] = decodeImage('CPUINFO', bytes);
    if (item === undefined) throw new Error('no entry');
    expect(factsOfEntry(item.entry, processors['nehalem'] ?? recorded)).toEqual(recorded);
  });
});

describe('a processor is fit for images of another', () => {
  // Rows: the dump; columns: the restore. f, i, c: what that class finds in the way.
  const names = Object.keys(processors);
  const matrix: Record<string, string[]> = {
    nehalem: ['', 'fc', 'fc', 'fc'],
    haswell: ['fic', '', 'fc', 'ic'],
    skylake: ['fic', 'fic', '', 'fic'],
    zen2: ['fic', 'fic', 'fic', ''],
  };
  it.each(
    names.flatMap((dump) => names.map((restore, column) => [dump, restore, matrix[dump]?.[column]] as const)),
  )('%s → %s: %j', (dump, restore, expected) => {
    const [there, here] = [processors[dump], processors[restore]];
    if (!there || !here) throw new Error('no such processor');
    const found = (['fpu', 'ins', 'cpu'] as const).filter(
      (one) => compareCpus(there, here, [one]).length > 0,
    );
    expect(found.map((one) => one[0]).join('')).toBe(expected);
    expect(compareCpus(there, here, [])).toEqual([]);
  });

  it('names all that is in the way', () => {
    const { haswell, skylake } = processors;
    if (!haswell || !skylake) throw new Error('no such processor');
    expect(compareCpus(skylake, haswell, ['fpu', 'ins'])).toEqual([
      'it cannot save registers with xsaves',
      'it lacks the register state 0xe0 (bits of XCR0)',
      'its XSAVE area has 832 bytes, and had 2688',
      'its largest XSAVE area has 832 bytes, and had 2688',
      'it lacks the instructions monitor, 3dnowprefetch, hle, rtm, mpx, avx512f, avx512dq, rdseed, adx, clflushopt, avx512cd, avx512bw, avx512vl, xsavec, xgetbv1',
    ]);
    expect(compareCpus(haswell, skylake, ['cpu'])[0]).toMatch(
      /^its features are not the same: it has .*avx512f.* beyond$/,
    );
  });
});

describe('cpuinfo.img', () => {
  const source = (entry: object | undefined, bytes?: Buffer): ImageSource => ({
    dir: '',
    pages: 'there',
    has: () => entry !== undefined || bytes !== undefined,
    read: () => bytes ?? encodeImage('CPUINFO', [{ entry: entry as never }]),
  });
  const x86 = cpuinfoEntry(recorded).x86_entry?.[0] ?? {};
  const wrong = { ...x86, capability: [1, 2] };

  it.each([
    ['none at all', {}, /describes 0 processors/],
    ['two', { x86_entry: [x86, x86] }, /describes 2 processors/],
    ['another maker', { x86_entry: [{ ...x86, vendor_id: 0 }] }, /the maker 0 .* not known/],
    [
      'another version',
      { x86_entry: [{ ...x86, capability_ver: 3 }] },
      /features of version 3 are not known/,
    ],
    ['too few words', { x86_entry: [wrong] }, /version 2 are 19 words, not 2/],
  ])('with %s is refused', (_, entry, message) => {
    expect(() => checkCpu(source(entry), [], recorded)).toThrow(message);
  });

  it('that is cut, empty, of another kind or not there is refused', () => {
    const whole = encodeImage('CPUINFO', [{ entry: cpuinfoEntry(recorded) }]);
    for (const bytes of [whole.subarray(0, 40), encodeImage('CPUINFO', []), encodeImage('FS', [])])
      expect(() => checkCpu(source(undefined, bytes), [], recorded)).toThrow(
        expect.objectContaining({ code: 'BAD_IMAGE' }),
      );
    expect(() => checkCpu(source(undefined), ['ins'], recorded)).toThrow(
      expect.objectContaining({ code: 'IMAGE_MISSING' }),
    );
  });

  it('of an old CRIU is compared as far as it goes', () => {
    const {
      xfeatures_mask: _m,
      xsave_size: _s,
      xsave_size_max: _x,
      model_id: _i,
      ...old
    } = x86 as Record<string, unknown>;
    const entry = { ...old, capability_ver: 1, capability: recorded.words.slice(0, 12) };
    expect(() => checkCpu(source({ x86_entry: [entry] }), ['fpu', 'ins', 'cpu'], recorded)).not.toThrow();
  });

  it('says which processor the dump was of, and what is in the way', () => {
    const { haswell } = processors;
    if (!haswell) throw new Error('no such processor');
    expect(() => checkCpu(source({ x86_entry: [x86] }), ['ins'], haswell)).toThrow(
      /not fit for the images: it lacks the instructions .*avx512f.*\(the dump is of Intel\(R\) Xeon\(R\) Processor\)/,
    );
  });
});
