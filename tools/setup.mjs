// Makes a fresh clone ready: npm packages, the native part, the images codec. Plain Node, nothing installed yet.
// `--no-native` leaves out what needs a compiler. Does nothing when all is up to date.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asOwner, otherOwner } from './owner.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamps = join(root, 'node_modules', '.criu-setup');

/** The sources of a step, as one hash over names and contents. */
function hashOf(paths) {
  const hash = createHash('sha256');
  const visit = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
      return;
    }
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  };
  for (const path of paths) visit(join(root, path));
  return hash.update(process.version).digest('hex');
}

function run(step, command, args) {
  process.stderr.write(`setup: ${step}\n`);
  try {
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...asOwner() });
  } catch (error) {
    process.stderr.write(`setup: ${step} failed: ${error.message}\n`);
    process.exit(1);
  }
}

function once(name, inputs, outputs, action) {
  const stamp = join(stamps, name);
  const hash = hashOf(inputs);
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
  if (done && outputs.every((path) => existsSync(join(root, path)))) return;
  action();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, hash);
  const owner = otherOwner();
  if (owner) for (const path of [stamps, stamp]) chownSync(path, owner.uid, owner.gid);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`setup: Node ${process.version} is too old; 20.19 or newer is needed\n`);
  process.exit(1);
}

once('packages', ['package-lock.json'], ['node_modules/.package-lock.json'], () =>
  run('npm packages, from the network', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']),
);

if (!process.argv.includes('--no-native')) {
  const missing = ['gcc', 'g++', 'cmake', 'objcopy'].filter(
    (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error,
  );
  if (missing.length) {
    process.stderr.write(
      `setup: ${missing.join(', ')} not found; on Debian: apt-get install gcc g++ cmake make binutils\n`,
    );
    process.exit(1);
  }
  const prebuilt = ['criu.node', 'agent', 'agent.blob', 'first-request', 'pager', 'plugin-host'].map(
    (f) => `native/prebuilds/linux-${process.arch}/${f}`,
  );
  once(
    'native',
    [
      'native/src',
      'native/agent',
      'native/arch',
      'native/first-request',
      'native/pager',
      'native/plugin-host',
      'native/glibc',
      'native/include',
      'native/uapi',
      'native/tools',
      'native/CMakeLists.txt',
      'native/build.mjs',
    ],
    prebuilt,
    () => run('native part, with the C compiler', process.execPath, ['native/build.mjs']),
  );
}
