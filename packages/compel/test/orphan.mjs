// Infects a process over and over until it is killed itself: `node orphan.mjs PID`.

import { Program, Tracer } from '@criu/compel';

const pid = Number(process.argv[2]);
const tracer = await Tracer.start();
process.stdout.write(`${tracer.pid}\n`);
for (;;) {
  const task = await tracer.seize(pid);
  const session = await task.infect();
  const p = new Program('work');
  p.syscall('close', [p.fd(0)]);
  for (let i = 0; i < 50; i++) p.syscall('getpid', []);
  for (const { tid } of task.threads.slice(0, 2)) await session.run(p, { tid });
  const q = new Program('question');
  for (let i = 0; i < 50; i++) q.syscall('getpid', []);
  await session.runEach(new Map(task.threads.map(({ tid }) => [tid, q])));
  await task.resume();
}
