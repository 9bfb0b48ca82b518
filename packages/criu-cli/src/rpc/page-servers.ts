// Page servers started for requests, each as a process of its own.
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { CriuOpts } from '@criu/images';
import { closeSync, constants as FS, writeSync } from '@criu/native/fs';
import { actionScripts } from '../action-scripts.js';
import type { CancelSignal } from '../cancel.js';
import { pageServerOptions } from '../cli/engine-options.js';
import { addressWarning, PAGE_SOCKET, startPageServer } from '../cli/page-server-command.js';
import { startedPid } from '../cli/self.js';
import { CriuError } from '../errors.js';
import { Notifier } from '../notify.js';
import type { ServeContext } from './handlers.js';
import { listeners } from './listeners.js';
import { type Prepared, reopenOfPeer } from './request.js';

/** The page servers of one connection for which the client can wait. */
export class PageServers {
  private readonly children = new Map<number, { child: ChildProcess; end: Promise<number> }>();

  get none(): boolean {
    return this.children.size === 0;
  }

  add(child: ChildProcess): void {
    const end = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(code === null ? constants.signals[signal ?? 'SIGKILL'] : code << 8);
      });
    });
    child.unref();
    this.children.set(startedPid(child), { child, end });
  }

  /** Wait status of a page server when it has ended, reported once; undefined for other processes. */
  async ended(pid: number): Promise<number | undefined> {
    const found = this.children.get(pid);
    if (!found) return undefined;
    this.children.delete(pid);
    found.child.ref();
    return found.end;
  }
}

/** The command line of a page server for a request. */
function argumentsFor({ settings, directories, logPath }: Prepared, socket: boolean): string[] {
  const prev = settings.text('prev-images-dir');
  return [
    'page-server',
    '--no-default-config',
    `--images-dir=${directories.imagesDir}`,
    `--work-dir=${directories.workDir}`,
    `--verbosity=${settings.verbosity}`,
    ...(logPath === undefined ? [] : [`--log-file=${logPath}`]),
    ...(prev === undefined ? [] : [`--prev-images-dir=${prev}`]),
    ...(settings.has('timeout') ? [`--timeout=${settings.number('timeout')}`] : []),
    ...(settings.flag('auto-dedup') ? ['--auto-dedup'] : []),
    ...(socket ? [`--ps-socket=${PAGE_SOCKET}`] : []),
  ];
}

/** Starts a page server. @returns pid and port @throws CriuError */
export async function startServer(
  prepared: Prepared,
  { engine, servers, worker }: ServeContext,
  child: boolean,
): Promise<{ pid: number; port?: number }> {
  const { socket, ...where } = pageServerOptions(prepared.settings);
  const args = argumentsFor(prepared, socket !== undefined);
  const keep = (started: ChildProcess) => {
    if (child) servers.add(started);
    else started.unref();
    return startedPid(started);
  };
  if (socket !== undefined) {
    if (!worker)
      throw new CriuError(
        'BAD_OPTION',
        'ps.fd: a service has not inherited anything',
        {},
        'start `criu swrk` for it',
      );
    return { pid: keep(await startPageServer(args, { socket, near: child })) };
  }
  const warning = addressWarning(where);
  if (warning !== undefined) prepared.log.warn(warning);
  const listener = await engine.listen(where);
  try {
    const { port } = listener;
    return { pid: keep(await startPageServer(args, { listener: listener.fd, near: child })), port };
  } finally {
    listener.close();
  }
}

/** Announces that the server accepts connections: to the client, to action scripts, and to `status_fd`. */
export async function tellReady(
  opts: CriuOpts,
  { settings, directories, log }: Prepared,
  context: ServeContext,
  pid: number,
  signal: CancelSignal = context.signal,
): Promise<void> {
  const { imagesDir, workDir } = directories;
  const scripts = actionScripts(settings.list('action-script'), workDir);
  const notifier = new Notifier({
    imagesDir,
    log,
    signal,
    ...listeners(opts, context, settings.number('timeout'), scripts),
  });
  await notifier.tell('status-ready', { pid });
  if (opts.status_fd !== undefined) sayReady(context.peer, opts.status_fd);
}

/** Announces a started server; ends it if that fails. */
export async function announceServer(
  opts: CriuOpts,
  prepared: Prepared,
  context: ServeContext,
  pid: number,
): Promise<void> {
  try {
    await tellReady(opts, prepared, context, pid);
  } catch (error) {
    process.kill(pid, 'SIGKILL');
    throw error;
  }
}

/** Writes a byte to a descriptor of the client, as requested by `status_fd`. @throws CriuError */
function sayReady(peer: ServeContext['peer'], number: number): void {
  try {
    const fd = reopenOfPeer(peer, number, FS.O_WRONLY);
    writeSync(fd, Buffer.alloc(1));
    closeSync(fd);
  } catch (error) {
    throw new CriuError(
      'BAD_OPTION',
      `status_fd: descriptor ${number} cannot be written to`,
      {},
      'it has to be a descriptor of the requesting process',
      error,
    );
  }
}
