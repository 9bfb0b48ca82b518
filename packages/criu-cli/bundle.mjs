// The bundles of `criu`, and what V8 compiles of them for a dump and a restore.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleCommand } from '../../tools/bundle.mjs';
import { LATER } from './later.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Writes them into a directory; `inPlace` for use on this machine only. */
export async function bundle(outdir, { inPlace = false } = {}) {
  await bundleCommand(here, outdir, {
    entries: {
      dump: 'src/cli/work-main.ts',
      restore: 'src/cli/work-main.ts',
      // Engines of containers ask for what is in the later parts of the others: all of it in one is loaded sooner.
      whole: 'src/cli/work-main.ts',
      criu: 'src/cli/main.ts',
      version: 'src/cli/version-main.ts',
    },
    whole: ['dump', 'restore', 'whole'],
    later: LATER,
    inPlace,
    lean: true,
  });
}

/** Writes what `--version` says to a file, which bin/criu has sh read: node takes 25 ms to start. */
export function keepVersion(dist) {
  const text = execFileSync(process.execPath, ['-e', `require('${dist}/version.cjs').run()`]);
  writeFileSync(join(dist, 'version.txt'), text);
}

/**
 * Has V8's compiled code kept for what a dump and a restore need. Only speed depends on it, so that it may fail.
 * @param home of the package, here or where it is put together
 * @param path where node is looked for first
 */
export async function keepCompiledCode({ home = here, path = '' } = {}) {
  const criu = join(home, 'bin', 'criu');
  const dist = join(home, 'dist');
  for (const file of readdirSync(dist)) if (file.endsWith('.cache')) rmSync(join(dist, file));
  const work = mkdtempSync(join(tmpdir(), 'criu-build-'));
  let part = 'first';
  const run = (...args) => {
    const PATH = path ? `${path}:${process.env.PATH}` : process.env.PATH;
    const env = { ...process.env, PATH, CRIU_BUILT: '1', CRIU_KEEP_COMPILED: part };
    try {
      execFileSync(criu, args, { env, cwd: work, stdio: 'ignore', timeout: 20_000 });
      return true;
    } catch {
      return false;
    }
  };
  // Something of most kinds: a tree, pipes, files, memory of its own.
  const victim = spawn('sh', ['-c', 'sleep 60 | cat; :'], { stdio: 'ignore', detached: true });
  const gone = new Promise((resolve) => victim.on('exit', resolve));
  try {
    run('check', '--feature', 'list');
    // What V8 compiles of the later part is to be taken with the flags that a run has then, when that of the first one is not kept.
    for (part of ['first', 'later', 'whole']) {
      mkdirSync(join(work, part));
      // Without root this fails, but has loaded what it could.
      if (run('dump', '--no-default-config', '-t', String(victim.pid), '-D', part, '-o', 'dump.log'))
        await gone;
      run('restore', '--no-default-config', '-D', part, '-d', '-o', 'restore.log');
    }
  } finally {
    if (existsSync(`/proc/${victim.pid}`)) process.kill(-victim.pid, 'SIGKILL');
    rmSync(work, { recursive: true, force: true });
  }
}
