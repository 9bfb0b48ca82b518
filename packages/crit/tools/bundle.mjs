// Bundles the crit command into one file, so that it starts fast and needs nothing beside it.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { leanYargs } from '../../../tools/lean-yargs.mjs';

const out = fileURLToPath(new URL('../dist/crit.cjs', import.meta.url));
await build({
  entryPoints: [fileURLToPath(new URL('../src/main.ts', import.meta.url))],
  outfile: out,
  bundle: true,
  plugins: [leanYargs()],
  platform: 'node',
  target: 'node20',
  // CommonJS: node's loader for modules alone would cost a tenth of what a small image takes.
  format: 'cjs',
  minify: true,
  lineLimit: 200,
  conditions: ['@criu/source'],
  legalComments: 'eof',
  // What yargs finds its translations with; there are none beside the bundle.
  define: { 'import.meta.url': '"file:///"' },
});
chmodSync(out, 0o755);

const command = fileURLToPath(new URL('../bin/crit.cjs', import.meta.url));
const cache = fileURLToPath(new URL('../dist/crit.cache', import.meta.url));
rmSync(cache, { force: true });
// What decoding an image of the tests compiles is what most uses need.
const image = fileURLToPath(new URL('../../images/test/fixtures/criu-4.2/ipc/core-1.img', import.meta.url));
execFileSync(process.execPath, [command, 'decode', '-i', image], {
  env: { ...process.env, CRIT_WRITE_CACHE: cache },
});
