// A TCP server that is dumped and restored, and its clients, which are in the test and notice a pause at most.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { scratch } from '../dump/victim.js';
import { until } from '../support.js';

// Answers each line in upper case, and counts the lines of each connection.
const SERVER = `
import selectors, socket, sys
s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET)
s.bind((sys.argv[1], 0)); s.listen(8)
open(sys.argv[2], 'w').write(str(s.getsockname()[1]))
sel = selectors.DefaultSelector()
sel.register(s, selectors.EVENT_READ, None)
while True:
    for key, _ in sel.select():
        if key.data is None:
            c, _ = s.accept()
            sel.register(c, selectors.EVENT_READ, {'n': 0, 'rest': b''})
        else:
            data = key.fileobj.recv(65536)
            if not data:
                sel.unregister(key.fileobj); key.fileobj.close(); continue
            d = key.data
            *lines, d['rest'] = (d['rest'] + data).split(b'\\n')
            for line in lines:
                d['n'] += 1
                key.fileobj.sendall(b'%d %s\\n' % (d['n'], line.upper()))
`;

export class Client {
  text = '';
  error: Error | undefined;
  ended = false;
  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (part) => {
      this.text += part;
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      this.ended = true;
    });
  }
  static to(host: string, port: number): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host, () => resolve(new Client(socket)));
      socket.once('error', reject);
    });
  }
  async ask(line: string, answer: string): Promise<void> {
    this.socket.write(`${line}\n`);
    await until(`the answer to ${line}`, () => this.text.endsWith(`${answer}\n`) || this.error !== undefined);
    expect(this.error).toBeUndefined();
  }
}

let runs = 0;

/** A server in a session of its own, with three clients that have asked once, and a directory for its images. */
export class TcpServer {
  private constructor(
    readonly pid: number,
    readonly port: number,
    readonly clients: readonly Client[],
    readonly images: string,
  ) {}

  /** @param inNetwork it is in a network namespace of its own, with loopback alone, and the test in another */
  static async start(host: string, { inNetwork = false } = {}): Promise<TcpServer> {
    runs += 1;
    const portFile = join(scratch(), `port-${runs}`);
    const script = join(scratch(), 'server.py');
    writeFileSync(script, SERVER);
    const log = openSync(join(scratch(), 'server.log'), 'a');
    const [command = '', ...args] = [
      ...(inNetwork ? ['unshare', '-n'] : []),
      'python3',
      script,
      host,
      portFile,
    ];
    const { pid } = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log, log],
    });
    if (pid === undefined) throw new Error('no python3');
    await until('the server listens', () => existsSync(portFile) && readFileSync(portFile, 'utf8') !== '');
    const port = Number(readFileSync(portFile, 'utf8'));
    const clients: Client[] = [];
    while (!inNetwork && clients.length < 3) clients.push(await Client.to(host, port));
    const images = join(scratch(), `tcp-${runs}`);
    mkdirSync(images);
    const server = new TcpServer(pid, port, clients, images);
    await server.ask('one', '1 ONE');
    return server;
  }

  /** Has all clients ask. */
  async ask(line: string, answer: string): Promise<void> {
    for (const client of this.clients) await client.ask(line, answer);
  }

  /** That no client was told of an end. */
  expectConnected(): void {
    for (const client of this.clients) expect([client.ended, client.error]).toEqual([false, undefined]);
  }

  async gone(): Promise<void> {
    await until('the pid is free', () => !existsSync(`/proc/${this.pid}`));
  }

  end(): void {
    for (const client of this.clients) client.socket.destroy();
    if (existsSync(`/proc/${this.pid}`)) process.kill(this.pid, 'SIGKILL');
  }
}

/** All packet filters of this test's network namespace as nft(8) lists them; undefined without it. */
export function packetFilters(): string | undefined {
  const { status, stdout } = spawnSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}
