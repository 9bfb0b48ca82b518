// `npm run demo`: sets up what is missing, checkpoints a program that counts and computes, looks into the images, and
// brings it back to go on from where it stood.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildAll } from './build.mjs';
import { giveBack } from './owner.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const criu = join(root, 'packages/criu-cli/bin/criu');
const crit = join(root, 'packages/crit/bin/crit.cjs');

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(
    `demo: checkpointing works on Linux on x86_64, and this is ${process.platform} on ${process.arch}`,
  );
  process.exit(1);
}
if (process.getuid() !== 0) {
  console.error(
    'demo: this needs root, as it traces a process and gives another one its pid: sudo npm run demo\n' +
      '      (nothing was done; `npm test` runs what needs no root)',
  );
  process.exit(1);
}

const bold = process.stdout.isTTY ? (text) => `\x1b[1m${text}\x1b[0m` : (text) => text;
const title = (text) => console.log(`\n${bold(text)}`);
function step(command, args, options = {}) {
  console.log(`$ ${[command, ...args].join(' ').replaceAll(`${root}packages/`, '')}`);
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (status !== 0) {
    console.error(`demo: that failed (exit code ${status})`);
    process.exit(1);
  }
}

/** What the program should have said, from its largest prime on: the primes are computed anew here. */
function expected(largest) {
  let count = 0;
  let sum = 0;
  const composite = new Uint8Array(largest + 1);
  for (let n = 2; n <= largest; n++) {
    if (composite[n]) continue;
    count++;
    sum += n;
    for (let m = n * n; m <= largest; m += n) composite[m] = 1;
  }
  return { count, sum };
}

process.on('exit', () => giveBack());
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

title('1. Setting up');
try {
  const { status } = spawnSync(process.execPath, [join(root, 'tools/setup.mjs')], { stdio: 'inherit' });
  // It has said why.
  if (status !== 0) process.exit(1);
  await buildAll((line) => console.log(line));
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exit(1);
}

const dir = mkdtempSync(join(tmpdir(), 'criu-demo-'));
const images = join(dir, 'images');
const output = join(dir, 'output');
mkdirSync(images);
let pid = 0;
process.on('exit', () => {
  try {
    if (pid) process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
  rmSync(dir, { recursive: true, force: true });
});
const lines = () =>
  readFileSync(output, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
const show = (line) =>
  console.log(`  tick ${line[0]}: ${line[2]} primes up to ${line[1]}, their sum is ${line[3]}`);

try {
  title('2. A program starts: one thread looks for primes, another counts');
  const program = join(dir, 'counter');
  execFileSync('gcc', ['-O2', '-pthread', '-o', program, join(root, 'tools/demo/counter.c')], {
    stdio: 'inherit',
  });
  const child = spawn(program, {
    cwd: dir,
    detached: true,
    stdio: ['ignore', openSync(output, 'w'), 'ignore'],
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  pid = child.pid;
  await sleep(2000);
  for (const line of lines().slice(-3)) show(line);

  title('3. It is checkpointed to disk');
  step(criu, ['dump', '-t', String(pid), '-D', images, '-v4', '-o', 'dump.log', '--display-stats']);
  await ended;
  const before = lines().at(-1);
  console.log(`  process ${pid} is ${existsSync(`/proc/${pid}`) ? 'still there' : 'gone'}; its last words:`);
  show(before);

  title('4. What is in the images');
  for (const name of readdirSync(images).filter((f) => f.endsWith('.img')))
    console.log(`  ${name.padEnd(20)} ${statSync(join(images, name)).size} bytes`);
  step(crit, ['x', images, 'ps']);
  step(crit, ['x', images, 'fds']);
  await sleep(1000);

  title('5. It is restored');
  step(criu, ['restore', '-D', images, '-d', '-v4', '-o', 'restore.log', '--display-stats']);
  await sleep(1500);
  const after = lines();
  const at = after.findIndex((line) => line[0] === before[0]);
  for (const line of after.slice(at, at + 4)) show(line);

  const last = after.at(-1);
  const right = expected(last[1]);
  const gap = after.findIndex((line, i) => line[0] !== i + 1);
  if (last[0] <= before[0]) throw new Error('it does not go on');
  if (gap >= 0) throw new Error(`after tick ${gap} came tick ${after[gap][0]}`);
  if (right.count !== last[2] || right.sum !== last[3])
    throw new Error(
      `it says ${last[2]} primes with sum ${last[3]}, but there are ${right.count} with sum ${right.sum}`,
    );
  title(
    `Process ${pid} went on from tick ${before[0]} to ${last[0]}: no tick is missing, and all its sums are right.`,
  );
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
}
