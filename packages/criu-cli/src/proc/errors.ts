/** The errors of reading `/proc`, each with a stable code. */

/** Why a file of `/proc` could not be read or understood. */
export type ProcErrorCode =
  /** The task no longer exists. */
  | 'PROC_GONE'
  /** The kernel refused: ptrace access mode, capabilities or an LSM. */
  | 'PROC_DENIED'
  /** The task exists, but not this file of it (descriptor closed, or a kernel without the feature). */
  | 'PROC_MISSING'
  /** The text is not what the documentation of the file says. */
  | 'PROC_FORMAT'
  /** A path in it is longer than the kernel can show (PATH_MAX, with the zero at its end). */
  | 'PROC_TOO_LONG'
  /** Any other error of open(2), read(2) or readlink(2); `errno` has its name. */
  | 'PROC_IO';

export interface ProcErrorDetails {
  /** The file, as it was named to the kernel or to the parser. */
  file: string;
  /** The task to which the file belongs, if any. */
  pid?: number;
  /** The name of the errno, such as `EACCES`. */
  errno?: string;
  /** The line, from 1, at which the text is malformed. */
  line?: number;
  cause?: unknown;
}

/** A file of `/proc` that could not be read or understood. */
export class ProcError extends Error {
  override readonly name: string = 'ProcError';
  readonly code: ProcErrorCode;
  readonly file: string;
  readonly pid: number | undefined;
  readonly errno: string | undefined;
  readonly line: number | undefined;

  constructor(code: ProcErrorCode, message: string, details: ProcErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.file = details.file;
    this.pid = details.pid;
    this.errno = details.errno;
    this.line = details.line;
  }
}

/** The task went away before or while its file was read: not a fault of the reader. */
export class TaskGoneError extends ProcError {
  override readonly name = 'TaskGoneError';
  declare readonly code: 'PROC_GONE';

  constructor(details: ProcErrorDetails) {
    super('PROC_GONE', `task ${details.pid ?? '?'} is gone (reading ${details.file})`, details);
  }
}

/** The error for a text that does not have its documented form. */
export function formatError(file: string, line: number, what: string): ProcError {
  return new ProcError('PROC_FORMAT', `${file}: line ${line}: ${what}`, { file, line });
}
