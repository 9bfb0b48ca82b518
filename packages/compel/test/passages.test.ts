// Steps that repeat others with numbers of their own are those that would be added one by one.
import { describe, expect, it } from 'vitest';
import { Mark, type Passage, Program } from '../src/index.js';

/** A pipe at two numbers, like thousands of others. */
function pipe(p: Program, reads: number, writes: number, flags = 0): void {
  const pair = p.data(8);
  p.syscall('pipe2', [pair, flags], { label: `pipe at ${reads}` });
  for (const [end, to] of [
    [p.load32(pair), reads],
    [p.load32(p.at(pair, 4)), writes],
  ] as const) {
    p.syscall('dup3', [end, to, 0]);
    p.syscall('close', [end]);
  }
  const fd = p.syscall('openat', [-100, p.cstring('/dev/null'), 0]);
  p.syscall('dup3', [p.plus(fd, 1), 7, 0]);
  p.syscall('close', [fd]);
}

function passage(p: Program, add: () => void): Passage | undefined {
  const before = p.bookmark();
  add();
  return p.since(before);
}

function known(one: Passage | undefined): Passage {
  if (!one) throw new Error('these steps cannot be repeated');
  return one;
}

describe('a passage of a program', () => {
  it('is repeated with other numbers', () => {
    const [a, b] = [new Program('p'), new Program('p')];
    for (const p of [a, b]) p.syscall('getpid', []);
    const first = known(passage(a, () => pipe(a, 300, 301)));
    const second = known(passage(a, () => pipe(a, 302, 303)));
    const places = a.differences(first, second);
    expect(places?.map((place) => a.numberAt(second, place))).toEqual([302, 303]);
    for (let fd = 304; fd < 340; fd += 2)
      a.again(first, places ?? [], [fd, fd + 1], (step) => (step === 0 ? `pipe at ${fd}` : undefined));
    for (let fd = 300; fd < 340; fd += 2) pipe(b, fd, fd + 1);
    for (const p of [a, b]) p.syscall('close', [9], { label: 'last' });
    expect(a.describe()).toEqual(b.describe());
    expect(a.length).toBe(b.length);
    expect(a.size).toBeLessThan(b.size);
  });

  it('differs in more than numbers where flags, texts or the number of steps do', () => {
    const p = new Program('p');
    const steps = known(passage(p, () => pipe(p, 300, 301)));
    const longer = passage(p, () => {
      pipe(p, 300, 301);
      p.syscall('getpid', []);
    });
    expect(p.differences(steps, known(longer))).toBeUndefined();
    const [null1, null2, zero] = ['/dev/null', '/dev/null', '/dev/zero'].map((name) =>
      known(passage(p, () => p.syscall('chdir', [p.cstring(name)]))),
    );
    expect(p.differences(known(null1), known(null2))).toEqual([]);
    expect(p.differences(known(null1), known(zero))).toBeUndefined();
    const [wide, wider] = [1n, 1n << 40n].map((n) => known(passage(p, () => p.syscall('chdir', [n]))));
    expect(p.differences(known(wide), known(wider))).toBeUndefined();
    const [one, other] = [300, 301].map((n) =>
      known(passage(p, () => p.syscall('close', [3], { expect: n }))),
    );
    expect(p.differences(known(one), known(other))).toBeUndefined();
    const flags = known(passage(p, () => pipe(p, 300, 301, 8)));
    expect(p.differences(steps, flags)?.map((place) => p.numberAt(flags, place))).toEqual([8]);
  });

  it.each<[string, (p: Program) => unknown]>([
    ['that returns something', (p) => p.syscall('pipe2', [p.out(8), 0])],
    ['that sends a descriptor', (p) => p.syscall('close', [p.fd(1)])],
    [
      'with a number that comes late',
      (p) => p.syscall('close', [{ kind: 'late', name: 'n', value: () => 1 }]),
    ],
    ['with late data', (p) => p.u64({ kind: 'late', name: 'n', value: () => 1 })],
    [
      'that goes on elsewhere',
      (p) => {
        const mark = new Mark();
        p.syscall('close', [3], { orGoTo: mark });
        p.here(mark);
      },
    ],
  ])('is none %s', (_, add) => {
    const p = new Program('p');
    expect(passage(p, () => add(p))).toBeUndefined();
  });
});
