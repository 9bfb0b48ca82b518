// What several commands take.
import type { PositionalOptions } from 'yargs';

/** The checkpoint that a command is about; archives are unpacked before it gets to see the path. */
export const checkpoint = {
  type: 'string',
  demandOption: true,
  describe: 'Directory of images, or archive of a container',
} as const satisfies PositionalOptions;

export const json = { type: 'boolean', describe: 'Print JSON' } as const;
