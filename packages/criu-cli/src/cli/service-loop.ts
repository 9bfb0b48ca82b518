// The accept loop of `criu service`: each connection gets a process of its own, so that none can harm another.
import { setTimeout as sleep } from 'node:timers/promises';
import { addon, close } from '@criu/native';
import type { Logger } from '../log.js';
import { acceptFrom, type PacketSocket } from '../rpc/socket.js';
import { startSelf } from './self.js';
import { FOR_SERVICE } from './swrk-command.js';

/** More connections than this wait to be accepted. */
const MOST_WORKERS = 64;
/** Descriptor of the connection in a worker. */
const CONNECTION = 3;
const RETRY_MS = 100;

export interface ServiceLoopOptions {
  readonly log: Logger;
  /** Arguments about configuration files. */
  readonly argv: readonly string[];
  /** Workers have nowhere to say anything. */
  readonly quiet: boolean;
}

export class ServiceLoop {
  private stopped = false;
  private workers = 0;
  private wake: (() => void) | undefined;

  constructor(
    private readonly listener: number,
    private readonly options: ServiceLoopOptions,
  ) {}

  /** Takes no more connections; those that are served go on. */
  stop(): void {
    this.stopped = true;
    addon().pollCancel(this.listener);
    this.wake?.();
  }

  /** Resolves when it was stopped. */
  async run(): Promise<void> {
    const { log } = this.options;
    while (!this.stopped) {
      if (this.workers >= MOST_WORKERS) {
        log.warn(`${this.workers} connections are served: others have to wait`);
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        continue;
      }
      try {
        const socket = await acceptFrom(this.listener);
        if (socket) this.take(socket);
      } catch (error) {
        // Out of descriptors or memory, for a while.
        log.error(`Cannot accept a connection: ${(error as Error).message}`);
        await sleep(RETRY_MS);
      }
    }
    close(this.listener);
  }

  private take(socket: PacketSocket): void {
    try {
      const { pid, uid } = socket.peer;
      this.options.log.info(`Connection of process ${pid}, user ${uid}`);
      this.work(socket);
    } finally {
      // The worker has its own.
      socket.close();
    }
  }

  private work(socket: PacketSocket): void {
    const { argv, log, quiet } = this.options;
    const worker = startSelf(['swrk', String(CONNECTION), FOR_SERVICE, ...argv], {
      stdio: ['ignore', 'ignore', quiet ? 'ignore' : 'inherit', socket.fd],
    });
    this.workers += 1;
    let over = false;
    const ended = (how: string) => {
      if (over) return;
      over = true;
      this.workers -= 1;
      log.info(`Worker ${worker.pid ?? ''} ${how}`);
      this.wake?.();
      this.wake = undefined;
    };
    worker.once('error', (error) => ended(`cannot be started: ${error.message}`));
    worker.once('exit', (code, signal) => ended(signal ? `was ended by ${signal}` : `ended with ${code}`));
  }
}
