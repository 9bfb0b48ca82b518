// A server goes to disk and comes back while its clients stay connected: they see a pause and nothing else.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CriuError } from '../../src/errors.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch } from '../dump/victim.js';
import { until } from '../support.js';

afterAll(cleanUp);

// Answers each line in upper case, and counts the lines of each connection.
const SERVER = `
import selectors, socket, sys
s = socket.socket(socket.AF_INET6 if sys.argv[1] == '::1' else socket.AF_INET)
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

class Client {
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

describe.skipIf(!isRoot).each(['127.0.0.1', '::1'])('a TCP server at %s (needs root)', (host) => {
  let pid: number;
  let clients: Client[];
  let images: string;

  beforeEach(async () => {
    runs += 1;
    const portFile = join(scratch(), `port-${runs}`);
    const script = join(scratch(), 'server.py');
    writeFileSync(script, SERVER);
    const log = openSync(join(scratch(), 'server.log'), 'a');
    pid = spawn('python3', [script, host, portFile], { detached: true, stdio: ['ignore', log, log] }).pid!;
    await until('the server listens', () => existsSync(portFile) && readFileSync(portFile, 'utf8') !== '');
    const port = Number(readFileSync(portFile, 'utf8'));
    clients = [await Client.to(host, port), await Client.to(host, port), await Client.to(host, port)];
    for (const client of clients) await client.ask('one', '1 ONE');
    images = join(scratch(), `tcp-${runs}`);
    mkdirSync(images);
  });
  afterEach(() => {
    for (const client of clients) client.socket.destroy();
    if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
  });

  const back = () => restore({ imagesDir: images, detached: true, tcpEstablished: true });
  const gone = () => until('the pid is free', () => !existsSync(`/proc/${pid}`));

  it('keeps its connections through dump and restore; what was sent meanwhile is answered', async () => {
    await dump({ pid, imagesDir: images, tcpEstablished: true });
    await gone();
    for (const client of clients) client.socket.write('two\nthr');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(clients.map((c) => [c.ended, c.error])).toEqual(clients.map(() => [false, undefined]));
    await back();
    for (const client of clients) await client.ask('ee', '3 THREE');
    expect(clients.map((c) => c.text)).toEqual(clients.map(() => '1 ONE\n2 TWO\n3 THREE\n'));
  });

  it('goes on with its connections after a dump that leaves it running', async () => {
    await dump({ pid, imagesDir: images, tcpEstablished: true, leaveRunning: true });
    for (const client of clients) await client.ask('two', '2 TWO');
  });

  it('goes on with its connections after a dump that failed', async () => {
    const failed = dump({ pid, imagesDir: images, tcpEstablished: true, faults: ['write'] });
    await expect(failed).rejects.toThrow(CriuError);
    for (const client of clients) await client.ask('two', '2 TWO');
  });

  it('can still be restored after a restore that failed', async () => {
    await dump({ pid, imagesDir: images, tcpEstablished: true });
    await gone();
    const failed = restore({ imagesDir: images, detached: true, tcpEstablished: true, faults: ['commit'] });
    await expect(failed).rejects.toThrow(CriuError);
    await gone();
    for (const client of clients) expect([client.ended, client.error]).toEqual([false, undefined]);
    await back();
    for (const client of clients) await client.ask('two', '2 TWO');
  });

  it('is not dumped without leave, and runs on', async () => {
    await expect(dump({ pid, imagesDir: images })).rejects.toThrow(/TCP connection/);
    for (const client of clients) await client.ask('two', '2 TWO');
  });

  it('leaves no packet filter behind', async () => {
    await dump({ pid, imagesDir: images, tcpEstablished: true });
    await gone();
    await back();
    for (const client of clients) await client.ask('two', '2 TWO');
    let tables = '';
    try {
      tables = execFileSync('nft', ['list', 'tables'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      // No nft here; that the answers came says that nothing is dropped.
    }
    expect(tables).not.toContain('CRIU-');
  });
});
