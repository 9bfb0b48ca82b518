// Container engines with this criu in the place of CRIU's: `npm run test:containers [runc|podman …]`, as root. Installs the
// engines (Debian's packages) where they are missing. Each engine runs a small container through its ways to checkpoint and
// restore; afterwards nothing may be left on the host that was not there before.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const criu = process.env.CRIU ?? join(here, '..', '..', 'bin', 'criu');
const work = mkdtempSync(join(tmpdir(), 'criu-containers-'));
const path = join(work, 'path');
mkdirSync(path);
symlinkSync(criu, join(path, 'criu'));
const env = { ...process.env, PATH: `${path}:${process.env.PATH}` };
delete env.NODE_EXTRA_CA_CERTS;

const COUNT = 'i=0; while :; do i=$((i+1)); echo $i > /tmp/n; sleep 0.1; done';
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs a command; its output, or an error with what it said. */
function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    timeout: 120_000,
    ...options,
  });
  if (error || status !== 0)
    throw new Error(
      `${command} ${args.join(' ')}: ${error ?? `ended with ${status}`}\n${stdout ?? ''}${stderr ?? ''}`,
    );
  return stdout ?? '';
}

function install(program, ...packages) {
  if (spawnSync('which', [program]).status === 0) return;
  run('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  run('apt-get', ['install', '-y', '-qq', ...packages], {
    stdio: 'ignore',
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 600_000,
  });
}

/** A root with busybox and the folders that engines expect. */
function makeRoot(folder) {
  install('busybox', 'busybox-static');
  for (const name of ['bin', 'proc', 'sys', 'dev', 'tmp', 'etc'])
    mkdirSync(join(folder, name), { recursive: true });
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file));
  run('cp', [busybox, join(folder, 'bin', 'busybox')]);
  for (const name of ['sh', 'sleep', 'echo', 'cat', 'ls']) symlinkSync('busybox', join(folder, 'bin', name));
}

/** What an engine or a checkpoint could leave behind. */
function leftovers() {
  const groups = readdirSync('/sys/fs/cgroup', { recursive: false });
  return {
    mounts: readFileSync('/proc/self/mountinfo', 'latin1').split('\n').length,
    groups: groups.length,
    tables: spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' }).stdout ?? '',
    agents: spawnSync('pgrep', ['-c', 'criu-agent'], { encoding: 'utf8' }).stdout?.trim(),
  };
}

