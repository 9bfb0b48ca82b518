// The `crit` command line.
import { showOdd } from '@criu/images';
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
import { version } from './version.js';

/**
 * Runs one command.
 * @param args without the names of the interpreter and the program
 * @returns the exit code: 0, or 1 for a broken image or a wrong command line
 */
export async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  await yargs()
    .scriptName('crit')
    // No look-up of a translation: it reads files at each start.
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
      // Archives are unpacked for the time of the command, which must not be one that changes them.
      if (argv._[0] === 'compress' || argv._[0] === 'decompress') return;
      const { imagesOf } = await import('./archive/unpack.js');
      for (const key of ['dir', 'before', 'after'])
        if (typeof argv[key] === 'string') argv[key] = await imagesOf(argv[key]);
    })
    .demandCommand(1, 'A command is needed.')
    .strict()
    .version(version)
    .exitProcess(false)
    .fail((message, error, parser) => {
      code = 1;
      if (message === null || message === undefined) throw error;
      parser.showHelp();
      process.stderr.write(`\ncrit: ${showOdd(message)}\n`);
    })
    .parseAsync([...args]);
  return code;
}
