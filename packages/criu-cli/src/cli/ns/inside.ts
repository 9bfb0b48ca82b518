// Turns an agent in other namespaces into criu, with our arguments, environment, working directory and descriptors.
import { type Agent, AgentGoneError, type DataRef, Program } from '@criu/compel';
import { encodeName, ownEnvironment, sysRaw } from '@criu/native';
import { F_DUPFD, F_GETFD, F_SETFD, FD_CLOEXEC, SIG_SETMASK } from '@criu/native/uapi';
import { asCriuError } from '../../errors.js';

const SIGSET = 8;
/** Lowest number for temporary copies of descriptors. */
const ASIDE = 512;
const STANDARD = [0, 1, 2];
/** Lowest number for the connections of agents; no option refers to such a number. */
export const CONTROL_FD = 500;

/** argv or envp: addresses of strings, ending with a zero. */
function pointers(p: Program, texts: readonly string[]): DataRef {
  const array = p.data((texts.length + 1) * 8);
  for (const [i, text] of texts.entries()) p.poke(p.at(array, i * 8), p.cstring(encodeName(text)), 8);
  return array;
}

function isOpen(fd: number): boolean {
  return sysRaw('fcntl', fd, F_GETFD) >= 0;
}

/** Copies our descriptors to the agent under the same numbers; the agent has only its own connection open. */
function takeDescriptors(p: Program, numbers: readonly number[]): void {
  const open = [...STANDARD, ...numbers].filter(isOpen);
  const aside = open.map((fd) => {
    const came = p.fd(fd);
    const moved = p.syscall('fcntl', [came, F_DUPFD, ASIDE]);
    return { fd, came, moved };
  });
  for (const { came } of aside) p.syscall('close', [came]);
  for (const { fd, moved } of aside) {
    p.syscall('dup2', [moved, fd]);
    p.syscall('close', [moved]);
  }
}

export interface BecomeOptions {
  /** Path of the program, relative to the working directory. */
  readonly command: string;
  readonly args: readonly string[];
  /** Descriptors besides the standard ones. */
  readonly descriptors: readonly number[];
  /** Descriptor number of the agent's connection. */
  readonly control: number;
  /** Adds steps right before execve. */
  readonly prepare?: (p: Program) => void;
}

/** @throws CriuError if the program cannot be started; the agent has ended then, too */
export async function becomeInside(agent: Agent, options: BecomeOptions): Promise<void> {
  const { command, args, descriptors, control, prepare } = options;
  const { NODE_EXTRA_CA_CERTS: _, ...env } = ownEnvironment();
  const p = new Program('become criu');
  takeDescriptors(p, descriptors);
  prepare?.(p);
  p.syscall('rt_sigprocmask', [SIG_SETMASK, p.data(SIGSET), null, SIGSET]);
  p.syscall('fcntl', [control, F_SETFD, FD_CLOEXEC]);
  const argv = pointers(p, [command, ...args]);
  const envp = pointers(
    p,
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
  );
  p.syscall('execve', [p.cstring(encodeName(command)), argv, envp], { label: command });
  try {
    await agent.run(p);
  } catch (error) {
    // After a successful execve the connection is closed.
    if (error instanceof AgentGoneError) return;
    throw asCriuError(error, 'cannot start criu in the namespaces', { file: command });
  }
}
