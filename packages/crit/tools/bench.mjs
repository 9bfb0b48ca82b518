// Times crit beside Python's (Debian's package) as whole processes: `node packages/crit/tools/bench.mjs` after a build.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeImageStream, readImageSync } from '@criu/images';

const ours = [fileURLToPath(new URL('../bin/crit.cjs', import.meta.url))];
const python = existsSync('/usr/bin/crit') ? ['/usr/bin/crit'] : undefined;
const fixtures = fileURLToPath(new URL('../../images/test/fixtures/criu-4.2', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'crit-bench-'));

async function make(name, kind, items) {
  const path = join(dir, name);
  const fd = openSync(path, 'w');
  for await (const piece of encodeImageStream(kind, items)) writeSync(fd, piece);
  return path;
}

function* runs(count) {
  yield { entry: { pages_id: 1 } };
  for (let at = 0n; at < count; at++) {
    yield { entry: { vaddr: 0x7f0000000000n + at * 8192n, compat_nr_pages: 1, flags: 4, nr_pages: 1n } };
  }
}

function* files(bytes) {
  const some = readImageSync(join(fixtures, 'socket-tcp4v6-closing', 'files.img'), 'FILES');
  for (let id = 1, size = 0; size < bytes; id++) {
    const { entry } = some[id % some.length];
    size += 76;
    yield { entry: { ...entry, id } };
  }
}

/** Best of some runs: seconds, and kilobytes at the peak as GNU time says them. */
function time([command, ...first], args, times) {
  let best = Number.POSITIVE_INFINITY;
  let memory = 0;
  for (let round = 0; round < times; round++) {
    const start = performance.now();
    const { stderr, status } = spawnSync('/usr/bin/time', ['-f', '%M', command, ...first, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
    best = Math.min(best, (performance.now() - start) / 1000);
    memory = Number(stderr.trim().split('\n').at(-1));
  }
  return { best, memory };
}

function row(what, args, times, otherArgs = args) {
  const mine = time(ours, args, times);
  const line = `${what.padEnd(34)} ${mine.best.toFixed(3)} s ${(mine.memory / 1024).toFixed(0)} MB`;
  if (python === undefined) return console.log(line);
  const theirs = time(python, otherArgs, times);
  const other = `Python ${theirs.best.toFixed(3)} s ${(theirs.memory / 1024).toFixed(0)} MB`;
  const ratio = `time ${(mine.best / theirs.best).toFixed(2)} memory ${(mine.memory / theirs.memory).toFixed(2)}`;
  console.log(`${line}   ${other}   ${ratio}`);
}

try {
  const empty = join(dir, 'nothing.cjs');
  writeSync(openSync(empty, 'w'), '');
  console.log(`node alone, doing nothing: ${time([process.execPath], [empty], 20).best.toFixed(3)} s`);
  const small = join(fixtures, 'ipc', 'core-1.img');
  row('decode a small image', ['decode', '-i', small], 20);
  row('decode it pretty', ['decode', '-i', small, '--pretty'], 20);
  row('show it', ['show', small], 20);
  const text = join(dir, 'small.json');
  spawnSync(ours[0], ['decode', '-i', small, '-o', text]);
  row('encode it', ['encode', '-i', text, '-o', join(dir, 'small.img')], 20);
  for (const what of ['ps', 'fds', 'mems']) row(`x ${what}`, ['x', join(fixtures, 'ipc'), what], 20);
  const pagemap = await make('pagemap-1.img', 'PAGEMAP', runs(2_500_000n));
  const table = await make('files.img', 'FILES', files(50e6));
  for (const path of [pagemap, table]) {
    const size = `${(statSync(path).size / 1e6).toFixed(0)} MB`;
    row(
      `decode ${size} of ${path.split('/').at(-1)}`,
      ['decode', '-i', path, '-o', join(dir, 'out.json')],
      1,
    );
  }
  const json = join(dir, 'in.json');
  for (const path of [pagemap, table]) {
    spawnSync(ours[0], ['decode', '-i', path, '-o', json]);
    row(`encode ${path.split('/').at(-1)} again`, ['encode', '-i', json, '-o', join(dir, 'out.img')], 1);
  }
} finally {
  rmSync(dir, { recursive: true });
}
