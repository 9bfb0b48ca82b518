// Converts the option table for yargs: for help texts and completion.
import type { Argv, Options } from 'yargs';
import type { Command } from './commands.js';
import { OPTIONS, type OptionRecord, type OptionType, optionNotes } from './option-table.js';

const TYPES: Readonly<Record<OptionType, Options['type']>> = {
  flag: 'boolean',
  text: 'string',
  list: 'array',
  number: 'number',
  size: 'string',
  optional: 'string',
  verbosity: 'number',
};

/** The help text of an option: form of the value, effect, remarks. */
function describeOption(option: OptionRecord): string {
  const { type, value, help, choices } = option;
  const form = type === 'verbosity' ? '[=N], -vN, -v[v...]' : type === 'optional' ? `[=${value}]` : value;
  const shown = form ? `${form}: ` : '';
  const notes = [
    // With a list of choices, yargs would refuse an omitted value.
    ...(choices && type === 'optional' ? [`one of ${choices.join(', ')}`] : []),
    ...optionNotes(option),
  ];
  return `${shown}${help}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}

function shownOption(option: OptionRecord, hidden: boolean): Options {
  const { type, alias, choices, group } = option;
  return {
    type: TYPES[type],
    describe: describeOption(option),
    group: `${group}:`,
    ...(type === 'list' ? { string: true } : {}),
    ...(alias ? { alias } : {}),
    ...(choices && type !== 'optional' ? { choices } : {}),
    ...(hidden ? { hidden } : {}),
  };
}

/** `--help` and `--version` are built into yargs; their records only describe them. */
export const OWN_OPTIONS: readonly string[] = ['help', 'version'];

/** Every command accepts every option; its help shows those that have an effect on it. */
function shownOptions(command?: Command): Record<string, Options> {
  const out: Record<string, Options> = {};
  for (const option of OPTIONS) {
    if (OWN_OPTIONS.includes(option.name)) continue;
    const concerns = command === undefined || !option.commands || option.commands.includes(command);
    out[option.name] = shownOption(option, !concerns);
  }
  return out;
}

/** Declares all options for help and completion; yargs itself never parses a given option. */
export function declareOptions<T>(parser: Argv<T>, command?: Command): Argv<T> {
  return parser.options(shownOptions(command)) as Argv<T>;
}
