// Builds counter.c, puts it into a process and calls its commands: `node run.mjs PID`.
import { fileURLToPath } from 'node:url';
import { buildParasite, Parasite, Tracer } from '@criu/compel';

/** Lets the parasite watch the shared page while it is counted up from here. */
export async function watchPage(pid, goal, { fds = [], onLog } = {}) {
  const blob = buildParasite([fileURLToPath(new URL('counter.c', import.meta.url))]);
  const tracer = await Tracer.start();
  try {
    const task = await tracer.seize(pid);
    const session = await task.infect();
    const parasite = await Parasite.load(session, blob);
    const arg = Buffer.alloc(8);
    arg.writeUInt32LE(goal, 0);
    const watching = parasite.call('watch', arg, { fds, onLog });
    for (let i = 1; i <= goal; i++) {
      const word = Buffer.alloc(4);
      word.writeUInt32LE(i);
      parasite.writePage(0, word);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    const result = await watching;
    await task.resume();
    return result;
  } finally {
    await tracer.close();
  }
}

if (process.argv[1] === import.meta.filename)
  console.log(await watchPage(Number(process.argv[2]), 5, { onLog: (line) => console.log(line) }));
