// Lays @criu/native into node_modules here while the package is packed, so that the tarball is whole by itself: npm bundles
// real folders only, and a workspace is a link. `--clean` takes it away again.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = fileURLToPath(new URL('../../../native', import.meta.url));
const scope = fileURLToPath(new URL('../node_modules/@criu', import.meta.url));

rmSync(scope, { recursive: true, force: true });
if (!process.argv.includes('--clean')) {
  const manifest = JSON.parse(readFileSync(join(native, 'package.json'), 'utf8'));
  const target = join(scope, 'native');
  mkdirSync(target, { recursive: true });
  for (const name of ['package.json', ...manifest.files]) {
    const source = join(native, name);
    if (existsSync(source)) cpSync(source, join(target, name), { recursive: true });
    else if (name !== 'README.md') throw new Error(`${source} is missing: build first`);
  }
}
