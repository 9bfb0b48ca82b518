// `npm run fuzz -- --plans 100000 --restores 2000 --kills 500 --seed N`: damaged image sets are planned, and really restored in a
// sandbox; restores of whole ones are killed. Each ends in success or with an error that blames the images, in its time, and
// touches nothing outside of its folder. --plan N, --restore N and --kill N do one case again; --sets DIR adds image sets.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
if (process.getuid?.() !== 0) {
  console.error('fuzz: this needs root, as it dumps and restores processes: sudo npm run fuzz');
  process.exit(1);
}
execFileSync(process.execPath, [join(root, 'tools/setup.mjs')], { stdio: ['ignore', 2, 2] });
const cache = join(root, 'node_modules', '.cache');
mkdirSync(cache, { recursive: true });
const temporary = mkdtempSync(join(cache, 'fuzz-'));
let status = 1;
try {
  const outfile = join(temporary, 'fuzz.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['packages/criu-cli/test/fuzz/main.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@criu/source'],
    sourcemap: true,
    logLevel: 'warning',
    plugins: [
      {
        name: 'native',
        setup(esbuild) {
          // Its binaries are beside its sources, which are not where the bundle is.
          esbuild.onLoad(
            { filter: /[/\\]native[/\\]lib[/\\].*\.ts$|[/\\]dump[/\\]victim\.ts$/ },
            ({ path }) => ({
              contents: readFileSync(path, 'utf8').replaceAll(
                'import.meta.url',
                JSON.stringify(pathToFileURL(path).href),
              ),
              loader: 'ts',
            }),
          );
        },
      },
    ],
  });
  // Bundles the command, and has its compiled code kept, before that is looked at from a sandbox.
  const criu = join(root, 'packages/criu-cli/bin/criu');
  execFileSync(criu, ['--version'], { stdio: 'ignore' });
  ({ status } = spawnSync(
    process.execPath,
    ['--enable-source-maps', outfile, '--root', root, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  ));
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
process.exit(status ?? 1);
