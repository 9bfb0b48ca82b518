// A stream socket between dump and page server. Waiting does not block the event loop, and never lasts for ever.

import { lookup } from 'node:dns/promises';
import { addon, errnoName, SysError, sys, sysRaw, waitForEvents } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import {
  EAGAIN,
  ECONNREFUSED,
  EINPROGRESS,
  EINTR,
  EPOLLIN,
  EPOLLOUT,
  ETIMEDOUT,
  F_GETFL,
  F_SETFL,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SHUT_RDWR,
  SO_ERROR,
  SO_REUSEADDR,
  SO_SNDTIMEO,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from '@criu/native/uapi';
import { endpointText, fromSockaddr, toSockaddr } from '@criu/soccr';
import type { CancelSignal } from '../../cancel.js';
import { CriuError } from '../../errors.js';
import type { PageServerOptions } from '../../options.js';

const AF = { 4: 2, 6: 10 } as const;
/** Default address of a server. */
export const ANY_ADDRESS = '0.0.0.0';

/** Seconds that the other side may be silent while tasks are stopped. */
export const PATIENCE = 30;
/** Milliseconds to wait for a server that was started at the same time; tasks run meanwhile. */
const START_MS = 10_000;
const RETRY_MS = 50;
/** Longest delay of a Node timer, in milliseconds. */
const LONGEST_MS = 0x7fffffff;
/** Length of the queue of connections that have not been accepted. */
const BACKLOG = 64;

export interface Address {
  readonly address?: string;
  readonly port?: number;
}

export interface WaitOptions {
  /** Time limit; without it, the wait is unlimited. */
  readonly milliseconds?: number;
  readonly signal?: CancelSignal | undefined;
}

/** Waits for events of a descriptor. @returns false when the time is over @throws CriuError ABORTED */
async function waitFor(
  fd: number,
  events: number,
  { milliseconds, signal }: WaitOptions = {},
): Promise<boolean> {
  const stop = () => addon().pollCancel(fd);
  const off = new CriuError('ABORTED', 'waiting for the page connection was called off');
  if (signal?.aborted) throw off;
  const timer = milliseconds === undefined ? undefined : setTimeout(stop, Math.min(milliseconds, LONGEST_MS));
  signal?.addEventListener('abort', stop);
  try {
    const came = await waitForEvents(fd, events);
    if (signal?.aborted) throw off;
    return came !== undefined;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function integer(fd: number, level: number, option: number): number {
  const value = new Int32Array(1);
  sys('getsockopt', fd, level, option, value, new Int32Array([4]));
  const [int = 0] = value;
  return int;
}

function setInteger(fd: number, level: number, option: number, value: number): number {
  return sysRaw('setsockopt', fd, level, option, new Int32Array([value]), 4);
}

export class PageSocket {
  private readonly flags: number;
  private open = true;

  private constructor(
    readonly fd: number,
    /** Address of the other side, for messages. */
    readonly peer: string,
    blocking: boolean,
    private readonly patience = PATIENCE,
  ) {
    this.flags = sys('fcntl', fd, F_GETFL, 0);
    sys('fcntl', fd, F_SETFL, blocking ? this.flags & ~SOCK_NONBLOCK : this.flags | SOCK_NONBLOCK);
    // Fails for a socket of another family, which has no such delay.
    setInteger(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    sys('setsockopt', fd, SOL_SOCKET, SO_SNDTIMEO, new BigInt64Array([BigInt(patience), 0n]), 16);
  }

  /** Takes over a connected socket that was inherited. @throws CriuError BAD_OPTION */
  static adopt(fd: number, blocking: boolean, patience?: number): PageSocket {
    const type = new Int32Array(1);
    if (
      sysRaw('getsockopt', fd, SOL_SOCKET, SO_TYPE, type, new Int32Array([4])) < 0 ||
      type[0] !== SOCK_STREAM
    )
      throw new CriuError(
        'BAD_OPTION',
        'it is no stream socket',
        { fd },
        'give a connected one with --ps-socket',
      );
    return new PageSocket(fd, `socket ${fd}`, blocking, patience);
  }

  /** Connects to the first address that accepts. @throws CriuError */
  static async connect(
    { address = '127.0.0.1', port, patience }: PageServerOptions,
    signal?: CancelSignal,
  ): Promise<PageSocket> {
    if (!port) throw new CriuError('BAD_OPTION', 'no port of the page server given', {}, 'add --port PORT');
    let found: { address: string; family: number }[];
    try {
      found = await lookup(address, { all: true });
    } catch (error) {
      throw new CriuError(
        'BAD_OPTION',
        `cannot find the page server ${address}`,
        {},
        'check --address',
        error,
      );
    }
    const wait = { milliseconds: (patience ?? PATIENCE) * 1000, signal };
    const deadline = Date.now() + Math.min(START_MS, wait.milliseconds);
    for (;;) {
      const refused: string[] = [];
      let absent = true;
      for (const { address: host, family } of found) {
        const end = { address: host, port };
        const { fd, error } = await connectTo(end, family === 6 ? 6 : 4, wait);
        if (fd !== undefined) return new PageSocket(fd, endpointText(end), true, patience);
        refused.push(`${endpointText(end)}: ${errnoName(error)}`);
        absent &&= error === ECONNREFUSED;
      }
      if (absent && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        if (signal?.aborted) throw new CriuError('ABORTED', 'connecting to the page server was called off');
        continue;
      }
      throw new CriuError(
        'SYSCALL',
        `cannot connect to the page server (${refused.join('; ')})`,
        {},
        'start `criu page-server` there first, and check --address and --port',
      );
    }
  }

  /** Accepts the next connection. @throws CriuError ABORTED */
  static async accept(listener: Listener, signal?: CancelSignal): Promise<PageSocket> {
    const name = new Uint8Array(28);
    for (;;) {
      await waitFor(listener.fd, EPOLLIN, { signal });
      const fd = sysRaw('accept4', listener.fd, name, new Int32Array([28]), SOCK_CLOEXEC);
      if (fd >= 0) return new PageSocket(fd, endpointText(fromSockaddr(name)), false);
      // The client has closed the connection before it was accepted.
      if (![EAGAIN, EINTR, 103].includes(-fd)) throw new SysError('accept', -fd);
    }
  }

  /**
   * Receives exactly `bytes` bytes; undefined if the other side has closed the connection before the first byte.
   * @throws CriuError if the connection ends in the middle, or the time is over
   */
  async receive(bytes: number, options: WaitOptions = {}): Promise<Buffer | undefined> {
    const out = Buffer.alloc(bytes);
    for (let have = 0; have < bytes; ) {
      const n = sysRaw('recvfrom', this.fd, out.subarray(have), bytes - have, MSG_DONTWAIT, null, null);
      if (n > 0) have += n;
      else if (n === 0) {
        if (have === 0) return undefined;
        throw this.lost();
      } else if (-n === EAGAIN) await this.readable(options);
      else if (-n !== EINTR) throw this.lost(new SysError('recv', -n));
    }
    return out;
  }

  /** Resolves when there are bytes to read, or the other side has closed the connection. @throws CriuError */
  async readable(options: WaitOptions = {}): Promise<void> {
    if (!(await waitFor(this.fd, EPOLLIN, options)))
      throw new CriuError(
        'TIMEOUT',
        `${this.peer} does not answer for ${(options.milliseconds ?? 0) / 1000} s`,
      );
  }

  /** Sends a few bytes. @throws CriuError */
  send(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const n = sysRaw('sendto', this.fd, bytes.subarray(done), bytes.length - done, MSG_NOSIGNAL, null, 0);
      if (n >= 0) done += n;
      else if (-n !== EINTR) throw this.lost(new SysError('send', -n));
    }
  }

  /** Makes the socket blocking, for threads that write to it. */
  block(): void {
    sys('fcntl', this.fd, F_SETFL, this.flags & ~SOCK_NONBLOCK);
  }

  /** The error for a connection that can no longer be used. */
  lost(cause?: unknown): CriuError {
    const slow = cause instanceof SysError && cause.errno === EAGAIN;
    return slow
      ? new CriuError('TIMEOUT', `${this.peer} takes no pages for ${this.patience} s`)
      : new CriuError(
          'SYSCALL',
          `the page connection with ${this.peer} broke`,
          {},
          'see the log of the other side',
          cause,
        );
  }

  /** Shuts both directions down, which wakes threads that read or write. */
  shutDown(): void {
    if (this.open) sysRaw('shutdown', this.fd, SHUT_RDWR);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    // An inherited socket may be shared: it gets its former flags back.
    sysRaw('fcntl', this.fd, F_SETFL, this.flags);
    closeSync(this.fd);
  }
}

/** A connected socket, or the errno of the failed attempt. @throws CriuError ABORTED */
async function connectTo(
  end: { address: string; port: number },
  family: 4 | 6,
  wait: WaitOptions,
): Promise<{ fd: number; error?: undefined } | { fd?: undefined; error: number }> {
  const name = toSockaddr(end, family);
  const fd = sys('socket', AF[family], SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  try {
    let error = -sysRaw('connect', fd, name, name.length);
    if (error === EINPROGRESS)
      error = (await waitFor(fd, EPOLLOUT, wait)) ? integer(fd, SOL_SOCKET, SO_ERROR) : ETIMEDOUT;
    if (error <= 0) return { fd };
    closeSync(fd);
    return { error };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** A listening socket. */
export class Listener {
  private constructor(readonly fd: number) {}

  /** Creates a listening socket. @throws CriuError */
  static bind({ address, port = 0 }: Address): Listener {
    const host = address ?? ANY_ADDRESS;
    const family = host.includes(':') ? 6 : 4;
    let name: Uint8Array;
    try {
      name = toSockaddr({ address: host, port }, family);
    } catch (error) {
      throw new CriuError(
        'BAD_OPTION',
        `bad value for --address: ${host}`,
        {},
        'give an IP address of this host',
        error,
      );
    }
    const fd = sys('socket', AF[family], SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setInteger(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    for (const [call, args] of [
      ['bind', [fd, name, name.length]],
      ['listen', [fd, BACKLOG]],
    ] as const) {
      const result = sysRaw(call, ...args);
      if (result >= 0) continue;
      closeSync(fd);
      throw new CriuError(
        'SYSCALL',
        `cannot listen on ${endpointText({ address: host, port })}`,
        {},
        'choose another --port or --address',
        new SysError(call, -result),
      );
    }
    return new Listener(fd);
  }

  /** Takes over a listening socket that another process has created. */
  static adopt(fd: number): Listener {
    return new Listener(fd);
  }

  get port(): number {
    const name = new Uint8Array(28);
    sys('getsockname', this.fd, name, new Int32Array([28]));
    return fromSockaddr(name).port;
  }

  close(): void {
    closeSync(this.fd);
  }
}
