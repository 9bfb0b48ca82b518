// Runs sources of the packages as they are: bundled into a file of its own for that moment.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from '../pack/packages.mjs';

/**
 * Imports sources.
 * @param contents a module that exports what is wanted of them, with paths from the repository's folder
 * @param plugins of esbuild
 */
export async function load(contents, plugins = []) {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const dir = mkdtempSync(join(cache, 'man-'));
  try {
    const { outputFiles } = await build({
      absWorkingDir: root,
      stdin: { contents, resolveDir: root },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: ['@criu/source'],
      plugins,
      define: { CRIU_PACKAGE_VERSION: '""' },
      logLevel: 'warning',
    });
    const file = join(dir, 'bundle.mjs');
    writeFileSync(file, outputFiles[0].contents);
    return await import(pathToFileURL(file));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
