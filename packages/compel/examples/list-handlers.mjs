// Lists the signal handlers of a running process: `node list-handlers.mjs PID`.
import { constants } from 'node:os';
import { Program, Tracer } from '@criu/compel';

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** Signals that are not at their default: name, and the handler's address or 'ignored'. */
export async function listHandlers(pid) {
  const tracer = await Tracer.start();
  try {
    const task = await tracer.seize(pid);
    const session = await task.infect();
    const p = new Program('handlers');
    const actions = [];
    for (let signal = 1; signal <= 64; signal++) {
      const action = p.out(32);
      p.syscall('rt_sigaction', [signal, 0, action, 8], { expect: 'any' });
      actions.push({ signal, action });
    }
    const result = await session.run(p);
    await task.resume();
    return actions.flatMap(({ signal, action }) => {
      const handler = result.bytes(action).readBigUInt64LE(0);
      if (handler === 0n) return [];
      const name = NAMES.get(signal) ?? `SIGRTMIN+${signal - 34}`;
      return [{ signal: name, handler: handler === 1n ? 'ignored' : `0x${handler.toString(16)}` }];
    });
  } finally {
    await tracer.close();
  }
}

if (process.argv[1] === import.meta.filename) console.table(await listHandlers(Number(process.argv[2])));
