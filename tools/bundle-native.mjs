// Run by npm around `npm pack` in a package that bundles @criu/native: npm takes only what lies in the package's own
// node_modules, so a copy of the built native package is put there and taken away again. Argument: add or remove.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = fileURLToPath(new URL('../native/', import.meta.url));
const target = join(process.cwd(), 'node_modules', '@criu', 'native');

rmSync(target, { recursive: true, force: true });
for (const folder of ['node_modules/@criu', 'node_modules'].map((f) => join(process.cwd(), f)))
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
if (process.argv[2] === 'add') {
  const { files } = JSON.parse(readFileSync(join(native, 'package.json'), 'utf8'));
  mkdirSync(target, { recursive: true });
  for (const name of ['package.json', ...files])
    if (existsSync(join(native, name))) cpSync(join(native, name), join(target, name), { recursive: true });
  for (const needed of ['dist/index.js', `prebuilds/linux-x64/criu.node`])
    if (!existsSync(join(target, needed)))
      throw new Error(`native/${needed} is missing: build first (npm run build)`);
}
