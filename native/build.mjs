// Builds addon and agent with cmake-js, installs them in prebuilds/, and generates lib/abi.generated.ts.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBinaries } from './tools/elf.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const cmakeJs = require.resolve('cmake-js/bin/cmake-js');
const addonApi = dirname(require.resolve('node-addon-api/package.json'));

/** Shows the progress on one line of a terminal, or else on a new line from time to time. */
const progress = {
  said: 0,
  show(text, always = false) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
    else if (always || Date.now() - this.said > 10_000) {
      this.said = Date.now();
      process.stderr.write(`${text}\n`);
    }
  },
  end(text) {
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`);
  },
};

/** Compiles and shows the progress. */
async function compile() {
  const begun = Date.now();
  progress.show('native: looks at the compiler (all of it takes about a minute)', true);
  const child = spawn(process.execPath, [cmakeJs, 'compile', `--CDNODE_ADDON_API_DIR=${addonApi}`], {
    cwd: here,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (process.env.CRIU_BUILD_VERBOSE) process.stderr.write(text);
      // ninja prints the number of files, make a percentage.
      const at = [...text.matchAll(/^\[\s*(\d+)(?:\/(\d+)|(%))\]/gm)].at(-1);
      if (at) progress.show(at[2] ? `native: file ${at[1]} of ${at[2]}` : `native: ${at[1]} %`);
    });
  const code = await new Promise((resolve) => {
    child.on('error', resolve);
    child.on('close', resolve);
  });
  if (code !== 0) {
    progress.end('native: the build failed');
    process.stderr.write(said);
    console.error('native: the build failed; it needs gcc, g++, binutils, cmake and make or ninja');
    process.exit(1);
  }
  progress.end(`native: built in ${Math.round((Date.now() - begun) / 1000)} s`);
}

await compile();

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
  'first-request': find('first-request', 'Release/first-request'),
  pager: find('pager', 'Release/pager'),
  'plugin-host': find('plugin-host', 'Release/plugin-host'),
};
try {
  checkBinaries(Object.values(binaries));
} catch (error) {
  console.error(`native: ${error.message}`);
  process.exit(1);
}
// A process may have mapped the old file: writing into it would crash that process, renaming a new file over it does
// not.
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
