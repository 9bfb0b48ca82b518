// The command line, as bin/soccr.js starts it.
import { main } from '../../src/cli.js';

process.exitCode = await main(process.argv.slice(2));
