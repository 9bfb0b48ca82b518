// `npm run pack-check`: packs every package, holds each tarball against the rules (pack/rules.mjs), installs it in an empty
// folder by way of a registry on this machine, checks its types and uses what it has: its command, its API, the native part.
// Then the same with all of them in one folder. What this passes is what a user of the registry gets.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installPackages } from './pack/install.mjs';
import { pack, readJson, root, workspacePackages } from './pack/packages.mjs';
import { violations } from './pack/rules.mjs';
import { expectSingle } from './pack/single.mjs';
import { checkTypes } from './pack/types.mjs';

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

/** One folder with everything: each part is there once, whichever package asks for it. */
function checkTogether(dir, packages) {
  expectSingle(dir, [
    '/criu.node',
    '/agent.blob',
    ...packages.map(({ manifest }) => `${manifest.name}/package.json`),
  ]);
  const text = script(
    dir,
    `import { ImageError } from '@criu/images';
     import { imageFromJson, ImageError as OfCrit, decode } from '@criu/crit';
     import { planRestore } from '@criu/cli';
     import { writeFileSync } from 'node:fs';
     writeFileSync('inventory.img', 'no image at all');
     const causes = (e) => e ? [e, ...causes(e.cause), ...(e.errors ?? []).flatMap(causes)] : [];
     const thrown = async (f) => { try { await f(); return []; } catch (e) { return causes(e); } };
     const isOurs = (list) => list.some((e) => e instanceof ImageError);
     console.log(ImageError === OfCrit, isOurs(await thrown(() => decode('inventory.img'))),
       isOurs(await thrown(() => planRestore({ imagesDir: '.' }))));`,
  );
  expectText('one ImageError', text, /^true true true$/m);
}

let failed = 0;
async function attempt(what, action) {
  try {
    const note = await action();
    console.log(`ok   ${what}${note ? ` (${note})` : ''}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${what}: ${error.message}${error.stdout ?? ''}${error.stderr ?? ''}`);
  }
}

try {
  const common = readJson(join(root, 'package.json'));
  const tarballs = join(work, 'tarballs');
  mkdirSync(tarballs);
  const packages = workspacePackages().map((each) => ({ ...each, ...pack(each, tarballs) }));
  for (const { name, home, manifest, tarball, contents } of packages) {
    await attempt(`${manifest.name} keeps the rules`, () => {
      const wrong = violations({ dir: contents, home, manifest, common });
      if (wrong.length) throw new Error(`\n  ${wrong.join('\n  ')}`);
      return `${Math.ceil(statSync(tarball).size / 1024)} KiB`;
    });
    await attempt(`${manifest.name} alone`, async () => {
      const dir = join(work, name);
      await installPackages(dir, packages, manifest.name);
      checkTypes(dir, [manifest]);
      return checks[name](dir);
    });
  }
  await attempt('all in one folder', async () => {
    const dir = join(work, 'all');
    const manifests = packages.map(({ manifest }) => manifest);
    await installPackages(dir, packages, ...manifests.map(({ name }) => name));
    checkTypes(dir, manifests);
    checkTogether(dir, packages);
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
