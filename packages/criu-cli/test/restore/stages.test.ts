// A plan is only one if it comes to its end: what nobody makes, and circles, are found before anything exists. No root needed.
import { Program } from '@criu/compel';
import { expect, test } from 'vitest';
import { PHASES, Slot, TaskPlan } from '../../src/engine/plan.js';
import { checkOrder, checkSizes, stages } from '../../src/engine/stages.js';
import type { AliveTask } from '../../src/images/checkpoint.js';

const task = (pid: number) =>
  new TaskPlan(
    { pid, fds: [], threads: [] } as unknown as AliveTask,
    { region: 0, base: 0, size: 0 } as never,
  );
const plain = stages(() => false);

test('phases are in stages: a barrier begins one, and so does what is done between two', () => {
  expect(plain.map(([first]) => first)).toEqual(['files', 'threads', 'credentials']);
  expect(stages((phase) => phase === 'place').map(([first]) => first)).toEqual([
    'files',
    'fixup',
    'threads',
    'credentials',
  ]);
  const early = PHASES.filter((phase) => 'early' in phase).length;
  expect(plain.flat()).toHaveLength(PHASES.length - early);
});

test('a descriptor that no task makes is an error that says who needs it', () => {
  const [a, b] = [task(10), task(11)];
  b.take('share', new Slot('pipe 7'), 300);
  expect(() => checkOrder([a, b], plain, [])).toThrow('it needs pipe 7, which no task makes');
});

test('descriptors that are there before, come in an earlier stage or in another order are waited for', () => {
  const [a, b] = [task(10), task(11)];
  const [own, first, second] = [new Slot('own'), new Slot('first'), new Slot('second')];
  a.take('files', own, 300);
  a.give('share', 300, first);
  b.take('share', first, 300);
  b.give('share', 300, second);
  a.step('protect', { title: 'last', program: new Program(), needs: [second] });
  expect(() => checkOrder([b, a], plain, [own])).not.toThrow();
});

test('tasks that wait for each other are an error', () => {
  const [a, b] = [task(10), task(11)];
  const [one, two] = [new Slot('one'), new Slot('two')];
  a.take('files', two, 300);
  a.give('files', 301, one);
  b.take('files', one, 300);
  b.give('files', 301, two);
  expect(() => checkOrder([a, b], plain, [])).toThrow(
    'it needs two, which task 11 has only once it has something of others itself',
  );
});

test('what comes in a later stage comes too late', () => {
  const [a, b] = [task(10), task(11)];
  const slot = new Slot('late');
  a.take('fixup', slot, 300);
  b.give('threads', 300, slot);
  expect(() => checkOrder([a, b], plain, [])).toThrow('it needs late');
});

test('a program that is larger than the buffer of an agent is an error', () => {
  const a = task(10);
  const p = a.program('files');
  p.data(1 << 20);
  expect(() => checkSizes([a])).toThrow('a step of its restore (files) takes 1048576 bytes');
});

test('a step takes and gives as many descriptors as a message may have', () => {
  const [a, b] = [task(10), task(11)];
  for (let i = 0; i < 600; i++) {
    const slot = new Slot(`file ${i}`);
    a.give('files', 300 + i, slot);
    b.take('share', slot, 300 + i);
  }
  expect(a.steps('files')).toHaveLength(3);
  expect(b.steps('share')).toHaveLength(3);
  expect(() => checkOrder([a, b], plain, [])).not.toThrow();
});
