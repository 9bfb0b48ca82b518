// Targets of the library: a descriptor, a Node socket, or a descriptor of another process.
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { SysError, sysRaw } from '@criu/native';
import { EBADF, ESRCH } from '@criu/native/uapi';
import { SoccrError, wrap } from './errors.js';

/** A descriptor of another process. */
export interface ProcessFd {
  pid: number;
  fd: number;
}

export type Target = number | Socket | ProcessFd;

/** The descriptor of a Node socket. @throws SoccrError BAD_TARGET if the socket is closed or has none */
export function fdOf(socket: Socket): number {
  const handle = (socket as unknown as { _handle?: { fd?: unknown } | null })._handle;
  const fd = handle?.fd;
  if (typeof fd !== 'number' || fd < 0) {
    throw new SoccrError('BAD_TARGET', 'the socket has no descriptor: it is closed or not connected yet');
  }
  return fd;
}

export function isSocket(target: Target): target is Socket {
  return target instanceof Socket;
}

/**
 * A duplicate of a descriptor of another process (pidfd_getfd(2)). The caller closes it.
 * @throws SoccrError BAD_TARGET
 */
export function fetchFd({ pid, fd }: ProcessFd): number {
  const object = `descriptor ${fd} of process ${pid}`;
  const pidfd = sysRaw('pidfd_open', pid, 0);
  if (pidfd === -ESRCH)
    throw new SoccrError('BAD_TARGET', 'there is no such process: `ps -e` lists those that run', { object });
  if (pidfd < 0) throw wrap(new SysError('pidfd_open', -pidfd), 'cannot be opened', object, 'BAD_TARGET');
  const ours = sysRaw('pidfd_getfd', pidfd, fd, 0);
  sysRaw('close', pidfd);
  if (ours === -EBADF)
    throw new SoccrError(
      'BAD_TARGET',
      `the process has no such descriptor: \`ls -l /proc/${pid}/fd\` lists its own`,
      {
        object,
      },
    );
  if (ours < 0) throw wrap(new SysError('pidfd_getfd', -ours), 'cannot be fetched', object, 'BAD_TARGET');
  return ours;
}

function processState(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch (cause) {
    throw new SoccrError('BAD_TARGET', 'no such process', { object: `process ${pid}`, cause });
  }
}

/**
 * Stops a process (SIGSTOP), so that its calls on a paused socket do not fail, and waits until it is stopped. Returns a
 * function that continues it, which does nothing if it was stopped already.
 * @throws SoccrError BAD_TARGET
 */
export function stopProcess(pid: number): () => void {
  const stopped = () => ['T', 't', 'Z', 'X'].includes(processState(pid));
  if (stopped()) return () => {};
  const result = sysRaw('kill', pid, 19 /* SIGSTOP */);
  if (result < 0)
    throw wrap(new SysError('kill', -result), 'cannot be stopped', `process ${pid}`, 'BAD_TARGET');
  const tick = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; !stopped() && waited < 1000; waited++) Atomics.wait(tick, 0, 0, 1);
  return () => {
    sysRaw('kill', pid, 18 /* SIGCONT */);
  };
}
