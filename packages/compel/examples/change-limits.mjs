// Changes umask, working directory and the limit of open files of a running process, in one round trip:
// `node change-limits.mjs PID UMASK FOLDER FILES`.
import { Program, Tracer } from '@criu/compel';

const RLIMIT_NOFILE = 7;

/** Returns what the umask was. */
export async function changeLimits(pid, { umask, folder, files }) {
  const tracer = await Tracer.start();
  try {
    const task = await tracer.seize(pid);
    const session = await task.infect();
    const p = new Program('limits');
    const old = p.syscall('umask', [umask]);
    p.syscall('chdir', [p.cstring(folder)], { label: `go to ${folder}` });
    p.syscall('prlimit64', [0, RLIMIT_NOFILE, p.u64(files, files), 0], { label: `${files} files` });
    const result = await session.run(p);
    await task.resume();
    return result.value(old);
  } finally {
    await tracer.close();
  }
}

if (process.argv[1] === import.meta.filename) {
  const [pid, umask, folder, files] = process.argv.slice(2);
  await changeLimits(Number(pid), { umask: Number.parseInt(umask, 8), folder, files: Number(files) });
}
