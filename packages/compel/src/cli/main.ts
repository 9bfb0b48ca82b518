// The command line: `compel build`, commands for Makefiles, and tools for running processes.

import { ownArguments } from '@criu/native';
import yargs from 'yargs';
import { CFLAGS, includeFolder, LDFLAGS, supportSources } from '../build.js';
import { build, hgen } from './build.js';
import { failureText, plainMessage, UsageError } from './failure.js';
import { fds } from './fds.js';
import { inject } from './inject.js';
import { syscall } from './syscall.js';
import { ownVersion } from './version.js';

/** The operand PID. */
const PID = {
  type: 'string',
  demandOption: true,
  coerce(word: unknown): number {
    if (/^[1-9]\d{0,9}$/.test(String(word))) return Number(word);
    throw new UsageError(`PID has to be the number of a process, and is ${word}`);
  },
} as const;

/** Runs the command line. @returns the exit code */
export async function main(argv: string[] = ownArguments()): Promise<number> {
  let code = 0;
  const done = (result: number) => {
    code = result;
  };
  const print = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  try {
    await yargs(argv)
      .scriptName('compel')
      .version(ownVersion())
      .usage('$0 <command>: run code inside other processes')
      .command(
        'build <sources..>',
        'compile C files into a parasite (needs a C compiler)',
        (y) =>
          y
            .positional('sources', { type: 'string', array: true, demandOption: true })
            .option('o', { alias: 'output', type: 'string', describe: 'where the .blob goes' })
            .option('loader', { type: 'string', describe: 'also write a TypeScript loader to this file' })
            .option('cc', { type: 'string', describe: 'C compiler' }),
        (a) => done(build(a.sources, { output: a.o, loader: a.loader, cc: a.cc })),
      )
      .command('includes', 'compiler flags for the support headers', {}, () => print(`-I ${includeFolder}`))
      .command('cflags', 'compiler flags for parasites', {}, () => print(CFLAGS.join(' ')))
      .command('ldflags', 'linker flags for parasites (for the compiler driver)', {}, () =>
        print(LDFLAGS.join(' ')),
      )
      .command('libs', 'sources that parasites are linked with', {}, () => print(supportSources.join(' ')))
      .command('plugins', 'what the support code offers', {}, () => print('fds log page string syscall'))
      .command(
        'hgen',
        'pack a linked parasite into a .blob',
        (y) =>
          y
            .option('f', { alias: 'file', type: 'string', demandOption: true, describe: 'linked ELF file' })
            .option('o', { alias: 'output', type: 'string', demandOption: true, describe: 'the .blob' })
            .option('loader', { type: 'string', describe: 'also write a TypeScript loader to this file' }),
        (a) => done(hgen(a.f, a.o, a.loader)),
      )
      .command(
        'inject <pid> <blob> [command] [arg]',
        'put a parasite into a process, call a command, cure the process',
        (y) =>
          y
            .positional('pid', PID)
            .positional('blob', { type: 'string', demandOption: true })
            .positional('command', { type: 'string', describe: 'by default its first' })
            .positional('arg', { type: 'string', describe: 'hex:BYTES, @FILE or text' })
            .option('timeout', { type: 'number', describe: 'milliseconds for the command' }),
        async (a) => done(await inject(a.pid, a.blob, a.command, a.arg, a.timeout)),
      )
      .command(
        'syscall <pid> <name> [args..]',
        'one system call in a process: numbers, text (passed by address), or out:BYTES',
        (y) =>
          y
            .positional('pid', PID)
            .positional('name', { type: 'string', demandOption: true })
            .positional('args', { type: 'string', array: true, default: [] as string[] })
            .parserConfiguration({ 'parse-positional-numbers': false, 'unknown-options-as-args': true }),
        async (a) => done(await syscall(a.pid, a.name, a.args.map(String))),
      )
      .command(
        'fds <pid>',
        'descriptors of a process',
        (y) => y.positional('pid', PID),
        (a) => done(fds(a.pid)),
      )
      .demandCommand(1, 'which command?')
      .strictCommands()
      .exitProcess(false)
      .fail((message, error) => {
        // Errors of yargs itself, including those thrown by `coerce`.
        if (error && error.name !== 'YError') throw error;
        throw new UsageError(plainMessage(message, argv[0] ?? ''));
      })
      .parseAsync();
  } catch (error) {
    process.stderr.write(failureText(error));
    return error instanceof UsageError ? 2 : 1;
  }
  return code;
}

/** Called by the launcher. */
export function run(): void {
  void main().then((code) => {
    process.exitCode = code;
  });
}
