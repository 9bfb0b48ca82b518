// Runs the bundles of the `crit` command with what V8 made of them when they were built, since compiling them takes longer
// than most images. On another version of V8 the cache is refused and the bundle compiled as usual.
const { readFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

const dist = `${dirname(__dirname)}/dist`;
function load(name) {
  const filename = `${dist}/${name}.cjs`;
  const cache = `${dist}/${name}.cache`;
  let cachedData;
  try {
    cachedData = readFileSync(cache);
  } catch {
    // Nothing but speed depends on it.
  }
  // The bundles are of ASCII characters alone: read as Latin-1 they need not be decoded.
  const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, filename, dist);
  return module.exports;
}
module.exports = { load };
