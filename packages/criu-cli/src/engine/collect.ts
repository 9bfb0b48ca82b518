// Everything that has to be learned while tasks stand still: /proc by the modules, ptrace, and one program in each thread.
import { Program } from '@criu/compel';
import { readStat, readStatus } from '../proc/index.js';
import { dumpModules } from '../resources/dump-registry.js';
import type { DumpContext, LiveTask } from './dump-context.js';
import type { Answer } from './dump-module.js';

const BUFFER_BYTES = 1 << 20;

/** Lets answers of the tracer in, so that it goes on while we read. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** @throws whatever a module, the tracer or the task throws */
export async function collectTask(
  ctx: DumpContext,
  task: LiveTask,
  collected: (module: string) => void = () => undefined,
): Promise<void> {
  task.stat = readStat(task.pid);
  for (const tid of task.tids) task.statuses.set(tid, readStatus(tid));
  ctx.reached('infect');
  // The tracer works on these while we read /proc.
  const infected = task.task.collect().then(async (state) => {
    task.state = state;
    return task.task.infect({ bufferBytes: BUFFER_BYTES });
  });
  infected.catch(() => undefined);
  for (const module of dumpModules) {
    ctx.reached(`collect:${module.name}`);
    module.collect(ctx, task);
    collected(module.name);
    await turn();
  }
  const session = await infected;
  await Promise.all(
    task.tids.map(async (tid) => {
      const program = new Program(`state of ${tid}`);
      const answers: Answer[] = [];
      for (const module of dumpModules) {
        const answer = module.ask(task, tid, program);
        if (answer) answers.push(answer);
      }
      const result = await session.run(program, { tid });
      for (const answer of answers) answer(result);
    }),
  );
  ctx.reached('infected');
}

/** The zombies of the tree tell only how they ended. */
export function collectZombies(ctx: DumpContext): void {
  for (const task of ctx.tasks) if (task.kind === 'zombie') task.stat = readStat(task.pid);
}
