// What tests of container engines have in common: commands, a root for containers, counting containers, results.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
/** The criu that is tested. */
export const criu = process.env.CRIU ?? join(here, '..', '..', 'bin', 'criu');
/** CRIU 4.2 to cross with; undefined if the environment names none. */
export const peer = process.env.CRIU_PEER;

/** In the names of this run's containers: cgroups are the machine's, where other runs may have some at the same time. */
export const RUN = process.env.CRIU_CONTAINERS_RUN ?? String(process.pid);

export const work = mkdtempSync(join(tmpdir(), 'criu-containers-'));
const path = join(work, 'path');
mkdirSync(path);

/** Has engines that look into PATH find this criu from now on. */
export function useCriu(binary) {
  useProgram('criu', binary);
}

/** The same for another program. */
export function useProgram(name, binary) {
  rmSync(join(path, name), { force: true });
  symlinkSync(binary, join(path, name));
}
useCriu(criu);
export const env = {
  ...process.env,
  PATH: `${path}:${process.env.PATH}`,
  TMPDIR: work,
  NO_COLOR: '1',
  // podman 5 would say it with each answer.
  PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
};
delete env.NODE_EXTRA_CA_CERTS;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs a command; its output, or an error with what it said. */
export function run(command, args, options = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    timeout: 120_000,
    ...options,
  });
  if (error || status !== 0)
    throw new Error(
      `${command} ${args.join(' ')}: ${error ?? `ended with ${status ?? signal}`}\n${stdout ?? ''}${stderr ?? ''}`,
    );
  return stdout ?? '';
}

/** The same for what may fail: whether it went well, and what it said. What it leaves behind keeps no pipe of ours open. */
export function attempt(command, args, options = {}) {
  const file = join(work, 'said');
  const fd = openSync(file, 'w');
  try {
    const { status } = spawnSync(command, args, {
      env,
      timeout: 120_000,
      ...options,
      stdio: ['ignore', fd, fd],
    });
    return { ok: status === 0, text: readFileSync(file, 'utf8') };
  } finally {
    closeSync(fd);
  }
}

/** The same where failure is an error: for commands that leave processes running. */
export function begin(command, args, options = {}) {
  const { ok, text } = attempt(command, args, options);
  if (!ok) throw new Error(`${command} ${args.join(' ')}: ${text}`);
  return text;
}

/** Whether there is a program of that name, or a file of that path. */
export function have(program) {
  if (program.startsWith('/')) return existsSync(program);
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

let updated = false;
/** Installs Debian's packages where a program, or a file by its path, is missing. */
export function install(program, ...packages) {
  if (have(program)) return;
  if (!updated) run('apt-get', ['update', '-qq'], { stdio: 'ignore', timeout: 300_000 });
  updated = true;
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: 'ignore',
    // Daemons are started by the tests, on files of their own.
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    timeout: 600_000,
  });
}

/** What containers run: they count in a file. */
export const COUNT = 'i=0; while :; do i=$((i+1)); echo $i > /tmp/m; mv /tmp/m /tmp/n; sleep 0.1; done';

/** A root with busybox, a program that counts, and the folders that engines expect. */
export function makeRoot(folder) {
  for (const name of ['bin', 'sbin', 'proc', 'sys', 'dev', 'tmp', 'etc', 'run', 'var', 'data'])
    mkdirSync(join(folder, name), { recursive: true });
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file));
  run('cp', [busybox, join(folder, 'bin', 'busybox')]);
  for (const name of ['sh', 'sleep', 'echo', 'mv', 'cat', 'ls', 'stty', 'tty', 'flock', 'nc', 'test'])
    symlinkSync('busybox', join(folder, 'bin', name));
  script(join(folder, 'bin', 'count'), COUNT);
  return folder;
}

export function script(file, text) {
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

let folders = 0;
/** An empty folder, for images or anything else. */
export function freshDir(name = 'images') {
  folders++;
  const dir = join(work, `${name}-${folders}`);
  mkdirSync(dir);
  return dir;
}

/** Waits until something is so. */
export async function until(what, look, ms = 20_000) {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await sleep(50);
  }
  throw new Error(`not in time: ${what}`);
}

/** The number that a container has counted up to. Its file is empty for a moment each time that it is written. */
export async function number(read) {
  for (let tries = 0; tries < 100; tries++) {
    let text = '';
    try {
      text = read().trim();
    } catch {
      // It has not begun yet.
    }
    if (/^\d+$/.test(text)) return Number(text);
    await sleep(50);
  }
  throw new Error('the counter is gone');
}

/** Two readings of a counter some time apart: the container runs, and went on from where it was. */
export async function goesOn(read, least) {
  const first = await number(read);
  await until('the counter goes on', () => Number(read().trim()) > first);
  if (first < least) throw new Error(`it counts ${first}, and was at ${least}`);
  return number(read);
}

/** A counter that stands still. */
export async function stands(read) {
  const first = await number(read);
  await sleep(500);
  if ((await number(read)) !== first) throw new Error('it goes on');
}

export const results = { passed: 0, failed: 0, skipped: 0 };

export async function test(name, body) {
  const only = process.env.ONLY;
  if (only !== undefined && !name.includes(only) && !name.endsWith('nothing is left on the host')) return;
  const start = Date.now();
  try {
    await body();
    results.passed++;
    console.log(`ok    ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    results.failed++;
    console.log(`FAIL  ${name}\n${error.message.replace(/^/gm, '      ')}`);
  }
}

export function skip(name, why) {
  results.skipped++;
  console.log(`skip  ${name}: ${why}`);
}

/** Tests in which CRIU 4.2 dumps and this criu restores, and the reverse. */
export async function crossed(engine, body) {
  if (!peer) {
    skip(`${engine}: dumped by one, restored by the other`, 'CRIU_PEER names no CRIU');
    return;
  }
  for (const [dumper, restorer, what] of [
    [criu, peer, 'CRIU restores what it has dumped'],
    [peer, criu, 'what CRIU has dumped is restored'],
  ])
    await test(`${engine}: ${what}`, async () => {
      try {
        await body(dumper, restorer);
      } finally {
        useCriu(criu);
      }
    });
}

/** A daemon of an engine, with a log; `end` waits until it has ended. */
export function daemon(program, args, log, more = {}) {
  const out = openSync(log, 'w');
  const child = spawn(program, args, { env: { ...env, ...more }, stdio: ['ignore', out, out] });
  closeSync(out);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    end() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** The last lines of a log, for an error. */
export function tail(file, lines = 15) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-lines).join('\n') : '';
}
