// Servers in containers of runc, in a network namespace with clients outside of it: these see a pause, and no error.
import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { Bundle, withPrograms } from './bundle.mjs';
import { attempt, freshDir, run, sleep, test, until } from './kit.mjs';

const CYCLES = 10;
const ADDRESS = '10.32.0.2';

/** A network namespace with one end of a veth pair; the other end is ours. */
function makeNetwork(name) {
  run('ip', ['netns', 'add', name]);
  run('ip', ['link', 'add', 'outside', 'type', 'veth', 'peer', 'name', 'inside', 'netns', name]);
  run('ip', ['addr', 'add', '10.32.0.1/24', 'dev', 'outside']);
  run('ip', ['link', 'set', 'outside', 'up']);
  run('ip', ['-n', name, 'addr', 'add', `${ADDRESS}/24`, 'dev', 'inside']);
  run('ip', ['-n', name, 'link', 'set', 'inside', 'up']);
  run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
}

/** A connection on which one question after the other is asked; each has to be answered rightly. */
class Client {
  answers = 0;
  longest = 0;
  failure = undefined;

  constructor(port, ask) {
    this.ask = ask;
    this.socket = createConnection(port, ADDRESS);
    this.socket.setNoDelay(true);
    this.socket.on('error', (error) => {
      this.failure ??= error;
    });
    this.socket.on('close', () => {
      this.failure ??= this.ended ? undefined : new Error('the server has closed the connection');
    });
    let text = '';
    this.socket.on('data', (data) => {
      text += data.toString('latin1');
      const rest = this.expected(text);
      if (rest === undefined) return;
      text = rest;
      this.longest = Math.max(this.longest, Date.now() - this.asked);
      this.answers++;
      setImmediate(() => this.next());
    });
    this.next();
  }

  next() {
    if (this.ended) return;
    const { question, answered } = this.ask(this.answers);
    this.expected = (text) => {
      try {
        return answered(text);
      } catch (error) {
        this.failure ??= error;
        return '';
      }
    };
    this.asked = Date.now();
    this.socket.write(question);
  }

  end() {
    this.ended = true;
    this.socket.destroy();
  }

  async goesOn() {
    const before = this.answers;
    await until('an answer', () => this.failure || this.answers > before + 10);
    if (this.failure) throw this.failure;
  }
}

/** INCR, whose answers tell whether any was lost or done twice. */
function redisClient(port, key) {
  return new Client(port, (n) => ({
    question: `INCR ${key}\r\n`,
    answered(text) {
      if (!text.endsWith('\r\n')) return undefined;
      if (text !== `:${n + 1}\r\n`) throw new Error(`INCR said ${JSON.stringify(text)} in place of ${n + 1}`);
      return '';
    },
  }));
}

function httpClient(port, body) {
  return new Client(port, () => ({
    question: 'GET /index.html HTTP/1.1\r\nHost: box\r\n\r\n',
    answered(text) {
      const end = text.indexOf('\r\n\r\n');
      if (end < 0 || text.length < end + 4 + body.length) return undefined;
      if (!text.startsWith('HTTP/1.1 200') || text.slice(end + 4) !== body)
        throw new Error(`nginx said ${JSON.stringify(text.slice(0, 200))}`);
      return '';
    },
  }));
}

async function serve(what, args, clients, prepare = () => undefined) {
  const netns = `ns-${what}-${process.pid}`;
  makeNetwork(netns);
  const bundle = new Bundle('runc', `box-${what}-${process.pid}`, (spec, self) => {
    spec.linux.namespaces.find(({ type }) => type === 'network').path = `/run/netns/${netns}`;
    spec.process.args = args;
    withPrograms(spec, self);
    prepare(spec, self);
  });
  const connected = [];
  try {
    bundle.quietly(['run', '-d', bundle.name]);
    await until(
      `${what} listens`,
      () => attempt('busybox', ['nc', '-w', '1', ADDRESS, String(clients.port)]).ok,
    );
    for (let i = 0; i < clients.number; i++) connected.push(clients.make(i));
    for (const client of connected) await client.goesOn();
    for (let i = 0; i < CYCLES; i++) {
      const dir = freshDir();
      bundle.checkpoint(dir, '--tcp-established');
      await sleep(200);
      bundle.restore(dir, '--tcp-established');
      for (const client of connected) await client.goesOn();
    }
    const longest = Math.max(...connected.map((client) => client.longest));
    const answers = connected.reduce((sum, client) => sum + client.answers, 0);
    console.log(
      `      ${what}: ${answers} answers to ${connected.length} clients, the longest pause ${longest} ms`,
    );
  } finally {
    for (const client of connected) client.end();
    await bundle.delete();
    attempt('ip', ['link', 'del', 'outside']);
    run('ip', ['netns', 'del', netns]);
  }
}

export async function workloads() {
  await test('runc: Redis under load, ten cycles; clients elsewhere see a pause', () =>
    serve(
      'redis',
      ['/usr/bin/redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no', '--save', '', '--dir', '/tmp'],
      { port: 6379, number: 4, make: (i) => redisClient(6379, `key${i}`) },
    ));
  await test('runc: nginx with clients that keep their connections, ten cycles', () => {
    const body = 'x'.repeat(3000);
    const configuration = [
      'daemon off; worker_processes 2; error_log /tmp/error.log; pid /tmp/nginx.pid;',
      'user root; events {}',
      'http { access_log off; keepalive_requests 1000000; keepalive_timeout 600s;',
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (kind) => `${kind}_temp_path /tmp/${kind};`,
      ),
      'server { listen 8080; root /data; } }',
    ].join('\n');
    return serve(
      'nginx',
      ['/usr/sbin/nginx', '-e', '/tmp/error.log', '-c', '/data/nginx.conf'],
      { port: 8080, number: 4, make: () => httpClient(8080, body) },
      (_spec, { rootfs }) => {
        writeFileSync(join(rootfs, 'data', 'index.html'), body);
        writeFileSync(join(rootfs, 'data', 'nginx.conf'), configuration);
      },
    );
  });
}
