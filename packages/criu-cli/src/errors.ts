// The error class for all failures of dump and restore.
import { ProgramError } from '@criu/compel';
import { printable, SysError, showName } from '@criu/native';
import { permissionRemedy, reasonsOf } from './reasons.js';

/** Stable codes; scripts may rely on them. docs/troubleshooting.md has an entry for each. */
export const criuErrorCodes = [
  'BAD_OPTION',
  'BAD_IMAGE',
  'IMAGE_MISSING',
  'IMAGE_DIR_IN_USE',
  'NO_SUCH_TASK',
  'TASK_DIED',
  'NOT_PERMITTED',
  'NOT_DUMPABLE',
  'UNSUPPORTED',
  'PID_IN_USE',
  'FILE_CHANGED',
  'NO_SPACE',
  'TIMEOUT',
  'ABORTED',
  'NOTIFY_FAILED',
  'PLUGIN_FAILED',
  'SYSCALL',
  'INTERNAL',
] as const;
export type CriuErrorCode = (typeof criuErrorCodes)[number];

/** The object of the error; printed before the message. */
export interface CriuErrorObject {
  readonly pid?: number;
  readonly fd?: number;
  readonly file?: string;
  /** Entry or field of an image, such as `core-5.img: thread_core.futex_rla`. */
  readonly entry?: string;
}

/** The remedy for each code, used unless the error has a more specific one. */
const REMEDIES: Partial<Record<CriuErrorCode, (cause: unknown) => string>> = {
  BAD_OPTION: () => '`criu --help` and docs/cli.md tell what can be given',
  BAD_IMAGE: () =>
    'the images are damaged or were changed (`crit verify DIR` tells more): dump again, or take a copy of them',
  IMAGE_MISSING: () => 'the checkpoint is not complete: name the directory of a finished dump with -D',
  IMAGE_DIR_IN_USE: () => 'name another directory with -D',
  NO_SUCH_TASK: () => 'name a running process with -t',
  TASK_DIED: () =>
    'find out what has ended it: the kernel log tells of those that memory ran out for, or that crashed',
  NOT_PERMITTED: permissionRemedy,
  NOT_DUMPABLE: () => 'end or close what is named here before the dump; the tasks run on unharmed',
  UNSUPPORTED: () =>
    'end or close what is named here before the dump, or use CRIU itself: the images are the same',
  PID_IN_USE: () => 'end that task, or restore in a pid namespace of its own',
  FILE_CHANGED: () => 'put the file back as it was at the dump',
  NO_SPACE: () => 'make room on the file system of the images directory, or name another with -D',
  TIMEOUT: () => 'allow more time with --timeout',
  PLUGIN_FAILED: () =>
    'the log (-v4 -o FILE) has what the plugin has said; --libdir names another directory of plugins',
  SYSCALL: () => 'the log of a run with -v4 -o FILE tells what came before',
  INTERNAL: () => 'this is a fault of criu; the log of a run with -v4 -o FILE tells what came before',
};

/** Most lines of an error that combines several. */
const MOST_LINES = 30;

export class CriuError extends Error {
  /** For a combined error: the individual errors, starting with the one that has this error's message. */
  readonly errors: readonly CriuError[] = [];

  constructor(
    readonly code: CriuErrorCode,
    message: string,
    readonly object: CriuErrorObject = {},
    /** The remedy for this error, if it is more specific than that of its code. */
    private readonly advice?: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CriuError';
  }

  /** Combines several errors: the result has code, message and object of the first one. */
  static of([first, ...more]: readonly [CriuError, ...CriuError[]]): CriuError {
    const { code, message, object, advice, cause } = first;
    const all = new CriuError(code, message, object, advice, cause);
    Object.assign(all, { errors: [first, ...more] });
    return all;
  }

  /** The individual errors of a combined error; otherwise just this error. */
  get all(): readonly CriuError[] {
    return this.errors.length > 0 ? this.errors : [this];
  }

  /** What the user can do. */
  get remedy(): string | undefined {
    return this.advice ?? REMEDIES[this.code]?.(this.cause);
  }

