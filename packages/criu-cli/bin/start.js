// Starts the command: in a checkout the launcher is among the tools, in a package beside the bundles.
'use strict';
const { existsSync } = require('node:fs');

// Bundles are compiled without a way to import modules; plugins are some (src/plugins/serve.ts).
globalThis[Symbol.for('criu.import')] = (url) => import(url);

/** What `swrk` has been asked first, by the number that CRIU's rpc.proto has for it: each has compiled code of its own. */
const OF_REQUEST = { 1: 'dump', 2: 'restore', 4: 'dump' };
const request = process.env.CRIU_REQUEST;
delete process.env.CRIU_REQUEST;
const asked = OF_REQUEST[request];

/** The build has what V8 compiles of the bundle for requests kept, by commands that do the same. */
const whole = process.env.CRIU_KEEP_COMPILED === 'whole' ? 'whole.' : '';

/** By their first word calls have a bundle, and compiled code of that: their own, or what is nearest to it. */
const words = {
  compiled: {
    dump: [`${whole}dump`],
    'pre-dump': ['dump'],
    restore: [`${whole}restore`],
    swrk: asked
      ? [`whole.swrk-${asked}`, `whole.${asked}`]
      : request
        ? ['whole.swrk', 'whole.dump']
        : ['whole.dump'],
  },
  ahead: { dump: ['/proc/locks'] },
};

const checkout = existsSync(`${__dirname}/../src`);
require(checkout ? '../../../tools/launcher.cjs' : '../dist/launcher.cjs').start(__dirname, {
  name: 'criu',
  bundles: ['criu'],
  native: true,
  // Only of `criu` itself.
  words: process.env.CRIU_COMMAND === undefined ? words : undefined,
});
