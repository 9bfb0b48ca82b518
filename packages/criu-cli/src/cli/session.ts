// The frame of a long-running command: work directory, log, progress, interrupts, error message.

import { sysRaw } from '@criu/native';
import { statSync } from '@criu/native/fs';
import { Cancellation } from '../cancel.js';
import { asCriuError, CriuError } from '../errors.js';
import type { LogLevel } from '../log.js';
import { NotifyError } from '../notify.js';
import { type Attached, type Directories, directories } from './engine-options.js';
import { refusedVariables } from './environment.js';
import { descriptorTarget, FileLogger, fileTarget, type LogTarget } from './log-file.js';
import { Progress } from './progress.js';
import { requirePrivileges, requireSupported, type Settings } from './settings.js';
import type { Shell } from './shell.js';
import { PLAIN, type Style } from './style.js';

/** Exit codes of a program that was ended by a signal, 128 plus its number. */
const SIGNAL_EXIT: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** The text of a failure for the terminal: object and message are emphasised. */
export function errorText(error: CriuError, style: Style = PLAIN): string {
  const [head = '', ...rest] = error.explain().split('\n');
  const lines = [`${style.error('criu:')} ${style.strong(head)}`, ...rest];
  return `${lines.join('\n')} ${style.faint(`[${error.code}]`)}\n`;
}

/** The exit code of a failed post-dump script is passed on to the caller of the dump. */
function failureCode(error: CriuError): number {
  return error instanceof NotifyError && error.action === 'post-dump' ? error.exitCode : 1;
}

export interface Session extends Attached {
  readonly directories: Directories;
  readonly log: FileLogger;
  /** Interrupts no longer cancel the operation: the tasks run. */
  release(): void;
  /** Prints a line for users, on a terminal only. */
  say(text: string): void;
}

function enterDirectories({ imagesDir, workDir }: Directories, shell: Shell): void {
  for (const [what, dir] of [
    ['images', imagesDir],
    ['work', workDir],
  ] as const) {
    const found = statSync(dir, { throwIfNoEntry: false });
    if (found?.isDirectory()) continue;
    const option = what === 'work' ? '-W' : '-D';
    throw found
      ? new CriuError(
          'BAD_OPTION',
          `the ${what} directory is no directory`,
          { file: dir },
          `name a directory with ${option}`,
        )
      : new CriuError(
          'BAD_OPTION',
          `the ${what} directory does not exist`,
          { file: dir },
          `make it with mkdir -p ${dir}, or name another with ${option}`,
        );
  }
  try {
    shell.chdir(workDir);
  } catch (error) {
    throw asCriuError(error, 'cannot enter the work directory', { file: workDir });
  }
}

function logTarget(settings: Settings, shell: Shell, clear: () => void): LogTarget {
  const file = settings.text('log-file');
  if (file === '-') return descriptorTarget(1);
  if (file !== undefined) return fileTarget(file, settings.flag('log-pid'));
  return {
    write(text) {
      clear();
      shell.stderr(text);
    },
    close() {},
  };
}

/** Runs the work of a command. @returns the exit code */
export async function withSession(
  settings: Settings,
  shell: Shell,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const closed = settings.number('close');
  // The descriptor of `--close` may not be open, since a caller may not know what criu has inherited.
  if (closed !== undefined) sysRaw('close', closed);
  const dirs = directories(settings);
  enterDirectories(dirs, shell);
  const level = Math.min(4, Math.max(0, settings.verbosity)) as LogLevel;
  const toFile = settings.text('log-file') !== undefined;
  // A terminal that shows the log has no room for a progress line.
  const progress =
    shell.terminal !== undefined && !toFile && level < 3
      ? new Progress({ columns: shell.terminal, write: (text) => shell.stderr(text) })
      : undefined;
  const log = new FileLogger(
    level,
    logTarget(settings, shell, () => progress?.clear()),
    settings.text('log-file') === undefined ? shell.style.err : PLAIN,
  );
  log.banner();
  const abort = new Cancellation();
  let interrupted: string | undefined;
  const release = shell.onInterrupt((signal) => {
    interrupted = signal;
    progress?.clear();
    shell.stderr(`criu: ${signal}: rolling back (once more to give up at once)\n`);
    abort.abort();
  });
  try {
    // Checked after the log was opened, so that the refusal is logged, too.
    requireSupported(settings);
    requirePrivileges(settings, shell.uid);
    for (const { name, help } of refusedVariables(shell.env as Record<string, string | undefined>))
      log.warn(`$${name} has no effect: ${help}`);
    return await work({
      directories: dirs,
      log,
      signal: abort.signal,
      ...(progress ? { onProgress: progress.show } : {}),
      release,
      say(text) {
        progress?.clear();
        if (shell.terminal !== undefined && !toFile)
          shell.stderr(`${shell.style.err.good('criu:')} ${text}\n`);
      },
    });
  } catch (thrown) {
    const error = asCriuError(thrown, 'unexpected failure');
    progress?.clear();
    const { remedy } = error;
    if (toFile) log.error(error.explain());
    if (level >= 4) log.debug(error.traces);
    log.flush();
    shell.stderr(errorText(error, shell.style.err));
    if (remedy === undefined && error.code === 'INTERNAL')
      shell.stderr('  this is a bug of criu; the log with -v4 -o FILE says more\n');
    return (interrupted && SIGNAL_EXIT[interrupted]) || failureCode(error);
  } finally {
    // Signals stay caught until the process has ended, as its exit code tells of what cannot be undone any more.
    progress?.clear();
    log.close();
  }
}
