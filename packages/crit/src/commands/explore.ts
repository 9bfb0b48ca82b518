// `crit x`: the contents of a checkpoint by process.

import type { Argv, CommandModule } from 'yargs';
import { type ExploreOptions, explore, topics } from '../actions/explore.js';
import { checkpoint, json } from './shared.js';

export const exploreCommand: CommandModule<object, ExploreOptions> = {
  command: 'x <dir> <what>',
  describe: 'Look into a checkpoint: processes, descriptors, mappings, resident pages, sockets, mounts',
  builder: (yargs: Argv) =>
    yargs
      .positional('dir', checkpoint)
      .positional('what', { choices: Object.keys(topics), demandOption: true, describe: 'What to show' })
      .option('json', json) as unknown as Argv<ExploreOptions>,
  handler: explore,
};
