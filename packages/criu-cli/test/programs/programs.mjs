// Real servers under load: `npm run test:programs [NAME…] [--cycles N]`, as root. Installs them (Debian's packages) where they are
// missing. Each serves clients that stay outside of the checkpoint and keep their connections; it is dumped and restored again
// and again, and no client may see an error, a wrong answer, or a connection that ends.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { servers } from './servers.mjs';

const criu = process.env.CRIU ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'bin', 'criu');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cycles: { type: 'string', default: '10' } },
});
const cycles = Number(values.cycles);
const env = { ...process.env };
delete env.NODE_EXTRA_CA_CERTS;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function install(packages, program) {
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0) return;
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const { status, stderr } = spawnSync('apt-get', args, {
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`apt-get ${args.join(' ')}: ${stderr}`);
  }
}

/** One command of criu; what its log says where it fails. */
async function command(name, images, ...args) {
  const log = join(images, `${name}.log`);
  const options = ['-D', images, '-o', log, '-v4', '--tcp-established', '--file-locks', ...args];
  const child = spawn(criu, [name, ...options], { env, stdio: ['ignore', 'ignore', 'ignore'] });
  const [status] = await once(child, 'exit');
  if (status === 0) return;
  const said = readFileSync(log, 'utf8').split('\n');
  throw new Error(
    `criu ${name} ended with ${status}:\n${said.filter((line) => line.includes('Error')).join('\n')}`,
  );
}

/** Waits until clients have had more answers. @throws what a client says, or that they hang */
async function progress(clients, more) {
  const goal = clients.map((client) => client.answers() + more);
  const until = Date.now() + 60_000;
  for (;;) {
    for (const client of clients) if (client.error) throw new Error(`a client: ${client.error}`);
    if (clients.every((client, i) => client.answers() >= goal[i])) return;
    if (Date.now() > until) throw new Error('a client gets no more answers');
    await sleep(20);
  }
}

async function test(server) {
  install(server.packages, server.program);
  const dir = mkdtempSync(join(tmpdir(), `criu-${server.name}-`));
  spawnSync('chmod', ['755', dir]);
  const running = await server.start(dir, spawn);
  const clients = [];
  try {
    for (let i = 0; i < 4; i++) clients.push(await server.client(dir, i));
    await progress(clients, 5);
    for (let cycle = 0; cycle < cycles; cycle++) {
      const images = join(dir, `images-${cycle}`);
      mkdirSync(images);
      await command('dump', images, '-t', String(running.pid));
      await command('restore', images, '-d');
      await progress(clients, 20);
      rmSync(images, { recursive: true });
    }
    return clients.reduce((sum, client) => sum + client.answers(), 0);
  } finally {
    for (const client of clients) client.stop();
    await running.stop();
    if (!process.env.KEEP) rmSync(dir, { recursive: true, force: true });
  }
}

let failed = 0;
for (const server of servers.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const start = Date.now();
  try {
    const answers = await test(server);
    console.log(
      `${server.name}: ${cycles} cycles, ${answers} answers, ${Math.round((Date.now() - start) / 1000)} s`,
    );
  } catch (error) {
    failed++;
    console.log(`${server.name}: ${error.message}`);
  }
}
process.exit(failed ? 1 : 0);
