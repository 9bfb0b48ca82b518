// The bundles of `crit`: one for the plainest command lines, and one with all commands.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundleCommand } from '../../tools/bundle.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Writes quick.cjs, crit.cjs and version.cjs into a directory; `inPlace` for use on this machine only. */
export async function bundle(outdir, { inPlace = false } = {}) {
  await bundleCommand(path('.'), outdir, {
    entries: { quick: 'src/quick.ts', crit: 'src/main.ts', version: 'src/version-main.ts' },
    inPlace,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle(path('dist'));
  execFileSync(process.execPath, [path('tools/keep-compiled.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
