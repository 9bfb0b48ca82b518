// One end of a stress connection: sends and checks a stream whose every byte follows from its offset.
import { createCipheriv } from 'node:crypto';
import { createServer, connect as netConnect, type Socket } from 'node:net';
import { freeze, restoreSocket, type TcpState } from '../../src/index.js';

export interface Progress {
  total: number;
  sent: number;
  received: number;
  /** Give the connection away when sent + received has come this far. */
  giveAt: number;
}
export type Order =
  | { do: 'listen'; host: string; progress: Progress }
  | { do: 'connect'; host: string; port: number; total: number }
  | { do: 'take'; state: TcpState; progress: Progress; giveAt: number };
export type Report =
  | { is: 'ready' }
  | { is: 'listening'; port: number }
  | { is: 'gave'; state: TcpState; progress: Progress; queued: [number, number] }
  | { is: 'done'; received: number; sent: number }
  | { is: 'error'; message: string };

const report = (message: Report) => process.send!(message);
const broken = (error: unknown) => report({ is: 'error', message: String((error as Error)?.stack ?? error) });
const CHUNK = 256 * 1024;
const zeros = Buffer.alloc(CHUNK + 16);

/** Bytes from `offset` on of the stream in one direction: AES in counter mode can start anywhere. */
function stream(direction: 'up' | 'down', offset: number, length: number): Buffer {
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(Math.floor(offset / 16)), 8);
  const skip = offset % 16;
  const cipher = createCipheriv('aes-128-ctr', Buffer.from(direction.padEnd(16)), counter);
  return cipher.update(zeros.subarray(0, length + skip)).subarray(skip);
}

function run(socket: Socket, progress: Progress, mine: 'up' | 'down', peer: 'up' | 'down'): void {
  let giving = false;
  const give = async () => {
    giving = true;
    const frozen = await freeze(socket);
    await frozen.discard();
    const { state } = frozen;
    // What the freeze put back in front of the queue was never counted as received.
    report({ is: 'gave', state, progress, queued: [state.receive.data.length, state.send.data.length] });
  };
  const look = () => {
    if (giving) return;
    if (progress.sent + progress.received >= progress.giveAt) give().catch(broken);
    else if (
      progress.received === progress.total &&
      progress.sent === progress.total &&
      !socket.writableLength
    ) {
      giving = true;
      report({ is: 'done', received: progress.received, sent: progress.sent });
    }
  };
  const pump = () => {
    while (!giving && progress.sent < progress.total) {
      const piece = stream(mine, progress.sent, Math.min(CHUNK, progress.total - progress.sent));
      progress.sent += piece.length;
      if (!socket.write(piece, look)) break;
    }
    look();
  };
  socket.on('drain', pump);
  socket.on('error', broken);
  socket.on('data', (data: Buffer) => {
    for (let at = 0; at < data.length; at += CHUNK) {
      const piece = data.subarray(at, at + CHUNK);
      if (!piece.equals(stream(peer, progress.received, piece.length))) {
        broken(new Error(`wrong bytes within ${piece.length} from ${progress.received}`));
        socket.destroy();
        return;
      }
      progress.received += piece.length;
    }
    look();
  });
  socket.on('end', () => {
    if (progress.received < progress.total) broken(new Error(`ended at ${progress.received}`));
  });
  pump();
}

process.on('message', (order: Order) => {
  if (order.do === 'connect') {
    const socket = netConnect(order.port, order.host, () => {
      run(
        socket,
        { total: order.total, sent: 0, received: 0, giveAt: Number.POSITIVE_INFINITY },
        'up',
        'down',
      );
    });
    socket.on('error', broken);
  } else if (order.do === 'listen') {
    const server = createServer((socket) => {
      server.close();
      run(socket, order.progress, 'down', 'up');
    });
    server.listen(0, order.host, () =>
      report({ is: 'listening', port: (server.address() as { port: number }).port }),
    );
  } else {
    restoreSocket(order.state)
      .then((socket) => run(socket, { ...order.progress, giveAt: order.giveAt }, 'down', 'up'))
      .catch(broken);
  }
});
process.on('disconnect', () => process.exit());
report({ is: 'ready' });
