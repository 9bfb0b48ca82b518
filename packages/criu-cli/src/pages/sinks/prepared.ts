// Pages images that get their disk blocks, or huge pages on tmpfs, before the tasks are frozen: allocation takes as
// long as the copy itself, and does not depend on the contents.
import { availableParallelism, freemem } from 'node:os';
import { addon, type HugePart, sysRaw } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import type { ImageWriter } from '../../images/writer.js';
import { ProcError, readChildren, readStatus } from '../../proc/index.js';
import { hugePagesWanted } from '../huge-pages.js';
import { Lanes } from '../lanes.js';

/** Bytes that a task may grow by until it is stopped. */
const GROWTH = 1 << 18;
/** Bytes to allocate while the dump gets ready; more would only move time from the freeze to before it. */
const FILL_LIMIT = 64 << 20;
/**
 * The same for tasks that run on after the dump: they gain by it, and are not slowed down by the limits for writers to
 * a slow disk.
 */
const FILL_LIMIT_RUNNING = 512 << 20;
/** Each of them is an open file. */
const MOST_FILES = 256;
/** Files that are prepared at the same time. */
const AT_ONCE = Math.min(2, availableParallelism());

/** A file of the images directory that is longer than its final contents. */
export interface PagesFile {
  readonly id: number;
  readonly fd: number;
  /** The first part of the file, if it has huge pages. */
  huge?: HugePart;
  /** Number of bytes written; unknown until all have been written. */
  length?: number;
}

export class PreparedPages {
  private readonly files = new Map<number, PagesFile>();
  private readonly taken: PagesFile[] = [];
  private first: Promise<void> | undefined;
  private readonly others = new Lanes(AT_ONCE);
  private mayBeHuge = hugePagesWanted();
  private left: number;

  constructor(
    private readonly images: ImageWriter,
    leaveRunning: boolean,
  ) {
    this.left = leaveRunning ? Math.min(FILL_LIMIT_RUNNING, freemem() / 4) : FILL_LIMIT;
  }

  /** Starts preparing files for a task and its descendants. Pages of other tasks are written without preparation. */
  begin(pid: number): void {
    if (this.files.size >= MOST_FILES) return;
    try {
      const { rssAnon, vmSwap } = readStatus(pid);
      this.prepare(pid, (rssAnon ?? 0) + (vmSwap ?? 0) + GROWTH);
      for (const child of readChildren(pid)) this.begin(child);
    } catch (error) {
      // The task has ended; the freeze will notice.
      if (!(error instanceof ProcError)) throw error;
    }
  }

  private prepare(pid: number, bytes: number): void {
    const id = this.images.newPagesId('task');
    const fd = this.images.openRaw(`pages-${id}.img`);
    const file: PagesFile = { id, fd };
    this.files.set(pid, file);
    const filled = bytes > this.left ? 0 : bytes;
    this.left -= filled;
    const fill = async (): Promise<void> => {
      const { huge, small } = await addon().prepareFile(fd, bytes, filled, this.mayBeHuge);
      if (huge) file.huge = huge;
      // Huge pages were too expensive, and will be for the next file.
      if (small) this.mayBeHuge = false;
    };
    // An error is ignored here; it is reported if writing fails too. The first file is prepared at once, since the
    // rehearsal that follows has no break, and alone, since it tells whether the others get huge pages.
    const { first } = this;
    if (first) this.others.add(() => first.then(fill));
    else this.first = fill();
  }

  /** Resolves when all files are prepared. */
  async ready(): Promise<void> {
    await this.first;
    await this.others.settled();
  }

  /** The prepared file of a task; the caller sets its length after writing. */
  take(pid: number): PagesFile | undefined {
    const file = this.files.get(pid);
    if (!file) return undefined;
    this.files.delete(pid);
    this.taken.push(file);
    return file;
  }

  /**
   * Truncates files to their lengths. This is done after the tasks are released, as a journaling file system (ext4) may
   * take 25 ms for each file, and no reader looks behind the last page.
   */
  trim(): void {
    for (const file of this.taken) {
      if (file.length === undefined) continue;
      sysRaw('ftruncate', file.fd, file.length);
      delete file.length;
    }
  }

  /** Truncates and closes all files, and removes those that were not used. */
  async close(): Promise<void> {
    await this.ready();
    this.trim();
    for (const { id, fd } of this.files.values()) {
      closeSync(fd);
      this.images.drop(`pages-${id}.img`);
    }
    for (const { fd } of this.taken) closeSync(fd);
    for (const { huge } of [...this.files.values(), ...this.taken]) if (huge) addon().letHugeGo(huge);
  }
}
