#!/usr/bin/env node
// The `crit` command: runs the bundle with what V8 made of it when it was built, since compiling it takes longer than most
// images. On another version of V8 the cache is refused and the bundle compiled as usual.
const { readFileSync } = require('node:fs');
const { wrap } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

const dist = join(__dirname, '..', 'dist');
const filename = join(dist, 'crit.cjs');
let cachedData;
try {
  cachedData = readFileSync(join(dist, 'crit.cache'));
} catch {
  // Nothing but speed depends on it.
}
const script = new Script(wrap(readFileSync(filename, 'utf8').replace(/^#!.*/, '')), {
  filename,
  cachedData,
});
script.runInThisContext()(exports, require, module, filename, dist);

// The build asks for the cache in this way, after a command has run so that the functions in use are in it.
if (process.env.CRIT_WRITE_CACHE !== undefined) {
  process.on('exit', () => {
    require('node:fs').writeFileSync(process.env.CRIT_WRITE_CACHE, script.createCachedData());
  });
}
