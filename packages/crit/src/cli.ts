// The `crit` command line.
import yargs from 'yargs';
import { coreCommand } from './commands/core.js';
import { decodeCommand, showCommand } from './commands/decode.js';
import { diffCommand } from './commands/diff.js';
import { encodeCommand } from './commands/encode.js';
import { exploreCommand } from './commands/explore.js';
import { infoCommand } from './commands/info.js';
import { memCommand } from './commands/mem.js';
import { compressCommand, decompressCommand } from './commands/pack.js';
import { reportCommand } from './commands/report.js';
import { showContainerCommand } from './commands/show-container.js';
import { verifyCommand } from './commands/verify.js';
import { UsageError } from './io.js';
import { version } from './version.js';

/**
 * Runs one command.
 * @param args without the names of the interpreter and the program
 * @returns the exit code: 0, or 1 if `verify` has found problems or `diff` differences
 * @throws ImageError for an invalid image; UsageError for a wrong command line
 */
export async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  await yargs()
    .scriptName('crit')
    // yargs would read translation files at each start.
    .detectLocale(false)
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .usage('Look into the images of checkpoints, and change them.')
    .command(decodeCommand)
    .command(encodeCommand)
    .command(infoCommand)
    .command(showCommand)
    .command(exploreCommand)
    .command(
      diffCommand((exit) => {
        code = exit;
      }),
    )
    .command(memCommand)
    .command(
      verifyCommand((exit) => {
        code = exit;
      }),
    )
    .command(reportCommand)
    .command(coreCommand)
    .command(showContainerCommand)
    .command(compressCommand)
    .command(decompressCommand)
    .middleware(async (argv) => {
      // Archives are unpacked only for this command, so commands that change images refuse them.
      const { checkpointOf, imagesOf, mustBeFolder } = await import('./archive/unpack.js');
      if (argv._[0] === 'compress' || argv._[0] === 'decompress') {
        mustBeFolder(String(argv['dir']));
        return;
      }
      if (typeof argv['dir'] === 'string') argv['dir'] = await checkpointOf(argv['dir']);
      for (const key of ['before', 'after'])
        if (typeof argv[key] === 'string') argv[key] = await imagesOf(argv[key]);
    })
    .demandCommand(1, 'A command is needed.')
    .strict()
    .version(version)
    .exitProcess(false)
    .fail((message, error) => {
      if (message === null || message === undefined) throw error;
      const command = commandIn(args);
      const advice = `\`crit${command === undefined ? '' : ` ${command}`} --help\` tells what can be given`;
      throw new UsageError(plainMessage(message, COMMANDS.get(command ?? '') ?? []), advice);
    })
    .parseAsync([...args]);
  return code;
}

/** The required arguments of each command in order. */
const COMMANDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['decode', []],
  ['encode', []],
  ['info', ['IMAGE']],
  ['show', ['IMAGE']],
  ['x', ['DIR', 'WHAT']],
  ['diff', ['BEFORE', 'AFTER']],
  ['mem', ['DIR']],
  ['verify', ['DIR']],
  ['report', ['DIR']],
  ['core', ['DIR']],
  ['show-container', ['ARCHIVE']],
  ['compress', ['DIR']],
  ['decompress', ['DIR']],
]);

const commandIn = (args: readonly string[]): string | undefined => args.find((word) => COMMANDS.has(word));

/** The error message of yargs in the words of this command line. */
function plainMessage(message: string, needed: readonly string[]): string {
  const text = message
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
    .trim();
  const missing = /^Not enough non-option arguments: got (\d+), need at least (\d+)/.exec(text);
  if (missing) {
    const left = needed.slice(Number(missing[1]) - Number(missing[2]));
    return `${left.join(' and ')} ${left.length === 1 ? 'is' : 'are'} missing`;
  }
  const unknown = /^Unknown (?:arguments?|commands?): (.*)/.exec(text)?.[1];
  if (unknown !== undefined) return `there is no command or option ${unknown}`;
  const choice = /^Invalid values: Argument: (.*), Given: "(.*)", Choices: (.*)/.exec(text);
  if (choice) return `${choice[1]} cannot be ${choice[2]}, only ${choice[3]?.replaceAll('"', '')}`;
  return text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}
