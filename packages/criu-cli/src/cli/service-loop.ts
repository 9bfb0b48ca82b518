// The accept loop of `criu service`. Each request is served by a process of its own, so that requests cannot harm each
// other. A connection without a request only takes a descriptor.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { addon, close } from '@criu/native';
import type { Logger } from '../log.js';
import { acceptFrom, type PacketSocket } from '../rpc/socket.js';
import { answerVersion } from '../rpc/version.js';
import { startSelf } from './self.js';
import { SpareWorker } from './spare-worker.js';
import { FOR_SERVICE, HANDED_BACK } from './swrk-command.js';

/** Most open connections; others wait to be accepted. */
const MOST_CONNECTIONS = 4096;
/** Most requests at a time; others wait. */
const MOST_WORKERS = 32;
/** Descriptor number of the connection in a worker. */
const CONNECTION = 3;
const RETRY_MS = 100;
/** Milliseconds after the start of a request until the next spare worker is started. */
const SPARE_LATER_MS = 1000;

export interface ServiceLoopOptions {
  readonly log: Logger;
  /** Default options for requests, and configuration files. */
  readonly argv: readonly string[];
  /** Workers have no output for messages. */
  readonly quiet: boolean;
}

export class ServiceLoop {
  private stopped = false;
  private connections = 0;
  private workers = 0;
  private spare: SpareWorker | undefined;
  private preparing: NodeJS.Timeout | undefined;
  private readonly waiting: PacketSocket[] = [];
  /** Connections without a request. */
  private readonly idle = new Set<PacketSocket>();
  private wake: (() => void) | undefined;

  constructor(
    private readonly listener: number,
    private readonly options: ServiceLoopOptions,
  ) {}

  /** Stops accepting connections; requests in progress continue. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.preparing);
    this.spare?.end();
    addon().pollCancel(this.listener);
    for (const socket of [...this.idle, ...this.waiting.splice(0)]) this.leave(socket);
    this.wake?.();
  }

  /** Resolves when the loop was stopped. */
  async run(): Promise<void> {
    const { log } = this.options;
    this.prepare();
    while (!this.stopped) {
      if (this.connections >= MOST_CONNECTIONS) {
        log.warn(`${this.connections} are connected: others have to wait`);
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        continue;
      }
      try {
        const socket = await acceptFrom(this.listener);
        if (socket) this.take(socket);
      } catch (error) {
        // No descriptors or memory left for the moment.
        log.error(`Cannot accept a connection: ${(error as Error).message}`);
        await sleep(RETRY_MS);
      }
    }
    close(this.listener);
  }

  private take(socket: PacketSocket): void {
    const { pid, uid } = socket.peer;
    this.options.log.info(`Connection of process ${pid}, user ${uid}`);
    this.connections += 1;
    void this.untilAsked(socket);
  }

  /** Waits for the next request, or for the end of the connection. */
  private async untilAsked(socket: PacketSocket): Promise<void> {
    this.idle.add(socket);
    let asked = false;
    try {
      // Most requests ask for the version, which needs no worker.
      for (let answer = 'more'; answer === 'more'; ) {
        asked = await socket.hasMessage();
        answer = asked ? await answerVersion(socket) : 'last';
        asked &&= answer === 'other';
      }
    } catch (error) {
      asked = false;
      this.options.log.error(`A connection broke: ${(error as Error).message}`);
    }
    if (!this.idle.delete(socket)) return;
    if (!asked) {
      this.leave(socket);
      return;
    }
    this.waiting.push(socket);
    this.serveNext();
  }

  private serveNext(): void {
    while (this.workers < MOST_WORKERS) {
      const socket = this.waiting.shift();
      if (!socket) return;
      this.work(socket);
    }
  }

  private leave(socket: PacketSocket): void {
    this.idle.delete(socket);
    socket.close();
    this.connections -= 1;
    this.wake?.();
    this.wake = undefined;
  }

  /** The spare worker, or a newly started one. */
  private workerFor(socket: PacketSocket): ChildProcess {
    const { argv, quiet } = this.options;
    const { spare } = this;
    if (spare?.take(socket)) return spare.process;
    return startSelf(['swrk', String(CONNECTION), FOR_SERVICE, ...argv], {
      stdio: ['ignore', 'ignore', quiet ? 'ignore' : 'inherit', socket.fd],
    });
  }

  /** Starts a spare worker when no request is in progress, or after a while. */
  private prepare(): void {
    clearTimeout(this.preparing);
    this.preparing = setTimeout(
      () => {
        const { argv, quiet } = this.options;
        if (!this.stopped && (this.spare?.isOver ?? true)) this.spare = SpareWorker.start(argv, quiet);
      },
      this.workers > 0 ? SPARE_LATER_MS : 0,
    );
  }

  private work(socket: PacketSocket): void {
    const { log } = this.options;
    const worker = this.workerFor(socket);
    this.workers += 1;
    this.prepare();
    let over = false;
    const ended = (how: string, code: number | null) => {
      if (over) return;
      over = true;
      this.workers -= 1;
      this.prepare();
      log.info(`Worker ${worker.pid ?? ''} ${how}`);
      if (code === HANDED_BACK && !this.stopped) void this.untilAsked(socket);
      else this.leave(socket);
      this.serveNext();
    };
    worker.once('error', (error) => ended(`cannot be started: ${error.message}`, null));
    worker.once('exit', (code, signal) =>
      ended(signal ? `was ended by ${signal}` : `ended with ${code}`, code),
    );
  }
}
