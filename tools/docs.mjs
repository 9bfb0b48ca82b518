// `npm run docs`: writes docs/cli.md, docs/rpc.md and docs/image-files.md from the tables of the command line, the RPC and the schema. `--check` only says
// whether they are up to date. Manual pages, which are no part of the sources, are written too (man.mjs).
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { MANUALS, writeManual } from './man.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const references = [
  { file: 'cli.md', source: 'packages/criu-cli/src/cli/reference.ts', name: 'referenceText' },
  { file: 'image-files.md', source: 'packages/images/src/reference.ts', name: 'imageReferenceText' },
  { file: 'rpc.md', source: 'packages/criu-cli/src/rpc/reference.ts', name: 'rpcReferenceText' },
];
mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true });
const temporary = mkdtempSync(join(root, 'node_modules', '.cache', 'docs-'));
try {
  mkdirSync(join(root, 'docs'), { recursive: true });
  for (const { file, source, name } of references) {
    const outfile = join(temporary, `${file}.mjs`);
    await build({
      absWorkingDir: root,
      entryPoints: [source],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: ['@criu/source'],
      logLevel: 'warning',
    });
    const text = (await import(pathToFileURL(outfile)))[name]();
    const target = join(root, 'docs', file);
    if (!process.argv.includes('--check')) writeFileSync(target, text);
    else if (readFileSync(target, 'utf8') !== text) {
      console.error(`docs/${file} is out of date: npm run docs`);
      process.exitCode = 1;
    }
  }
  if (!process.argv.includes('--check')) for (const name of MANUALS) await writeManual(name);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
