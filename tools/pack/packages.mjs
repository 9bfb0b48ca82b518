// The packages of this repository, and their tarballs.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** All that are published, each after those that it depends on: `{ name, home, manifest }`, the name without its scope. */
export function workspacePackages() {
  const homes = [
    'native',
    ...['images', 'compel', 'soccr', 'crit', 'criu-cli', 'plugin-cuda'].map((n) => `packages/${n}`),
  ];
  return homes.map((home) => ({
    name: basename(home),
    home: join(root, home),
    manifest: readJson(join(root, home, 'package.json')),
  }));
}

/**
 * Packs a package as npm publishes it.
 * @param dir for the tarball, and the folder with what is in it
 * @returns `{ tarball, contents }`, paths of both
 */
export function pack({ name, home }, dir) {
  if (!existsSync(join(home, 'dist'))) throw new Error(`${name} is not built: npm run build`);
  const options = { cwd: home, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], options),
  );
  const tarball = join(dir, filename);
  const contents = join(dir, name);
  mkdirSync(contents);
  execFileSync('tar', ['-xzf', tarball, '-C', contents, '--strip-components=1'], options);
  return { tarball, contents };
}
