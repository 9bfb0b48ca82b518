// The commands of criu, and whether this version supports them.
import { CriuError } from '../errors.js';

export type Command =
  | 'dump'
  | 'pre-dump'
  | 'restore'
  | 'check'
  | 'page-server'
  | 'service'
  | 'swrk'
  | 'dedup'
  | 'untrack'
  | 'lazy-pages'
  | 'cpuinfo dump'
  | 'cpuinfo check'
  | 'config'
  | 'completion';

export interface CommandRecord {
  readonly name: Command;
  readonly summary: string;
  /** Operands, as shown in the help. */
  readonly synopsis: string;
  readonly supported: boolean;
  /** Not for users: left out of the help. */
  readonly hidden?: boolean;
}

export const COMMANDS: readonly CommandRecord[] = [
  {
    name: 'dump',
    summary: 'checkpoint a process tree into image files',
    synopsis: '-t PID -D DIR',
    supported: true,
  },
  {
    name: 'restore',
    summary: 'bring a process tree back from its images',
    synopsis: '-D DIR',
    supported: true,
  },
  {
    name: 'check',
    summary: 'find out what the kernel can do',
    synopsis: '[--all | --feature NAME]',
    supported: true,
  },
  {
    name: 'pre-dump',
    summary: 'write memory ahead of a dump, so that the dump freezes for less time',
    synopsis: '-t PID -D DIR',
    supported: true,
  },
  {
    name: 'lazy-pages',
    summary: 'serve the memory of restored tasks on demand',
    synopsis: '-D DIR',
    supported: true,
  },
  {
    name: 'page-server',
    summary: 'keep the pages that a dump sends over the network',
    synopsis: '--port PORT -D DIR',
    supported: true,
  },
  { name: 'service', summary: 'serve requests on a socket', synopsis: '--address PATH', supported: true },
  { name: 'swrk', summary: 'serve requests on a descriptor', synopsis: 'FD', supported: true, hidden: true },
  {
    name: 'untrack',
    summary: 'end the tracking of changed pages that a dump has left',
    synopsis: '-t PID',
    supported: true,
  },
  {
    name: 'dedup',
    summary: 'free pages of earlier dumps that a later one has anew',
    synopsis: '-D DIR',
    supported: true,
  },
  { name: 'cpuinfo dump', summary: 'write what this CPU can do', synopsis: '-D DIR', supported: true },
  {
    name: 'cpuinfo check',
    summary: 'compare this CPU with what was written',
    synopsis: '-D DIR [--cpu-cap=CAP]',
    supported: true,
  },
  {
    name: 'config',
    summary: 'show which options are in force, and which file each comes from',
    synopsis: '[--json]',
    supported: true,
  },
  {
    name: 'completion',
    summary: 'print a script with which bash or zsh completes commands and options',
    synopsis: '',
    supported: true,
  },
];

/** Commands of older CRIU versions, with the replacement for each. */
export const RETIRED: Readonly<Record<string, string>> = {
  exec: 'run system calls in a task with `compel syscall PID NAME ARGUMENTS…`, and code of your own with @criu/compel',
  show: 'look at images with `crit show FILE` (`crit decode -i FILE --pretty`), at a whole checkpoint with `crit x DIR ps`, `fds`, `mems`',
};

/** The error for a command of older versions; undefined for other words. */
export function retiredCommand(name: string): CriuError | undefined {
  const instead = Object.hasOwn(RETIRED, name) ? RETIRED[name] : undefined;
  return instead === undefined
    ? undefined
    : new CriuError('UNSUPPORTED', `the command ${name} was retired, in CRIU too`, {}, instead);
}

/** The option with which scripts of `criu completion` request completions. */
export const COMPLETING = '--get-yargs-completions';
