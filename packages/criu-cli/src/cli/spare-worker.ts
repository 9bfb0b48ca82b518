// A worker that a service starts and warms up before there is a request, so that no client waits for the start of Node.
import type { ChildProcess } from 'node:child_process';
import { type PacketSocket, seqpacketPair } from '../rpc/socket.js';
import { startSelf } from './self.js';
import { SPARE } from './swrk-command.js';

/** Descriptor number, in the worker, of the socket on which the connection arrives. */
const LINE = 3;

export class SpareWorker {
  private isReady = false;
  private ended = false;

  /** The worker has its connection, or does not take one any more. */
  get isOver(): boolean {
    return this.ended;
  }

  private constructor(
    readonly process: ChildProcess,
    private readonly line: PacketSocket,
  ) {
    process.once('error', () => this.end());
    process.once('exit', () => this.end());
    // The readiness message is received at once: closing a socket with unread messages resets it, and what was sent is
    // lost.
    line.receive().then(
      (said) => {
        this.isReady = said !== undefined;
      },
      () => this.end(),
    );
  }

  /** @param quiet the worker has no output for messages */
  static start(argv: readonly string[], quiet: boolean): SpareWorker {
    const [ours, theirs] = seqpacketPair();
    try {
      const child = startSelf(['swrk', String(LINE), SPARE, ...argv], {
        stdio: ['ignore', 'ignore', quiet ? 'ignore' : 'inherit', theirs.fd],
      });
      return new SpareWorker(child, ours);
    } finally {
      theirs.close();
    }
  }

  /** Passes a connection to the worker. @returns false if it cannot take one now */
  take(connection: PacketSocket): boolean {
    if (!this.isReady || this.ended) return false;
    try {
      this.line.sendNow(Buffer.alloc(1), connection.fd);
    } catch {
      this.end();
      return false;
    }
    this.end();
    return true;
  }

  /** Ends the worker if it has no connection. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.line.close();
  }
}
