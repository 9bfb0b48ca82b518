// How the command ends when something went wrong.
import { ImageError, showOdd } from '@criu/images';
import { CoreDumpError } from './coredump/errors.js';
import { CommandFailure, UsageError } from './io.js';

/** Says what it was, and sets the exit code. */
export function report(failure: unknown): void {
  const own = failure instanceof CommandFailure;
  process.exitCode = own ? failure.exitCode : 1;
  const error = own ? failure.cause : failure;
  const expected =
    error instanceof ImageError || error instanceof UsageError || error instanceof CoreDumpError;
  const text = expected ? error.message : ((error as Error).stack ?? String(error));
  process.stderr.write(`crit: ${showOdd(text)}\n`);
}
