#!/usr/bin/env node
// Entry point of the bundle that the `crit` command is.
import { ImageError } from '@criu/images';
import { quick } from './quick.js';

async function run(args: readonly string[]): Promise<number> {
  // The parser of the command line is loaded only where it is needed: it takes longer than a small image.
  if (quick(args)) return 0;
  const { main } = await import('./cli.js');
  return main(args);
}

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.exitCode = 1;
    if (error instanceof ImageError) process.stderr.write(`crit: ${error.message}\n`);
    else process.stderr.write(`crit: ${(error as Error).stack ?? String(error)}\n`);
  },
);
