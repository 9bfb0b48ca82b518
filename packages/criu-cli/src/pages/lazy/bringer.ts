// Brings memory to tasks that already run: with a pager of our own, or with a `criu lazy-pages` daemon that listens on
// its socket.
import { addon, close, cstring, SysError, sys, sysRaw } from '@criu/native';
import { closeSync, openSync } from '@criu/native/fs';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM, sockaddr_un } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { OutputDirectory } from '../../output-dir.js';
import type { StoredRange } from '../sources/stored.js';
import { Pager } from './pager.js';

/** A task with its own userfaultfd. The caller keeps the descriptors and closes them. */
export interface LazyTask {
  /** The pid as images have it. */
  readonly pid: number;
  readonly uffd: number;
  readonly pidfd: number;
}

export interface Bringer {
  /**
   * Called before anything is created.
   * @param pids pids that the restore will need
   * @throws CriuError
   */
  start(pids: ReadonlySet<number>): void | Promise<void>;
  /** Announces which files will be needed; called before `start`. */
  expect(ranges: readonly StoredRange[]): void;
  /** Reports a task of the images that has no memory. @throws CriuError */
  dead(pid: number): void;
  /** From this call on, page faults of the task are served. @throws CriuError */
  add(task: LazyTask, ranges: readonly StoredRange[]): void;
  /** The tasks are about to run. @throws CriuError */
  go(): void | Promise<void>;
  /** Ends the bringer after a failed restore. */
  stop(): void;
  /** Resolves when all pages have been brought. @throws CriuError if the tasks were killed instead */
  finished(): Promise<void>;
}

/** Log file of the pager in the work directory. */
export const PAGER_LOG = 'lazy-restore.log';
const MOST_TRIES = 8;

/** Pages come from the images, through a pager process that this process starts and that outlives it. */
export class LocalBringer implements Bringer {
  private pager: Pager | undefined;
  private readonly files = new Map<string, number>();

  constructor(
    private readonly workDir: string,
    private readonly log: Logger,
    /** Opens a pages image for the pager. */
    private readonly open: (file: string) => number,
  ) {}

  expect(ranges: readonly StoredRange[]): void {
    for (const { file } of ranges) this.files.set(file, -1);
  }

  start(pids: ReadonlySet<number>): void {
    const pager = this.startOne(pids);
    this.pager = pager;
    this.log.info(`Memory comes when it is needed, and from process ${pager.pid} in the background`);
    for (const file of this.files.keys()) {
      let fd: number;
      try {
        fd = this.open(file);
      } catch (error) {
        throw asCriuError(error, 'cannot open a pages image', { file });
      }
      this.files.set(file, pager.addFile(fd));
      closeSync(fd);
    }
  }

  /** Starts a pager whose pids are not among those of the tasks. */
  private startOne(pids: ReadonlySet<number>): Pager {
    const log = this.openLog();
    const wrong: Pager[] = [];
    try {
      for (;;) {
        const pager = Pager.start(log);
        // The guard process of the pager gets the next pid, and its threads the ones after that.
        if (wrong.length === MOST_TRIES || ![0, 1, 2, 3, 4, 5].some((n) => pids.has(pager.pid + n)))
          return pager;
        wrong.push(pager);
      }
    } catch (error) {
      throw asCriuError(error, 'cannot start the pager');
    } finally {
      for (const pager of wrong) pager.stop();
      if (log !== undefined) closeSync(log);
    }
  }

  /** A missing log file does not prevent the restore. */
  private openLog(): number | undefined {
    try {
      const dir = OutputDirectory.open(this.workDir);
      try {
        return dir.create(PAGER_LOG);
      } finally {
        dir.close();
      }
    } catch (error) {
      this.log.warn(`no ${PAGER_LOG}: ${asCriuError(error, 'cannot make it').explain()}`);
      return undefined;
    }
  }

  dead(): void {}

  add({ pid, uffd, pidfd }: LazyTask, ranges: readonly StoredRange[]): void {
    const missing = ranges.map(({ start, end, file, offset }) => ({
      start,
      end,
      source: this.files.get(file) ?? -1,
      offset,
    }));
    this.need().addMemory({ pid, uffd, pidfd, missing });
  }

  async go(): Promise<void> {
    await this.need().go();
  }

  stop(): void {
    this.pager?.stop();
  }

  async finished(): Promise<void> {
    await this.need().finished();
  }

  private need(): Pager {
    if (!this.pager) throw new CriuError('INTERNAL', 'the pager was not started');
    return this.pager;
  }
}

/** Name of the socket of `criu lazy-pages` in its work directory. */
export const LAZY_SOCKET = 'lazy-pages.socket';
/** Message of the restore when the tasks are about to run ("RSTF"). */
export const RESTORE_FINISHED = 0x52535446;

/**
 * struct sockaddr_un of the socket in an open directory, by way of /proc/self/fd: the real path may be longer than
 * sun_path.
 */
export function lazySocketName(dir: number): Buffer {
  const path = cstring(`/proc/self/fd/${dir}/${LAZY_SOCKET}`);
  const name = Buffer.alloc(sockaddr_un.sun_path + path.length);
  name.writeUInt16LE(AF_UNIX, sockaddr_un.sun_family);
  path.copy(name, sockaddr_un.sun_path);
  return name;
}

/**
 * Pages come from a daemon, in CRIU's protocol: for each task its pid and then its userfaultfd; for a dead task its
 * negated pid.
 */
export class DaemonBringer implements Bringer {
  private fd = -1;

  constructor(private readonly workDir: string) {}

  expect(): void {}

  start(): void {
    const dir = openSync(this.workDir, 'r');
    this.fd = sys('socket', AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    try {
      const name = lazySocketName(dir);
      const result = sysRaw('connect', this.fd, name, name.length);
      if (result < 0)
        throw new CriuError(
          'SYSCALL',
          'no daemon brings the memory',
          { file: `${this.workDir}/${LAZY_SOCKET}` },
          'start `criu lazy-pages` with the same -D and -W first',
          new SysError('connect', -result),
        );
    } finally {
      closeSync(dir);
    }
  }

  dead(pid: number): void {
    this.send(number(-pid));
  }

  add({ pid, uffd }: LazyTask): void {
    this.send(number(pid));
    this.send(Buffer.alloc(1), [uffd]);
  }

  go(): void {
    this.send(number(RESTORE_FINISHED));
    this.stop();
  }

  stop(): void {
    if (this.fd >= 0) close(this.fd);
    this.fd = -1;
  }

  async finished(): Promise<void> {}

  private send(bytes: Buffer, fds: number[] = []): void {
    const result = addon().channelSend(this.fd, bytes, fds);
    if (result >= 0) return;
    throw new CriuError(
      'SYSCALL',
      'the lazy-pages daemon has hung up',
      { file: LAZY_SOCKET },
      'see its log',
      new SysError('sendmsg', -result),
    );
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
