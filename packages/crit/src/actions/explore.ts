// Prints the contents of a checkpoint by process, as text or data.
import { ImageSet } from '@criu/images';
import { descriptorsText, Explorer, mappingsText, processesText, residentText } from '../explore.js';
import { dataJson, Output, UsageError } from '../io.js';
import { mountsText, mountTrees } from '../mounts.js';
import { sockets, socketsText } from '../sockets.js';

interface Topic {
  readonly text: (explorer: Explorer) => string;
  readonly data: (explorer: Explorer) => unknown;
}

function byTask(explorer: Explorer, data: (pid: number) => object | undefined): unknown {
  return explorer.set.tasks().map(({ pid }) => ({ pid, ...data(pid) }));
}

export const topics: Readonly<Record<string, Topic>> = {
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
  mounts: {
    text: (explorer) => mountsText(mountTrees(explorer.set)),
    data: (explorer) => mountTrees(explorer.set),
  },
  sk: { text: (explorer) => socketsText(sockets(explorer.set)), data: (explorer) => sockets(explorer.set) },
};

export interface ExploreOptions {
  readonly dir: string;
  readonly what: string;
  readonly json?: boolean | undefined;
}

/** Prints one topic. */
export function explore(options: ExploreOptions): void {
  const explorer = new Explorer(new ImageSet(options.dir));
  const topic = topics[options.what];
  if (topic === undefined)
    throw new UsageError(`there is no topic ${options.what}: ${Object.keys(topics).join(', ')}`);
  const text = options.json ? dataJson(topic.data(explorer)) : topic.text(explorer);
  const output = new Output(undefined);
  output.write(text);
  output.close();
}
