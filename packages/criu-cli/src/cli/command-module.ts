// A command of the table as a command module of yargs.
import type { CommandModule } from 'yargs';
import { COMMANDS, type Command, type CommandRecord } from './commands.js';
import { type CommandArguments, Settings } from './settings.js';
import type { Shell } from './shell.js';
import { declareOptions } from './yargs-options.js';

/** What a command does; the result is the exit code. */
export type Action = (settings: Settings, shell: Shell) => Promise<number>;

/** Begins an action. It is not awaited by yargs, which is done when the command line is understood. */
export type Begin = (action: Action, settings: Settings) => void;

export const NOT_YET = ' (not supported yet)';

export function findCommand(name: string): CommandRecord | undefined {
  return COMMANDS.find((c) => c.name === name);
}

/** The module of a command, with texts for its help when they are `shown`; `cpuinfo dump` is the module `dump` inside of `cpuinfo`. */
export function commandModule(name: Command, action: Action, begin: Begin, shown: boolean): CommandModule {
  const { summary, synopsis, supported, hidden } = findCommand(name)!;
  const describe = `${summary}${supported ? '' : NOT_YET}`;
  return {
    command: name.split(' ').at(-1)!,
    describe: hidden ? false : describe,
    builder(parser) {
      if (shown) parser.usage(`Usage: $0 ${name} ${synopsis} [OPTION...]\n\n${describe}`);
      return declareOptions(parser, shown, name);
    },
    handler: (argv) => begin(action, new Settings(name, argv as CommandArguments)),
  };
}
