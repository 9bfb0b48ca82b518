// The bundles of `compel`.
import { fileURLToPath } from 'node:url';
import { bundleCommand } from '../../tools/bundle.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Writes them into a directory; `inPlace` for use on this machine only. */
export async function bundle(outdir, { inPlace = false } = {}) {
  await bundleCommand(path('.'), outdir, {
    entries: { compel: 'src/cli/main.ts', version: 'src/cli/version-main.ts' },
    inPlace,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(path('dist'));