let passed = 0;
let failed = 0;
let skipped = 0;
async function test(name, body) {
  try {
    await body();
    passed++;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}\n${error.message.replace(/^/gm, '      ')}`);
  }
}

/** The counter's file is empty for a moment each time that it is written. */
async function number(read) {
  for (let tries = 0; tries < 50; tries++) {
    const text = read().trim();
    if (text !== '') return Number(text);
    await sleep(20);
  }
  throw new Error('the counter is gone');
}

/** Two readings of a counter some time apart: the container runs, and went on from where it was. */
async function goesOn(read, least) {
  const first = await number(read);
  await sleep(500);
  const second = await number(read);
  if (!(first >= least && second > first))
    throw new Error(`it counts ${first}, ${second}, and was at ${least}`);
  return second;
}

async function withRunc() {
  install('runc', 'runc');
  const bundle = join(work, 'bundle');
  const rootfs = join(bundle, 'rootfs');
  makeRoot(rootfs);
  run('runc', ['spec'], { cwd: bundle });
  const file = join(bundle, 'config.json');
  const spec = JSON.parse(readFileSync(file, 'utf8'));
  spec.process.terminal = false;
  spec.process.args = ['/bin/sh', '-c', COUNT];
  delete spec.process.rlimits;
  spec.root.readonly = false;
  writeFileSync(file, JSON.stringify(spec));
  const quiet = { cwd: bundle, stdio: 'ignore' };
  const count = () => readFileSync(join(rootfs, 'tmp', 'n'), 'utf8');
  const images = (n) => {
    const dir = join(work, `images-${n}`);
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir);
    return dir;
  };
  const checkpoint = (dir, ...more) =>
    run('runc', ['--criu', criu, 'checkpoint', '--image-path', dir, '--work-path', dir, ...more, 'box'], {
      cwd: bundle,
    });
  const restore = (dir, ...more) =>
    run(
      'runc',
      ['--criu', criu, 'restore', '-d', '--image-path', dir, '--work-path', dir, ...more, 'box'],
      quiet,
    );
  run('runc', ['run', '-d', 'box'], quiet);
  await sleep(1000);
  let at = await number(count);
  try {
    await test('runc: ten cycles of checkpoint and restore', async () => {
      for (let i = 0; i < 10; i++) {
        const dir = images('cycle');
        checkpoint(dir);
        restore(dir);
        at = await goesOn(count, at);
      }
    });
    await test('runc: exec in a restored container', async () => {
      if (run('runc', ['exec', 'box', '/bin/cat', '/tmp/n'], { cwd: bundle }).trim() === '')
        throw new Error('no answer');
    });
    await test('runc: --leave-running', async () => {
      checkpoint(images('running'), '--leave-running');
      at = await goesOn(count, at);
    });
    await test('runc: --pre-dump, and a dump that builds on it', async () => {
      const [pre, full] = [images('pre'), images('full')];
      checkpoint(pre, '--pre-dump');
      checkpoint(full, '--parent-path', '../images-pre');
      restore(full);
      at = await goesOn(count, at);
    });
    await test('runc: --file-locks, --manage-cgroups-mode full', async () => {
      const dir = images('locks');
      checkpoint(dir, '--file-locks', '--manage-cgroups-mode', 'full');
      restore(dir, '--file-locks', '--manage-cgroups-mode', 'full');
      at = await goesOn(count, at);
    });
  } finally {
    spawnSync('runc', ['delete', '-f', 'box'], { env });
  }
}

async function withPodman() {
  install('podman', 'podman', 'runc');
  const rootfs = join(work, 'podman-rootfs');
  makeRoot(rootfs);
  const base = [
    '--root',
    join(work, 'storage'),
    '--runroot',
    join(work, 'run'),
    '--storage-driver=vfs',
    '--runtime',
    'runc',
    '--cgroup-manager',
    'cgroupfs',
  ];
  const podman = (...args) => run('podman', [...base, ...args]);
  const tar = join(work, 'rootfs.tar');
  run('tar', ['-C', rootfs, '-cf', tar, '.']);
  podman('import', tar, 'localhost/box');
  const count = (name) => () => podman('exec', name, '/bin/cat', '/tmp/n');
  podman('run', '-d', '--name', 'one', '--network', 'none', 'localhost/box', '/bin/sh', '-c', COUNT);
  await sleep(1000);
  let at = 0;
  try {
    await test('podman: checkpoint and restore', async () => {
      for (let i = 0; i < 3; i++) {
        podman('container', 'checkpoint', 'one');
        podman('container', 'restore', 'one');
        at = await goesOn(count('one'), at);
      }
    });
    await test('podman: --keep --leave-running', async () => {
      podman('container', 'checkpoint', '--keep', '--leave-running', 'one');
      at = await goesOn(count('one'), at);
    });
    await test('podman: --export, --import under another name', async () => {
      const archive = join(work, 'one.tar.zst');
      podman('container', 'checkpoint', '--export', archive, '--compress', 'zstd', 'one');
      podman('container', 'restore', '--import', archive, '--name', 'two');
      at = await goesOn(count('two'), at);
    });
    await test('podman: --pre-checkpoint, --with-previous', async () => {
      const [pre, full] = [join(work, 'pre.tar'), join(work, 'full.tar')];
      podman('container', 'checkpoint', '--pre-checkpoint', '--export', pre, 'two');
      podman('container', 'checkpoint', '--with-previous', '--export', full, 'two');
      podman('rm', '-f', 'two', 'one');
      podman('container', 'restore', '--import-previous', pre, '--import', full);
      at = await goesOn(count('two'), at);
    });
  } finally {
    spawnSync('podman', [...base, 'rm', '-f', '-a'], { env });
  }
}

const ENGINES = { runc: withRunc, podman: withPodman };
const wanted = process.argv.slice(2);
if (process.getuid?.() !== 0) {
  console.error('container engines need root');
  process.exit(1);
}
const before = leftovers();
for (const [name, body] of Object.entries(ENGINES)) {
  if (wanted.length > 0 && !wanted.includes(name)) {
    skipped++;
    continue;
  }
  await body();
}
await test('nothing is left on the host', async () => {
  const after = leftovers();
  for (const [what, value] of Object.entries(before))
    if (after[what] !== value) throw new Error(`${what}: ${value} before, ${after[what]} after`);
});
execFileSync('rm', ['-rf', '--one-file-system', work]);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed ? 1 : 0);
