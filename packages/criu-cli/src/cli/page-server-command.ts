// `criu page-server`, in the foreground or, with `--daemon`, as a background process that inherits the listening
// socket.
import type { ChildProcess } from 'node:child_process';
import { workingDirectory } from '@criu/native/fs';
import { asCriuError, CriuError } from '../errors.js';
import type { PageServerOptions } from '../options.js';
import { announce } from './announce.js';
import { pageServerOptions } from './engine-options.js';
import { startedPid, startSelf } from './self.js';
import { type Session, withSession } from './session.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';

export async function pageServerCommand(settings: Settings, shell: Shell): Promise<number> {
  // Relative paths are resolved against this directory, also in the background process.
  const cwd = workingDirectory();
  return withSession(settings, shell, (session) => {
    if (shell.env.CRIU_PAGE_SERVER_LISTENER !== undefined) return foreground(settings, session, shell);
    const warning = addressWarning(pageServerOptions(settings));
    if (warning !== undefined) {
      session.log.warn(warning);
      // A log file would be read only after something has gone wrong.
      if (settings.has('log-file')) shell.stderr(`criu: ${warning}\n`);
    }
    return settings.flag('daemon')
      ? background(settings, session, shell, cwd)
      : foreground(settings, session, shell);
  });
}

/**
 * A warning for a server that listens on all addresses, CRIU's default: whoever can connect decides what memory is
 * restored.
 */
export function addressWarning({ address, socket }: PageServerOptions): string | undefined {
  return address === undefined && socket === undefined
    ? 'without --address the page server takes pages from anybody who can reach this host: name an address (127.0.0.1)'
    : undefined;
}

async function foreground(settings: Settings, session: Session, shell: Shell): Promise<number> {
  const inherited = shell.env.CRIU_PAGE_SERVER_LISTENER;
  const prevImagesDir = settings.text('prev-images-dir');
  const timeout = settings.number('timeout') ?? 0;
  const { addressSpaces, pages } = await shell.engine.servePages({
    imagesDir: session.directories.imagesDir,
    ...pageServerOptions(settings),
    ...(timeout > 0 ? { patience: timeout } : {}),
    ...(prevImagesDir === undefined ? {} : { prevImagesDir }),
    ...(inherited === undefined ? {} : { listener: await shell.engine.listen(Number(inherited)) }),
    autoDedup: settings.flag('auto-dedup'),
    lazyPages: settings.flag('lazy-pages'),
    log: session.log,
    ...(session.signal ? { signal: session.signal } : {}),
    async onListening(port) {
      if (inherited === undefined) await announce(settings, session, process.pid);
      session.say(
        `waiting for ${settings.flag('lazy-pages') ? 'who fetches memory' : 'a dump'} at port ${port}`,
      );
    },
  });
  session.say(
    `${(pages / 256).toFixed(1)} MiB of ${addressSpaces} address spaces ${settings.flag('lazy-pages') ? 'sent' : 'kept'}`,
  );
  return 0;
}

async function background(settings: Settings, session: Session, shell: Shell, cwd: string): Promise<number> {
  const { socket, ...where } = pageServerOptions(settings);
  if (socket !== undefined)
    throw new CriuError(
      'BAD_OPTION',
      'a page server in the background cannot take over a socket',
      {},
      'leave out --daemon or --ps-socket',
    );
  const listener = await shell.engine.listen(where);
  try {
    session.log.info(`Waiting for a dump at port ${listener.port}, in the background`);
    const child = await startPageServer(shell.argv, { listener: listener.fd, cwd });
    try {
      await announce(settings, session, startedPid(child));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    child.unref();
  } finally {
    listener.close();
  }
  return 0;
}

export interface StartPageServer {
  /** Descriptor of a listening or of a connected socket. */
  readonly listener?: number;
  readonly socket?: number;
  readonly cwd?: string;
  /** Keep the process in our session. */
  readonly near?: boolean;
}

/** Number of the socket in the started process. */
export const PAGE_SOCKET = 3;

/** Starts a page server as a separate process. @throws CriuError */
export async function startPageServer(
  args: readonly string[],
  { listener, socket, cwd, near }: StartPageServer,
): Promise<ChildProcess> {
  const child = startSelf(args, {
    detached: !near,
    stdio: ['ignore', 'ignore', near ? 'inherit' : 'ignore', listener ?? socket],
    ...(cwd === undefined ? {} : { cwd }),
    ...(listener === undefined ? {} : { env: { CRIU_PAGE_SERVER_LISTENER: String(PAGE_SOCKET) } }),
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  } catch (error) {
    throw asCriuError(error, 'cannot start the page server');
  }
  return child;
}
