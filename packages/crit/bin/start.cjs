const { load } = require('./load.cjs');

// The parser of the command line is loaded only where it is needed: it takes longer than a small image.
const args = process.argv.slice(2);
if (!load('quick').run(args)) load('crit').run(args);
