// Runs calls that simply execute a command, without loading yargs.
import { asCriuError } from '../errors.js';
import { type CommandLine, readCommandLine } from './command-line.js';
import type { Action } from './command-module.js';
import { COMMANDS, type Command, retiredCommand } from './commands.js';
import { errorText } from './session.js';
import { argumentsOf, Settings } from './settings.js';
import type { Shell } from './shell.js';
import { checkTogether } from './together.js';

/** Whether help is requested, or no arguments are given. */
export function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  return argv.length === 0 || own.includes('--help') || own.includes('-h');
}

/** The command, if the call simply executes one. */
export function plainCommand({ command, given }: CommandLine): Command | undefined {
  if (given.some(({ option }) => option.name === 'version')) return undefined;
  const name = command.join(' ');
  return COMMANDS.find((known) => known.name === name && name !== 'completion')?.name;
}

/**
 * Parses the call. For a command of older versions, the error says what to use instead, whatever else is wrong.
 * @throws CriuError
 */
export function readLine({ argv, env }: Pick<Shell, 'argv' | 'env'>): CommandLine {
  try {
    return readCommandLine(argv, { env });
  } catch (error) {
    const name = argv.find((word) => !word.startsWith('-'));
    throw (name !== undefined && retiredCommand(name)) || error;
  }
}

export async function begin(
  action: Action,
  command: Command,
  { given, operands }: CommandLine,
  shell: Shell,
): Promise<number> {
  const settings = new Settings(command, argumentsOf(given), operands);
  checkTogether(settings);
  return action(settings, shell, given);
}

/** Runs a command and reports its error. @returns the exit code: 0 success, 1 failure */
export async function reporting(shell: Shell, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (thrown) {
    shell.stderr(errorText(asCriuError(thrown, 'unexpected failure'), shell.style.err));
    return 1;
  }
}
