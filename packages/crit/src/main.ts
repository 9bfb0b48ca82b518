// Entry point of the bundle with all commands.
import { exactArguments } from './arguments.js';
import { main } from './cli.js';
import { report } from './failure.js';

export async function run(args: readonly string[]): Promise<void> {
  try {
    process.exitCode = await main(exactArguments(args));
  } catch (failure) {
    report(failure);
  }
}
