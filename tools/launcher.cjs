// Starts the commands of this repository, each from bundles that have all of it: those in its dist/, or in a checkout whose
// sources have changed since they were made, others that are made on the way. Beside a bundle lies what V8 compiled of it
// the last time, which another version of V8 refuses; nothing but speed depends on that. Every package has a copy in dist/.
'use strict';
const fs = require('node:fs');
const { dirname, join } = require('node:path');

/** A list of sources is in use for so long that nobody who has just read it will miss its bundles. */
const KEPT_MS = 3600_000;

const ABSENT = { throwIfNoEntry: false };

function textOf(file) {
  try {
    // Bundles and lists are ASCII: as Latin-1 they need no decoding.
    return fs.readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

/** What somebody else may be reading: whole, as it was or as it is. @returns whether it could be written */
function replace(file, contents) {
  const temporary = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(temporary, contents);
    fs.renameSync(temporary, file);
    return true;
  } catch {
    fs.rmSync(temporary, { force: true });
    return false;
  }
}

/** Whether this package is one of a checkout: an installed one has no sources. */
const isCheckout = (home) => fs.existsSync(`${home}/src`);

/** Folders of @criu/native, relative to a package: in a checkout, and where installing puts it. */
const IN_CHECKOUT = ['../../native'];
const INSTALLED = ['node_modules/@criu/native', '../native'];

/** The native part, once it is loaded: `prebuilds` is the folder that it is in, and `addon` has its functions. */
let native;

/**
 * Loads the native part, if it is built. Bundles find it here (native/lib/addon.ts) and need not look for it and load it again: node's
 * own search takes longer than all that the launcher does.
 */
function loadNative(home) {
  for (const folder of native ? [] : isCheckout(home) ? IN_CHECKOUT : INSTALLED) {
    const prebuilds = join(home, folder, `prebuilds/linux-${process.arch}`);
    const file = `${prebuilds}/criu.node`;
    if (!fs.existsSync(file)) continue;
    const part = { exports: {} };
    try {
      process.dlopen(part, file);
    } catch {
      // For another machine: whoever needs it says so.
      return;
    }
    native = { prebuilds, addon: part.exports };
    globalThis[Symbol.for('criu.native')] = native;
  }
}

/**
 * Has threads of the native part read files while the bundle is loaded: the kernel takes up to 30 ms for some of procfs. Bundles take
 * them from here (`readAhead` of native/lib/addon.ts).
 */
function readAhead(files) {
  if (native?.addon.readAhead)
    native.ahead = new Map(files.map((file) => [file, native.addon.readAhead(file)]));
}

/** Bytes of names from which on it pays to have the native part look, where it is built: it takes a tenth of the time of node. */
const LONG = 4096;

/** The time of the last change in ms, and the size, of each of these files (lines); NaN and -1 where there is none. */
function look(home, files) {
  if (files.length > LONG) loadNative(home);
  if (native) return native.addon.statMany(home, files);
  return files.match(/.+/g).flatMap((file) => {
    // Not joined: that takes longer than the look.
    const found = fs.statSync(`${home}/${file}`, ABSENT);
    return found ? [found.mtimeMs, found.size] : [Number.NaN, -1];
  });
}

/**
 * Whether bundles are those of the sources as they are: a look at the time and the size of each, and at its contents where
 * the time is another, as in a fresh copy of what they were made of. `name`.sources.json has `files` and `hashes` as lines, and
 * `seen`: a time and a size for each.
 */
function isFresh(home, dir, name) {
  const list = join(dir, `${name}.sources.json`);
  const text = textOf(list);
  if (text === undefined) return false;
  const sources = JSON.parse(text);
  const { files, hashes, seen } = sources;
  // As an earlier version has it.
  if (!files) return false;
  const found = look(home, files);
  let touched = false;
  for (let i = 0; i < seen.length; i += 2) {
    if (found[i + 1] !== seen[i + 1]) return false;
    if (found[i] === seen[i]) continue;
    const { createHash } = require('node:crypto');
    const contents = fs.readFileSync(join(home, files.split('\n')[i / 2]));
    if (createHash('sha1').update(contents).digest('hex') !== hashes.split('\n')[i / 2]) return false;
    seen[i] = found[i];
    touched = true;
  }
  if (touched) replace(list, JSON.stringify(sources));
  return true;
}

/** Where bundles that are made on the way are kept; each set has a folder of its own, and `current` names the latest. */
const cacheOf = (home, { name }) => join(home, '..', '..', 'node_modules', '.cache', name);

/** The folder with the bundles to run, or none if they have to be made. */
function findBundles(home, command, bundle) {
  const dist = join(home, 'dist');
  if (process.env.CRIU_BUILT || !isCheckout(home)) return dist;
  if (isFresh(home, dist, bundle)) return dist;
  const cache = cacheOf(home, command);
  const current = textOf(join(cache, 'current'));
  return current !== undefined && isFresh(home, join(cache, current), bundle)
    ? join(cache, current)
    : undefined;
}

/** esbuild starts in the working directory by its name, in which node has lost what is no UTF-8: then from elsewhere. */
async function bundleInto(home, dir) {
  const odd = process.cwd().includes('\ufffd');
  const here = odd ? fs.openSync('.', fs.constants.O_RDONLY | fs.constants.O_DIRECTORY) : -1;
  if (odd) process.chdir(home);
  try {
    const { bundle } = await import(join(home, 'bundle.mjs'));
    await bundle(dir, { inPlace: true });
  } finally {
    if (odd) {
      process.chdir(`/proc/self/fd/${here}`);
      fs.closeSync(here);
    }
  }
}

/** Root may work in somebody's checkout: folders that are made there on the way are his, who could not clean them up else. */
function makeFolder(home, dir) {
  const first = fs.mkdirSync(dir, { recursive: true });
  const { uid, gid } = fs.statSync(home);
  if (first === undefined || process.getuid() !== 0 || uid === 0) return;
  for (let path = dir; path.length >= first.length; path = dirname(path)) fs.chownSync(path, uid, gid);
}

/**
 * Takes a real-time priority (chrt) from this process, and returns what gives it back: threads of esbuild that inherit it spin
 * without end where there are fewer CPUs than threads.
 */
function leaveRealtime() {
  // Fields after the name of the command (proc_pid_stat(5)): the state is the third, priority and policy are the 40th and the 41st.
  const fields = fs.readFileSync('/proc/self/stat', 'latin1').split(') ').pop().split(' ');
  const [priority, policy] = fields.slice(40 - 3, 42 - 3);
  const flag = { 1: '-f', 2: '-r' }[policy];
  if (flag === undefined) return () => {};
  const { spawnSync } = require('node:child_process');
  const set = (...how) => spawnSync('chrt', ['-a', ...how, String(process.pid)], { stdio: 'ignore' });
  set('-o', '-p', '0');
  return () => set(flag, '-p', priority);
}

/** Bundles the sources of a checkout. */
async function makeBundles(home, command) {
  const goOn = leaveRealtime();
  try {
    return await makeThem(home, command);
  } finally {
    goOn();
  }
}

async function makeThem(home, command) {
  const cache = cacheOf(home, command);
  const mine = `${Date.now()}-${process.pid}`;
  const dir = join(cache, mine);
  try {
    makeFolder(home, dir);
  } catch {
    // Somebody else's checkout: for this run only.
    const own = fs.mkdtempSync(join(require('node:os').tmpdir(), 'criu-bundle-'));
    process.on('exit', () => fs.rmSync(own, { recursive: true, force: true }));
    await bundleInto(home, own);
    return own;
  }
  await bundleInto(home, dir);
  replace(join(cache, 'current'), mine);
  for (const old of fs.readdirSync(cache)) {
    const path = join(cache, old);
    if (old === mine || old === 'current') continue;
    if (fs.statSync(path).mtimeMs < Date.now() - KEPT_MS) fs.rmSync(path, { recursive: true, force: true });
  }
  return dir;
}

/**
 * The bundles that are tried, and where V8's compiled code of each is: the first that is there. That is another thing for each command
 * word: what a restore needs would only be in the way of a dump.
 */
function choose({ bundles, words, patient }, [word]) {
  // V8 takes it only with the flags that it was compiled with.
  const all = bundles.map((name) => ({ name, caches: [patient ? `${name}.patient` : name] }));
  const caches = words?.compiled[word];
  return caches === undefined ? all : [{ name: caches[0].split('.')[0], caches }, ...all];
}

/**
 * Whether what V8 compiles in this run is kept: somebody asks for it, or there is nothing of this node yet, and a place for it: in
 * an installed package for those who may write there, root as a rule.
 */
function keepsCompiled(dir, compiled, asked) {
  if (asked) return true;
  if (compiled !== undefined) return false;
  try {
    fs.accessSync(dir, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Bytes before what V8 has compiled, for its label; V8 wants its data aligned. */
const HEADER = 160;

/** The hash at the end of a bundle, and that before it, which a later part has of what it belongs to (`//HASH` in lines). */
const hashesOf = (text) => ({ own: text.slice(-40), before: text.slice(-83, -43) });

/**
 * Of what, and by which node, code was compiled. V8 compares its version, its flags and the length of the source, no more: it
 * crashes of what another build of the same version has compiled, of another release of node or of somebody else's, and would run
 * that of another bundle. A bundle ends with its hash.
 */
function labelOf(text) {
  const { size, mtimeMs } = fs.statSync(process.execPath);
  // Of a node that is a library (Debian's) the program does not tell: only what was compiled here, before any upgrade, will do.
  const own = process.config.variables.node_shared === true ? ` ${mtimeMs}` : '';
  return `${process.version} ${process.versions.v8} ${size}${own} ${hashesOf(text).own}`.padEnd(HEADER);
}

/** A file, which the native part reads at a third of the time. */
function bytesOf(file) {
  try {
    return native?.addon.readBytes?.(file) ?? fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

/** What this very node has compiled of a bundle before. */
function compiledIn(file, text) {
  const kept = bytesOf(file);
  if (kept === undefined) return undefined;
  return kept.toString('latin1', 0, HEADER) === labelOf(text) ? kept.subarray(HEADER) : undefined;
}

/** Keeps what V8 has compiled of a bundle. */
function keepCompiled(file, script, text) {
  replace(file, Buffer.concat([Buffer.from(labelOf(text), 'latin1'), script.createCachedData()]));
}

/**
 * V8 optimises what has run for so many bytes of bytecode, three times its default: that takes a CPU for as long as crit needs for a
 * few thousand entries, and what it optimises is soon over.
 */
const PATIENCE = '--interrupt-budget=400000';

/**
 * @param caches where V8's compiled code may be; what is kept goes to the first
 * @param asked whether that is asked for
 * @param never it is not kept, even if there is none
 * @param goesWith the bundle of which it is the later part: one that another build has put in its place meanwhile has other names
 * @returns the function that a bundle is, its text, and whether what V8 compiles of it is kept
 */
function compile(dir, bundle, caches, { asked, never = false, goesWith }) {
  const { Script } = require('node:vm');
  const file = join(dir, `${bundle}.cjs`);
  const text = native?.addon.readLatin1?.(file) ?? fs.readFileSync(file, 'latin1');
  if (goesWith !== undefined && hashesOf(text).before !== hashesOf(goesWith).own)
    throw new Error(
      `${file} is of another build than what runs, which was replaced meanwhile: start the command again`,
    );
  const [kept, ...nearest] = caches.map((cache) => join(dir, `${cache}.cache`));
  const own = compiledIn(kept, text);
  const cachedData = nearest.reduce((found, other) => found ?? compiledIn(other, text), own);
  const keep = !never && keepsCompiled(dir, own, asked);
  // By its name alone: what V8 compiled keeps that, and goes from the machine that it was made on to others.
  const script = new Script(text, { filename: `${bundle}.cjs`, cachedData });
  // A run that fails has hardly compiled what one needs that does its work.
  if (keep)
    process.on('exit', (code) => {
      if (code === 0 || asked) keepCompiled(kept, script, text);
    });
  return { run: script.runInThisContext(), text, keep };
}

/**
 * Runs a bundle. Its later part, if it has one (tools/later.mjs), is loaded when something of it is used.
 * @returns its exports, what loads its later part, and whether what V8 compiles is kept
 */
function open(dir, bundle, caches) {
  const asked = process.env.CRIU_KEEP_COMPILED;
  const { run, text, keep } = compile(dir, bundle, caches, { asked: asked === 'first' || asked === bundle });
  const module = { exports: {}, scope: undefined, later };
  let part;
  function later() {
    if (part) return part;
    if (!module.scope) throw new Error(`${bundle}.cjs needs its later part while it starts`);
    part = {};
    const name = `${bundle}.later`;
    const own = caches.map((cache) => `${cache}.later`);
    // As long as that of the first part is kept, flags of V8 are others: what is compiled with them would not be taken.
    compile(dir, name, own, { asked: asked === 'later', never: keep, goesWith: text }).run(
      part,
      require,
      module,
      join(dir, `${name}.cjs`),
      dir,
    );
    return part;
  }
  run(module.exports, require, module, join(dir, `${bundle}.cjs`), dir);
  if (asked === 'later' && module.scope) later();
  return { exports: module.exports, keep, later };
}

/** The same for those who have a use for its exports alone. */
const load = (dir, bundle, cache) => open(dir, bundle, [cache]).exports;

function asksForVersion(args) {
  return args.length === 1 && (args[0] === '--version' || args[0] === '-V');
}

/**
 * @param bin folder of the command's file
 * @param command `name`; `bundles`, of which each exports `run(args, kept)`, or what `entry` names, that may leave the work to the
 *   next one by giving false (`kept`: what V8 compiles is kept, for runs with the same flags of V8);
 *   `words` that are tried with another bundle before, with the names of its compiled code: its own (`BUNDLE` or `BUNDLE.WORD`), and
 *   those nearest to it; and with the files of procfs that some read (`ahead`). `--version` has a bundle of its own, a plain module. `native`: its bundles need the native part. `patient`: V8 is to be; a command that has the addon sets its flags itself, which takes 2 ms less
 */
function start(bin, command) {
  // What the launching shell kept from node is there again for whatever we start.
  const certificates = process.env.CRIU_EXTRA_CA_CERTS;
  delete process.env.CRIU_EXTRA_CA_CERTS;
  if (certificates) process.env.NODE_EXTRA_CA_CERTS = certificates;

  const home = dirname(bin);
  const args = process.argv.slice(2);
  const { entry = 'run' } = command;
  const quick = entry === 'run' && asksForVersion(args);
  const run = (dir) => {
    if (quick) require(join(dir, 'version.cjs')).run();
    else {
      if (command.native) loadNative(home);
      readAhead(command.words?.ahead[args[0]] ?? []);
      if (command.patient) require('node:v8').setFlagsFromString(PATIENCE);
      choose(command, args).some(({ name, caches }) => {
        const { exports, keep } = open(dir, name, caches);
        return exports[entry](args, keep) !== false;
      });
    }
  };
  const found = findBundles(home, command, quick ? 'version' : command.name);
  if (found !== undefined) run(found);
  else
    makeBundles(home, command).then(run, (error) => {
      console.error(`${command.name}: cannot be bundled from its sources: ${error.message}`);
      console.error(
        '  `npm run setup` installs what they need, and `npm run check` tells what is wrong with them',
      );
      process.exit(1);
    });
}

module.exports = { compiledIn, keepCompiled, load, open, start };
