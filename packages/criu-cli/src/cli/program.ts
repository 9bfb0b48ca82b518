// The command `criu` for yargs: commands, options, help, completion, and errors in calls.
import yargs, { type Argv, type CommandModule } from 'yargs';
import { CriuError } from '../errors.js';
import { commandModule, commandNamed, NOT_YET } from './command-module.js';
import {
  COMMANDS,
  COMPLETING,
  type Command,
  type CommandRecord,
  RETIRED,
  retiredCommand,
} from './commands.js';
import { didYouMean } from './normalise.js';
import { OPTIONS, optionNamed } from './option-table.js';
import { versionText } from './version.js';
import { declareOptions, OWN_OPTIONS } from './yargs-options.js';

const EPILOGUE =
  'Most flags have an opposite, --no-NAME, for what a configuration file says: options are read from ' +
  '/etc/criu/default.conf, ~/.criu/default.conf, $CRIU_CONFIG_FILE and --config FILE. ' +
  '`criu check --feature list` prints the names of kernel features.';

export interface ProgramOptions {
  /** Called with the command that was named. yargs does not await it, as its own work is done then. */
  readonly chosen: (command: Command) => void;
  /** Version of the package. */
  readonly version: string;
  /** Width of help texts in columns. */
  readonly columns: number;
  /** Kernel features, for completion. */
  readonly features?: readonly string[];
  /** Leave out the options of commands in the help text. */
  readonly brief?: boolean;
}

/** Modules for commands of older versions, which say what to use instead. */
function retired(name: string): CommandModule {
  return {
    command: name,
    describe: false,
    handler() {
      throw retiredCommand(name);
    },
  };
}

/** Commands whose name has two words become subcommands of the first word. */
function family(
  word: string,
  records: readonly CommandRecord[],
  modules: readonly CommandModule[],
): CommandModule {
  const names = records.map((c) => c.name.slice(word.length + 1));
  const describe = `commands about this CPU: ${names.join(', ')}${records.some((c) => c.supported) ? '' : NOT_YET}`;
  return {
    command: word,
    describe,
    builder(parser) {
      for (const module of modules) parser.command(module);
      return parser
        .usage(`Usage: $0 ${word} COMMAND [OPTION...]`)
        .demandCommand(1, `${word} needs ${names.join(' or ')}`);
    },
    handler: () => undefined,
  };
}

/** Names for "did you mean"; retired commands have errors of their own. */
const NAMES = COMMANDS.filter(({ hidden }) => !hidden).map(({ name }) => name);

/** Converts an error message of yargs. */
function wrongCall(message: string, words: readonly string[]): CriuError {
  const end = words.findIndex((word) => word.startsWith('-'));
  const command = (end < 0 ? words : words.slice(0, end)).join(' ');
  const unknown = /^Unknown command/.test(message);
  return new CriuError(
    'BAD_OPTION',
    unknown ? `unknown command: ${command}` : message,
    {},
    (unknown && didYouMean(command, NAMES)) || '`criu --help` lists the commands',
  );
}

type OnCompleted = (error: Error | null, completions?: string[]) => void;

/** Completes the last word where yargs cannot: after an option with a value. */
function completeAfter(previous: string | undefined, features: readonly string[]) {
  const option = OPTIONS.find((o) => previous === `--${o.name}` || (o.alias && previous === `-${o.alias}`));
  const needsValue = option && !['flag', 'optional', 'verbosity'].includes(option.type);
  return (
    current: string,
    _argv: unknown,
    byYargs: (onCompleted?: OnCompleted) => void,
    done: (completions: string[]) => void,
  ) => {
    if (option?.name === 'feature') done(features.filter((name) => name.startsWith(current)));
    // No suggestions of our own, so that the shell completes file names.
    else if (needsValue && !option.choices) done([]);
    // Single letters need no completion; zsh would take what follows a colon for a description.
    else byYargs((_error, all) => done([...new Set(all)].filter((name) => !/^--?\w(:|$)/.test(name))));
  };
}

/** Adds texts for help and completion; without them yargs has nothing to format. */
function addTexts(parser: Argv, words: readonly string[], options: ProgramOptions): void {
  parser
    .wrap(options.columns)
    .usage('Usage: $0 COMMAND [OPTION...]')
    .epilogue(EPILOGUE)
    .completion(
      'completion',
      commandNamed('completion').summary,
      completeAfter(words.at(-2), options.features ?? []),
    )
    .help('help', optionNamed('help').help)
    .alias('help', optionNamed('help').alias ?? 'h')
    .version('version', optionNamed('version').help, versionText(options.version).trimEnd())
    .alias('version', optionNamed('version').alias ?? 'V')
    .group([...OWN_OPTIONS], `${optionNamed('help').group}:`);
}

/**
 * The parser for calls that ask for help, version or completion, or name no valid command.
 * @param words the words that name the command, and `--help` or `--version`; or those of a completion request. Options
 * with
 *   values are parsed elsewhere (command-line.ts).
 */
export function program(words: readonly string[], options: ProgramOptions): Argv {
  const known = COMMANDS.some((c) => c.name.split(' ')[0] === words[0]);
  const asked = words.some((word) => ['--help', '--version', COMPLETING].includes(word));
  const shown = asked || !known || words[0] === 'completion';
  const parser = yargs([...words])
    .scriptName('criu')
    // Detecting the locale would read files at each start.
    .detectLocale(false)
    .locale('en')
    .exitProcess(false)
    .demandCommand(1, 'no command given')
    .strictCommands()
    .fail((message: string | null, error: Error | undefined) => {
      throw message === null && error ? error : wrongCall(message ?? '', words);
    });
  if (shown) addTexts(parser, words, options);
  else parser.help(false).version(false);
  if (!known && !options.brief) declareOptions(parser);
  const module = ({ name }: CommandRecord) => commandModule(name, () => options.chosen(name), shown);
  const plain = COMMANDS.filter((c) => !c.name.includes(' ') && c.name !== 'completion');
  for (const record of plain) parser.command(module(record));
  const cpuinfo = COMMANDS.filter((c) => c.name.startsWith('cpuinfo '));
  parser.command(family('cpuinfo', cpuinfo, cpuinfo.map(module)));
  for (const name of Object.keys(RETIRED)) parser.command(retired(name));
  return parser;
}
