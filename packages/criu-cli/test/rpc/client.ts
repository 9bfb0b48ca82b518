// A client of the RPC, connected to a server in the same process, with an engine that only keeps what it was asked.
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CriuOpts,
  type CriuReq,
  CriuReqType,
  type CriuResp,
  decodeMessage,
  type Encodable,
  encodeMessage,
} from '@criu/images';
import { close } from '@criu/native';
import type { Engine } from '../../src/cli/engine.js';
import type { DumpOptions, RestoreOptions } from '../../src/options.js';
import { type ServeOptions, serveConnection } from '../../src/rpc/serve.js';
import { type PacketSocket, seqpacketPair } from '../../src/rpc/socket.js';
import { DUMP_STATS, RESTORE_STATS } from '../cli/fake-shell.js';
import { noEngine } from '../no-engine.js';

export type Request = Encodable<CriuReq>;
export type Options = Partial<Encodable<CriuOpts>>;

const dirs: string[] = [];
const fds: number[] = [];

/** A directory, a fresh one unless given, and a descriptor of it. */
export function openDir(given?: string): { dir: string; fd: number } {
  const dir = given ?? mkdtempSync(join(tmpdir(), 'criu-rpc-'));
  if (given === undefined) dirs.push(dir);
  const fd = openSync(dir, 'r');
  fds.push(fd);
  return { dir, fd };
}

export function cleanUp(): void {
  for (const fd of fds.splice(0)) close(fd);
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
}

export class Client {
  constructor(readonly socket: PacketSocket) {}

  sendBytes(bytes: Uint8Array): Promise<void> {
    return this.socket.send(Buffer.from(bytes));
  }
  send(request: Request): Promise<void> {
    return this.sendBytes(encodeMessage('CriuReq', request));
  }
  /** The next message; undefined when the server has closed the connection. */
  async receive(): Promise<CriuResp | undefined> {
    const bytes = await this.socket.receive();
    return bytes && decodeMessage('CriuResp', bytes);
  }
  async ask(request: Request): Promise<CriuResp | undefined> {
    await this.send(request);
    return this.receive();
  }
}

export interface Served {
  readonly client: Client;
  readonly dumped: DumpOptions[];
  readonly restored: RestoreOptions[];
  /** What serveConnection() returns. */
  readonly done: ReturnType<typeof serveConnection>;
}

/** Engine that does nothing but tell its listeners what a real one would. */
function idleEngine(dumped: DumpOptions[], restored: RestoreOptions[], other: Partial<Engine>): Engine {
  return {
    ...noEngine,
    async dump(options) {
      dumped.push(options);
      return other.dump?.(options) ?? { pid: options.pid, tasks: 1, stats: DUMP_STATS };
    },
    async preDump(options) {
      return other.preDump?.(options) ?? { pid: options.pid, tasks: 1, stats: DUMP_STATS };
    },
    async restore(options) {
      restored.push(options);
      const result = (await other.restore?.(options)) ?? { pid: 77, stats: RESTORE_STATS };
      await options.onRestored?.(result);
      return result;
    },
    cpuinfoDump: async (dir) => other.cpuinfoDump?.(dir),
    cpuinfoCheck: async (dir, classes) => other.cpuinfoCheck?.(dir, classes),
  };
}

export function serve(options: Omit<ServeOptions, 'engine'> & { engine?: Partial<Engine> } = {}): Served {
  const [ours, theirs] = seqpacketPair();
  const dumped: DumpOptions[] = [];
  const restored: RestoreOptions[] = [];
  const done = serveConnection(theirs.fd, {
    worker: true,
    argv: ['--no-default-config'],
    ...options,
    engine: idleEngine(dumped, restored, options.engine ?? {}),
  });
  done.catch(() => undefined);
  return { client: new Client(ours), dumped, restored, done };
}

/** Pid of nobody, who is therefore no ancestor of ours. */
export const STRANGER = 0x3fffffff;

export const dumpRequest = (opts: Options, more: Partial<Request> = {}): Request => ({
  type: CriuReqType.DUMP,
  opts: { images_dir_fd: -1, pid: STRANGER, ...opts },
  ...more,
});
export const restoreRequest = (opts: Options, more: Partial<Request> = {}): Request => ({
  type: CriuReqType.RESTORE,
  opts: { images_dir_fd: -1, ...opts },
  ...more,
});
