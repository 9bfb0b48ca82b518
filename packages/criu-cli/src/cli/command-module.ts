// A command of the table as a command module of yargs.
import type { CommandModule } from 'yargs';
import { COMMANDS, type Command, type CommandRecord } from './commands.js';
import type { GivenOption } from './normalise.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';
import { declareOptions } from './yargs-options.js';

/**
 * What a command does; the result is the exit code.
 * @param given the options that the settings come from, in the order in which they apply
 */
export type Action = (settings: Settings, shell: Shell, given: readonly GivenOption[]) => Promise<number>;

export const NOT_YET = ' (not supported yet)';

/** @throws Error if there is none, a fault of ours */
export function commandNamed(name: string): CommandRecord {
  const found = COMMANDS.find((c) => c.name === name);
  if (!found) throw new Error(`no command ${name}`);
  return found;
}

/**
 * The module of a command, with options and texts for its help when they are `shown`; `cpuinfo dump` is the module `dump`
 * inside of `cpuinfo`.
 * @param chosen called when it is the one
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
