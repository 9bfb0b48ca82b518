// The commands around increments as they are typed: page-server in both ways, pre-dump, dedup.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { close, socketpair } from '@criu/native';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, isRoot, peer } from '../dump/victim.js';
import { family, free, until } from '../support.js';
import { chain, criu, modelVictim } from './support.js';

afterAll(cleanUp);

const bin = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const run = (...args: string[]) => spawnSync(bin, args, { encoding: 'utf8' });

async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a page server in the foreground and waits until it says that it is ready. */
async function foreground(program: string, args: string[]): Promise<{ exit: Promise<number | null> }> {
  const child = spawn(program, ['page-server', ...args, '--status-fd', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise((resolve, reject) => {
    child.stdio[3]!.once('data', resolve);
    child.once('exit', (code) => reject(new Error(`the page server ended with ${code}`)));
  });
  return { exit };
}

it('a page server in the background leaves its pid, and ends when it is told', async () => {
  const [dir] = chain(1) as [string];
  const port = await freePort();
  const args = ['-D', dir, '--address', '127.0.0.1', '--port', String(port), '-o', 'ps.log', '-v4'];
  const started = run('page-server', ...args, '--daemon', '--pidfile', 'ps.pid');
  expect(started).toMatchObject({ status: 0, stderr: '' });
  const pid = Number(readFileSync(join(dir, 'ps.pid'), 'utf8'));
  // The log of the one that started it is overwritten.
  await until('it listens', () => /port \d+\n/.test(readFileSync(join(dir, 'ps.log'), 'utf8')), 10_000);
  expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toContain('page-server');
  process.kill(pid, 'SIGTERM');
  await until(
    'it has ended',
    () => !existsSync(`/proc/${pid}`) || /State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'latin1')),
    10_000,
  );
  expect(readFileSync(join(dir, 'ps.log'), 'utf8')).toMatch(/called off/);
});

it('dedup without an earlier dump says so', () => {
  const [dir] = chain(1) as [string];
  const { status, stderr } = run('dedup', '-D', dir);
  expect(status).toBe(1);
  expect(stderr).toMatch(/no earlier dump.*\n.*-D/);
});

describe.skipIf(!isRoot)('on the command line (needs root)', () => {
  it('pre-dump, dump to a server in the background, dedup and restore follow each other', async () => {
    const victim = await modelVictim();
    try {
      const [one, two] = chain(2) as [string, string];
      const pid = String(victim.pid);
      expect(
        run('pre-dump', '-t', pid, '-D', one, '--pre-dump-mode', 'read', '--display-stats'),
      ).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/Memory pages written: \d{4}/),
      });
      const port = String(await freePort());
      const where = ['--address', '127.0.0.1', '--port', port];
      expect(run('page-server', '-D', two, ...where, '--daemon', '-o', 'ps.log', '-v4').status).toBe(0);
      const pids = family(victim.pid);
      const dumped = run(
        'dump',
        '-t',
        pid,
        '-D',
        two,
        '--prev-images-dir',
        '../1',
        '--track-mem',
        '--page-server',
        ...where,
      );
      expect(dumped.status).toBe(0);
      // The dump has the server's word that the pages are kept; what it says of it comes a moment later.
      await expect
        .poll(() => readFileSync(join(two, 'ps.log'), 'utf8'), { timeout: 5000 })
        .toMatch(/Kept \d{4} pages of 4 address spaces/);
      expect(readdirSync(two)).toContain('pages-65537.img');
      expect(run('dedup', '-D', two).status).toBe(0);
      await free(pids);
      expect(run('restore', '-d', '-D', two)).toMatchObject({ status: 0, stderr: '' });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('a dump and a page server that have a socket between them are connected by --ps-socket', async () => {
    const victim = await modelVictim();
    const [ours, theirs] = socketpair();
    try {
      const [dir] = chain(1) as [string];
      const server = spawn(bin, ['page-server', '-D', dir, '--ps-socket', '3', '-o', 'ps.log', '-v4'], {
        stdio: ['ignore', 'ignore', 'inherit', theirs],
      });
      const ended = new Promise((resolve) => server.once('exit', resolve));
      close(theirs);
      const pids = family(victim.pid);
      const argv = ['dump', '-t', String(victim.pid), '-D', dir, '--page-server', '--ps-socket', '3'];
      const dumped = spawnSync(bin, argv, { stdio: ['ignore', 'pipe', 'pipe', ours], encoding: 'utf8' });
      expect([dumped.status, dumped.stderr]).toEqual([0, '']);
      close(ours);
      expect(await ended).toBe(0);
      await free(pids);
      expect(run('restore', '-d', '-D', dir)).toMatchObject({ status: 0, stderr: '' });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.skipIf(!peer).each([
    ['its dump to our server', 'theirs', 'ours'],
    ['our dump to its server', 'ours', 'theirs'],
  ])('beside CRIU 4.2: %s (needs CRIU_PEER)', async (_what, dumper, keeper) => {
    const program = (who: string) => (who === 'ours' ? bin : peer!);
    const victim = await modelVictim();
    try {
      const [dir] = chain(1) as [string];
      const port = String(await freePort());
      const where = ['--address', '127.0.0.1', '--port', port];
      const { exit } = await foreground(program(keeper), ['-D', dir, ...where, '-o', 'ps.log', '-v4']);
      const pids = family(victim.pid);
      const dumped = spawnSync(program(dumper), [
        'dump',
        '-t',
        String(victim.pid),
        '-D',
        dir,
        '-o',
        'd.log',
        '--page-server',
        ...where,
      ]);
      expect(dumped.status).toBe(0);
      expect(await exit).toBe(0);
      await free(pids);
      criu('restore', '-d', '-D', dir, '-o', 'r.log');
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
