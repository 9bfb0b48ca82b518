// `crit decode` and `crit show`: an image as JSON.
import type { Argv, CommandModule } from 'yargs';
import { type DecodeOptions, decode } from '../actions/decode.js';

const nopl = { type: 'boolean', describe: 'Leave out the raw bytes that follow some entries' } as const;

export const decodeCommand: CommandModule<object, DecodeOptions & { image?: string }> = {
  command: 'decode [image]',
  describe: 'Turn an image into JSON',
  builder: (yargs: Argv) =>
    yargs
      .positional('image', { type: 'string', describe: 'Image to read, instead of --in' })
      .option('in', { alias: 'i', type: 'string', describe: 'Image to read (standard input if absent)' })
      .option('out', { alias: 'o', type: 'string', describe: 'JSON to write (standard output if absent)' })
      .option('pretty', { type: 'boolean', describe: 'Indent, and show numbers in the form that suits them' })
      .option('nopl', nopl) as Argv<DecodeOptions & { image?: string }>,
  handler: ({ image, ...options }) => decode({ ...options, in: options.in ?? image }),
};

export const showCommand: CommandModule<object, DecodeOptions> = {
  command: 'show <in>',
  describe: 'Print an image for reading',
  builder: (yargs: Argv) =>
    yargs
      .positional('in', { type: 'string', demandOption: true, describe: 'Image to read' })
      .option('nopl', nopl) as Argv<DecodeOptions>,
  handler: (args) => decode({ in: args.in, pretty: true, nopl: args.nopl }),
};
