// Going through the phases of a task.
import { expect, it } from 'vitest';
import { runPhases } from '../../src/engine/perform.js';
import type { TaskRun } from '../../src/engine/plan.js';

it('a program that cannot be built leaves no answer that nobody hears of', async () => {
  const step = {
    title: 'move',
    needs: [],
    gives: [],
    program(run: TaskRun) {
      run.answers.push(Promise.reject(new Error('the agent is gone')));
      throw new Error('the task is gone');
    },
  };
  const run = { answers: [], plan: { pid: 1, steps: () => [step] } } as unknown as TaskRun;
  // Vitest fails for a rejection that is not handled.
  await expect(runPhases(['files'], run, { imagesDir: '/nowhere' })).rejects.toThrow(/task is gone/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(run.answers).toEqual([]);
});
