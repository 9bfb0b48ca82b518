// `crit info`: what an image is.
import type { Argv, CommandModule } from 'yargs';
import { imageInfo } from '../actions/info.js';
import { Output } from '../io.js';

export const infoCommand: CommandModule<object, { in: string; json?: boolean | undefined }> = {
  command: 'info <in>',
  describe: 'Say what an image is',
  builder: (yargs: Argv) =>
    yargs
      .positional('in', { type: 'string', demandOption: true, describe: 'Image to read' })
      .option('json', { type: 'boolean', describe: 'Print JSON, which is what it does anyway' }),
  handler: (args) => {
    const output = new Output(undefined);
    output.write(`${JSON.stringify(imageInfo(args.in), undefined, 4)}\n`);
    output.close();
  },
};
