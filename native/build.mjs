// Builds addon and agent with cmake-js, puts them into prebuilds/, and makes lib/abi.generated.ts anew.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBinaries } from './tools/elf.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const cmakeJs = require.resolve('cmake-js/bin/cmake-js');
const addonApi = dirname(require.resolve('node-addon-api/package.json'));

try {
  execFileSync(process.execPath, [cmakeJs, 'compile', `--CDNODE_ADDON_API_DIR=${addonApi}`], {
    cwd: here,
    encoding: 'utf8',
    stdio: ['ignore', process.env.CRIU_BUILD_VERBOSE ? 'inherit' : 'pipe', 'pipe'],
  });
} catch (error) {
  process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}`);
  console.error('native: the build failed; it needs gcc, g++, binutils, cmake and make or ninja');
  process.exit(1);
}

const build = join(here, 'build');
const find = (...names) => {
  const path = names.map((n) => join(build, n)).find((p) => existsSync(p));
  if (!path) throw new Error(`native build made none of ${names.join(', ')} in ${build}`);
  return path;
};
const out = join(here, 'prebuilds', `linux-${process.arch}`);
mkdirSync(out, { recursive: true });
const binaries = {
  'criu.node': find('Release/criu.node', 'criu.node'),
  agent: find('agent', 'Release/agent'),
  'agent.blob': find('agent.blob', 'Release/agent.blob'),
  pager: find('pager', 'Release/pager'),
  'plugin-host': find('plugin-host', 'Release/plugin-host'),
};
try {
  checkBinaries(Object.values(binaries));
} catch (error) {
  console.error(`native: ${error.message}`);
  process.exit(1);
}
// A process may have the old file mapped: writing into it would crash that process, a rename does not.
const install = (from, name) => {
  copyFileSync(from, join(out, `.${name}.new`));
  renameSync(join(out, `.${name}.new`), join(out, name));
};
for (const [name, from] of Object.entries(binaries)) install(from, name);

for (const name of ['abi', 'uapi']) {
  const text = execFileSync(find(`print_${name}`, `Release/print_${name}`), { encoding: 'utf8' });
  const target = join(here, 'lib', `${name}.generated.ts`);
  if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
}
