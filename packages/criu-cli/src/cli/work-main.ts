// The bundles for plain calls of `criu dump`, `pre-dump`, `restore` and `swrk`. They have only the modules that these need
// (bundle.mjs of this package), and start in two thirds of the time.
import { ownArguments, ownEnvironment } from '@criu/native';
import { carryOut } from './carry-out.js';
import type { CommandLine } from './command-line.js';
import type { Action } from './command-module.js';
import { dumpCommand } from './dump-command.js';
import { engine } from './engine.js';
import { ownShell } from './own-shell.js';
import { asksForHelp, begin, plainCommand, readLine, reporting } from './plain.js';
import { restoreCommand } from './restore-command.js';
import { swrkCommand } from './swrk-command.js';

const ACTIONS = {
  dump: dumpCommand,
  'pre-dump': dumpCommand,
  restore: restoreCommand,
  swrk: swrkCommand,
} as const satisfies Readonly<Record<string, Action>>;

function isHere(command: string | undefined): command is keyof typeof ACTIONS {
  return command !== undefined && Object.hasOwn(ACTIONS, command);
}

/** The parsed call; undefined if something is wrong with it. */
function lineOf(argv: readonly string[]): CommandLine | undefined {
  try {
    return readLine({ argv, env: ownEnvironment() });
  } catch {
    // The error is reported by the bundle that has the help.
    return undefined;
  }
}

/** Called by the launcher. @returns false if the bundle with all commands has to run instead */
export function run(_args: readonly string[], kept: boolean): boolean {
  if (process.env['CRIU_COMMAND'] !== undefined) return false;
  const argv = ownArguments();
  const line = asksForHelp(argv) ? undefined : lineOf(argv);
  const command = line && plainCommand(line);
  if (!line || !isHere(command)) return false;
  carryOut('criu', kept, () => {
    const shell = ownShell(argv, engine);
    return reporting(shell, () => begin(ACTIONS[command], command, line, shell));
  });
  return true;
}
