// `npm run bench`: how long dump and restore take, how long tasks are frozen, how long the command needs to start;
// beside the CRIU that CRIU_PEER names. Medians of runs that take turns. `--quick` has fewer, `--json` is for programs.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const quick = process.argv.includes('--quick');
const json = process.argv.includes('--json');
const peer = process.env.CRIU_PEER;

const WORKLOADS = [
  { name: '16 MiB', mib: 16, threads: 0, runs: quick ? 5 : 11 },
  { name: '1 GiB', mib: 1024, threads: 0, runs: quick ? 3 : 5 },
  { name: '16 MiB, 200 threads', mib: 16, threads: 200, runs: quick ? 3 : 7 },
];

if (process.getuid?.() !== 0) {
  console.error('bench: this needs root, as it dumps and restores processes: sudo npm run bench');
  process.exit(1);
}
execFileSync(process.execPath, [join(root, 'tools/setup.mjs')], { stdio: ['ignore', 2, 2] });
execFileSync('npm', ['run', 'build', '--silent'], { cwd: root, stdio: ['ignore', 'ignore', 2] });

// What was just built need not be compared with its sources in every run.
process.env.CRIU_BUILT = '1';
const contenders = [
  { name: 'ours', command: join(root, 'packages/criu-cli/bin/criu') },
  ...(peer ? [{ name: 'CRIU', command: peer }] : []),
];
const dir = mkdtempSync(join(process.env.CRIU_BENCH_DIR ?? tmpdir(), 'criu-bench-'));
const victim = join(dir, 'victim');

const tty = process.stderr.isTTY;
const progress = (text) => tty && process.stderr.write(`\r\x1b[2K${text && `bench: ${text}`}`);

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Milliseconds of a command that must succeed, and what it printed. */
function timed(command, args) {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed (${status}):\n${stdout}${stderr}`);
  return { ms, stdout };
}

/** One dump and one restore, in milliseconds. */
async function round(contender, workload) {
  const images = join(dir, 'images');
  mkdirSync(images);
  const ready = join(dir, 'ready');
  const child = spawn(
    'sh',
    [
      '-c',
      `exec "$0" "$1" "$2" </dev/null >"$3" 2>&1`,
      victim,
      String(workload.mib),
      String(workload.threads),
      ready,
    ],
    {
      detached: true,
      stdio: 'ignore',
    },
  );
  const pid = child.pid;
  try {
    while (!readSafely(ready).includes('ready')) {
      if (child.exitCode !== null) throw new Error('the victim did not start');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // What earlier rounds wrote must not be written out during this one.
    spawnSync('sync');
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const dump = timed(contender.command, [
      'dump',
      '-t',
      String(pid),
      '-D',
      images,
      '--display-stats',
      '-o',
      'dump.log',
    ]);
    await ended;
    const restore = timed(contender.command, ['restore', '-D', images, '-d', '-o', 'restore.log']);
    const frozen = Number(/Frozen time: (\d+) us/.exec(dump.stdout)?.[1]) / 1000;
    return { dump: dump.ms, frozen, restore: restore.ms };
  } finally {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
    while (spawnSync('kill', ['-0', String(pid)], { stdio: 'ignore' }).status === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    rmSync(images, { recursive: true, force: true });
    rmSync(ready, { force: true });
  }
}

function readSafely(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const rows = [];
function report(name, values) {
  const [ours, theirs] = contenders.map((c) => median(values.get(c.name)));
  rows.push({ name, ours, ...(theirs === undefined ? {} : { criu: theirs, ratio: ours / theirs }) });
}

try {
  execFileSync('gcc', ['-O2', '-pthread', '-o', victim, join(root, 'tools/bench/victim.c')], {
    stdio: 'inherit',
  });
  for (const workload of WORKLOADS) {
    const measures = { frozen: new Map(), dump: new Map(), restore: new Map() };
    for (let run = 0; run <= workload.runs; run++) {
      // Who begins changes from run to run; the first run only warms up.
      for (const contender of run % 2 ? contenders : contenders.toReversed()) {
        progress(`${workload.name}, run ${run} of ${workload.runs}, ${contender.name}`);
        const result = await round(contender, workload);
        if (run === 0) continue;
        for (const [key, map] of Object.entries(measures))
          map.set(contender.name, [...(map.get(contender.name) ?? []), result[key]]);
      }
    }
    for (const [key, map] of Object.entries(measures))
      report(`${workload.name}: ${key === 'frozen' ? 'frozen time' : key}`, map);
  }
  const start = { ours: [], node: [], CRIU: [] };
  for (let run = 0; run < (quick ? 11 : 31); run++) {
    progress(`start-up, run ${run}`);
    start.node.push(timed(process.execPath, ['-e', '0']).ms);
    for (const c of contenders) start[c.name].push(timed(c.command, ['--version']).ms);
  }
  progress('');
  report('--version', new Map(Object.entries(start)));
  const startup = { ours: median(start.ours), node: median(start.node) };
  if (json) {
    console.log(
      JSON.stringify({ rows, startup: { ...startup, ratio: startup.ours / startup.node } }, null, 2),
    );
  } else {
    console.log(
      `Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}; medians in milliseconds\n`,
    );
    const columns = ['', 'ours', ...(peer ? ['CRIU', 'ours/CRIU'] : [])];
    const table = rows.map((r) => [
      r.name,
      r.ours.toFixed(1),
      ...(peer ? [r.criu.toFixed(1), `${r.ratio.toFixed(2)}x`] : []),
    ]);
    for (const [i, line] of [columns, ...table].entries()) {
      console.log(line.map((text, c) => (c === 0 ? text.padEnd(36) : text.padStart(12))).join(''));
      if (i === 0) console.log('-'.repeat(36 + 12 * (columns.length - 1)));
    }
    console.log(
      `\ncriu --version beside node -e 0: ${startup.ours.toFixed(1)} and ${startup.node.toFixed(1)} ms, ${(startup.ours / startup.node).toFixed(2)}x`,
    );
    if (!peer) console.log('CRIU_PEER=/path/to/criu npm run bench puts CRIU beside it.');
  }
} catch (error) {
  progress('');
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
