// The servers of programs.mjs: how each is started, and a client that knows which answers are right.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a daemon in a session of its own; as a user, with an IPC namespace of its own, where one is named. */
async function daemon(dir, port, argv, user) {
  const log = openSync(join(dir, 'server.log'), 'a');
  const nothing = openSync('/dev/null', 'r');
  const command = user
    ? ['unshare', '--ipc', 'setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', ...argv]
    : argv;
  const child = spawn(command[0], command.slice(1), { cwd: dir, detached: true, stdio: [nothing, log, log] });
  const { pid } = child;
  for (let tries = 0; ; tries++) {
    if (await answers(port)) break;
    if (tries === 300) throw new Error(`${argv[0]} does not listen: ${dir}/server.log`);
    await sleep(100);
  }
  return {
    pid,
    async stop() {
      try {
        process.kill(pid, 'SIGTERM');
        for (let i = 0; i < 100 && existsSync(`/proc/${pid}`); i++) await sleep(50);
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    },
  };
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true) || socket.destroy());
    socket.on('error', () => resolve(false));
  });
}

/** A client of a protocol of lines over one connection: sends what `ask` says, compares with what it expects. */
function lines(port, ask) {
  const client = { error: undefined, answers: () => count, stop: () => socket.destroy() };
  let count = 0;
  let text = '';
  let expected = '';
  const socket = net.connect(port, '127.0.0.1', next);
  function next() {
    const [request, answer] = ask(count);
    expected = answer;
    text = '';
    socket.write(request);
  }
  socket.setNoDelay(true);
  socket.on('error', (error) => {
    client.error ??= error.message;
  });
  socket.on('end', () => {
    client.error ??= 'the connection was closed';
  });
  socket.on('data', (data) => {
    text += data.toString('latin1');
    if (text.length < expected.length) return;
    if (text !== expected)
      client.error ??= `${JSON.stringify(text.slice(0, 80))} for ${JSON.stringify(expected.slice(0, 80))}`;
    count++;
    setImmediate(next);
  });
  return client;
}

/** A client that gets one file again and again through one connection that is kept. */
function getter(port, path, content) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const client = { error: undefined, answers: () => count, stop };
  let count = 0;
  let stopped = false;
  let local;
  function stop() {
    stopped = true;
    agent.destroy();
  }
  function next() {
    if (stopped) return;
    const request = http.get({ port, host: '127.0.0.1', path, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        if (response.statusCode !== 200 || !Buffer.concat(chunks).equals(content))
          client.error ??= `status ${response.statusCode}`;
        count++;
        setImmediate(next);
      });
      response.on('error', (error) => {
        if (!stopped) client.error ??= error.message;
      });
    });
    request.on('socket', (socket) => {
      const see = () => {
        local ??= socket.localPort;
        if (socket.localPort !== local) client.error ??= 'the connection was not kept';
      };
      if (socket.connecting) socket.once('connect', see);
      else see();
    });
    request.on('error', (error) => {
      if (!stopped) client.error ??= error.message;
    });
  }
  next();
  return client;
}

const PAGE = Buffer.alloc(200_000, 'what is served has to be what was written. ');

const nginx = {
  name: 'nginx',
  packages: ['nginx-light'],
  program: 'nginx',
  port: 18_080,
  async start(dir, _, port = this.port) {
    mkdirSync(join(dir, 'www'));
    writeFileSync(join(dir, 'www', 'page'), PAGE);
    spawnSync('chmod', ['-R', 'a+rX', join(dir, 'www')]);
    writeFileSync(
      join(dir, 'nginx.conf'),
      `daemon off; worker_processes 2; pid ${dir}/nginx.pid; error_log ${dir}/error.log;
events {}
http {
  access_log ${dir}/access.log; keepalive_requests 1000000; keepalive_timeout 600;
  client_body_temp_path ${dir}/a; proxy_temp_path ${dir}/b; fastcgi_temp_path ${dir}/c; uwsgi_temp_path ${dir}/d; scgi_temp_path ${dir}/e;
  server { listen 127.0.0.1:${port}; root ${dir}/www; }
}
`,
    );
    return daemon(dir, port, ['nginx', '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')]);
  },
  client: async () => getter(nginx.port, '/page', PAGE),
};

const haproxy = {
  name: 'haproxy',
  packages: ['haproxy', 'nginx-light'],
  program: 'haproxy',
  async start(dir) {
    const behind = await nginx.start(dir, undefined, 18_081);
    writeFileSync(
      join(dir, 'haproxy.cfg'),
      `defaults
  mode http
  timeout connect 60s
  timeout client 600s
  timeout server 600s
frontend all
  bind 127.0.0.1:18082
  default_backend pages
backend pages
  server one 127.0.0.1:18081
`,
    );
    const front = await daemon(dir, 18_082, ['haproxy', '-db', '-f', join(dir, 'haproxy.cfg')]);
    return {
      pid: front.pid,
      async stop() {
        await front.stop();
        await behind.stop();
      },
    };
  },
  client: async () => getter(18_082, '/page', PAGE),
};

