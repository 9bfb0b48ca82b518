// `npm run docs`: writes docs/cli.md from the tables of the command line. `--check` only says whether it is up to date.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'docs', 'cli.md');
mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true });
const temporary = mkdtempSync(join(root, 'node_modules', '.cache', 'docs-'));
try {
  const outfile = join(temporary, 'reference.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['packages/criu-cli/src/cli/reference.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@criu/source'],
    logLevel: 'warning',
  });
  const { referenceText } = await import(pathToFileURL(outfile));
  const text = referenceText();
  if (process.argv.includes('--check')) {
    if (readFileSync(target, 'utf8') !== text) {
      console.error('docs/cli.md is out of date: npm run docs');
      process.exitCode = 1;
    }
  } else {
    mkdirSync(join(root, 'docs'), { recursive: true });
    writeFileSync(target, text);
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
