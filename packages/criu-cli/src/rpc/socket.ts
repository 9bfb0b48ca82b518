// Unix sockets of type SOCK_SEQPACKET, which Node does not support.
import { dirname } from 'node:path';
import {
  addon,
  close,
  cstring,
  type PeerIdentity,
  peerOf,
  receiveWithFd,
  SysError,
  sendWithFd,
  socketpair,
  sys,
  sysRaw,
  waitForEvents,
} from '@criu/native';
import { lstatSync, unlinkSync } from '@criu/native/fs';
import {
  AF_UNIX,
  EAGAIN,
  EINTR,
  ENOENT,
  EPOLLIN,
  EPOLLOUT,
  F_DUPFD_CLOEXEC,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  SHUT_RDWR,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOL_SOCKET,
  sockaddr_un,
} from '@criu/native/uapi';
import { Cancellation, type CancelSignal } from '../cancel.js';
import { asCriuError, CriuError } from '../errors.js';

/** Bytes for a path with its terminating NUL. */
const SUN_PATH = sockaddr_un.sizeof - sockaddr_un.sun_path;
/** Length of the listen queue; the kernel's own limit may be lower. */
const BACKLOG = 4096;
/** Largest request in bytes; valid requests are smaller. */
export const MAX_MESSAGE = 1 << 20;

/** A watch for the other end closing the connection. */
export interface HangUp extends Disposable {
  /** Aborted when no process has the other end open any more. */
  readonly signal: CancelSignal;
}

/** Two connected sockets with close-on-exec. */
export function seqpacketPair(): [PacketSocket, PacketSocket] {
  const [one, other] = socketpair(SOCK_SEQPACKET);
  return [new PacketSocket(one), new PacketSocket(other)];
}

/** One end of a connection. Only one message may be waited for at a time. */
export class PacketSocket {
  private closed = false;
  /** Events that were waited for last. */
  private waitsFor = 0;

  constructor(readonly fd: number) {}

  /** Credentials of the other end. @throws SysError if the descriptor is no socket */
  get peer(): PeerIdentity {
    return peerOf(this.fd);
  }

  /** Whether the type is SOCK_SEQPACKET. @throws SysError if the descriptor is no socket */
  get isPacket(): boolean {
    const type = new Int32Array(1);
    sys('getsockopt', this.fd, SOL_SOCKET, SO_TYPE, type, new Int32Array([type.byteLength]));
    return type[0] === SOCK_SEQPACKET;
  }

  /** Waits for a message without receiving it; false if the other end has closed the connection. @throws SysError */
  async hasMessage(): Promise<boolean> {
    for (;;) {
      if (this.closed) return false;
      const length = this.peek();
      if (length === -EINTR) continue;
      if (length >= 0) return length > 0;
      if (length !== -EAGAIN) throw new SysError('recvfrom', -length);
      if (!(await this.ready(EPOLLIN))) return false;
    }
  }

  /**
   * Waits for a message or the end of the connection, at most for the given time; false if neither has come.
   * @throws SysError
   */
  async messageWithin(milliseconds: number): Promise<boolean> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.interrupt();
    }, milliseconds);
    try {
      return (await this.hasMessage()) || !late;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The message in the queue, without removing it; undefined if there is none, or one of more than `bytes` bytes. */
  peekMessage(bytes: number): Buffer | undefined {
    const buffer = Buffer.alloc(bytes);
    const flags = MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT;
    const length = sysRaw('recvfrom', this.fd, buffer, bytes, flags, null, null);
    return length > 0 && length <= bytes ? buffer.subarray(0, length) : undefined;
  }

  /**
   * Sends a message without waiting, with a descriptor if one is given.
   * @throws SysError, EAGAIN if there is no room
   */
  sendNow(bytes: Buffer, descriptor?: number): void {
    const sent = sendWithFd(this.fd, bytes, descriptor, MSG_DONTWAIT);
    if (sent < 0) throw new SysError('sendmsg', -sent);
  }

  /** Length of the message in the queue; 0 at the end of the connection; or -errno. */
  private peek(): number {
    return sysRaw('recvfrom', this.fd, null, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT, null, null);
  }

  /**
   * Receives the next message; undefined at the end of the connection.
   * @throws SysError, CriuError if it is too large
   */
  async receive(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.closed) return undefined;
      const length = this.peek();
      if (length === -EINTR) continue;
      if (length === -EAGAIN) {
        if (!(await this.ready(EPOLLIN))) return undefined;
        continue;
      }
      if (length < 0) throw new SysError('recvfrom', -length);
      // An empty message cannot be distinguished from the end of the connection.
      if (length === 0) return undefined;
      const bytes = Buffer.alloc(Math.min(length, MAX_MESSAGE));
      const got = sysRaw('recvfrom', this.fd, bytes, bytes.length, MSG_TRUNC | MSG_DONTWAIT, null, null);
      if (got < 0) throw new SysError('recvfrom', -got);
      if (got > bytes.length)
        throw new CriuError(
          'BAD_OPTION',
          `a request of ${got} bytes is too large`,
          {},
          `the limit is ${MAX_MESSAGE} bytes`,
        );
      return bytes.subarray(0, got);
    }
  }

  /**
   * Receives the descriptor that comes with the next message; undefined at the end of the connection, or if there is
   * none.
   * @throws SysError
   */
  async receiveDescriptor(): Promise<number | undefined> {
    if (!(await this.hasMessage())) return undefined;
    const message = receiveWithFd(this.fd, 1, MSG_DONTWAIT);
    if (typeof message === 'number') throw new SysError('recvmsg', -message);
    return message.fd;
  }

  /** Sends a message, with a descriptor if one is given. @throws SysError */
  async send(bytes: Buffer, descriptor?: number): Promise<void> {
    for (;;) {
      const sent = sendWithFd(this.fd, bytes, descriptor, MSG_DONTWAIT);
      if (sent >= 0) return;
      if (sent === -EINTR) continue;
      if (sent !== -EAGAIN || !(await this.ready(EPOLLOUT))) throw new SysError('sendmsg', -sent);
    }
  }

  /** Waits for events; false if the socket was closed here meanwhile. */
  private async ready(events: number): Promise<boolean> {
    this.waitsFor = events;
    return (await waitForEvents(this.fd, events)) !== undefined && !this.closed;
  }

  /**
   * Watches the other end in parallel to waiting for messages. The watch must be disposed of before this socket is
   * closed.
   */
  watchHangUp(): HangUp {
    const abort = new Cancellation();
    // Only one wait per descriptor is possible, hence the copy.
    const fd = sys('fcntl', this.fd, F_DUPFD_CLOEXEC, 0);
    // Without any requested events, EPOLLHUP is still reported.
    const watched = waitForEvents(fd, 0)
      .then((events) => {
        if (events !== undefined) abort.abort();
      })
      .finally(() => close(fd));
    watched.catch(() => undefined);
    return { signal: abort.signal, [Symbol.dispose]: () => addon().pollCancel(fd) };
  }

  /** Ends a wait for a message, as if none would come. A message that waits for room is sent all the same. */
  interrupt(): void {
    if (!this.closed && this.waitsFor === EPOLLIN) addon().pollCancel(this.fd);
  }

  /** Shuts the connection down for both ends, even if other processes have descriptors of this end. */
  shutDown(): void {
    if (!this.closed) sysRaw('shutdown', this.fd, SHUT_RDWR);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    addon().pollCancel(this.fd);
    close(this.fd);
  }
}

