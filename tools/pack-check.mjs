// `npm run pack-check`: packs every package, installs each tarball alone in an empty folder, and uses what it has there:
// its command, its API, the native part. What this passes is what a user of the registry gets.
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'criu-pack-'));
const isRoot = process.getuid?.() === 0;
const quiet = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };

/** Compilers must not be needed, and nothing of the checkout may be found. */
const env = { ...process.env, CC: 'false', CXX: 'false', CMAKE: 'false', NODE_PATH: '' };

function run(dir, command, ...args) {
  return execFileSync(command, args, { ...quiet, cwd: dir, env });
}

/** Runs a script that is in the folder, so that packages are looked for in that folder. */
function script(dir, text) {
  writeFileSync(join(dir, 'try.mjs'), text);
  return run(dir, process.execPath, 'try.mjs');
}

function expectText(what, text, pattern) {
  if (!pattern.test(text)) throw new Error(`${what}: expected ${pattern}, got:\n${text}`);
}

/** A program is checkpointed and goes on, with nothing but the tarball's command. */
async function dumpAndRestore(dir) {
  const images = join(dir, 'images');
  mkdirSync(images);
  const victim = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
  const gone = new Promise((resolve) => victim.on('exit', resolve));
  let restored;
  try {
    await sleep(200);
    run(dir, 'npx', '--no-install', 'criu', 'dump', '-t', String(victim.pid), '-D', images);
    await gone;
    run(dir, 'npx', '--no-install', 'criu', 'restore', '-D', images, '-d', '--pidfile', 'pid');
    restored = Number(readFileSync(join(images, 'pid'), 'utf8'));
    const name = readFileSync(`/proc/${restored}/comm`, 'utf8').trim();
    if (restored !== victim.pid || name !== 'sleep') throw new Error(`${restored} is ${name}`);
  } finally {
    if (restored) process.kill(restored, 'SIGKILL');
    else if (victim.exitCode === null && victim.signalCode === null) victim.kill('SIGKILL');
  }
}

const checks = {
  native: (dir) =>
    expectText(
      'getpid',
      script(dir, "import { sys } from '@criu/native'; console.log(sys('getpid') === process.pid);"),
      /true/,
    ),
  images: (dir) =>
    expectText(
      'images',
      script(dir, "import * as i from '@criu/images'; console.log(typeof i.readImageSync);"),
      /function/,
    ),
  crit: (dir) => expectText('crit --help', run(dir, 'npx', '--no-install', 'crit', '--help'), /decode/),
  compel: (dir) => {
    expectText(
      'compel',
      script(dir, "import * as c from '@criu/compel'; console.log(typeof c.Tracer);"),
      /function/,
    );
    expectText('compel --help', run(dir, 'npx', '--no-install', 'compel', '--help'), /compel/);
  },
  soccr: (dir) => {
    expectText(
      'soccr',
      script(dir, "import * as s from '@criu/soccr'; console.log(Object.keys(s).length > 0);"),
      /true/,
    );
    expectText('soccr --help', run(dir, 'npx', '--no-install', 'soccr', '--help'), /handover/);
  },
  'plugin-cuda': (dir) =>
    expectText(
      'plugin-cuda',
      script(dir, "import p from '@criu/plugin-cuda'; console.log(p.name, p.api);"),
      /cuda_plugin 1/,
    ),
  'criu-cli': async (dir) => {
    expectText('criu --help', run(dir, 'npx', '--no-install', 'criu', 'dump', '--help'), /--leave-running/);
    expectText('criu-ns --help', run(dir, 'npx', '--no-install', 'criu-ns', '--help'), /--criu-binary/);
    expectText('criu --version', run(dir, 'npx', '--no-install', 'criu', '--version'), /^Version: \d/);
    expectText(
      'API',
      script(dir, "import { dump, restore } from '@criu/cli'; console.log(typeof dump, typeof restore);"),
      /function function/,
    );
    if (!isRoot) return 'not root: dump and restore not tried';
    expectText('criu check', run(dir, 'npx', '--no-install', 'criu', 'check'), /Looks good/);
    await dumpAndRestore(dir);
    return undefined;
  },
};

let failed = 0;
try {
  for (const [name, check] of Object.entries(checks)) {
    const source = name === 'native' ? join(root, 'native') : join(root, 'packages', name);
    if (!existsSync(join(source, 'dist'))) throw new Error(`${name} is not built: npm run build`);
    const dir = join(work, name);
    mkdirSync(dir);
    try {
      execFileSync('npm', ['pack', '--silent', '--pack-destination', dir], { ...quiet, cwd: source });
      const tarball = readdirSync(dir).find((f) => f.endsWith('.tgz'));
      writeFileSync(join(dir, 'package.json'), '{ "private": true, "type": "module" }\n');
      run(dir, 'npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', `./${tarball}`);
      const note = await check(dir);
      const kib = Math.ceil(readFileSync(join(dir, tarball)).length / 1024);
      console.log(`ok   ${tarball} (${kib} KiB)${note ? ` (${note})` : ''}`);
    } catch (error) {
      failed++;
      console.log(`FAIL ${name}: ${error.message}${error.stdout ?? ''}${error.stderr ?? ''}`);
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
