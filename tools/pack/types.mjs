// Whether the types of installed packages hold by themselves, as strictly as anybody may check them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packages.mjs';

const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  module: 'NodeNext',
  target: 'ES2023',
  lib: ['ES2023'],
  types: [],
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
};

/** All names under which something of a package is imported. */
const entriesOf = ({ name, exports }) =>
  Object.entries(exports)
    .filter(([, targets]) => typeof targets === 'object')
    .map(([entry]) => name + entry.slice(1));

/**
 * Checks the types of all that packages export: of each entry alone, and of all together.
 * @param dir where they are installed
 */
export function checkTypes(dir, manifests) {
  const types = join(dir, 'node_modules', '@types');
  mkdirSync(types, { recursive: true });
  for (const name of ['@types/node', 'undici-types'])
    try {
      symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name));
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  const entries = manifests.flatMap(entriesOf);
  const programs = [...entries.map((entry) => [entry]), ...(entries.length > 1 ? [entries] : [])];
  for (const program of programs) {
    const lines = program.map(
      (entry, i) => `import * as e${i} from '${entry}';\nexport const u${i}: object = e${i};\n`,
    );
    writeFileSync(join(dir, 'use.mts'), lines.join(''));
    const config = { compilerOptions: OPTIONS, files: ['use.mts'] };
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config));
    try {
      execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', dir], {
        encoding: 'utf8',
      });
    } catch (error) {
      throw new Error(`types of ${program.join(' ')}:\n${error.stdout}`);
    }
  }
}
