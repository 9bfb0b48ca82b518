import { describe, expect, it } from 'vitest';
import { type Need, sortByNeeds } from '../engine/order.js';
import { resources } from './index.js';

interface Item {
  readonly name: string;
  readonly needs: readonly string[];
}

const names = (items: readonly Item[], rank?: (item: Item) => number) =>
  sortByNeeds(items, ({ needs }) => needs.map((of): Need => ({ of, why: 'a test' })), rank).map(
    (i) => i.name,
  );

describe('kinds of state in order', () => {
  it('stay as they are listed where nobody needs anybody', () => {
    expect(
      names([
        { name: 'b', needs: [] },
        { name: 'a', needs: [] },
      ]),
    ).toEqual(['b', 'a']);
  });

  it('come behind what they need, which is early when they are', () => {
    const items = [
      { name: 'late', needs: [] },
      { name: 'first', needs: ['last'] },
      { name: 'last', needs: [] },
    ];
    expect(names(items)).toEqual(['late', 'last', 'first']);
    expect(names(items, ({ name }) => (name === 'first' ? 0 : 1))).toEqual(['last', 'first', 'late']);
  });

  it('cannot need each other, or what is not there', () => {
    expect(() => names([{ name: 'a', needs: ['b'] }])).toThrow('a needs b, which is not there');
    expect(() =>
      names([
        { name: 'a', needs: ['b'] },
        { name: 'b', needs: ['a'] },
      ]),
    ).toThrow('need each other');
  });

  it.each([
    ['dump', resources.dumps],
    ['restore', resources.restores],
  ] as const)('are sorted by their needs on %s, each with a reason', (_side, list) => {
    const seen = new Set<string>();
    for (const { name, needs = [] } of list) {
      for (const { of, why } of needs) {
        expect([name, of, seen.has(of)]).toEqual([name, of, true]);
        expect(why).not.toBe('');
      }
      seen.add(name);
    }
    expect(seen.size).toBe(list.length);
  });

  it('ask a task before the others read, and look before it is infected', () => {
    const { dumps } = resources;
    const infect = dumps.findLastIndex(({ beforeInfect }) => beforeInfect);
    const ask = dumps.findLastIndex(({ asks }) => asks);
    expect(dumps.slice(0, infect + 1).map(({ name }) => name)).toEqual(['namespaces', 'memory', 'rseq']);
    expect(dumps.slice(ask + 1).every(({ asks }) => !asks)).toBe(true);
    expect(ask).toBeLessThan(dumps.length - 1);
  });
});
