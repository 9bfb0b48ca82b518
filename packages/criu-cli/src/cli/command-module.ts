// Converts a command of the table into a command module of yargs.
import type { CommandModule } from 'yargs';
import { COMMANDS, type Command, type CommandRecord } from './commands.js';
import type { GivenOption } from './normalise.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';
import { declareOptions } from './yargs-options.js';

/**
 * The implementation of a command; it returns the exit code.
 * @param given the options from which the settings were made, in the order in which they apply
 */
export type Action = (settings: Settings, shell: Shell, given: readonly GivenOption[]) => Promise<number>;

export const NOT_YET = ' (not supported yet)';

/** @throws Error for an unknown name, which is a bug */
export function commandNamed(name: string): CommandRecord {
  const found = COMMANDS.find((c) => c.name === name);
  if (!found) throw new Error(`no command ${name}`);
  return found;
}

/**
 * The module of a command; with options and texts for its help if `shown`. The module of `cpuinfo dump` is `dump`
 * inside of `cpuinfo`.
 * @param chosen called if the command line names this command
 */
export function commandModule(name: Command, chosen: () => void, shown: boolean): CommandModule {
  const { summary, synopsis, supported, hidden } = commandNamed(name);
  const describe = `${summary}${supported ? '' : NOT_YET}`;
  return {
    command: name.slice(name.lastIndexOf(' ') + 1),
    describe: hidden ? false : describe,
    builder(parser) {
      if (!shown) return parser;
      return declareOptions(parser.usage(`Usage: $0 ${name} ${synopsis} [OPTION...]\n\n${describe}`), name);
    },
    handler: chosen,
  };
}