const redis = {
  name: 'redis',
  packages: ['redis-server'],
  program: 'redis-server',
  start(dir) {
    const options = [
      '--port',
      '18379',
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'yes',
      '--dir',
      dir,
    ];
    return daemon(dir, 18_379, ['redis-server', ...options]);
  },
  async client(_, i) {
    const value = 'v'.repeat(9999);
    return lines(18_379, (n) =>
      n % 2 === 0
        ? [`*2\r\n$4\r\nINCR\r\n$2\r\nk${i}\r\n`, `:${n / 2 + 1}\r\n`]
        : [`*2\r\n$4\r\nECHO\r\n$9999\r\n${value}\r\n`, `$9999\r\n${value}\r\n`],
    );
  },
};

/** A client program that is fed statements, each answered by a line. */
function fed(command, args, ask, env = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env } });
  const client = { error: undefined, answers: () => count, stop };
  let count = 0;
  let text = '';
  let said = '';
  let stopped = false;
  function stop() {
    stopped = true;
    child.kill('SIGKILL');
  }
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (data) => {
    said += data;
  });
  child.on('close', () => {
    if (!stopped) client.error ??= `the client ended: ${said}`;
  });
  child.stdout.on('data', (data) => {
    text += data;
    if (!text.endsWith('\n')) return;
    if (text.trim() !== ask(count)[1])
      client.error ??= `${JSON.stringify(text)} for ${JSON.stringify(ask(count)[1])}`;
    text = '';
    count++;
    child.stdin.write(ask(count)[0]);
  });
  child.stdin.write(ask(0)[0]);
  return client;
}

function owned(dir, user) {
  const id = (flag) => Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout);
  mkdirSync(join(dir, 'data'));
  for (const path of [dir, join(dir, 'data')]) chownSync(path, id('-u'), id('-g'));
}

function must(command, args, options) {
  const { status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
}

const mariadb = {
  name: 'mariadb',
  packages: ['mariadb-server', 'mariadb-client'],
  program: 'mariadbd',
  async start(dir) {
    owned(dir, 'mysql');
    const at = [`--datadir=${dir}/data`, '--no-defaults'].reverse();
    must('mariadb-install-db', [...at, '--user=mysql', '--auth-root-authentication-method=normal']);
    const options = ['--innodb-use-native-aio=0', '--bind-address=127.0.0.1', '--port=18306'];
    const files = [`--socket=${dir}/socket`, `--pid-file=${dir}/pid`];
    return daemon(dir, 18_306, ['mariadbd', ...at, ...options, ...files], 'mysql');
  },
  async client(dir, i) {
    const table = `CREATE TABLE t${i} (n INT PRIMARY KEY, text LONGTEXT);`;
    const to = ['--no-defaults', `--socket=${dir}/socket`, '-uroot'];
    must('mariadb', [...to, '-e', `CREATE DATABASE IF NOT EXISTS test; USE test; ${table}`]);
    const tcp = [
      '--no-defaults',
      '-h127.0.0.1',
      '-P18306',
      '-uroot',
      '--unbuffered',
      '-N',
      '-B',
      '--skip-reconnect',
      'test',
    ];
    return fed('mariadb', tcp, (n) => [
      `INSERT INTO t${i} VALUES (${n}, REPEAT('x', 20000)); SELECT COUNT(*), SUM(LENGTH(text)) FROM t${i};\n`,
      `${n + 1}\t${(n + 1) * 20_000}`,
    ]);
  },
};

const postgresql = {
  name: 'postgresql',
  packages: ['postgresql'],
  program: 'psql',
  async start(dir) {
    owned(dir, 'postgres');
    const [version] = readdirSync('/usr/lib/postgresql').sort().reverse();
    const bin = `/usr/lib/postgresql/${version}/bin`;
    const as = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
    must('setpriv', [...as, `${bin}/initdb`, '-A', 'trust', '-D', `${dir}/data`], { cwd: dir });
    const options = ['-D', `${dir}/data`, '-k', dir, '-h', '127.0.0.1', '-p', '18432'];
    const server = await daemon(dir, 18_432, [`${bin}/postgres`, ...options], 'postgres');
    for (
      let i = 0;
      spawnSync('psql', ['-h', '127.0.0.1', '-p', '18432', '-U', 'postgres', '-c', '']).status !== 0 &&
      i < 100;
      i++
    )
      await sleep(100);
    return server;
  },
  async client(_, i) {
    const to = ['-h', '127.0.0.1', '-p', '18432', '-U', 'postgres', '-q', '-A', '-t'];
    must('psql', [...to, '-c', `CREATE TABLE t${i} (n INT PRIMARY KEY, text TEXT)`]);
    return fed('psql', to, (n) => [
      `INSERT INTO t${i} VALUES (${n}, REPEAT('x', 20000)); SELECT COUNT(*), SUM(LENGTH(text)) FROM t${i};\n`,
      `${n + 1}|${(n + 1) * 20_000}`,
    ]);
  },
};

export const servers = [nginx, haproxy, redis, mariadb, postgresql];
