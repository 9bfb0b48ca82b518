// `npm run bench`: how long dump and restore take, how long tasks are frozen, how long commands need to start; beside the
// CRIU that CRIU_PEER names. Both take turns; medians with quartiles, and the ratio run by run. Written to bench.json, too.
// A row ends when it has its runs, or after a minute if it has three, after two if it has one: what takes long varies little. One that fails is said to, and the
// others go on. `--quick` has fewer runs, `--only=TEXT` the rows with that text in their names, `--json` prints what is written.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, spread } from './bench/statistics.mjs';
import { endAll, endTree, startVictim, treeOf, untilFree } from './bench/victim.mjs';
import { api, cold, service, timed } from './bench/ways.mjs';
import { WORKLOADS } from './bench/workloads.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const quick = process.argv.includes('--quick');
const json = process.argv.includes('--json');
const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length) ?? '';
const peer = process.env.CRIU_PEER;
// The commands start without it. Node alone would read all of them.
delete process.env.NODE_EXTRA_CA_CERTS;

if (process.getuid?.() !== 0) {
  console.error('bench: this needs root, as it dumps and restores processes: sudo npm run bench');
  process.exit(1);
}
if (!process.argv.includes('--built')) {
  execFileSync(process.execPath, [join(root, 'tools/setup.mjs')], { stdio: ['ignore', 2, 2] });
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: root, stdio: ['ignore', 'ignore', 2] });
}

const { decodeImage } = await import('../packages/images/dist/index.js');
const ours = join(root, 'packages/criu-cli/bin/criu');
const dir = mkdtempSync(join(process.env.CRIU_BENCH_DIR ?? tmpdir(), 'criu-bench-'));
const victim = join(dir, 'victim');
const client = join(dir, 'client');

const tty = process.stderr.isTTY;
const progress = (text) => tty && process.stderr.write(`\r\x1b[2K${text && `bench: ${text}`}`);

/** Who takes part in a row, and how it is asked. */
async function contenders(way) {
  const open = (name, command, own) => {
    if (way === 'service') return service(command, { dir: own, client });
    if (way === 'cold' || (way === 'api' && name === 'CRIU')) return cold(command);
    return api(join(root, 'tools/bench/api.mjs'));
  };
  const names = [['ours', ours], ...(peer ? [['CRIU', peer]] : [])];
  const out = [];
  for (const [name, command] of names) {
    const own = join(dir, name);
    mkdirSync(own, { recursive: true });
    out.push({ name, ask: await open(name, command, own) });
  }
  return out;
}

/** Milliseconds that tasks stood still, as the dump says itself. */
function frozenTime(images) {
  const [stats] = decodeImage('STATS', readFileSync(join(images, 'stats-dump')));
  return stats.entry.dump.frozen_time / 1000;
}

/** One dump and one restore, in milliseconds. */
async function round({ ask }, { size, rooted }) {
  const images = join(dir, 'images');
  mkdirSync(images);
  const { pid, ended } = await startVictim(victim, size, dir);
  try {
    // What earlier rounds wrote must not be written out during this one.
    execFileSync('sync');
    const pids = treeOf(pid);
    const dump = await ask.dump(pid, images);
    await ended;
    // Orphans are reaped by init, and have their pids until then.
    await untilFree(pids);
    const restore = await ask.restore(images, rooted);
    return { dump, frozen: frozenTime(images), restore };
  } finally {
    await endTree(pid);
    rmSync(images, { recursive: true, force: true });
  }
}

/** Longer than this, and no row goes on once it has FEWEST runs. */
const MOST_MS = quick ? 20_000 : 60_000;
const FEWEST = 3;

const rows = [];
/** @param measured values of each contender, by name, in the order of the runs */
function report(name, measured) {
  const { ours: mine, ...others } = Object.fromEntries(
    Object.entries(measured).map(([who, values]) => [who, spread(values)]),
  );
  const [against] = Object.keys(others);
  const ratio = against && compare(measured.ours, measured[against]);
  rows.push({ name, ours: mine, ...(against ? { against, theirs: others[against], ratio } : {}) });
}

async function measure(workload, way) {
  const { name, runs } = workload;
  const title = way === 'cold' ? name : `${name}, ${way === 'api' ? 'API' : way}`;
  if (!title.includes(only)) return;
  const taking = await contenders(way);
  const measured = { dump: {}, frozen: {}, restore: {} };
  const count = quick ? Math.max(FEWEST, runs >> 1) : runs;
  const begun = Date.now();
  try {
    // The first run only warms up. Who begins changes from run to run.
    for (let run = 0; run <= count; run++) {
      const over = Date.now() - begun - MOST_MS;
      if ((run > FEWEST && over > 0) || (run > 1 && over > MOST_MS)) break;
      for (const contender of run % 2 ? [...taking] : taking.toReversed()) {
        progress(`${title}, run ${run} of ${count}, ${contender.name}`);
        let result;
        try {
          result = await round(contender, workload);
        } catch (error) {
          // What CRIU cannot do is no reason not to measure ours.
          if (contender.name === 'ours') throw error;
          rows.push({ name: `${title}, ${contender.name}`, failed: error.message });
          taking.splice(taking.indexOf(contender), 1);
          await contender.ask.close();
          for (const values of Object.values(measured)) delete values[contender.name];
          continue;
        }
        if (run === 0) continue;
        for (const [key, values] of Object.entries(measured))
          values[contender.name] = [...(values[contender.name] ?? []), result[key]];
      }
    }
  } catch (error) {
    rows.push({ name: title, failed: error.message });
    process.exitCode = 1;
    return;
  } finally {
    for (const { ask } of taking) await ask.close();
  }
  report(`${title}: dump`, measured.dump);
  report(`${title}: frozen time`, measured.frozen);
  report(`${title}: restore`, measured.restore);
}