  /** Where this error and its causes were thrown, for logs. */
  get traces(): string {
    const traces: string[] = [];
    for (let e: unknown = this; e instanceof Error; e = e.cause) traces.push(e.stack ?? e.message);
    return traces.join('\ncaused by ');
  }

  /** Errno of the failed system call among the causes, if any. */
  get errno(): number | undefined {
    for (let e: unknown = this.cause; e instanceof Error; e = e.cause) {
      if (e instanceof SysError || e instanceof ProgramError) return e.errno;
      if ('errno' in e && typeof e.errno === 'number') return Math.abs(e.errno);
    }
    return undefined;
  }

  /** Object, message and causes in one line, without the remedy. */
  get summary(): string {
    const { pid, fd, file, entry } = this.object;
    const about = [
      pid === undefined ? '' : `task ${pid}`,
      fd === undefined ? '' : `fd ${fd}`,
      showName(file ?? ''),
      showName(entry ?? ''),
    ].filter(Boolean);
    const causes = reasonsOf(this.cause, this.message, this.object);
    const why = causes.length ? ` (${causes.join('; ')})` : '';
    return printable(`${about.length ? `${about.join(', ')}: ` : ''}${this.message}${why}`);
  }

  /**
   * The text for users: object, message, causes, remedy. Bytes of names that are not UTF-8 are shown as `\xNN`. A
   * combined error has a line for each of its errors; errors with the same remedy are listed together above it.
   */
  explain(): string {
    if (this.errors.length > 1)
      return `${this.errors.length} things are in the way:\n${list(this.errors).join('\n')}`;
    return this.remedy ? `${this.summary}\n  ${printable(this.remedy)}` : this.summary;
  }
}

function list(errors: readonly CriuError[]): string[] {
  const byRemedy = new Map<string, string[]>();
  for (const error of errors) {
    const lines = byRemedy.get(error.remedy ?? '') ?? [];
    byRemedy.set(error.remedy ?? '', lines);
    lines.push(error.summary);
  }
  return [...byRemedy].flatMap(([remedy, lines]) => [
    ...lines.slice(0, MOST_LINES).map((line) => `  ${line}`),
    ...(lines.length > MOST_LINES ? [`  and ${lines.length - MOST_LINES} more of that kind`] : []),
    ...(remedy ? [`    ${printable(remedy)}`] : []),
  ]);
}

/** Codes for errnos with an unambiguous meaning. */
const CODES: Readonly<Record<string, CriuErrorCode>> = {
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EPERM: 'NOT_PERMITTED',
  EACCES: 'NOT_PERMITTED',
  AGENT_GONE: 'TASK_DIED',
  DIED: 'TASK_DIED',
  PROC_GONE: 'TASK_DIED',
};

/** An error without an errno does not come from a system call: it is a bug of this program. */
function codeOf(error: unknown): CriuErrorCode {
  const { code = '' } = error as { code?: unknown };
  if (typeof code !== 'string') return 'INTERNAL';
  const isErrno = /^E[A-Z0-9]+$/.test(code);
  return (
    CODES[code] ??
    (isErrno || error instanceof SysError || error instanceof ProgramError ? 'SYSCALL' : 'INTERNAL')
  );
}

/** Remedies for errnos that do not depend on the system call. */
const ERRNO_REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'end who has the address or port, or wait until closed connections of it are forgotten (a minute)',
  EMFILE: 'allow more open files: ulimit -n',
  ENFILE: 'allow more open files: fs.file-max of sysctl(8)',
  ENOMEM: 'free memory, or allow more: a cgroup, ulimit -v or vm.max_map_count may limit it',
  EROFS: 'have the file system mounted writable',
};

/**
 * Wraps any thrown value; a CriuError is returned as it is.
 * @param what what has failed, as the message
 */
export function asCriuError(error: unknown, what: string, object: CriuErrorObject = {}): CriuError {
  if (error instanceof CriuError) return error;
  const { code } = error as { code?: unknown };
  const remedy = typeof code === 'string' ? ERRNO_REMEDIES[code] : undefined;
  return new CriuError(codeOf(error), what, object, remedy, error);
}
