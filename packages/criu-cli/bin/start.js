// Starts the command: the built one, or in a checkout whose sources are newer, one bundled from them on the fly. What V8
// compiled the last time is kept beside the bundle; another version of V8 refuses it and compiles as usual.
'use strict';
const fs = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

// What the launcher kept from node is there again for whatever we start.
const certificates = process.env.CRIU_EXTRA_CA_CERTS;
delete process.env.CRIU_EXTRA_CA_CERTS;
if (certificates) process.env.NODE_EXTRA_CA_CERTS = certificates;

const root = join(fs.realpathSync(__filename), '..', '..');
const built = join(root, 'dist', 'criu.cjs');

/** Time of the newest file below a directory. */
function newest(path) {
  let time = 0;
  for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
    const full = join(path, entry.name);
    if (entry.isDirectory()) time = Math.max(time, newest(full));
    else time = Math.max(time, fs.statSync(full).mtimeMs);
  }
  return time;
}

/** Time of the newest source in a checkout; 0 in an installed package, which has none. */
function sourceTime() {
  if (process.env.CRIU_BUILT || !fs.existsSync(join(root, 'src', 'cli', 'main.ts'))) return 0;
  const packages = join(root, '..');
  const sources = ['criu-cli', 'compel', 'images'].map((name) => join(packages, name, 'src'));
  const bundler = fs.statSync(join(root, 'bundle.mjs')).mtimeMs;
  return Math.max(bundler, ...[...sources, join(packages, '..', 'native', 'lib')].map(newest));
}

/** esbuild starts in the working directory by its name, in which node has lost what is no UTF-8: then from elsewhere. */
async function bundleInto(directory) {
  const odd = process.cwd().includes('\ufffd');
  const here = odd ? fs.openSync('.', fs.constants.O_RDONLY | fs.constants.O_DIRECTORY) : -1;
  if (odd) process.chdir(root);
  try {
    const { bundle } = await import('../bundle.mjs');
    await bundle(directory, { inPlace: true });
  } finally {
    if (odd) {
      process.chdir(`/proc/self/fd/${here}`);
      fs.closeSync(here);
    }
  }
}

/** Bundles the sources of a checkout; the result is found by their time. */
async function bundled(time) {
  const cache = join(root, '..', '..', 'node_modules', '.cache', 'criu');
  const mine = join(cache, String(Math.round(time)));
  const entry = join(mine, 'criu.cjs');
  if (fs.existsSync(entry)) return entry;
  const temporary = join(cache, `.${process.pid}`);
  try {
    fs.mkdirSync(temporary, { recursive: true });
  } catch {
    // Somebody else's checkout: for this run only.
    const own = fs.mkdtempSync(join(tmpdir(), 'criu-bundle-'));
    process.on('exit', () => fs.rmSync(own, { recursive: true, force: true }));
    await bundleInto(own);
    return join(own, 'criu.cjs');
  }
  await bundleInto(temporary);
  try {
    fs.renameSync(temporary, mine);
  } catch (error) {
    // Another criu was as quick as this one.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    fs.rmSync(temporary, { recursive: true, force: true });
  }
  for (const old of fs.readdirSync(cache)) {
    const path = join(cache, old);
    // Not the newest ones: another process may be about to load them.
    if (path === mine) continue;
    if (fs.statSync(path).mtimeMs < Date.now() - 3600_000) fs.rmSync(path, { recursive: true, force: true });
  }
  return entry;
}

function start(entry) {
  const kept = join(dirname(entry), 'criu.cache');
  let cachedData;
  try {
    cachedData = fs.readFileSync(kept);
  } catch {
    // Nothing but speed depends on it.
  }
  const script = new Script(wrap(fs.readFileSync(entry, 'utf8')), { filename: entry, cachedData });
  // The build asks for it; in a checkout the first run after a change leaves it for the next ones.
  const keep = process.env.CRIU_WRITE_CACHE ?? (entry !== built && !cachedData ? kept : undefined);
  if (keep) {
    process.on('exit', () => {
      const temporary = `${keep}.${process.pid}`;
      try {
        fs.writeFileSync(temporary, script.createCachedData());
        fs.renameSync(temporary, keep);
      } catch {
        fs.rmSync(temporary, { force: true });
      }
    });
  }
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(entry), module, entry, dirname(entry));
}

const time = sourceTime();
if (fs.existsSync(built) && fs.statSync(built).mtimeMs >= time) {
  start(built);
} else {
  bundled(time).then(start, (error) => {
    console.error(`criu: cannot be bundled from its sources: ${error.message}`);
    process.exit(1);
  });
}