function address(path: string): Buffer {
  const name = cstring(path);
  if (name.length > SUN_PATH)
    throw new CriuError(
      'BAD_OPTION',
      'the address is too long for a socket',
      { file: path },
      'give a relative or shorter one with --address',
    );
  const bytes = Buffer.alloc(sockaddr_un.sun_path + name.length);
  bytes.writeUInt16LE(AF_UNIX, sockaddr_un.sun_family);
  name.copy(bytes, sockaddr_un.sun_path);
  return bytes;
}

function newSocket(flags = 0): number {
  return sys('socket', AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
}

/** Connects to a service. @throws SysError, CriuError */
export function connectTo(path: string): PacketSocket {
  const to = address(path);
  const fd = newSocket();
  const error = sysRaw('connect', fd, to, to.length);
  if (error === 0) return new PacketSocket(fd);
  close(fd);
  throw new SysError('connect', -error, path);
}

/** Binds with a umask that gives the socket file to its owner only, from the start. */
function bindPrivately(fd: number, to: Buffer): number {
  const before = process.umask(0o177);
  try {
    return sysRaw('bind', fd, to, to.length);
  } finally {
    process.umask(before);
  }
}

/**
 * Creates a listening socket at a path that only its owner can access: a client who can have root dump and restore
 * tasks has root's power. A stale socket file is replaced.
 * @throws CriuError
 */
export function listenAt(path: string): number {
  const to = address(path);
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) {
    let inUse = true;
    try {
      connectTo(path).close();
    } catch {
      inUse = false;
    }
    if (inUse)
      throw new CriuError(
        'BAD_OPTION',
        'somebody listens there already',
        { file: path },
        'end that service, or give another --address',
      );
    unlinkSync(path);
  }
  const fd = newSocket(SOCK_NONBLOCK);
  for (const [what, error] of [
    ['bind', () => bindPrivately(fd, to)],
    ['listen', () => sysRaw('listen', fd, BACKLOG)],
  ] as const) {
    const result = error();
    if (result === 0) continue;
    close(fd);
    const cause = new SysError(what, -result, path);
    if (-result === ENOENT)
      throw new CriuError(
        'BAD_OPTION',
        'the directory for the socket does not exist',
        { file: path },
        `make it with mkdir -p ${dirname(path)}, or give another --address`,
        cause,
      );
    throw asCriuError(cause, 'cannot listen', { file: path });
  }
  return fd;
}

/** Accepts the next connection; undefined if the wait was cancelled. @throws SysError */
export async function acceptFrom(listener: number): Promise<PacketSocket | undefined> {
  for (;;) {
    const fd = sysRaw('accept4', listener, null, null, SOCK_CLOEXEC);
    if (fd >= 0) return new PacketSocket(fd);
    if (fd === -EINTR) continue;
    if (fd !== -EAGAIN) throw new SysError('accept4', -fd);
    if ((await waitForEvents(listener, EPOLLIN)) === undefined) return undefined;
  }
}
