#!/usr/bin/env node
// The `soccr` command; everything is in dist/cli.js.
import { main } from '../dist/cli.js';

process.exitCode = await main(process.argv.slice(2));
