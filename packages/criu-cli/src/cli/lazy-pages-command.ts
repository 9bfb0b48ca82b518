// `criu lazy-pages`: brings memory to the tasks of a restore with --lazy-pages.
import type { ChildProcess } from 'node:child_process';
import { existsSync, workingDirectory } from '@criu/native/fs';
import { asCriuError, CriuError } from '../errors.js';
import { announce } from './announce.js';
import { pageServerOptions } from './engine-options.js';
import { startSelf } from './self.js';
import { type Session, withSession } from './session.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';

/** Number of the listening socket in the background process. */
const SOCKET = 3;

export async function lazyPagesCommand(settings: Settings, shell: Shell): Promise<number> {
  const cwd = workingDirectory();
  return withSession(settings, shell, async (session) => {
    const { imagesDir, workDir } = session.directories;
    const inherited = shell.env.CRIU_LAZY_PAGES_LISTENER;
    if (!existsSync(`${imagesDir}/pstree.img`))
      throw new CriuError(
        'IMAGE_MISSING',
        'there is nothing to bring the memory of: pstree.img is missing',
        { file: imagesDir },
        'name the directory of the images that are restored with -D, and have a dump write them first',
      );
    const listener =
      inherited === undefined ? shell.engine.listenForRestore(workDir) : Promise.resolve(Number(inherited));
    if (settings.flag('daemon') && inherited === undefined)
      return background(settings, session, shell, { cwd, listener: await listener });
    const { tasks, pages } = await shell.engine.bringMemory({
      imagesDir,
      workDir,
      listener: await listener,
      ...(settings.flag('page-server') ? { pageServer: pageServerOptions(settings) } : {}),
      log: session.log,
      ...(session.signal ? { signal: session.signal } : {}),
      async onListening() {
        if (inherited === undefined) await announce(settings, session, process.pid);
        session.say('waiting for a restore with --lazy-pages');
      },
    });
    session.say(`${(pages / 256).toFixed(1)} MiB of ${tasks} tasks brought`);
    return 0;
  });
}

async function background(
  settings: Settings,
  session: Session,
  shell: Shell,
  { cwd, listener }: { readonly cwd: string; readonly listener: number },
): Promise<number> {
  const child: ChildProcess = startSelf(shell.argv, {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', listener],
    cwd,
    env: { CRIU_LAZY_PAGES_LISTENER: String(SOCKET) },
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    await announce(settings, session, child.pid ?? 0);
  } catch (error) {
    child.kill('SIGKILL');
    throw asCriuError(error, 'cannot go into the background');
  }
  child.unref();
  return 0;
}
