// `crit x`: what is in a checkpoint, by process.
import { ImageSet } from '@criu/images';
import type { Argv, CommandModule } from 'yargs';
import { descriptorsText, Explorer, mappingsText, processesText, residentText } from '../explore.js';
import { dataJson, Output } from '../io.js';
import { sockets, socketsText } from '../sockets.js';

interface Topic {
  readonly text: (explorer: Explorer) => string;
  readonly data: (explorer: Explorer) => unknown;
}

function byTask(explorer: Explorer, data: (pid: number) => object | undefined): unknown {
  return explorer.set.tasks().map(({ pid }) => ({ pid, ...data(pid) }));
}

const topics: Readonly<Record<string, Topic>> = {
  ps: { text: processesText, data: (explorer) => explorer.processes() },
  fds: {
    text: descriptorsText,
    data: (explorer) => byTask(explorer, (pid) => ({ descriptors: explorer.descriptors(pid) })),
  },
  mems: {
    text: mappingsText,
    data: (explorer) => byTask(explorer, (pid) => explorer.mappings(pid)),
  },
  rss: {
    text: residentText,
    data: (explorer) => byTask(explorer, (pid) => ({ runs: explorer.resident(pid) })),
  },
  sk: { text: (explorer) => socketsText(sockets(explorer.set)), data: (explorer) => sockets(explorer.set) },
};

interface ExploreOptions {
  readonly dir: string;
  readonly what: string;
  readonly json?: boolean | undefined;
}

export function explore(options: ExploreOptions): string {
  const explorer = new Explorer(new ImageSet(options.dir));
  const topic = topics[options.what]!;
  return options.json ? dataJson(topic.data(explorer)) : topic.text(explorer);
}

export const exploreCommand: CommandModule<object, ExploreOptions> = {
  command: 'x <dir> <what>',
  describe: 'Look into a checkpoint: processes, descriptors, mappings, resident pages, sockets',
  builder: (yargs: Argv) =>
    yargs
      .positional('dir', { type: 'string', demandOption: true, describe: 'Directory of images' })
      .positional('what', { choices: Object.keys(topics), demandOption: true, describe: 'What to show' })
      .option('json', { type: 'boolean', describe: 'Print JSON' }) as unknown as Argv<ExploreOptions>,
  handler: (args) => {
    const output = new Output(undefined);
    output.write(explore(args));
    output.close();
  },
};
