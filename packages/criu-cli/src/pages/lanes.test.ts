// Work that is begun in order, some of it at the same time.
import { expect, it } from 'vitest';
import { Lanes } from './lanes.js';

/** Work that ends when it is told to. */
function pieces(lanes: Lanes, count: number) {
  const begun: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const over: number[] = [];
  for (let i = 0; i < count; i++)
    lanes.add(
      () =>
        new Promise((resolve, reject) => {
          begun.push(i);
          ends[i] = (error) => (error ? reject(error) : resolve());
        }),
      () => void over.push(i),
    );
  const end = async (i: number, error?: Error) => {
    ends[i]?.(error);
    await new Promise(setImmediate);
    return [...begun];
  };
  return { begun, over, end };
}

it('begins as much as may go on at the same time, and then whatever is next', async () => {
  const lanes = new Lanes(2);
  const { begun, over, end } = pieces(lanes, 4);
  expect(begun).toEqual([0, 1]);
  expect(await end(1)).toEqual([0, 1, 2]);
  expect(await end(2)).toEqual([0, 1, 2, 3]);
  await end(3);
  await end(0);
  await lanes.done();
  expect(over).toEqual([1, 2, 3, 0]);
});

it('begins nothing after a failure, and waits for what goes on', async () => {
  const lanes = new Lanes(2);
  const { over, end } = pieces(lanes, 4);
  const error = new Error('broken');
  expect(await end(0, error)).toEqual([0, 1]);
  await expect(lanes.done()).rejects.toBe(error);
  let settled = false;
  const waiting = lanes.settled().then(() => {
    settled = true;
  });
  await new Promise(setImmediate);
  expect(settled).toBe(false);
  expect(await end(1)).toEqual([0, 1]);
  await waiting;
  expect(over).toEqual([0, 2, 3, 1]);
});
