// What must be there once where several packages are installed together: two copies would not know each other's objects.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param dir where packages are installed
 * @param endings of the paths that are meant
 * @throws Error naming what is missing, or there more than once
 */
export function expectSingle(dir, endings) {
  const files = readdirSync(join(dir, 'node_modules'), { recursive: true }).map((file) => `/${file}`);
  for (const ending of endings) {
    const copies = files.filter((file) => file.endsWith(ending));
    if (copies.length !== 1)
      throw new Error(`${ending} is there ${copies.length} times: ${copies.join(', ')}`);
  }
}
