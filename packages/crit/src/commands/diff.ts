// `crit diff`: differences between two images or two checkpoints. The exit code is that of diff(1): 1 for differences,
// 2 for errors.
import { statSync } from 'node:fs';
import { ImageError, pathArg, systemReason } from '@criu/images';
import type { Argv, CommandModule } from 'yargs';
import { CommandFailure, dataJson, Output, UsageError } from '../io.js';
import { json } from './shared.js';

interface DiffCommandOptions {
  readonly before: string;
  readonly after: string;
  readonly all?: boolean | undefined;
  readonly pages?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export const diffCommand = (exit: (code: number) => void): CommandModule<object, DiffCommandOptions> => ({
  command: 'diff <before> <after>',
  describe: 'Say what changed between two images, or two checkpoints with their memory',
  builder: (yargs: Argv) =>
    yargs
      .positional('before', {
        type: 'string',
        demandOption: true,
        describe: 'Image, directory of images, or archive',
      })
      .positional('after', { type: 'string', demandOption: true, describe: 'The same, later' })
      .option('all', { type: 'boolean', describe: 'Leave nothing out that is long' })
      .option('pages', { type: 'boolean', describe: 'List the pages that changed' })
      .option('json', json) as unknown as Argv<DiffCommandOptions>,
  handler: async (options) => {
    const { text, same } = await difference(options).catch((error: unknown) => {
      throw new CommandFailure(2, error);
    });
    const output = new Output(undefined);
    output.write(text);
    output.close();
    exit(same ? 0 : 1);
  },
});

async function difference(options: DiffCommandOptions): Promise<{ text: string; same: boolean }> {
  const { before, after } = options;
  const [one, other] = [isDirectory(before), isDirectory(after)];
  if (one !== other)
    throw new UsageError(
      `${before}, ${after}: two images or two directories can be compared, not one of each`,
      'name two of a kind; an archive of a container is as good as a directory',
    );
  const words = await import('../diff/text.js');
  if (one) {
    const { diffCheckpoints } = await import('../diff/checkpoint.js');
    const diff = diffCheckpoints(before, after, options);
    return { text: options.json ? dataJson(diff) : words.checkpointDiffText(diff, options), same: diff.same };
  }
  const { diffImages } = await import('../diff/image.js');
  const diff = diffImages(before, after);
  const same = diff.changes.length === 0 && diff.raw === undefined;
  if (options.json) return { text: dataJson(diff), same };
  return { text: same ? '' : words.imageDiffText(diff, options), same };
}

function isDirectory(path: string): boolean {
  try {
    return statSync(pathArg(path)).isDirectory();
  } catch (cause) {
    throw new ImageError('io', `can not open: ${systemReason(cause)}`, path, 0, { cause });
  }
}
