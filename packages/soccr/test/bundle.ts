// Makes a script that plain Node can run from a TypeScript worker, for tests with several processes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const packages = fileURLToPath(new URL('../../', import.meta.url));

/** Bundles a file below packages/soccr; the caller removes it. */
export async function bundle(source: string): Promise<{ path: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'soccr-test-'));
  const path = join(folder, 'worker.mjs');
  // The addon is found from the place of its loader's source.
  const loader = pathToFileURL(join(packages, '..', 'native', 'lib', 'addon.ts')).href;
  await build({
    entryPoints: [join(packages, 'soccr', source)],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@criu/source'],
    define: { 'import.meta.url': JSON.stringify(loader) },
    logLevel: 'error',
  });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
