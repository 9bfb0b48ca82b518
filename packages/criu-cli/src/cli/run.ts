// Runs `criu` from its arguments to the exit code. Calls that execute a command do without yargs, which takes longer to
// load than most commands; yargs handles help, completion and invalid calls.
import { type CommandLine, helpOf } from './command-line.js';
import type { Action } from './command-module.js';
import { COMPLETING, type Command } from './commands.js';
import { asksForHelp, begin, plainCommand, readLine, reporting } from './plain.js';
import { withSession } from './session.js';
import type { Shell } from './shell.js';

/** The action of unsupported commands: `withSession` refuses them and logs that. */
const refuse: Action = (settings, shell) => withSession(settings, shell, async () => 0);

/** Actions by command; each module is loaded on demand. */
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

/** The words for yargs: the command, or `--version`. */
export function wordsOf({ command, given }: CommandLine): string[] {
  return [...command, ...(given.some(({ option }) => option.name === 'version') ? ['--version'] : [])];
}

/** @returns the exit code: 0 success, 1 failure, as in CRIU */
export async function run(shell: Shell): Promise<number> {
  return reporting(shell, async () => {
    const { argv } = shell;
    const nothing = argv.length === 0;
    const completing = argv[0] === COMPLETING;
    // Help comes before any parsing, so that a broken configuration file cannot hide it.
    const line = completing || asksForHelp(argv) ? undefined : readLine(shell);
    const plain = line && plainCommand(line);
    if (line && plain) return begin(ACTIONS[plain] ?? refuse, plain, line, shell);
    const { program } = await import('./program.js');
    const words = completing ? argv : line ? wordsOf(line) : [...helpOf(argv), '--help'];
    let work: Promise<number> = Promise.resolve(0);
    const parser = program(words, {
      chosen(command) {
        if (line) work = begin(ACTIONS[command] ?? refuse, command, line, shell);
      },
      version: shell.version,
      columns: Math.max(60, Math.min(shell.terminal ?? 100, 100)),
      features: completing ? (await import('../features/index.js')).FEATURES.map((f) => f.name) : [],
      brief: nothing,
    });
    // For a completion yargs parses its own arguments and prints the result.
    if (completing) parser.parse();
    else
      parser.parse(words, {}, (_error: unknown, _argv: unknown, output: string) => {
        if (output) (nothing ? shell.stderr : shell.stdout)(`${output}\n`);
      });
    const code = await work;
    return nothing ? 1 : code;
  });
}
