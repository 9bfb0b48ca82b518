// Arguments of several commands.
import type { PositionalOptions } from 'yargs';

/** The checkpoint. An archive is unpacked before the command sees its path. */
export const checkpoint = {
  type: 'string',
  demandOption: true,
  describe: 'Directory of images, or archive of a container',
} as const satisfies PositionalOptions;

export const json = { type: 'boolean', describe: 'Print JSON' } as const;
