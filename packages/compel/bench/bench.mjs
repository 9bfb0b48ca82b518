// Infect + cure cycles and remote system calls, beside libcompel: COMPEL_PEER names a built `compel` folder of CRIU's
// sources. Both visit the same process in turns, all on processor 0: where the scheduler puts three processes decides
// more than what they do (ALL_CPUS=1 lets it). Usage: node bench.mjs [CYCLES]
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, Tracer } from '@criu/compel';
import { sys } from '@criu/native';

const cycles = Number(process.argv[2] ?? 300);
const here = import.meta.dirname;
const dir = mkdtempSync(join(tmpdir(), 'compel-bench-'));
const peer = process.env.COMPEL_PEER;

function buildPeer() {
  const host = join(peer, 'compel-host');
  const ask = (...args) => execFileSync(host, args, { encoding: 'utf8', cwd: dir }).trim().split(/\s+/);
  const run = (cmd, args) => execFileSync(cmd, args, { cwd: dir });
  run('cc', ['-O2', '-c', ...ask('cflags'), '-o', 'parasite.o', join(here, 'peer-parasite.c')]);
  run('ld', [...ask('ldflags'), '-o', 'parasite.po', 'parasite.o', ...ask('plugins')]);
  run(host, ['hgen', '-o', 'peer-parasite.h', '-f', 'parasite.po']);
  run('cc', [
    '-O2',
    '-I',
    dir,
    ...ask('includes'),
    '-o',
    'peer',
    join(here, 'peer.c'),
    ...ask('--static', 'libs'),
  ]);
}

function peerTimes(pid) {
  const lines = execFileSync(join(dir, 'peer'), [String(pid), String(cycles)], { encoding: 'utf8' });
  const of = (word) => [...lines.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].map((m) => Number(m[1]));
  return { cycle: of('cycle'), syscall: of('syscall') };
}

async function ourTimes(pid) {
  const tracer = await Tracer.start();
  const cycle = [];
  const frozen = [];
  for (let i = 0; i < cycles + 50; i++) {
    const start = performance.now();
    const task = await tracer.seize(pid);
    const stopped = performance.now();
    await task.infect();
    await task.resume();
    const end = performance.now();
    // The first ones warm up the just-in-time compiler.
    if (i >= 50) {
      cycle.push((end - start) * 1000);
      frozen.push((end - stopped) * 1000);
    }
  }
  const task = await tracer.seize(pid);
  const bare = performance.now();
  for (let i = 0; i < 20; i++) await task.syscall('getpid');
  const single = ((performance.now() - bare) * 1000) / 20;
  const session = await task.infect();
  const batch = [];
  for (let i = 0; i < 50; i++) {
    const p = new Program('batch');
    for (let k = 0; k < 100; k++) p.syscall('getpid', []);
    const start = performance.now();
    await session.run(p);
    batch.push(((performance.now() - start) * 1000) / 100);
  }
  await tracer.close();
  return { cycle, frozen, batch, single };
}

if (!process.env.ALL_CPUS) sys('sched_setaffinity', 0, 8, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]));
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const show = (what, value) => console.log(`${what.padEnd(52)} ${value.toFixed(1).padStart(8)} µs`);
const victim = spawn('sleep', ['1000']);
try {
  if (peer) buildPeer();
  const rounds = 5;
  const ours = [];
  const theirs = [];
  for (let i = 0; i < rounds; i++) {
    ours.push(await ourTimes(victim.pid));
    if (peer) theirs.push(peerTimes(victim.pid));
  }
  const all = (list, key) => list.flatMap((t) => t[key]);
  show('infect + cure cycle, @criu/compel (median)', median(all(ours, 'cycle')));
  if (peer) show('infect + cure cycle, libcompel (median)', median(all(theirs, 'cycle')));
  show('remote system call, program of 100 (each)', median(all(ours, 'batch')));
  show('remote system call, single, seized task', median(all(ours, 'single')));
  if (peer) show('remote system call, libcompel (each of 100)', median(all(theirs, 'syscall')));
} finally {
  victim.kill();
  rmSync(dir, { recursive: true });
}
