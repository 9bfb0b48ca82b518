// `criu page-server`, in the foreground or, with `--daemon`, as a process of its own that inherits the listening socket.
import { spawn } from 'node:child_process';
import { closeSync, writeFileSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { asCriuError, CriuError } from '../errors.js';
import { pageServerOptions } from './engine-options.js';
import { type Session, withSession } from './session.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';

export async function pageServerCommand(settings: Settings, shell: Shell): Promise<number> {
  return withSession(settings, shell, async (session) => {
    const inherited = shell.env.CRIU_PAGE_SERVER_LISTENER;
    const { address, port, socket } = pageServerOptions(settings);
    if (settings.flag('daemon') && inherited === undefined) {
      if (socket !== undefined)
        throw new CriuError(
          'BAD_OPTION',
          'a daemon cannot take over a socket',
          {},
          'leave out --daemon or --ps-socket',
        );
      const listener = await shell.engine.listen({
        ...(address === undefined ? {} : { address }),
        port: port ?? 0,
      });
      session.log.info(`Waiting for a dump at port ${listener.port}, in the background`);
      await daemon(settings, session, listener.fd);
      listener.close();
      return 0;
    }
    const prevImagesDir = settings.text('prev-images-dir');
    const { memories, pages } = await shell.engine.servePages({
      imagesDir: session.directories.imagesDir,
      ...pageServerOptions(settings),
      ...(prevImagesDir === undefined ? {} : { prevImagesDir }),
      ...(inherited === undefined ? {} : { listener: await shell.engine.listen(Number(inherited)) }),
      autoDedup: settings.flag('auto-dedup'),
      log: session.log,
      signal: session.signal,
      onListening(at) {
        if (inherited === undefined) ready(settings, session, process.pid);
        session.say(`waiting for a dump at port ${at}`);
      },
    });
    session.say(`${(pages / 256).toFixed(1)} MiB of ${memories} memories kept`);
    return 0;
  });
}

/** Tells who waits that a dump can begin. @throws CriuError */
function ready(settings: Settings, { directories }: Session, pid: number): void {
  const pidfile = settings.text('pidfile');
  if (pidfile !== undefined) {
    const file = resolve(directories.workDir, pidfile);
    try {
      writeFileSync(file, String(pid), { flag: 'wx' });
    } catch (error) {
      throw asCriuError(error, 'cannot write the pid file', { file });
    }
  }
  const fd = settings.number('status-fd');
  if (fd === undefined) return;
  try {
    writeSync(fd, '\0');
    closeSync(fd);
  } catch (error) {
    throw asCriuError(error, 'cannot write to --status-fd', { fd });
  }
}

async function daemon(settings: Settings, session: Session, listener: number): Promise<void> {
  const [script, ...words] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, script!, ...words], {
    detached: true,
    cwd: session.startDir,
    env: { ...process.env, CRIU_PAGE_SERVER_LISTENER: '3' },
    stdio: ['ignore', 'ignore', 'ignore', listener],
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  } catch (error) {
    throw asCriuError(error, 'cannot start the page server');
  }
  try {
    ready(settings, session, child.pid!);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  child.unref();
}
