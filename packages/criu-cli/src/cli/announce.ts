// Announces that a server accepts connections.
import { close } from '@criu/native';
import { resolvePath, writeSync } from '@criu/native/fs';
import { actionScripts } from '../action-scripts.js';
import { asCriuError } from '../errors.js';
import { Notifier } from '../notify.js';
import { writePidFile } from '../pid-file.js';
import type { Session } from './session.js';
import type { Settings } from './settings.js';

/**
 * Announces that connections are accepted: writes the pid file, runs action scripts, and writes the byte to
 * `--status-fd`.
 */
export async function announce(settings: Settings, session: Session, pid: number): Promise<void> {
  const pidfile = settings.text('pidfile');
  if (pidfile !== undefined) writePidFile(resolvePath(session.directories.workDir, pidfile), pid);
  await sayReady(settings, session, pid);
}

/** The same without a pid file. */
export async function sayReady(
  settings: Settings,
  { directories, log, signal }: Session,
  pid: number,
): Promise<void> {
  const { imagesDir, workDir } = directories;
  const notify = actionScripts(settings.list('action-script'), workDir);
  await new Notifier({ imagesDir, log, notify, ...(signal ? { signal } : {}) }).tell('status-ready', { pid });
  const fd = settings.number('status-fd');
  if (fd === undefined) return;
  try {
    writeSync(fd, Buffer.alloc(1));
    close(fd);
  } catch (error) {
    throw asCriuError(error, 'cannot write to the descriptor of --status-fd', { fd });
  }
}
