// The file with the pid of a restored root task, or of a server.
import { closeSync, lstatSync, openSync, rmSync, writeFileSync } from '@criu/native/fs';
import { asCriuError, CriuError } from './errors.js';

function occupied(file: string): CriuError {
  return new CriuError(
    'BAD_OPTION',
    'cannot write the pid file: there is such a file already',
    { file },
    'remove it, or name another with --pidfile',
  );
}

/** Checks early that the file can be created. @throws CriuError if it exists already */
export function checkPidFile(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })) throw occupied(path);
}

/**
 * Writes the file, readable for everyone; an existing file is never overwritten.
 * @throws CriuError; then there is none
 */
export function writePidFile(path: string, pid: number): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'wx', 0o644);
    writeFileSync(fd, String(pid));
  } catch (error) {
    if (fd !== undefined) rmSync(path, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw occupied(path);
    throw asCriuError(error, 'cannot write the pid file', { file: path });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
