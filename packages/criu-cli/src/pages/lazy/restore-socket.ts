// The socket at which a restore with --lazy-pages hands over its tasks, in CRIU's protocol: for each task its pid as an
// int, and then one byte with its userfaultfd (SCM_RIGHTS); for a dead task only the negated pid; RESTORE_FINISHED at
// the end.

import { addon, close, peerOf, receiveWithFd, SysError, sys, sysRaw, waitForEvents } from '@criu/native';
import { closeSync, openSync, unlinkSync } from '@criu/native/fs';
import {
  AF_UNIX,
  EAGAIN,
  EINTR,
  ENOENT,
  EPOLLIN,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_STREAM,
} from '@criu/native/uapi';
import type { CancelSignal } from '../../cancel.js';
import { CriuError } from '../../errors.js';
import { LAZY_SOCKET, lazySocketName } from './bringer.js';

/** Creates the socket in a work directory; an older socket of that name is removed. @throws CriuError */
export function listenForRestore(workDir: string): number {
  const dir = openSync(workDir, 'r');
  const fd = sys('socket', AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  try {
    const name = lazySocketName(dir);
    const gone = sysRaw('unlinkat', dir, Buffer.from(`${LAZY_SOCKET}\0`), 0);
    if (gone < 0 && gone !== -ENOENT) throw new SysError('unlink', -gone);
    sys('bind', fd, name, name.length);
    sys('listen', fd, 1);
    return fd;
  } catch (error) {
    close(fd);
    throw new CriuError(
      'SYSCALL',
      'cannot listen for a restore',
      { file: `${workDir}/${LAZY_SOCKET}` },
      'name another directory with -W',
      error,
    );
  } finally {
    closeSync(dir);
  }
}

/** Removes the socket when no restore has connected. */
export function forgetSocket(workDir: string): void {
  try {
    unlinkSync(`${workDir}/${LAZY_SOCKET}`);
  } catch {
    // The socket or the folder has been removed already.
  }
}

/** The connection of a restore. */
export class RestoreSocket {
  private constructor(
    private readonly fd: number,
    private readonly signal: CancelSignal | undefined,
  ) {}

  /** Waits for a connection, and closes the listener. @throws CriuError ABORTED */
  static async accept(listener: number, signal?: CancelSignal): Promise<RestoreSocket> {
    try {
      await readable(listener, signal);
      return new RestoreSocket(sys('accept4', listener, null, null, SOCK_CLOEXEC), signal);
    } finally {
      close(listener);
    }
  }

  /** Pid of the process at the other end (SO_PEERCRED). */
  get peer(): number {
    return peerOf(this.fd).pid;
  }

  /** Receives an int; undefined if the restore has closed the connection. @throws CriuError */
  async number(): Promise<number | undefined> {
    const { bytes } = await this.receive(4);
    return bytes && new Int32Array(bytes.buffer, bytes.byteOffset, 1)[0];
  }

  /** Receives a descriptor. @throws CriuError if none arrives */
  async descriptor(): Promise<number> {
    const { fd } = await this.receive(1);
    if (fd === undefined) throw new CriuError('SYSCALL', 'the restore has sent no userfaultfd');
    return fd;
  }

  private async receive(length: number): Promise<{ bytes?: Buffer; fd?: number }> {
    const out = Buffer.alloc(8);
    let fd: number | undefined;
    for (let have = 0; have < length; ) {
      await readable(this.fd, this.signal);
      const message = receiveWithFd(this.fd, length - have, MSG_DONTWAIT);
      if (message === -EAGAIN || message === -EINTR) continue;
      if (typeof message === 'number') throw new SysError('recvmsg', -message, 'a restore');
      if (message.bytes.length === 0) return {};
      have += message.bytes.copy(out, have);
      fd = message.fd ?? fd;
    }
    return { bytes: out, ...(fd === undefined ? {} : { fd }) };
  }

  close(): void {
    close(this.fd);
  }
}

async function readable(fd: number, signal: CancelSignal | undefined): Promise<void> {
  const off = new CriuError('ABORTED', 'bringing memory was called off');
  const stop = () => addon().pollCancel(fd);
  if (signal?.aborted) throw off;
  signal?.addEventListener('abort', stop);
  try {
    await waitForEvents(fd, EPOLLIN);
    if (signal?.aborted) throw off;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
