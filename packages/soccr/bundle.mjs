// The bundles of `soccr`.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleCommand } from '../../tools/bundle.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Its form for `require` comes along in the bundle. */
const yargs = {
  name: 'yargs for require',
  setup(esbuild) {
    esbuild.onLoad({ filter: /[/\\]soccr[/\\]src[/\\]cli\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8');
      const wanted = "createRequire(import.meta.url)('yargs/yargs')";
      if (!contents.includes(wanted)) throw new Error(`cli.ts has changed: no ${wanted}`);
      return { contents: contents.replace(wanted, "require('yargs/yargs')"), loader: 'ts' };
    });
  },
};

/** Writes them into a directory; `inPlace` for use on this machine only. */
export async function bundle(outdir, { inPlace = false } = {}) {
  await bundleCommand(path('.'), outdir, {
    entries: { soccr: 'src/cli.ts', version: 'src/version-main.ts' },
    inPlace,
    plugins: [yargs],
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(path('dist'));
