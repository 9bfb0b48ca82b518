#!/usr/bin/env node
// Entry point of the bundle that the `crit` command is.
import { ImageError } from '@criu/images';
import { CommandFailure, UsageError } from './io.js';
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
  (failure: unknown) => {
    const own = failure instanceof CommandFailure;
    process.exitCode = own ? failure.exitCode : 1;
    const error = own ? failure.cause : failure;
    const expected = error instanceof ImageError || error instanceof UsageError;
    process.stderr.write(`crit: ${expected ? error.message : ((error as Error).stack ?? String(error))}\n`);
  },
);
