// Which open files the guard of a dump leaves out: those that say what others say, and that nothing else refers to.
import { describe, expect, it } from 'vitest';
import type { DumpContext } from '../../engine/dump-context.js';
import { States } from '../../states.js';
import { repeatsOf } from './repeats.js';

const TABLE = 7;

function fresh() {
  const ctx = {} as { states: States<DumpContext> };
  ctx.states = new States(ctx as unknown as DumpContext);
  return repeatsOf(ctx as unknown as DumpContext);
}

describe('files that say what others say', () => {
  it('are left out but for the first of each sort', () => {
    const repeats = fresh();
    for (const [id, sort] of [
      [1, 'a'],
      [2, 'b'],
      [3, 'a'],
      [4, 'a'],
    ] as const)
      repeats.note(id, TABLE, sort);
    expect([...repeats.leftOut.files]).toEqual([3, 4]);
  });

  it('are there for each table', () => {
    const repeats = fresh();
    repeats.note(1, TABLE, 'a');
    repeats.note(2, TABLE + 1, 'a');
    expect(repeats.leftOut.files.size).toBe(0);
  });

  it('are left out in whole groups', () => {
    const repeats = fresh();
    const pipe = (read: number, write: number, key: string) => {
      repeats.note(write, TABLE, 'w', key, 2);
      if (read) repeats.note(read, TABLE, 'r', key, 2);
    };
    pipe(1, 2, 'first');
    pipe(0, 3, 'no reader');
    pipe(4, 5, 'second');
    // Met in the other order.
    repeats.note(6, TABLE, 'r', 'third', 2);
    repeats.note(7, TABLE, 'w', 'third', 2);
    const { files, keys } = repeats.leftOut;
    expect([...files].sort()).toEqual([4, 5, 6, 7]);
    expect([...keys]).toEqual(['second', 'third']);
  });

  it('are not left out in groups that have more members than they should', () => {
    const repeats = fresh();
    for (const key of ['one', 'two'])
      for (const id of [1, 2, 3]) repeats.note(id + (key === 'two' ? 10 : 0), TABLE, 'a', key, 2);
    expect(repeats.leftOut.files.size).toBe(0);
  });

  it('are kept, and all that is made with them, where something refers to one', () => {
    const repeats = fresh();
    for (const [id, key] of [
      [1, 'one'],
      [2, 'one'],
      [3, 'two'],
      [4, 'two'],
      [5, 'three'],
      [6, 'three'],
    ] as const)
      repeats.note(id, TABLE, 'a', key, 2);
    repeats.keep(4);
    repeats.keepDescriptor(TABLE, 50);
    repeats.settleTable(TABLE, [
      { id: 5, fd: 50 },
      { id: 1, fd: 10 },
    ]);
    expect([...repeats.leftOut.files]).toEqual([]);
    repeats.note(7, TABLE, 'a', 'four', 2);
    repeats.note(8, TABLE, 'a', 'four', 2);
    expect([...repeats.leftOut.files]).toEqual([7, 8]);
  });

  it('are kept in a table that several tasks share', () => {
    const repeats = fresh();
    repeats.note(1, TABLE, 'a');
    repeats.note(2, TABLE, 'a');
    repeats.keepTable(TABLE);
    expect(repeats.leftOut.files.size).toBe(0);
  });
});
