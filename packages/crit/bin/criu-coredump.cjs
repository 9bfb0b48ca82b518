#!/bin/sh
':' //; unset NODE_EXTRA_CA_CERTS; exec node "$0" "$@"
// The `criu-coredump` command; for the line of sh see crit.cjs.
require('./load.cjs').load('crit').coredump(process.argv.slice(2));
