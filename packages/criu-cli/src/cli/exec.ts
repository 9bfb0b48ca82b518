// execve(2): replaces this process by another program, which becomes the parent of the restored tasks.
import { join } from 'node:path';
import { addon, close, cstring, SysError, sys, sysRaw } from '@criu/native';
import { accessSync, constants, statSync } from '@criu/native/fs';
import { F_GETFL, F_SETFD, F_SETFL, O_NONBLOCK, SIGPIPE, SIGXFSZ, sigaction } from '@criu/native/uapi';
import { CriuError } from '../errors.js';
import { reopenLog } from '../output-dir.js';

/** Signals that Node ignores: SIGPIPE and SIGXFSZ. */
const IGNORED = [SIGPIPE, SIGXFSZ];
const SIGSET = 8;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Searches a command like execvp(3). @throws CriuError BAD_OPTION */
export function findProgram(name: string, path = PATH): string {
  if (name.includes('/')) return name;
  for (const dir of path.split(':')) {
    const full = join(dir || '.', name);
    if (isProgram(full)) return full;
  }
  throw new CriuError(
    'BAD_OPTION',
    'there is no such command',
    { file: name },
    'give its path, or see to PATH',
  );
}

/** argv or envp for the kernel: addresses ending with a zero; `strings` must stay alive until the call. */
function pointers(strings: readonly Buffer[]): BigUint64Array {
  return new BigUint64Array([...strings.map((s) => addon().addressOf(s)), 0n]);
}

/** Executes a command; does not return. @throws CriuError if the command cannot be started */
export function become(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  output?: string,
): never {
  const path = findProgram(command[0] ?? '', env['PATH']);
  if (output !== undefined) {
    const fd = reopenLog(output);
    for (const to of [1, 2]) sys('dup2', fd, to);
    close(fd);
  }
  // Node has set O_NONBLOCK and FD_CLOEXEC on its standard descriptors.
  for (const signal of IGNORED) sys('rt_sigaction', signal, Buffer.alloc(sigaction.sizeof), null, SIGSET);
  for (const fd of [0, 1, 2]) {
    sysRaw('fcntl', fd, F_SETFD, 0);
    const flags = sysRaw('fcntl', fd, F_GETFL);
    if (flags > 0 && flags & O_NONBLOCK) sysRaw('fcntl', fd, F_SETFL, flags & ~O_NONBLOCK);
  }
  const argv = command.map(cstring);
  const environment = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [cstring(`${name}=${value}`)],
  );
  const error = sysRaw('execve', cstring(path), pointers(argv), pointers(environment));
  throw new CriuError(
    'SYSCALL',
    'cannot become the command',
    { file: path },
    'the tasks run; what comes behind -- has to be a program that can be executed here',
    new SysError('execve', -error),
  );
}
