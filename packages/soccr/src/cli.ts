// The `soccr` command line: show, save, restore and hand over a connection of a running process.

import { createRequire } from 'node:module';
import { ownArguments } from '@criu/native';
import type { Argv } from 'yargs';
import {
  handoverCommand,
  restoreCommand,
  saveCommand,
  showCommand,
  Usage,
  unlockCommand,
} from './commands.js';
import { ownVersion } from './version.js';

/** Loaded here, since only the command line needs it. The form of yargs for `require` wraps the help between words. */
function loadYargs(): (args: readonly string[]) => Argv {
  return createRequire(import.meta.url)('yargs/yargs') as (args: readonly string[]) => Argv;
}

const EPILOGUE =
  'The process that loses a connection finds its socket unconnected (ECONNABORTED). Needs CAP_NET_ADMIN, and ' +
  'CAP_SYS_PTRACE for a process of somebody else.';

/** The arguments PID and FD. */
const target = <T>(parser: Argv<T>) =>
  parser
    .positional('PID', { type: 'string', demandOption: true, describe: 'process that has the connection' })
    .positional('FD', { type: 'string', demandOption: true, describe: 'its descriptor there' });

const netns = {
  type: 'string',
  requiresArg: true,
  describe: 'FILE: in this network namespace (/run/netns/NAME, /proc/PID/ns/net)',
} as const;

/** The words after `--`. */
const commandOf = (argv: { readonly [name: string]: unknown }) => (argv['--'] as string[] | undefined) ?? [];

/** The error message of yargs in the words of this command line. */
function plainMessage(message: string, [command = '', ...rest]: readonly string[]): string {
  if (/^Unknown (argument|command)s?: /.test(message))
    return `there is no command or option ${message.replace(/^[^:]*: /, '')}`;
  const near = /^Did you mean (.+)\?$/.exec(message)?.[1];
  // The suggestion of yargs may differ in three letters.
  if (near !== undefined)
    return `there is no command ${command}${near[0] === command[0] ? `. Did you mean ${near}?` : ''}`;
  if (/^Not enough/.test(message)) {
    const needed = command === 'restore' ? ['FILE'] : ['PID', 'FD'];
    const given = rest.filter((word) => !word.startsWith('-')).length;
    return `${needed.slice(Math.min(given, needed.length - 1)).join(' and ')} missing`;
  }
  return message.replace(/\s*\n\s*/g, ' ');
}

/** @param begin receives the promise of the command, which resolves to the exit code */
function program(args: readonly string[], begin: (work: Promise<number>) => void): Argv {
  const parser = loadYargs()(args)
    .scriptName('soccr')
    .usage('$0: save and restore a live TCP connection')
    // yargs would read translation files at each start.
    .detectLocale(false)
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'strip-aliased': true,
    })
    .option('json', { type: 'boolean', default: false, describe: 'machine-readable output' })
    .option('lock', {
      choices: ['auto', 'nftables', 'iptables', 'none'] as const,
      default: 'auto' as const,
      requiresArg: true,
      describe: 'how packets of the connection are held back',
    })
    .option('table', {
      type: 'string',
      requiresArg: true,
      describe: "NAME: of the lock's table (default soccr)",
    })
    .version(ownVersion())
    .alias('help', 'h')
    .epilogue(EPILOGUE)
    .exitProcess(false)
    .demandCommand(1, 'a command is needed')
    .recommendCommands()
    .strict()
    .completion('completion', 'print a script with which bash or zsh completes commands and options')
    .fail((message: string | null, error: Error | undefined) => {
      if (message === null && error) throw error;
      throw new Usage(plainMessage(message ?? '', args));
    });
  return parser
    .command(
      'show <PID> <FD>',
      'what kind of connection it is; it takes no notice',
      (y) => target(y),
      (argv) => begin(showCommand(argv)),
    )
    .command(
      'save <PID> <FD>',
      'take it from its process into a file; it stays locked until it is restored',
      (y) =>
        target(y)
          .option('output', {
            alias: 'o',
            type: 'string',
            requiresArg: true,
            describe: 'FILE (default: standard output)',
          })
          .option('keep', {
            type: 'boolean',
            default: false,
            describe: 'only look: its process goes on with it',
          }),
      (argv) => begin(saveCommand(argv)),
    )
    .command(
      'restore <FILE>',
      'run the command after -- with the connection as descriptor 3 (SOCCR_FD); without one, connect it with ' +
        'standard input and output',
      (y) =>
        y
          .positional('FILE', { type: 'string', demandOption: true, describe: '- is standard input' })
          .option('unlocked', {
            type: 'boolean',
            default: false,
            describe: 'the connection is not locked here, as on another machine',
          })
          .option('netns', netns),
      (argv) => begin(restoreCommand({ ...argv, command: commandOf(argv) })),
    )
    .command(
      'handover <PID> <FD>',
      'save and restore in one go, for the command after --; if that fails its process goes on with it',
      (y) => target(y),
      (argv) => begin(handoverCommand({ ...argv, command: commandOf(argv) })),
    )
    .command(
      'unlock',
      'let all locked connections go, after a crash',
      (y) => y.option('netns', netns),
      (argv) => begin(unlockCommand(argv)),
    );
}

/**
 * Runs one command line. Resolves to the exit code: 0, 1 after an error, 2 for a wrong command line, or that of the
 * command run.
 */
export async function main(args: readonly string[] = ownArguments()): Promise<number> {
  const json = args.includes('--json');
  let work: Promise<number> = Promise.resolve(0);
  try {
    const parser = program(args, (begun) => {
      work = begun;
    });
    if (args.length === 0) {
      parser.showHelp('log');
      return 2;
    }
    parser.parse();
    return await work;
  } catch (error) {
    if (error instanceof Usage) {
      process.stderr.write(`soccr: ${error.message}\n  soccr --help and soccr COMMAND --help say more\n`);
      return 2;
    }
    const { message, code } = error as { message: string; code?: string };
    process.stderr.write(json ? `${JSON.stringify({ error: { code, message } })}\n` : `soccr: ${message}\n`);
    return 1;
  }
}

/** Entry point for the launcher. */
export function run(): void {
  void main().then((code) => {
    process.exitCode = code;
  });
}
