// Compiles the native part for another processor with the headers in the arch/ directory of this one. All errors must
// be in that directory, since no other file may depend on the processor. `node native/tools/other-arch.mjs
// [aarch64-linux-gnu]` needs the cross compiler (Debian: g++-aarch64-linux-gnu).
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const target = process.argv[2] ?? 'aarch64-linux-gnu';
const arch = 'arch/x86_64';
const headers = [
  ...['include', 'src', 'agent', arch].map((dir) => join(here, dir)),
  dirname(require.resolve('node-addon-api/package.json')),
  join(dirname(require.resolve('node-api-headers/package.json')), 'include'),
];
const flags = [
  '-c',
  '-O1',
  '-w',
  '-o',
  '/dev/null',
  '-D_GNU_SOURCE',
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_CPP_EXCEPTIONS',
];

/** Compiles a file. Returns the files with errors. */
function compile(file) {
  const cpp = file.endsWith('.cc');
  const { status, stderr, error } = spawnSync(
    `${target}-${cpp ? 'g++' : 'gcc'}`,
    [
      ...flags,
      ...(cpp ? ['-std=c++17'] : ['-ffreestanding']),
      ...headers.map((h) => `-I${h}`),
      join(here, file),
    ],
    { encoding: 'utf8' },
  );
  if (error) {
    console.error(`other-arch: ${target}-gcc does not start (${error.code}): install the cross compiler`);
    process.exit(2);
  }
  if (status === 0) return [];
  const named = [...stderr.matchAll(/^(\/\S+?):\d+(?::\d+)?: (?:fatal )?[Ee]rror/gm)].map(([, path]) =>
    relative(here, path),
  );
  return named.length > 0 ? [...new Set(named)] : [file];
}

const files = ['agent', 'src', 'first-request', 'pager', 'plugin-host', 'glibc', 'tools', arch].flatMap(
  (dir) =>
    readdirSync(join(here, dir))
      .filter((name) => /\.(c|cc|S)$/.test(name))
      .map((name) => join(dir, name)),
);
const bad = new Map(files.map((file) => [file, compile(file)]).filter(([, where]) => where.length > 0));
let outside = 0;
for (const [file, where] of bad)
  for (const place of where.filter((path) => !path.startsWith(`${arch}/`))) {
    outside++;
    console.error(`${file}: depends on the processor in ${place}`);
  }
const faulty = [...new Set([...bad.values()].flat())].filter((path) => path.startsWith(`${arch}/`)).sort();
console.log(
  `${target}: ${files.length - bad.size} of ${files.length} files compile; errors are in ${faulty.join(', ') || 'no file'}`,
);
process.exit(outside > 0 ? 1 : 0);
