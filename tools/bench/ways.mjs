// The ways of asking for a dump and a restore. Each gives the milliseconds that whoever asked has waited.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Nothing that is measured takes as long: what does hangs. */
const HANGS_MS = 300_000;

/** The last lines of a log with errors; a command may say nothing itself. */
function errorsIn(log) {
  if (log === undefined || !existsSync(log)) return '';
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines
    .filter((line) => line.includes('Error'))
    .slice(-3)
    .join('\n');
}

/** Time of a command that must succeed. */
export function timed(command, args, log) {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: HANGS_MS,
    killSignal: 'SIGKILL',
  });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed (${status}):\n${stdout}${stderr}${errorsIn(log)}`);
  return { ms, stdout };
}

/** A command for each. */
export function cold(command) {
  return {
    dump: async (pid, images) =>
      timed(command, ['dump', '-t', String(pid), '-D', images, '-o', 'dump.log'], join(images, 'dump.log'))
        .ms,
    async restore(images, rooted) {
      const log = join(images, 'restore.log');
      const args = ['restore', '-D', images, '-d', '-o', log];
      if (!rooted) return timed(command, args, log).ms;
      // CRIU restores mount namespaces only with a root for them, which is a mount: nothing of it reaches the machine.
      const root = join(images, 'root');
      mkdirSync(root);
      const script = 'mount --bind / "$0" && exec "$@" --root "$0"';
      const own = ['--mount', '--propagation', 'private', 'sh', '-c', script, root];
      return timed('unshare', [...own, command, ...args], log).ms;
    },
    close: async () => undefined,
  };
}

const SELDOM_MS = 1500;

/** `criu service`, asked by a client in C. */
export async function service(command, { dir, client }) {
  const socket = join(dir, 'service');
  rmSync(socket, { force: true });
  const server = spawn(command, ['service', '--address', socket, '-W', dir, '-o', 'service.log'], {
    stdio: 'ignore',
  });
  while (!existsSync(socket)) {
    if (server.exitCode !== null) throw new Error(`${command} service ended with ${server.exitCode}`);
    await sleep(10);
  }
  const ask = async (args) => {
    // A service is there for long, and asked seldom: its next worker is ready by then.
    await sleep(SELDOM_MS);
    return Number(timed(client, [socket, ...args]).stdout);
  };
  return {
    dump: (pid, images) => ask([images, String(pid)]),
    restore: (images) => ask([images]),
    async close() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
    },
  };
}

/** The API, in a process that goes on. */
export function api(script) {
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line)));
  const ask = (request) =>
    new Promise((resolve, reject) => {
      waiting.push(({ ms, error }) => (error ? reject(new Error(error)) : resolve(ms)));
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  return {
    dump: (pid, images) => ask({ dump: { pid, imagesDir: images } }),
    restore: (images) => ask({ restore: { imagesDir: images, detached: true } }),
    async close() {
      child.stdin.end();
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}
