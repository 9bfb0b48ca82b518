// `crit encode`: JSON back into an image.
import type { Argv, CommandModule } from 'yargs';
import { type EncodeOptions, encode } from '../actions/encode.js';

export const encodeCommand: CommandModule<object, EncodeOptions> = {
  command: 'encode',
  describe: 'Turn JSON into an image',
  builder: (yargs: Argv) =>
    yargs
      .option('in', { alias: 'i', type: 'string', describe: 'JSON to read (standard input if absent)' })
      .option('out', {
        alias: 'o',
        type: 'string',
        describe: 'Image to write (standard output if absent)',
      }) as Argv<EncodeOptions>,
  handler: encode,
};
