// Starts the command: in a checkout the launcher is among the tools, in a package beside the bundles.
'use strict';
const { existsSync } = require('node:fs');

// Bundles are compiled without a way to import modules; plugins are some (src/plugins/serve.ts).
globalThis[Symbol.for('criu.import')] = (url) => import(url);

const words = {
  bundle: 'work',
  compiled: { dump: 'dump', 'pre-dump': 'dump', restore: 'restore', swrk: 'dump' },
  // `swrk FD`: a service gives its workers more to read, and they look for themselves.
  first: ([word, ...more]) => (word === 'swrk' && more.length === 1 ? 'swrk' : undefined),
};

const checkout = existsSync(`${__dirname}/../src`);
require(checkout ? '../../../tools/launcher.cjs' : '../dist/launcher.cjs').start(__dirname, {
  name: 'criu',
  bundles: ['criu'],
  // Only of `criu` itself.
  words: process.env.CRIU_COMMAND === undefined ? words : undefined,
});
