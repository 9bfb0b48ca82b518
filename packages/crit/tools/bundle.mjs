// Bundles the crit command into files that start fast and need nothing beside them: one for the plainest command lines, and
// one with all commands.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { leanYargs } from '../../../tools/lean-yargs.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Writes quick.cjs and crit.cjs, each a function with the parameters of a module, into a directory. */
export async function bundle(outdir) {
  await build({
    entryPoints: { quick: path('../src/quick.ts'), crit: path('../src/main.ts') },
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    plugins: [leanYargs()],
    platform: 'node',
    target: 'node20',
    // CommonJS: node's loader for modules alone would cost a tenth of what a small image takes.
    format: 'cjs',
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
    minify: true,
    lineLimit: 200,
    charset: 'ascii',
    conditions: ['@criu/source'],
    legalComments: 'eof',
    // What yargs finds its translations with; there are none beside the bundle.
    define: { 'import.meta.url': '"file:///"' },
    logLevel: 'warning',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle(path('../dist'));
  execFileSync(process.execPath, [path('keep-compiled.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
}
