// Puts a copy of @criu/images into node_modules here while the package is packed, so that the tarball holds it and can be
// installed alone. npm takes bundled dependencies only from a real folder, not from a workspace's link.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const from = fileURLToPath(new URL('../../images', import.meta.url));
const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const to = join(modules, '@criu', 'images');

rmSync(join(modules, '@criu'), { recursive: true, force: true });
if (!process.argv.includes('--clean')) {
  const { files } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  mkdirSync(to, { recursive: true });
  for (const name of ['package.json', ...files]) {
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true });
  }
}
