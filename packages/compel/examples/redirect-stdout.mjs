// Sends the standard output of a running program to a file from now on: `node redirect-stdout.mjs PID FILE`.
import { closeSync, openSync } from 'node:fs';
import { Program, Tracer } from '@criu/compel';

/** The file is opened here, so that its name means what it means to us. */
export async function redirectStdout(pid, file) {
  const fd = openSync(file, 'a');
  try {
    const tracer = await Tracer.start();
    try {
      const task = await tracer.seize(pid);
      const session = await task.infect();
      const p = new Program('redirect');
      const theirs = p.fd(fd);
      p.syscall('dup2', [theirs, 1]);
      p.syscall('close', [theirs]);
      await session.run(p);
      await task.resume();
    } finally {
      await tracer.close();
    }
  } finally {
    closeSync(fd);
  }
}

if (process.argv[1] === import.meta.filename) await redirectStdout(Number(process.argv[2]), process.argv[3]);
