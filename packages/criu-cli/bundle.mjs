// Bundles the command into one CommonJS file, whose compiled code can be kept beside it: node's loader for modules and
// V8's compiler would cost more than a small dump takes.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { leanYargs } from '../../tools/lean-yargs.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** The sources of @criu/native find its binaries beside themselves; in the bundle they have to be told where that is. */
function nativeAt(inPlace) {
  return {
    name: 'native',
    setup(esbuild) {
      esbuild.onLoad({ filter: /[/\\]native[/\\]lib[/\\].*\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replaceAll(
          'import.meta.url',
          inPlace
            ? JSON.stringify(pathToFileURL(path).href)
            : "require('node:url').pathToFileURL(require.resolve('@criu/native')).href",
        ),
        loader: 'ts',
      }));
    },
  };
}

/** Writes criu.cjs into a directory; `inPlace` for use on this machine only. */
export async function bundle(outdir, { inPlace = false } = {}) {
  const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  await build({
    absWorkingDir: here,
    entryPoints: ['src/cli/main.ts'],
    outfile: join(outdir, 'criu.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    conditions: ['@criu/source'],
    plugins: [nativeAt(inPlace), leanYargs({ lean: true })],
    define: { CRIU_CLI_VERSION: JSON.stringify(version), 'import.meta.url': 'criuBundleUrl' },
    banner: { js: "const criuBundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    minifySyntax: true,
    minifyWhitespace: !inPlace,
    lineLimit: 200,
    legalComments: 'eof',
    logLevel: 'warning',
    logOverride: { 'require-resolve-not-external': 'silent' },
  });
}

/** Has V8's compiled code kept for what a dump and a restore need. Only speed depends on it, so that it may fail. */
export async function keepCompiledCode() {
  const criu = join(here, 'bin', 'criu');
  const cache = join(here, 'dist', 'criu.cache');
  rmSync(cache, { force: true });
  const work = mkdtempSync(join(tmpdir(), 'criu-build-'));
  const run = (...args) => {
    const env = { ...process.env, CRIU_BUILT: '1', CRIU_WRITE_CACHE: cache };
    try {
      execFileSync(criu, ['--no-default-config', ...args], {
        env,
        cwd: work,
        stdio: 'ignore',
        timeout: 20_000,
      });
      return true;
    } catch {
      return false;
    }
  };
  const victim = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  const gone = new Promise((resolve) => victim.on('exit', resolve));
  try {
    mkdirSync(join(work, 'images'));
    // Without root this fails, but has loaded what it could.
    if (run('dump', '-t', String(victim.pid), '-D', 'images')) {
      await gone;
      run('restore', '-D', 'images', '-d');
    }
  } finally {
    if (existsSync(`/proc/${victim.pid}`)) process.kill(victim.pid, 'SIGKILL');
    rmSync(work, { recursive: true, force: true });
  }
}
