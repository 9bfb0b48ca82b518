// The error that every failure of dump and restore becomes.
import { ProgramError } from '@criu/compel';
import { printable, SysError, showName } from '@criu/native';

/** Stable names of what went wrong; scripts may rely on them. */
export type CriuErrorCode =
  | 'BAD_OPTION'
  | 'BAD_IMAGE'
  | 'IMAGE_MISSING'
  | 'IMAGE_DIR_IN_USE'
  | 'NO_SUCH_TASK'
  | 'TASK_DIED'
  | 'NOT_PERMITTED'
  | 'NOT_DUMPABLE'
  | 'UNSUPPORTED'
  | 'PID_IN_USE'
  | 'FILE_CHANGED'
  | 'NO_SPACE'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'NOTIFY_FAILED'
  | 'SYSCALL'
  | 'INTERNAL';

/** What the error is about; printed before the message. */
export interface CriuErrorObject {
  readonly pid?: number;
  readonly fd?: number;
  readonly file?: string;
  /** Entry or field of an image: `core-5.img: thread_core.futex_rla`. */
  readonly entry?: string;
}

export class CriuError extends Error {
  constructor(
    readonly code: CriuErrorCode,
    message: string,
    readonly object: CriuErrorObject = {},
    /** What the user can do about it. */
    readonly remedy?: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CriuError';
  }

  /** Errno of the system call at the root of it, if there is one. */
  get errno(): number | undefined {
    for (let e: unknown = this.cause; e instanceof Error; e = e.cause) {
      if (e instanceof SysError || e instanceof ProgramError) return e.errno;
      if ('errno' in e && typeof e.errno === 'number') return Math.abs(e.errno);
    }
    return undefined;
  }

  /** One paragraph for people: object, message, causes, remedy. Bytes of names that are no UTF-8 are shown as `\xNN`. */
  explain(): string {
    const { pid, fd, file, entry } = this.object;
    const about = [
      pid === undefined ? '' : `task ${pid}`,
      fd === undefined ? '' : `fd ${fd}`,
      showName(file ?? ''),
      showName(entry ?? ''),
    ].filter(Boolean);
    const causes: string[] = [];
    for (let e: unknown = this.cause; e instanceof Error; e = e.cause) {
      if (!causes.includes(e.message) && !this.message.includes(e.message)) causes.push(e.message);
    }
    const why = causes.length ? ` (${causes.join('; ')})` : '';
    const remedy = this.remedy ? `\n  ${this.remedy}` : '';
    return printable(`${about.length ? `${about.join(', ')}: ` : ''}${this.message}${why}${remedy}`);
  }
}

/** Codes of errors that say themselves what they are. */
const CODES: Readonly<Record<string, CriuErrorCode>> = {
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EPERM: 'NOT_PERMITTED',
  EACCES: 'NOT_PERMITTED',
  AGENT_GONE: 'TASK_DIED',
  DIED: 'TASK_DIED',
  PROC_GONE: 'TASK_DIED',
};

/** An error without an errno, which is none of a system call, is a fault of this program. */
function codeOf(error: unknown): CriuErrorCode {
  const { code = '' } = error as { code?: unknown };
  if (typeof code !== 'string') return 'INTERNAL';
  const isErrno = /^E[A-Z0-9]+$/.test(code);
  return (
    CODES[code] ??
    (isErrno || error instanceof SysError || error instanceof ProgramError ? 'SYSCALL' : 'INTERNAL')
  );
}

/** Wraps whatever was thrown; a CriuError stays as it is. */
export function asCriuError(error: unknown, what: string, object: CriuErrorObject = {}): CriuError {
  if (error instanceof CriuError) return error;
  const code = codeOf(error);
  const remedy =
    code === 'NO_SPACE'
      ? 'make room on the file system of the images directory, or name another with -D'
      : code === 'NOT_PERMITTED'
        ? 'run as root (CAP_SYS_ADMIN and CAP_SYS_PTRACE are needed)'
        : (error as { code?: unknown }).code === 'EMFILE'
          ? 'allow more open files: ulimit -n'
          : undefined;
  return new CriuError(code, what, object, remedy, error);
}
