// Run in a package after tsc: removes from dist/ what sources that are gone were compiled to, so that it is never shipped.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const COMPILED = /\.(d\.ts|js)(\.map)?$/;

/** Files of a package's dist/, as paths in it, that no source of it compiles to. */
export function staleFiles(home) {
  const dist = join(home, 'dist');
  const sources = ['lib', 'src'].map((name) => join(home, name)).find((path) => existsSync(path));
  if (!existsSync(dist) || sources === undefined) return [];
  return readdirSync(dist, { recursive: true }).filter(
    (file) =>
      COMPILED.test(file) &&
      (file.endsWith('.map') || !existsSync(join(sources, file.replace(COMPILED, '.ts')))),
  );
}

if (process.argv[1] === import.meta.filename)
  for (const file of staleFiles(process.cwd())) rmSync(join('dist', file));
