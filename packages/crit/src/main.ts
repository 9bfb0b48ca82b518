// Entry point of the bundle with all commands.
import { exactArguments } from './arguments.js';
import { main } from './cli.js';
import { coredump as makeCores } from './coredump/command.js';
import { report } from './failure.js';

export async function run(args: readonly string[]): Promise<void> {
  try {
    process.exitCode = await main(exactArguments(args));
  } catch (failure) {
    report(failure);
  }
}

/** Entry point of `criu-coredump`. */
export async function coredump(args: readonly string[]): Promise<void> {
  try {
    await makeCores(exactArguments(args));
  } catch (failure) {
    report(failure);
  }
}