const COMMANDS = {
  criu: 'packages/criu-cli/bin/criu',
  crit: 'packages/crit/bin/crit.cjs',
  compel: 'packages/compel/bin/compel.cjs',
  soccr: 'packages/soccr/bin/soccr.cjs',
};

/** From exec to the first useful line, beside node that does nothing. */
function measureStart(name, path) {
  const title = `${name} --version`;
  if (!title.includes(only)) return;
  const measured = { ours: [], node: [] };
  for (let run = 0; run <= (quick ? 11 : 31); run++) {
    progress(`${title}, run ${run}`);
    const mine = timed(join(root, path), ['--version']).ms;
    const node = timed(process.execPath, ['-e', '0']).ms;
    if (run === 0) continue;
    measured.ours.push(mine);
    measured.node.push(node);
  }
  report(title, measured);
}

/** What stands in the way of taking a ratio at its word. */
function doubt({ few, noisy, runs }) {
  if (few) return runs === 1 ? ', one run only' : `, ${runs} runs only`;
  return noisy ? ', too noisy to tell' : '';
}

const cell = ({ median, low, high }) => `${median.toFixed(1)} (${low.toFixed(1)}-${high.toFixed(1)})`;

/** Others that use the machine slow one run and not the next. */
function warnOfLoad() {
  const count = cpus().length;
  if (loadavg()[0] > count / 2)
    console.error(
      `bench: others use this machine (load ${load()} on ${count} CPUs): many rows will be too noisy to tell`,
    );
}

function print(result) {
  const { minutes } = result;
  console.log(`${result.machine}; medians (quartiles) in milliseconds; ${minutes.toFixed(1)} minutes\n`);
  const columns = ['', 'ours', 'theirs', 'ratio', ''];
  const table = result.rows
    .filter(({ failed }) => failed === undefined)
    .map(({ name, ours: mine, theirs, against, ratio }) => [
      name,
      cell(mine),
      theirs ? cell(theirs) : '',
      ratio ? `${ratio.median.toFixed(2)}x (${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)})` : '',
      against ? `${against}${doubt(ratio)}` : '',
    ]);
  const widths = columns.map((_, c) => Math.max(...[columns, ...table].map((line) => line[c].length)) + 2);
  for (const [i, line] of [columns, ...table].entries()) {
    console.log(
      line
        .map((text, c) => (c === 0 ? text.padEnd(widths[c]) : text.padStart(widths[c])))
        .join('')
        .trimEnd(),
    );
    if (i === 0) console.log('-'.repeat(widths.reduce((sum, width) => sum + width, 0)));
  }
  const noisy = result.rows.filter(({ ratio }) => ratio?.noisy).length;
  if (noisy > 0)
    console.log(
      `\n${noisy} of ${result.rows.length} rows are too noisy to tell, or have too few runs: others use this machine ` +
        `(load ${result.load.before} before, ${result.load.after} after).`,
    );
  for (const { name, failed } of result.rows)
    if (failed !== undefined) console.log(`\n${name} failed: ${failed}`);
  if (!peer) console.log('\nCRIU_PEER=/path/to/criu npm run bench puts CRIU beside it.');
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    endAll();
    rmSync(dir, { recursive: true, force: true });
    process.exit(1);
  });

const load = () => loadavg()[0].toFixed(1);
try {
  for (const [source, program] of [
    ['victim.c', victim],
    ['client.c', client],
  ])
    execFileSync('gcc', ['-O2', '-pthread', '-o', program, join(root, 'tools/bench', source)], {
      stdio: 'inherit',
    });
  const before = load();
  const begun = Date.now();
  warnOfLoad();
  for (const [name, path] of Object.entries(COMMANDS)) measureStart(name, path);
  for (const workload of WORKLOADS) for (const way of workload.ways) await measure(workload, way);
  progress('');
  const machine = `Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`;
  const minutes = (Date.now() - begun) / 60_000;
  const result = { machine, load: { before, after: load() }, minutes, rows };
  writeFileSync(join(root, 'bench.json'), `${JSON.stringify(result, null, 2)}\n`);
  if (json) console.log(JSON.stringify(result, null, 2));
  else print(result);
} catch (error) {
  progress('');
  console.error(`bench: ${process.env.DEBUG ? error.stack : error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
