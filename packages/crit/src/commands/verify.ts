// `crit verify`: checks that a checkpoint is complete and consistent.

import type { Argv, CommandModule } from 'yargs';
import { dataJson, Output } from '../io.js';
import { type Problem, verify } from '../verify/index.js';
import { checkpoint, json } from './shared.js';

interface VerifyOptions {
  readonly dir: string;
  readonly json?: boolean | undefined;
}

export function problemsText(problems: readonly Problem[], files: number): string {
  const lines = problems.map(({ level, file, offset, reason }) => {
    const at = offset ? ` (offset ${offset})` : '';
    return `${level}: ${file}: ${reason}${at}\n`;
  });
  const number = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
  const count = (level: Problem['level']) => problems.filter((problem) => problem.level === level).length;
  const errors = count('error');
  const verdict =
    errors === 0
      ? 'the checkpoint is complete'
      : 'it cannot be restored like this: take a copy that is whole, or dump again';
  const numbers = [number(files, 'file'), number(errors, 'error'), number(count('warning'), 'warning')];
  return `${lines.join('')}${numbers.join(', ')}: ${verdict}\n`;
}

export const verifyCommand = (exit: (code: number) => void): CommandModule<object, VerifyOptions> => ({
  command: 'verify <dir>',
  describe: 'Check that a checkpoint is complete: every image, every reference, every page',
  builder: (yargs: Argv) => yargs.positional('dir', checkpoint).option('json', json) as Argv<VerifyOptions>,
  handler: (args) => {
    const result = verify(args.dir);
    const output = new Output(undefined);
    output.write(args.json ? dataJson(result) : problemsText(result.problems, result.files));
    output.close();
    if (result.problems.some((problem) => problem.level === 'error')) exit(1);
  },
});
