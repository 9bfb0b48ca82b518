// Reads what a running process has open: `node read-fd.mjs PID FD`.
import { readFileSync } from 'node:fs';
import { Tracer } from '@criu/compel';
import { close } from '@criu/native';

/** The whole content of the file behind a descriptor of another process, whatever its name is by now. */
export async function readFd(pid, fd) {
  const tracer = await Tracer.start();
  try {
    const task = await tracer.seize(pid);
    const session = await task.infect();
    const copy = session.getFd(fd);
    await task.resume();
    try {
      return readFileSync(`/proc/self/fd/${copy}`);
    } finally {
      close(copy);
    }
  } finally {
    await tracer.close();
  }
}

if (process.argv[1] === import.meta.filename)
  process.stdout.write(await readFd(Number(process.argv[2]), Number(process.argv[3])));
