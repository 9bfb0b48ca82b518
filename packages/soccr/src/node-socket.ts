// Sockets of Node: writing all buffered bytes to the kernel before a save, and making one from a descriptor.
import { Socket } from 'node:net';
import { SO_BUF_LOCK, SO_SNDBUF, SOL_SOCKET } from '@criu/native/uapi';
import { SoccrError } from './errors.js';
import { getInt, setInt } from './kernel.js';
import { setBuffer } from './options.js';
import { SENT_FIN, type SocketOptions, type TcpState } from './state.js';
import { fdOf } from './target.js';

/** The members of Node's handle that are used here; all exist since Node 10. */
interface Handle {
  reading?: boolean;
  readStart(): number;
  readStop(): number;
  writeQueueSize: number;
}

const handleOf = (socket: Socket) => (socket as unknown as { _handle: Handle })._handle;

/** A Node socket that does not read and has nothing left to write. */
export interface Quiet {
  fd: number;
  /** Bytes that Node has read and no listener has consumed. */
  ahead: Uint8Array;
  /** Values before the flush, for the saved state. */
  options: Pick<SocketOptions, 'sendBuffer' | 'bufferLock'>;
  /** Reverts it: puts unread bytes back and continues reading if the socket did. */
  wake(): void;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Stops reading and writes all buffered bytes to the kernel, also for a peer that does not read: the send buffer is
 * enlarged as necessary.
 * @throws SoccrError SOCKET_BUSY if that does not end within the time limit, BAD_TARGET
 */
export async function quiet(socket: Socket, timeoutMs = 2000): Promise<Quiet> {
  const fd = fdOf(socket);
  const handle = handleOf(socket);
  const flowing = socket.readableFlowing === true;
  const reading = handle.reading === true;
  socket.pause();
  handle.readStop();
  handle.reading = false;

  const before = {
    sendBuffer: getInt(fd, SOL_SOCKET, SO_SNDBUF, 'SO_SNDBUF'),
    bufferLock: getInt(fd, SOL_SOCKET, SO_BUF_LOCK, 'SO_BUF_LOCK'),
  };
  let raised = false;
  const lower = () => {
    if (!raised) return;
    setBuffer(fd, 'send', before.sendBuffer);
    setInt(fd, SOL_SOCKET, SO_BUF_LOCK, before.bufferLock, 'SO_BUF_LOCK');
  };
  let ahead: Uint8Array = new Uint8Array(0);
  const wake = () => {
    if (socket.destroyed) return;
    lower();
    if (ahead.length) socket.unshift(ahead);
    // The stream assumes that its last read request is pending and would not start another one.
    if (reading) {
      handle.reading = true;
      handle.readStart();
    }
    if (flowing) socket.resume();
  };

  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const pending = Math.max(socket.writableLength, handle.writeQueueSize);
    if (pending === 0) break;
    if (performance.now() > deadline) {
      wake();
      throw new SoccrError('SOCKET_BUSY', `${pending} bytes stay in Node: stop writing before the hand-over`);
    }
    const size = getInt(fd, SOL_SOCKET, SO_SNDBUF, 'SO_SNDBUF');
    setBuffer(fd, 'send', size + 4 * pending + 64 * 1024);
    raised = true;
    await turn();
    if (socket.destroyed) throw new SoccrError('BAD_TARGET', 'the socket was closed while it was flushed');
  }
  ahead = takeBuffered(socket);
  return { fd, ahead, options: before, wake };
}

/**
 * The bytes that Node has read and not delivered. read() would emit them as well, and a listener would consume them.
 */
function takeBuffered(socket: Socket): Uint8Array {
  const encoding = socket.readableEncoding;
  const listeners = socket.rawListeners('data') as ((...args: unknown[]) => void)[];
  socket.removeAllListeners('data');
  try {
    const pieces: Uint8Array[] = [];
    while (socket.readableLength > 0) {
      const piece = socket.read() as Buffer | string | null;
      if (piece === null) break;
      pieces.push(typeof piece === 'string' ? Buffer.from(piece, encoding ?? 'utf8') : piece);
    }
    return Buffer.concat(pieces);
  } finally {
    for (const listener of listeners) socket.on('data', listener);
  }
}

export interface SocketWrapOptions {
  /** As in new net.Socket(): false ends writing when the peer ends. Servers of node:http need true. */
  allowHalfOpen?: boolean;
}

/** A net.Socket over a restored descriptor, which it owns from then on. */
export function toSocket(
  fd: number,
  state: Pick<TcpState, 'state'>,
  options: SocketWrapOptions = {},
): Socket {
  const closed = state.state === 'close';
  return new Socket({
    fd,
    readable: true,
    writable: !closed && !SENT_FIN.has(state.state),
    allowHalfOpen: options.allowHalfOpen ?? false,
  });
}
