// How long `runc checkpoint` and `runc restore` take, and how long the container stands still, with this criu and with the one
// that CRIU_PEER names: they take turns, and medians are compared; the least and the most are printed, too. RUNS=N has more rounds than 7.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Bundle, withPrograms } from './bundle.mjs';
import { criu, env, freshDir, peer, RUN, run, tail, test, until, useCriu } from './kit.mjs';

const RUNS = Number(process.env.RUNS ?? 7);
const MIB = 200;
const crit = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'crit', 'bin', 'crit.cjs');

/** Seconds of a command: in all, and of processors. */
function timed(dir, log, args) {
  const said = join(dir, 'time');
  const script = 'TIMEFORMAT="%R %U %S"; { time "$@" >/dev/null 2>&1 </dev/null; } 2> "$0"';
  const { status } = spawnSync('bash', ['-c', script, said, 'runc', ...args], { env, stdio: 'ignore' });
  if (status !== 0) throw new Error(`runc ${args.join(' ')}: ${tail(log)}`);
  const [real, user, system] = readFileSync(said, 'utf8').trim().split(' ').map(Number);
  return { real, cpu: user + system };
}

/** Milliseconds that the dump says the tasks stood still. */
function frozen(images) {
  const { entries } = JSON.parse(run(process.execPath, [crit, 'decode', '-i', join(images, 'stats-dump')]));
  return entries[0].dump.frozen_time / 1000;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** The least and the most. */
const spread = (list) => [Math.min(...list), Math.max(...list)].map((one) => one.toFixed(3)).join('–');

function busybox() {
  return new Bundle('runc', `bench-busybox-${RUN}`);
}

/** A Redis with values of 1 MiB, which are no zeros. */
function redis() {
  const bundle = new Bundle('runc', `bench-redis-${RUN}`, (spec, self) => {
    const quiet = ['--save', '', '--dir', '/tmp', '--unixsocket', '/tmp/s', '--port', '0'];
    spec.process.args = ['/usr/bin/redis-server', ...quiet];
    withPrograms(spec, self);
  });
  bundle.fill = async () => {
    const cli = (...args) => run('redis-cli', ['-s', join(bundle.rootfs, 'tmp', 's'), ...args]);
    await until(
      'Redis answers',
      () => spawnSync('redis-cli', ['-s', join(bundle.rootfs, 'tmp', 's'), 'PING'], { env }).status === 0,
    );
    for (let i = 0; i < MIB; i++) {
      const value = join(bundle.dir, 'value');
      writeFileSync(value, Buffer.alloc(1 << 20, `value ${i} `));
      run('sh', ['-c', `redis-cli -s ${join(bundle.rootfs, 'tmp', 's')} -x SET key${i} < ${value}`]);
    }
    if (Number(cli('DBSIZE')) !== MIB) throw new Error('Redis is not filled');
  };
  return bundle;
}

async function measure(bundle) {
  const contenders = [['ours', criu], ...(peer ? [['CRIU', peer]] : [])];
  const rounds = Object.fromEntries(contenders.map(([name]) => [name, []]));
  try {
    bundle.quietly(['run', '-d', bundle.name]);
    await bundle.fill?.();
    // The first round of each is not counted.
    for (let i = 0; i <= RUNS; i++)
      for (const [name, binary] of i % 2 ? contenders.toReversed() : contenders) {
        const dir = freshDir();
        useCriu(binary);
        const paths = ['--image-path', dir, '--work-path', dir];
        const where = ['--criu', binary];
        const dump = timed(dir, join(dir, 'dump.log'), [...where, 'checkpoint', ...paths, bundle.name]);
        const still = frozen(dir);
        const back = ['restore', '-d', '--bundle', bundle.dir, ...paths, bundle.name];
        const restore = timed(dir, join(dir, 'restore.log'), [...where, ...back]);
        if (i > 0) rounds[name].push({ dump, restore, still });
        run('rm', ['-rf', dir]);
      }
  } finally {
    useCriu(criu);
    await bundle.delete();
  }
  const columns = {
    'checkpoint s': ({ dump }) => dump.real,
    'checkpoint CPU s': ({ dump }) => dump.cpu,
    'frozen ms': ({ still }) => still,
    'restore s': ({ restore }) => restore.real,
    'restore CPU s': ({ restore }) => restore.cpu,
  };
  for (const [column, of] of Object.entries(columns)) {
    const values = contenders.map(([name]) => median(rounds[name].map(of)));
    const each = contenders
      .map(([name], i) => `${name} ${values[i].toFixed(3)} (${spread(rounds[name].map(of))})`)
      .join(', ');
    const ratio = values.length > 1 ? `, ratio ${(values[0] / values[1]).toFixed(2)}` : '';
    console.log(`      ${column.padEnd(16)} ${each}${ratio}`);
  }
  console.log(`      ${RUNS} rounds, load ${loadavg()[0].toFixed(1)}`);
}

export default async function bench() {
  await test('bench: runc with a busybox', () => measure(busybox()));
  await test(`bench: runc with a Redis of ${MIB} MiB`, () => measure(redis()));
}
