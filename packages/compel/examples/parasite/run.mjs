// Builds counter.c, puts it into a process and calls its commands: `node run.mjs PID`.
import { fileURLToPath } from 'node:url';
import { buildParasite, Parasite, Tracer } from '@criu/compel';

/** Lets the parasite watch the shared page while it is counted up from here, as fast as the parasite says what it saw. */
export async function watchPage(pid, goal, { fds = [], onLog } = {}) {
  const blob = buildParasite([fileURLToPath(new URL('counter.c', import.meta.url))]);
  const tracer = await Tracer.start();
  try {
    const task = await tracer.seize(pid);
    const session = await task.infect();
    const parasite = await Parasite.load(session, blob);
    const arg = Buffer.alloc(8);
    arg.writeUInt32LE(goal, 0);
    const lines = [];
    let look = () => {};
    const watching = parasite.call('watch', arg, {
      fds,
      onLog: (line) => {
        onLog?.(line);
        lines.push(line);
        look();
      },
    });
    /** Until the parasite has logged that line; its end, or a failure, ends the wait too. */
    const logged = (line) =>
      Promise.race([
        watching,
        new Promise((resolve) => {
          look = () => lines.includes(line) && resolve();
          look();
        }),
      ]);
    await logged('watching from 0');
    for (let i = 1; i <= goal; i++) {
      const word = Buffer.alloc(4);
      word.writeUInt32LE(i);
      parasite.writePage(0, word);
      await logged(`now ${i}`);
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
