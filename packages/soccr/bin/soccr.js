#!/bin/sh
':' //; unset NODE_EXTRA_CA_CERTS; exec node "$0" "$@"
// The `soccr` command; everything is in dist/cli.js.
// The line of sh above starts node without the certificates of NODE_EXTRA_CA_CERTS, all of which node 20 reads at each
// start: that takes longer than node itself. Node sees a text and a comment there.
import { main } from '../dist/cli.js';

process.exitCode = await main();
