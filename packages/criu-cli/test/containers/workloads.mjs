// Servers in containers of a runtime, in a network namespace with clients outside of it: these see a pause, and no error.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bundle, withPrograms } from './bundle.mjs';
import { Client } from './client.mjs';
import { attempt, freshDir, RUN, run, sleep, test, until } from './kit.mjs';
import {
  countingClient,
  javaServer,
  nodeServer,
  Pgbench,
  POSTGRES_PORT,
  postgresServer,
} from './servers.mjs';

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

/** INCR, whose answers tell whether any was lost or done twice. */
function redisClient(port, key) {
  return new Client(ADDRESS, port, (n) => ({
    question: `INCR ${key}\r\n`,
    answered(text) {
      if (!text.endsWith('\r\n')) return undefined;
      if (text !== `:${n + 1}\r\n`) throw new Error(`INCR said ${JSON.stringify(text)} in place of ${n + 1}`);
      return '';
    },
  }));
}

function httpClient(port, body) {
  return new Client(ADDRESS, port, () => ({
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

async function serve(runtime, what, args, clients, prepare = () => undefined) {
  const netns = `ns-${what}-${RUN}`;
  makeNetwork(netns);
  const bundle = new Bundle(runtime, `box-${what}-${RUN}`, (spec, self) => {
    spec.linux.namespaces.find(({ type }) => type === 'network').path = `/run/netns/${netns}`;
    withPrograms(spec, self);
    spec.process.args = args ?? prepare(spec, self);
    if (args) prepare(spec, self);
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
    for (const client of connected) client.check?.();
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

export async function workloads(runtime) {
  await test(`${runtime}: Redis under load, ten cycles; clients elsewhere see a pause`, () =>
    serve(
      runtime,
      'redis',
      ['/usr/bin/redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no', '--save', '', '--dir', '/tmp'],
      { port: 6379, number: 4, make: (i) => redisClient(6379, `key${i}`) },
    ));
  await test(`${runtime}: nginx with clients that keep their connections, ten cycles`, () => {
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
      runtime,
      'nginx',
      ['/usr/sbin/nginx', '-e', '/tmp/error.log', '-c', '/data/nginx.conf'],
      { port: 8080, number: 4, make: () => httpClient(8080, body) },
      (_spec, { rootfs }) => {
        writeFileSync(join(rootfs, 'data', 'index.html'), body);
        writeFileSync(join(rootfs, 'data', 'nginx.conf'), configuration);
      },
    );
  });
  for (const [title, what, server, port] of [
    ['a Java server', 'java', javaServer, 9001],
    ['a Node server', 'node', nodeServer, 9002],
  ])
    await test(`${runtime}: ${title} with clients that keep their connections, ten cycles`, () =>
      serve(
        runtime,
        what,
        undefined,
        { port, number: 4, make: () => countingClient(ADDRESS, port) },
        (_spec, { rootfs }) => server(rootfs, port),
      ));
  await test(`${runtime}: PostgreSQL under pgbench, ten cycles`, () =>
    serve(
      runtime,
      'postgres',
      undefined,
      { port: POSTGRES_PORT, number: 1, make: () => new Pgbench(ADDRESS, 4) },
      (spec, { rootfs }) => postgresServer(rootfs, spec),
    ));
}
