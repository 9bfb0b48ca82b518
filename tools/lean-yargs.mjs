// An esbuild plugin for bundles with yargs in them: help texts wrap between words, and start-up loads less.
import { readFileSync } from 'node:fs';

/** cliui's form for modules breaks lines inside of words, `require` takes the other one; only a help text needs it. */
const WRAP = [["import cliui from 'cliui'", "const cliui = (options) => require('cliui')(options);"]];
/** For a command that says its version and the width of the terminal itself. */
const LEAN = [
  [
    "import { notStrictEqual, strictEqual } from 'assert'",
    'const notStrictEqual = (a, b, text) => { if (Object.is(a, b)) throw new Error(text); };' +
      'const strictEqual = (a, b, text) => { if (!Object.is(a, b)) throw new Error(text); };',
  ],
  ["typeof process.stdout.columns !== 'undefined' ? process.stdout.columns : null", 'null'],
  // It would look for a package.json from the current directory upwards to find out the version.
  ['findUp: escalade', 'findUp: () => { throw new Error(); }'],
];

/** `lean`: also without what looks for version and width. The build fails when yargs is not as it was. */
export const leanYargs = ({ lean = false } = {}) => ({
  name: 'yargs',
  setup(esbuild) {
    const filter = /[/\\]yargs[/\\]lib[/\\]platform-shims[/\\]esm\.mjs$/;
    esbuild.onLoad({ filter }, ({ path }) => {
      let contents = readFileSync(path, 'utf8');
      for (const [from, to] of lean ? [...WRAP, ...LEAN] : WRAP) {
        if (!contents.includes(from)) throw new Error(`yargs has changed: no ${from}`);
        contents = contents.replace(from, to);
      }
      return { contents, loader: 'js' };
    });
  },
});
