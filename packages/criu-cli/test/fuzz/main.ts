// The fuzzer as a command (npm run fuzz): plans in threads of this process, restores and kills in the sandbox.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ImageSetCopy } from './image-set.js';
import { caseAt, fuzzPlans, type PlanFailure, planFault } from './plans.js';
import { Restores } from './restores.js';
import { inSandbox, NO_SANDBOX } from './sandbox.js';
import { dumpVictims, VICTIMS } from './victims.js';

const { values: options } = parseArgs({
  options: {
    plans: { type: 'string', default: '2000' },
    restores: { type: 'string', default: '50' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** Only this position, told in full. */
    plan: { type: 'string' },
    restore: { type: 'string' },
    kill: { type: 'string' },
    /** Names of those to dump. */
    victims: { type: 'string' },
    /** More image sets: folders of sets, pages need not be there. */
    sets: { type: 'string', multiple: true, default: [] },
    /** Where the repository is; given by tools/fuzz.mjs. */
    root: { type: 'string', default: '' },
    inside: { type: 'string' },
    layer: { type: 'string', default: '' },
  },
});

const root = options.root;
const seed = Number(options.seed);
const tests = pathToFileURL(join(root, 'packages/criu-cli/test/'));
const names = options.victims?.split(',');
const victims = VICTIMS.filter(([, name]) => names?.includes(name) ?? true);
const log = (text: string) => process.stdout.write(`${text}\n`);

interface Fault {
  readonly set: string;
  readonly what: readonly string[];
  readonly faults: readonly string[];
}

let found = 0;

function tell(kind: string, position: number, { set, what, faults }: Fault): void {
  found++;
  log(`FAULT ${kind} ${position} (set ${set}, --seed ${seed} --${kind} ${position})`);
  for (const line of what) log(`  changed: ${line}`);
  for (const line of faults) log(`  ${line.replaceAll('\n', '\n    ')}`);
}

function* range(limit: string, only: string | undefined): Generator<number> {
  if (only !== undefined) yield Number(only);
  else for (let i = 0; i < Number(limit); i++) yield i;
}

/** Sets to plan: our own victims', and those of CRIU that are there. */
function setsOf(own: string, foreign: readonly string[]): ImageSetCopy[] {
  const below = (dir: string, complete: boolean) =>
    readdirSync(dir).map((name) => new ImageSetCopy(name, join(dir, name), complete));
  return [...below(own, true), ...foreign.flatMap((dir) => below(dir, false))].filter(
    ({ images }) => images.length > 4,
  );
}

interface PlanWork {
  readonly own: string;
  readonly foreign: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly progress: SharedArrayBuffer;
}

/** A plan that takes longer hangs. */
const HANG_MS = 20_000;

/** Plans in a thread that can be given up; so a plan without an end is found, too. */
async function planInThreads(own: string, foreign: readonly string[], to: number): Promise<void> {
  const progress = new SharedArrayBuffer(8);
  const now = new Int32Array(progress);
  for (let from = 0; from < to; ) {
    const work: PlanWork = { own, foreign, from, to, progress };
    const worker = new Worker(new URL(import.meta.url), { workerData: work, argv: process.argv.slice(2) });
    worker.on('message', (failure: PlanFailure) =>
      tell('plan', failure.position, { ...failure, faults: [failure.failure] }),
    );
    const ended = new Promise<number>((resolve, reject) => {
      worker.once('exit', resolve);
      worker.once('error', reject);
    });
    let last = -1;
    let since = Date.now();
    const watch = setInterval(() => {
      const at = now[0] ?? 0;
      if (at !== last) since = Date.now();
      last = at;
      if (Date.now() - since > HANG_MS) void worker.terminate();
    }, 500);
    const code = await ended.catch((error: Error) => error.message);
    clearInterval(watch);
    if (code === 0) return;
    const { set, mutant } = caseAt(setsOf(own, foreign), seed, last);
    tell('plan', last, { set: set.name, what: mutant.what, faults: [`no end of it (${code})`] });
    from = last + 1;
  }
}

async function runWorker({ own, foreign, from, to, progress }: PlanWork): Promise<void> {
  const now = new Int32Array(progress);
  const positions = Array.from({ length: to - from }, (_, i) => from + i);
  for (const failure of fuzzPlans(setsOf(own, foreign), seed, positions, (position) => {
    now[0] = position;
  }))
    parentPort?.postMessage(failure);
}

async function plans(): Promise<void> {
  const own = mkdtempSync(join(tmpdir(), 'criu-fuzz-'));
  try {
    await dumpVictims(own, tests, victims);
    const foreign = [join(root, 'packages/images/test/fixtures/criu-4.2'), ...options.sets];
    const start = Date.now();
    if (options.plan !== undefined) {
      const { set, mutant, onPaper } = caseAt(setsOf(own, foreign), seed, Number(options.plan));
      log(
        `${set.name}${onPaper ? ', on paper' : ''}: ${mutant.what.join('; ')}\n${planFault(set, mutant, onPaper) ?? 'no fault'}`,
      );
      return;
    }
    await planInThreads(own, foreign, Number(options.plans));
    log(`${options.plans} damaged sets planned in ${Math.round((Date.now() - start) / 1000)} s`);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** Restores and kills; run inside. */
async function inside(folder: string): Promise<void> {
  process.env.TMPDIR = join(folder, 'victims');
  const restores = await Restores.prepare(
    {
      folder,
      layer: options.layer,
      ours: [join(root, 'node_modules/.cache'), folder],
      criu: join(root, 'packages/criu-cli/bin/criu'),
      tests,
    },
    victims,
  );
  const faults = await restores.check();
  if (faults.length > 0) {
    tell('restore', -1, { set: 'all', what: ['nothing'], faults });
    return;
  }
  const all = options.restore === undefined && options.kill === undefined;
  for (const [kind, limit, only] of [
    ['restore', options.restores, options.restore],
    ['kill', options.kills, options.kill],
  ] as const) {
    if (!all && only === undefined) continue;
    const outcomes = new Map<string, number>();
    const start = Date.now();
    for (const position of range(limit, only)) {
      const one = await (kind === 'restore'
        ? restores.damaged(seed, position)
        : restores.killed(seed, position));
      outcomes.set(one.outcome, (outcomes.get(one.outcome) ?? 0) + 1);
      if (only !== undefined) log(`${one.set}: ${one.what.join('; ')}\n${one.outcome}: ${one.said}`);
      if (one.faults.length > 0) tell(kind, position, one);
    }
    const list = [...outcomes].sort(([, a], [, b]) => b - a).map(([name, count]) => `${count} ${name}`);
    log(`${kind}s in ${Math.round((Date.now() - start) / 1000)} s: ${list.join(', ')}`);
  }
}

/** The same program again, in the sandbox. */
function outside(): void {
  const work = mkdtempSync(join(tmpdir(), 'criu-fuzz-'));
  const folder = join(work, 'folder');
  mkdirSync(join(folder, 'victims'), { recursive: true });
  const layer = join(work, 'layer');
  const self = fileURLToPath(import.meta.url);
  try {
    const argv = [...process.argv.slice(2), '--seed', String(seed), '--inside', folder, '--layer', layer];
    const code = inSandbox(layer, folder, [process.execPath, self, ...argv]);
    if (code === NO_SANDBOX) {
      log('no sandbox can be made here: it takes root, namespaces and overlayfs');
      process.exit(NO_SANDBOX);
    }
    if (code !== 0) found++;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const only = [options.plan, options.restore, options.kill].some((one) => one !== undefined);
  if (options.inside !== undefined) await inside(options.inside);
  else {
    log(`--seed ${seed}`);
    if (options.plan !== undefined || (!only && Number(options.plans) > 0)) await plans();
    if (
      options.restore !== undefined ||
      options.kill !== undefined ||
      (!only && Number(options.restores) + Number(options.kills) > 0)
    )
      outside();
    log(found === 0 ? 'no faults' : 'FAULTS were found');
  }
  process.exit(found === 0 ? 0 : 1);
}

if (isMainThread) await main();
else await runWorker(workerData as PlanWork);
