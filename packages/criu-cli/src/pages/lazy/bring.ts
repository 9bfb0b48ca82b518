// `criu lazy-pages`: takes over the userfaultfds of the tasks of one restore, and brings their pages.

import { ImageSet } from '@criu/images';
import { sysRaw } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import type { CancelSignal } from '../../cancel.js';
import { asCriuError, CriuError } from '../../errors.js';
import { type Logger, silentLogger } from '../../log.js';
import type { PageServerOptions } from '../../options.js';
import { readStat, readStatus } from '../../proc/index.js';
import { asNsPid } from '../../proc/pids.js';
import { common } from '../ranges.js';
import { fromImages, ImagePages } from '../sources/images.js';
import { cutStored } from '../sources/stored.js';
import { encodeRecord, PageCommand } from '../wire/protocol.js';
import { PageSocket } from '../wire/socket.js';
import { RESTORE_FINISHED } from './bringer.js';
import { type MissingRange, Pager } from './pager.js';
import { forgetSocket, RestoreSocket } from './restore-socket.js';

/** Milliseconds that a page server may take to confirm the end. */
const GOODBYE_MS = 30_000;

export interface BringMemory {
  readonly imagesDir: string;
  readonly workDir: string;
  /** The socket returned by `listenForRestore`. */
  readonly listener: number;
  /** Server from which pages are fetched; without it they are read from the images. */
  readonly pageServer?: PageServerOptions;
  /** Called when a restore can connect. */
  readonly onListening?: () => void | Promise<void>;
  readonly log?: Logger;
  readonly signal?: CancelSignal;
}

export interface BringMemoryResult {
  readonly tasks: number;
  readonly pages: number;
}

/** Where missing pages are: in files of the images, or at a page server. */
class Sources {
  private readonly files = new Map<string, number>();
  private readonly set: ImageSet;
  private readonly pages: ImagePages;
  private readonly server: number | undefined;

  constructor(
    dir: string,
    private readonly pager: Pager,
    server: PageSocket | undefined,
  ) {
    this.set = new ImageSet(dir);
    // With a server, pages that are missing in the images are fetched from it.
    this.pages = new ImagePages(this.set, { later: server !== undefined });
    this.server = server && pager.addServer(server.fd);
  }

  /** Number of tasks in the images. @throws CriuError */
  get tasks(): number {
    try {
      return this.set.tasks().length;
    } catch (error) {
      throw asCriuError(fromImages(error), 'cannot read the images', { file: this.set.dir });
    }
  }

  /** The pages of a task that are still missing. @throws CriuError */
  missing(pid: number): MissingRange[] {
    const { server, pages } = this;
    const which = { pid: asNsPid(pid) };
    const later = pages.later(which);
    if (server !== undefined)
      return later.map((range) => ({ ...range, source: server, offset: range.start }));
    return common(pages.ranges(which).list, later, cutStored).map(({ start, end, file, offset }) => ({
      start,
      end,
      source: this.file(file),
      offset,
    }));
  }

  private file(path: string): number {
    let source = this.files.get(path);
    if (source === undefined) {
      const fd = this.pages.open(path);
      source = this.pager.addFile(fd);
      closeSync(fd);
      this.files.set(path, source);
    }
    return source;
  }
}

/** Brings the memory of one restore. @throws CriuError; the tasks of the restore are killed then */
export async function bringMemory(options: BringMemory): Promise<BringMemoryResult> {
  const { signal, log = silentLogger } = options;
  await options.onListening?.();
  log.info('Waiting for a restore with --lazy-pages');
  const restore = await RestoreSocket.accept(options.listener, signal).catch((error) => {
    forgetSocket(options.workDir);
    throw error;
  });
  const server = options.pageServer && (await PageSocket.connect(options.pageServer, signal));
  const pager = Pager.start();
  try {
    const sources = new Sources(options.imagesDir, pager, server);
    const tasks = await takeOver(restore, sources, pager, log);
    await pager.go();
    log.info(`Bringing the memory of ${tasks} tasks`);
    const pages = await pager.finished();
    if (server) await leave(server, options.pageServer?.socket !== undefined);
    log.info(`All memory is there: ${pages} pages`);
    return { tasks, pages };
  } catch (error) {
    pager.stop();
    throw error;
  } finally {
    restore.close();
    server?.close();
  }
}

/** Takes over all tasks, until the restore says that it is done. */
async function takeOver(
  restore: RestoreSocket,
  sources: Sources,
  pager: Pager,
  log: Logger,
): Promise<number> {
  const early = new CriuError('SYSCALL', 'the restore has failed, or is none with --lazy-pages');
  let tasks = 0;
  for (let left = sources.tasks; left > 0; left--) {
    const pid = await restore.number();
    if (pid === undefined) throw early;
    if (pid < 0) continue;
    const uffd = await restore.descriptor();
    const pidfd = taskOf(pid, restore.peer);
    const missing = sources.missing(pid);
    log.debug(`Memory of ${pid}: ${missing.length} ranges`);
    pager.addMemory({ pid, uffd, pidfd, missing });
    closeSync(uffd);
    if (pidfd >= 0) closeSync(pidfd);
    tasks += 1;
  }
  const last = await restore.number();
  if (last === undefined) throw early;
  if (last !== RESTORE_FINISHED)
    throw new CriuError('SYSCALL', `the restore says 0x${(last >>> 0).toString(16)}, which nobody knows`);
  return tasks;
}

/** A pidfd of the task, if the pid is one of this pid namespace; else -1. */
function taskOf(pid: number, restore: number): number {
  try {
    const [own, ...inner] = readStatus(pid).nsPid;
    if (own !== pid || inner.length > 0) return -1;
    for (let up = pid; up > 1; up = readStat(up).ppid)
      if (up === restore) return sysRaw('pidfd_open', pid, 0);
  } catch {
    // No such task exists in this pid namespace.
  }
  return -1;
}

/** Tells the page server that all pages were received, so that it need not keep them. */
async function leave(server: PageSocket, inherited: boolean): Promise<void> {
  server.send(encodeRecord({ command: inherited ? PageCommand.FORCE_CLOSE : PageCommand.CLOSE }));
  const answer = await server.receive(4, { milliseconds: GOODBYE_MS });
  const status = answer?.readInt32LE() ?? -1;
  if (status !== 0)
    throw new CriuError('SYSCALL', `the page server ${server.peer} failed with ${status}`, {}, 'see its log');
}
