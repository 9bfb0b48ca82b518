// Closes a descriptor that a running process leaks: `node close-fd.mjs PID FD`.
import { Tracer } from '@criu/compel';

export async function closeFd(pid, fd) {
  const tracer = await Tracer.start();
  try {
    const task = await tracer.seize(pid);
    const result = await task.syscall('close', [fd]);
    await task.resume();
    if (result < 0n) throw new Error(`close(${fd}) in ${pid} failed with errno ${-result}`);
  } finally {
    await tracer.close();
  }
}

if (process.argv[1] === import.meta.filename) await closeFd(Number(process.argv[2]), Number(process.argv[3]));
