// `crit report`: a checkpoint as one HTML page.

import type { Argv, CommandModule } from 'yargs';
import { dataJson, Output } from '../io.js';
import { checkpoint } from './shared.js';

interface ReportOptions {
  readonly dir: string;
  readonly out?: string | undefined;
  readonly json?: boolean | undefined;
  readonly secrets?: boolean | undefined;
}

export const reportCommand: CommandModule<object, ReportOptions> = {
  command: 'report <dir>',
  describe: 'Make one HTML page on a checkpoint, which needs nothing beside it',
  builder: (yargs: Argv) =>
    yargs
      .positional('dir', checkpoint)
      .option('out', { alias: 'o', type: 'string', describe: 'File to write (standard output if absent)' })
      .option('secrets', {
        type: 'boolean',
        describe: 'Show values of environment variables also where their names tell of secrets',
      })
      .option('json', {
        type: 'boolean',
        describe: 'Print what the page shows as JSON',
      }) as unknown as Argv<ReportOptions>,
  handler: async ({ dir, out, json, secrets }) => {
    const { reportData, reportHtml } = await import('../report/index.js');
    const data = reportData(dir, { secrets });
    const output = new Output(out);
    output.write(json ? dataJson(data) : reportHtml(data));
    output.close();
  },
};
