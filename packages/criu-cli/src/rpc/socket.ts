// Unix sockets that keep messages apart (SOCK_SEQPACKET), which Node has no streams for.
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
} from '@criu/native/uapi';
import { asCriuError, CriuError } from '../errors.js';

/** Room for the path in struct sockaddr_un, with its zero. */
const SUN_PATH = 108;
/** Connections that wait to be accepted; the kernel's own limit may be less. */
const BACKLOG = 4096;
/** No request is larger; what is has nothing good in mind. */
export const MAX_MESSAGE = 1 << 20;

/** Somebody listens to whether the other end is still there. */
export interface HangUp extends Disposable {
  /** Aborted when nobody has the other end any more. */
  readonly signal: AbortSignal;
}

/** Two connected sockets, close-on-exec. */
export function seqpacketPair(): [PacketSocket, PacketSocket] {
  const [one, other] = socketpair(SOCK_SEQPACKET);
  return [new PacketSocket(one), new PacketSocket(other)];
}

/** One end of a connection. One message is waited for at a time. */
export class PacketSocket {
  private closed = false;

  constructor(readonly fd: number) {}

  /** @throws SysError if it is no socket */
  get peer(): PeerIdentity {
    return peerOf(this.fd);
  }

  /** Whether it keeps messages apart. @throws SysError if it is no socket */
  get isPacket(): boolean {
    const type = new Int32Array(1);
    sys('getsockopt', this.fd, SOL_SOCKET, SO_TYPE, type, new Int32Array([type.byteLength]));
    return type[0] === SOCK_SEQPACKET;
  }

  /** Waits for a message and leaves it there; false when the other end is gone instead. @throws SysError */
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

  /** False when nothing has come for so long, not even the end of the connection. @throws SysError */
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

  /** The message that has come, which stays there; undefined for none, or one of more bytes. */
  peekMessage(bytes: number): Buffer | undefined {
    const buffer = Buffer.alloc(bytes);
    const flags = MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT;
    const length = sysRaw('recvfrom', this.fd, buffer, bytes, flags, null, null);
    return length > 0 && length <= bytes ? buffer.subarray(0, length) : undefined;
  }

  /** Sends one message to who is ready for it, with a descriptor if one is given. @throws SysError, also if there is no room */
  sendNow(bytes: Buffer, descriptor?: number): void {
    const sent = sendWithFd(this.fd, bytes, descriptor, MSG_DONTWAIT);
    if (sent < 0) throw new SysError('sendmsg', -sent);
  }

  /** Length of the message that has come, 0 for none any more, or -errno. */
  private peek(): number {
    return sysRaw('recvfrom', this.fd, null, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT, null, null);
  }

  /** The next message; undefined when the other end is gone. @throws SysError, CriuError if it is too large */
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
      // An empty message looks the same as none any more.
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

  /** The descriptor that comes with the next message; undefined when the other end is gone, or sends none. @throws SysError */
  async receiveDescriptor(): Promise<number | undefined> {
    if (!(await this.hasMessage())) return undefined;
    const message = receiveWithFd(this.fd, 1, MSG_DONTWAIT);
    if (typeof message === 'number') throw new SysError('recvmsg', -message);
    return message.fd;
  }

  /** Sends one message, with a descriptor if one is given. @throws SysError */
  async send(bytes: Buffer, descriptor?: number): Promise<void> {
    for (;;) {
      const sent = sendWithFd(this.fd, bytes, descriptor, MSG_DONTWAIT);
      if (sent >= 0) return;
      if (sent === -EINTR) continue;
      if (sent !== -EAGAIN || !(await this.ready(EPOLLOUT))) throw new SysError('sendmsg', -sent);
    }
  }

  /** False when it was closed here meanwhile. */
  private async ready(events: number): Promise<boolean> {
    return (await waitForEvents(this.fd, events)) !== undefined && !this.closed;
  }

  /** Watches the other end, beside whoever waits for messages. To be ended before this end is closed. */
  watchHangUp(): HangUp {
    const abort = new AbortController();
    // A descriptor has one that waits for it.
    const fd = sys('fcntl', this.fd, F_DUPFD_CLOEXEC, 0);
    // No event is asked for: EPOLLHUP always comes.
    const watched = waitForEvents(fd, 0)
      .then((events) => {
        if (events !== undefined) abort.abort();
      })
      .finally(() => close(fd));
    watched.catch(() => undefined);
    return { signal: abort.signal, [Symbol.dispose]: () => addon().pollCancel(fd) };
  }

  /** Whoever waits for a message learns that there will be none. */
  interrupt(): void {
    if (!this.closed) addon().pollCancel(this.fd);
  }

  /** The other end hears that this is the end, whoever else has a descriptor of this one. */
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
  const bytes = Buffer.alloc(2 + name.length);
  bytes.writeUInt16LE(AF_UNIX, 0);
  name.copy(bytes, 2);
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

/** The file is nobody else's from the start. */
function bindPrivately(fd: number, to: Buffer): number {
  const before = process.umask(0o177);
  try {
    return sysRaw('bind', fd, to, to.length);
  } finally {
    process.umask(before);
  }
}

/**
 * A socket that listens at a path, for nobody but its owner: who may have tasks dumped and restored by root is root.
 * One that was left there by somebody who is gone is replaced. @throws CriuError
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

/** The next connection; undefined when waiting for it was cancelled. @throws SysError */
export async function acceptFrom(listener: number): Promise<PacketSocket | undefined> {
  for (;;) {
    const fd = sysRaw('accept4', listener, null, null, SOCK_CLOEXEC);
    if (fd >= 0) return new PacketSocket(fd);
    if (fd === -EINTR) continue;
    if (fd !== -EAGAIN) throw new SysError('accept4', -fd);
    if ((await waitForEvents(listener, EPOLLIN)) === undefined) return undefined;
  }
}
