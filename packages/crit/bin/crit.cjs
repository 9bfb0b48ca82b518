#!/bin/sh
':' //; unset NODE_EXTRA_CA_CERTS; exec node "$0" "$@"
// The `crit` command.
// The line of sh above starts node without the certificates of NODE_EXTRA_CA_CERTS, all of which node 20 reads at each
// start: that takes longer than node itself. Node sees a text and a comment there.
require('./start.cjs');
