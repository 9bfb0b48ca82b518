// Runs programs of the machine as root of a user namespace, otherwise in our own namespaces.
import { Agent, AgentGoneError, type DataRef, Program } from '@criu/compel';
import { cstring, encodeName, sys } from '@criu/native';
import { closeSync, existsSync, openSync, readSync } from '@criu/native/fs';
import {
  F_DUPFD,
  F_SETFD,
  FD_CLOEXEC,
  PR_SET_SECUREBITS,
  SECBIT_NO_SETUID_FIXUP,
  SIG_SETMASK,
} from '@criu/native/uapi';
import { asCriuError, CriuError } from '../../../errors.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';

/** The user namespace of a process, and the ids of its root user as this process sees them. */
export interface Beholder {
  readonly pid: number;
  readonly outside: { readonly uid: number; readonly gid: number };
}

/** Descriptors for 0, 1 and from 3 on; /dev/null if left out. */
export interface CommandFiles {
  readonly input?: number;
  readonly output?: number;
  readonly more: readonly number[];
}

/** Lowest number for temporary copies of descriptors. */
const ASIDE = 512;
/** Number of the agent's connection meanwhile. */
const CONTROL_FD = 500;
const SIGSET = 8;
const STANDARD_ERROR = 2;
/** Bytes of a program's last output for messages. */
const MOST_SAID = 2000;

const SEARCHED = process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin';

function find(name: string): string {
  const found = SEARCHED.split(':')
    .map((folder) => `${folder}/${name}`)
    .find((path) => existsSync(path));
  if (found === undefined)
    throw new CriuError('SYSCALL', `cannot run ${name}: there is no such program`, {}, `install ${name}`);
  return found;
}

/** argv or envp: addresses of strings, ending with a zero. */
function pointers(p: Program, texts: readonly string[]): DataRef {
  const array = p.data((texts.length + 1) * 8);
  for (const [i, text] of texts.entries()) p.poke(p.at(array, i * 8), p.cstring(encodeName(text)), 8);
  return array;
}

function place(p: Program, files: ReadonlyMap<number, number>): void {
  const aside = [...files].map(([number, fd]) => {
    const came = p.fd(fd);
    return { number, came, moved: p.syscall('fcntl', [came, F_DUPFD, ASIDE]) };
  });
  for (const { came } of aside) p.syscall('close', [came]);
  for (const { number, moved } of aside) {
    p.syscall('dup2', [moved, number]);
    p.syscall('close', [moved]);
  }
}

function lastWords(fd: number): string {
  const size = sys('lseek', fd, 0, 2);
  const bytes = Buffer.alloc(Math.min(size, MOST_SAID));
  readSync(fd, bytes, 0, bytes.length, size - bytes.length);
  return bytes.toString().trim();
}

/** Runs a program to its end. @throws CriuError with its output if it fails */
export async function runInside(
  { pid, outside: { uid, gid } }: Beholder,
  [name = '', ...args]: readonly string[],
  { input, output, more }: CommandFiles,
): Promise<void> {
  const command = find(name);
  const opened = [openSync('/dev/null', 'r+'), openSync(`/proc/${pid}/ns/user`, 'r')];
  const [none = -1, users = -1] = opened;
  const said = sys('memfd_create', cstring(`errors of ${name}`), 0);
  const agent = Agent.start({ name, controlFd: CONTROL_FD });
  try {
    const p = new Program(`run ${name}`);
    place(
      p,
      new Map([
        [0, input ?? none],
        [1, output ?? none],
        [STANDARD_ERROR, said],
        ...more.map((fd, i) => [STANDARD_ERROR + 1 + i, fd] as const),
      ]),
    );
    p.syscall('prctl', [PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0]);
    p.syscall('setgroups', [0, null]);
    p.syscall('setresgid', [gid, gid, gid], { label: `group ${gid}` });
    p.syscall('setresuid', [uid, uid, uid], { label: `user ${uid}` });
    p.syscall('setns', [p.fd(users), CLONE_NEW.user], { label: 'user namespace' });
    p.syscall('rt_sigprocmask', [SIG_SETMASK, p.data(SIGSET), null, SIGSET]);
    // The connection closes when the program starts.
    p.syscall('fcntl', [CONTROL_FD, F_SETFD, FD_CLOEXEC]);
    const argv = pointers(p, [command, ...args]);
    const envp = pointers(p, [`PATH=${SEARCHED}`, 'LC_ALL=C']);
    p.syscall('execve', [p.cstring(encodeName(command)), argv, envp], { label: command });
    await agent.run(p).catch((error: unknown) => {
      if (!(error instanceof AgentGoneError))
        throw asCriuError(error, `cannot run ${name}`, { file: command });
    });
    const status = await agent.reap();
    if (status !== 0)
      throw new CriuError(
        'SYSCALL',
        `${name} ended with status 0x${(status ?? 0).toString(16)}: ${lastWords(said)}`,
        { file: command },
        'see what it says',
      );
  } finally {
    if (agent.alive) await agent.exit();
    for (const fd of [...opened, said]) closeSync(fd);
  }
}
