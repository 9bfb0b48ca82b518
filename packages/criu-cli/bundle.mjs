// Bundles the command: one small entry and chunks that are loaded when needed. @criu/native stays outside, as its
// binaries lie beside it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** Takes @criu/native's sources in as well, which then have to find their binaries where they always were. */
const nativeInPlace = {
  name: 'native-in-place',
  setup(esbuild) {
    esbuild.onLoad({ filter: /[/\\]native[/\\]lib[/\\].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: 'ts',
    }));
  },
};

/** Writes criu.js and its chunks into a directory; `inPlace` for use on this machine only. */
export async function bundle(outdir, { inPlace = false } = {}) {
  const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  await build({
    absWorkingDir: here,
    entryPoints: { criu: 'src/cli/main.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    chunkNames: 'chunks/[name]-[hash]',
    conditions: ['@criu/source'],
    external: inPlace ? [] : ['@criu/native'],
    plugins: inPlace ? [nativeInPlace] : [],
    define: { CRIU_CLI_VERSION: JSON.stringify(version) },
    // Packages written for require() look for it in the bundle's own scope.
    banner: {
      js: "import { createRequire as criuRequire } from 'node:module'; const require = criuRequire(import.meta.url);",
    },
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
}
