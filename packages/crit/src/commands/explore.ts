// `crit x`: what is in a checkpoint, by process.
import type { Argv, CommandModule } from 'yargs';
import { type ExploreOptions, explore, topics } from '../actions/explore.js';

export const exploreCommand: CommandModule<object, ExploreOptions> = {
  command: 'x <dir> <what>',
  describe: 'Look into a checkpoint: processes, descriptors, mappings, resident pages, sockets, mounts',
  builder: (yargs: Argv) =>
    yargs
      .positional('dir', {
        type: 'string',
        demandOption: true,
        describe: 'Directory of images, or archive of a container',
      })
      .positional('what', { choices: Object.keys(topics), demandOption: true, describe: 'What to show' })
      .option('json', { type: 'boolean', describe: 'Print JSON' }) as unknown as Argv<ExploreOptions>,
  handler: explore,
};
