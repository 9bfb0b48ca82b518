// A worker of a service that is started, and has practised, before there is a request: whoever asks does not wait for node.
import type { ChildProcess } from 'node:child_process';
import { type PacketSocket, seqpacketPair } from '../rpc/socket.js';
import { startSelf } from './self.js';
import { SPARE } from './swrk-command.js';

/** Descriptor of the socket that brings the connection. */
const LINE = 3;

export class SpareWorker {
  private isReady = false;
  private ended = false;

  /** It has got its connection, or will not take one any more. */
  get isOver(): boolean {
    return this.ended;
  }

  private constructor(
    readonly process: ChildProcess,
    private readonly line: PacketSocket,
  ) {
    process.once('error', () => this.end());
    process.once('exit', () => this.end());
    // To be taken off: a socket that is closed with messages in it is reset, and what it had sent is lost.
    line.receive().then(
      (said) => {
        this.isReady = said !== undefined;
      },
      () => this.end(),
    );
  }

  /** @param quiet it has nowhere to say anything */
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

  /** Hands it a connection. @returns false if it cannot take one now */
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

  /** It ends when it has nothing to do. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.line.close();
  }
}
