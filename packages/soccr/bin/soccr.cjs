#!/bin/sh
':' //; export CRIU_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"; unset NODE_EXTRA_CA_CERTS; exec node "$0" "$@"
// The `soccr` command.
// The line of sh above starts node without the certificates of NODE_EXTRA_CA_CERTS, all of which node 20 reads at each
// start: that takes longer than node itself. Node sees a text and a comment there.
const checkout = require('node:fs').existsSync(`${__dirname}/../src`);
require(checkout ? '../../../tools/launcher.cjs' : '../dist/launcher.cjs').start(__dirname, {
  name: 'soccr',
  bundles: ['soccr'],
  patient: true,
});
