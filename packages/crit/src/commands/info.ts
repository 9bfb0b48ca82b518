// `crit info`: the kind of an image.
import type { Argv, CommandModule } from 'yargs';
import { info } from '../actions/info.js';

export const infoCommand: CommandModule<object, { in: string; json?: boolean | undefined }> = {
  command: 'info <in>',
  describe: 'Say what an image is',
  builder: (yargs: Argv) =>
    yargs
      .positional('in', { type: 'string', demandOption: true, describe: 'Image to read' })
      .option('json', { type: 'boolean', describe: 'Print JSON, which is what it does anyway' }),
  handler: (args) => info(args.in),
};
