// From arguments to exit code. A command that does its work is found without yargs, which takes longer to load than most of
// them; it has the rest: help, completion, and what is wrong with a call.
import { asCriuError } from '../errors.js';
import { type CommandLine, helpOf, readCommandLine } from './command-line.js';
import type { Action } from './command-module.js';
import { COMMANDS, COMPLETING, type Command, retiredCommand } from './commands.js';
import { errorText, withSession } from './session.js';
import { argumentsOf, Settings } from './settings.js';
import type { Shell } from './shell.js';
import { checkTogether } from './together.js';

/** What is not supported yet is refused by name, in the log too. */
const refuse: Action = (settings, shell) => withSession(settings, shell, async () => 0);

/** Each is loaded when it is named. */
const ACTIONS: Readonly<Partial<Record<Command, Action>>> = {
  dump: async (settings, shell) => (await import('./dump-command.js')).dumpCommand(settings, shell),
  'pre-dump': async (settings, shell) => (await import('./dump-command.js')).dumpCommand(settings, shell),
  restore: async (settings, shell) => (await import('./restore-command.js')).restoreCommand(settings, shell),
  dedup: async (settings, shell) => (await import('./dedup-command.js')).dedupCommand(settings, shell),
  'cpuinfo dump': async (settings, shell) =>
    (await import('./cpuinfo-command.js')).cpuinfoCommand(settings, shell),
  'cpuinfo check': async (settings, shell) =>
    (await import('./cpuinfo-command.js')).cpuinfoCommand(settings, shell),
  untrack: async (settings, shell) => (await import('./untrack-command.js')).untrackCommand(settings, shell),
  'page-server': async (settings, shell) =>
    (await import('./page-server-command.js')).pageServerCommand(settings, shell),
  'lazy-pages': async (settings, shell) =>
    (await import('./lazy-pages-command.js')).lazyPagesCommand(settings, shell),
  swrk: async (settings, shell) => (await import('./swrk-command.js')).swrkCommand(settings, shell),
  service: async (settings, shell) => (await import('./service-command.js')).serviceCommand(settings, shell),
  config: async (settings, shell, given) =>
    (await import('./config-command.js')).configCommand(settings, shell, given),
  check: async (settings, shell) => (await import('./check-command.js')).checkCommand(settings, shell),
};

/** The command that does its work, if a call is plainly that. */
function plainCommand({ command, given }: CommandLine): Command | undefined {
  if (given.some(({ option }) => option.name === 'version')) return undefined;
  const name = command.join(' ');
  return COMMANDS.find((known) => known.name === name && name !== 'completion')?.name;
}

/** What yargs is asked: the command, or the version. */
export function wordsOf({ command, given }: CommandLine): string[] {
  return [...command, ...(given.some(({ option }) => option.name === 'version') ? ['--version'] : [])];
}

async function begin(command: Command, { given, operands }: CommandLine, shell: Shell): Promise<number> {
  const settings = new Settings(command, argumentsOf(given), operands);
  checkTogether(settings);
  return (ACTIONS[command] ?? refuse)(settings, shell, given);
}

/** A call of a command of older versions is never right: what is to be done instead is all that helps. @throws CriuError */
function readLine({ argv, env }: Shell): CommandLine {
  try {
    return readCommandLine(argv, { env });
  } catch (error) {
    const name = argv.find((word) => !word.startsWith('-'));
    throw (name !== undefined && retiredCommand(name)) || error;
  }
}

/** @returns the exit code: 0 done, 1 failed, as CRIU has it */
export async function run(shell: Shell): Promise<number> {
  try {
    const { argv } = shell;
    const nothing = argv.length === 0;
    const completing = argv[0] === COMPLETING;
    // Before anything is parsed, so that a broken configuration file cannot hide the help.
    const end = argv.indexOf('--');
    const own = end < 0 ? argv : argv.slice(0, end);
    const help = nothing || own.includes('--help') || own.includes('-h');
    const line = completing || help ? undefined : readLine(shell);
    const plain = line && plainCommand(line);
    if (line && plain) return await begin(plain, line, shell);
    const { program } = await import('./program.js');
    const words = completing ? argv : line ? wordsOf(line) : [...helpOf(argv), '--help'];
    let work: Promise<number> = Promise.resolve(0);
    const parser = program(words, {
      chosen(command) {
        if (line) work = begin(command, line, shell);
      },
      version: shell.version,
      columns: Math.max(60, Math.min(shell.terminal ?? 100, 100)),
      features: completing ? (await import('../features/index.js')).FEATURES.map((f) => f.name) : [],
      brief: nothing,
    });
    // What completes a word is parsed again within, and is printed there.
    if (completing) parser.parse();
    else
      parser.parse(words, {}, (_error: unknown, _argv: unknown, output: string) => {
        if (output) (nothing ? shell.stderr : shell.stdout)(`${output}\n`);
      });
    const code = await work;
    return nothing ? 1 : code;
  } catch (thrown) {
    shell.stderr(errorText(asCriuError(thrown, 'unexpected failure'), shell.style.err));
    return 1;
  }
}
