// Run by npm around `npm pack` in a package that bundles others of this workspace, so that its tarball installs alone:
// npm takes bundled packages only from the package's own node_modules, so copies are put there and taken away again.
// Arguments: add NAME..., or remove.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(process.cwd(), 'node_modules');
const scope = join(modules, '@criu');
const [action, ...names] = process.argv.slice(2);

rmSync(scope, { recursive: true, force: true });
if (existsSync(modules) && readdirSync(modules).length === 0) rmdirSync(modules);

for (const name of action === 'add' ? names : []) {
  const source = name === 'native' ? join(root, 'native') : join(root, 'packages', name);
  const { files } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const needed = [
    'dist/index.js',
    ...(name === 'native' ? [`prebuilds/linux-${process.arch}/criu.node`] : []),
  ];
  for (const file of needed)
    if (!existsSync(join(source, file)))
      throw new Error(`${name}: ${file} is missing: build first (npm run build)`);
  mkdirSync(join(scope, name), { recursive: true });
  for (const file of ['package.json', ...files])
    if (existsSync(join(source, file)))
      cpSync(join(source, file), join(scope, name, file), { recursive: true });
}
