// `npm run test:newcomer [-- SUITE...]`, as root: the path of somebody who has a plain Debian and the package, and no checkout of
// this repository (newcomer/path.sh), in a root file system that debootstrap makes, in namespaces of its own. Suites: bookworm
// (Debian 12, whose node is too old: the package has one in it) and trixie (13, with Debian's own). Takes Debian's packages from
// its mirror, or from DEBIAN_MIRROR. The file systems are kept in node_modules/.cache/newcomer for the next time.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buildDeb } from './deb.mjs';
import { root } from './pack/packages.mjs';

/** Whether the package for a suite brings its node. */
const SUITES = { bullseye: true, bookworm: true, trixie: false };
const suites = process.argv.slice(2).length ? process.argv.slice(2) : ['bookworm', 'trixie'];

function run(command, args, options = {}) {
  const { status, error, signal } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? signal ?? `exit code ${status}`}`);
}

/** Packs a plain system of a suite. @returns the archive */
function plainSystem(suite) {
  const cache = join(root, 'node_modules', '.cache', 'newcomer');
  const archive = join(cache, `${suite}.tar`);
  if (existsSync(archive)) return archive;
  mkdirSync(cache, { recursive: true });
  const dir = mkdtempSync(join(tmpdir(), 'newcomer-'));
  try {
    chmodSync(dir, 0o755);
    console.log(`newcomer: debootstrap makes a plain ${suite}, which takes a minute`);
    const mirror = process.env.DEBIAN_MIRROR ? [process.env.DEBIAN_MIRROR] : [];
    run('debootstrap', ['--variant=minbase', suite, join(dir, 'root'), ...mirror], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    run('tar', [
      '-C',
      join(dir, 'root'),
      '--exclude=./var/cache/apt/archives/*.deb',
      '-cf',
      `${archive}.new`,
      '.',
    ]);
    renameSync(`${archive}.new`, archive);
    return archive;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

if (process.getuid() !== 0) {
  console.error(
    'newcomer: this needs root, as it makes a root file system and checkpoints in it: sudo npm run test:newcomer',
  );
  process.exit(1);
}
const unknown = suites.filter((suite) => !(suite in SUITES));
if (unknown.length) {
  console.error(`newcomer: ${unknown.join(' ')}: not among ${Object.keys(SUITES).join(' ')}`);
  process.exit(1);
}
const debs = mkdtempSync(join(tmpdir(), 'newcomer-debs-'));
try {
  const built = new Map();
  for (const suite of suites) {
    const withNode = SUITES[suite];
    if (!built.has(withNode)) built.set(withNode, await buildDeb({ out: debs, withNode, quick: true }));
    const deb = built.get(withNode);
    const archive = plainSystem(suite);
    const dir = mkdtempSync(join(tmpdir(), 'newcomer-'));
    try {
      chmodSync(dir, 0o755);
      run('tar', ['-C', dir, '-xf', archive]);
      copyFileSync('/etc/resolv.conf', join(dir, 'etc/resolv.conf'));
      copyFileSync(deb, join(dir, 'root', basename(deb)));
      copyFileSync(join(root, 'tools/newcomer/path.sh'), join(dir, 'root/path.sh'));
      console.log(`newcomer: ${suite}`);
      run('sh', [
        join(root, 'tools/newcomer/enter.sh'),
        dir,
        'sh',
        '/root/path.sh',
        `/root/${basename(deb)}`,
      ]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
} catch (error) {
  console.error(`newcomer: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(debs, { recursive: true, force: true });
}
