// `crit core`: core files of the processes of a checkpoint, for debuggers.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ImageSet, pathArg, showOdd } from '@criu/images';
import type { Argv, CommandModule } from 'yargs';
import { Output, UsageError } from '../io.js';
import { sizeText } from '../memory/size.js';
import { checkpoint } from './shared.js';

export interface CoreOptions {
  readonly dir: string;
  readonly pid?: number | undefined;
  readonly out?: string | undefined;
  readonly root?: string | undefined;
}

export const coreCommand: CommandModule<object, CoreOptions> = {
  command: 'core <dir>',
  describe: 'Make core files for a debugger, of all processes or of one',
  builder: (yargs: Argv) =>
    yargs
      .positional('dir', checkpoint)
      .option('pid', { alias: 'p', type: 'number', describe: 'Process (all of them if absent)' })
      .option('out', {
        alias: 'o',
        type: 'string',
        describe: 'File to write, or directory for files core.PID (this one if absent)',
      })
      .option('root', {
        type: 'string',
        describe: 'Directory that is / to the processes: where mapped files are',
      })
      .check(({ pid }) => {
        if (pid !== undefined && !(Number.isInteger(pid) && (pid as number) > 0))
          throw new Error('--pid must be a number.');
        return true;
      }) as unknown as Argv<CoreOptions>,
  handler: async (options) => {
    const output = new Output(undefined);
    for await (const { path, pid, threads, size } of writeCores(options))
      output.write(
        `${path}: process ${pid}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${sizeText(size)}\n`,
      );
    output.close();
  },
};

/** Writes the core files one after the other, with warnings on standard error. */
export async function* writeCores({ dir, pid, out = '.', root }: CoreOptions) {
  const { dumpableProcesses, writeCore } = await import('../coredump/write.js');
  const set = new ImageSet(dir);
  const pids = pid === undefined ? dumpableProcesses(set) : [pid];
  const directory = out.endsWith('/') || isDirectory(out);
  if (!directory && pids.length !== 1)
    throw new UsageError(
      `${out} is no directory, and there are ${pids.length} processes`,
      'choose one with --pid, or make that directory',
    );
  for (const one of pids) {
    const core = writeCore(set, one, directory ? join(out, `core.${one}`) : out, { root });
    for (const warning of core.warnings) process.stderr.write(`crit: ${core.path}: ${showOdd(warning)}\n`);
    yield core;
  }
}

function isDirectory(path: string): boolean {
  return statSync(pathArg(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
