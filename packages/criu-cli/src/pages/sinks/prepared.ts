// Pages images that have their blocks, and on tmpfs huge pages, before the tasks are frozen: that takes as long as the copy itself,
// and is the same whatever is copied there.
import { freemem } from 'node:os';
import { addon, type HugePart, sysRaw } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import type { ImageWriter } from '../../images/writer.js';
import { ProcError, readChildren, readStatus } from '../../proc/index.js';
import { hugePagesWanted } from '../huge-pages.js';

/** Tasks grow a little until they stand still. */
const GROWTH = 1 << 18;
/** What is filled while the dump gets ready; more would only move time from the freeze to before it. */
const FILL_LIMIT = 64 << 20;
/** Tasks that run on afterwards gain by that, and are not held up by the limits for writers to a slow disk. */
const FILL_LIMIT_RUNNING = 512 << 20;
/** Each is an open file. */
const MOST_FILES = 256;

/** A file of the images directory that is larger than what will be in it. */
export interface PagesFile {
  readonly id: number;
  readonly fd: number;
  /** The beginning of it, if that has huge pages. */
  huge?: HugePart;
  /** Bytes that are in it; unknown until all of them are. */
  length?: number;
}

export class PreparedPages {
  private readonly files = new Map<number, PagesFile>();
  private readonly taken: PagesFile[] = [];
  private filling: Promise<unknown> = Promise.resolve();
  private readonly mayBeHuge = hugePagesWanted();
  private left: number;

  constructor(
    private readonly images: ImageWriter,
    leaveRunning: boolean,
  ) {
    this.left = leaveRunning ? Math.min(FILL_LIMIT_RUNNING, freemem() / 4) : FILL_LIMIT;
  }

  /** Begins with a task and its descendants. What cannot be prepared is written as it comes. */
  begin(pid: number): void {
    if (this.files.size >= MOST_FILES) return;
    try {
      const { rssAnon, vmSwap } = readStatus(pid);
      this.prepare(pid, (rssAnon ?? 0) + (vmSwap ?? 0) + GROWTH);
      for (const child of readChildren(pid)) this.begin(child);
    } catch (error) {
      // It has ended; the freeze will tell.
      if (!(error instanceof ProcError)) throw error;
    }
  }

  private prepare(pid: number, bytes: number): void {
    const id = this.images.newPagesId();
    const fd = this.images.openRaw(`pages-${id}.img`);
    const file: PagesFile = { id, fd };
    this.files.set(pid, file);
    const filled = bytes > this.left ? 0 : bytes;
    this.left -= filled;
    // What it fails to prepare is written like the rest, and that says what is in the way.
    // One after the other: the command itself needs a processor meanwhile.
    this.filling = this.filling.then(async () => {
      const { huge } = await addon().prepareFile(fd, bytes, filled, this.mayBeHuge);
      if (huge) file.huge = huge;
    });
  }

  /** Resolves when all is there. */
  async ready(): Promise<void> {
    await this.filling;
  }

  /** The file of a task; the caller says what is its length. */
  take(pid: number): PagesFile | undefined {
    const file = this.files.get(pid);
    if (!file) return undefined;
    this.files.delete(pid);
    this.taken.push(file);
    return file;
  }

  /**
   * Cuts files to their lengths. Nobody reads what is behind, so that tasks need not wait for it: a file system with a journal (ext4)
   * may take 25 ms for each.
   */
  trim(): void {
    for (const file of this.taken) {
      if (file.length === undefined) continue;
      sysRaw('ftruncate', file.fd, file.length);
      delete file.length;
    }
  }

  /** Cuts and closes all, and removes what nobody took. */
  async close(): Promise<void> {
    await this.filling;
    this.trim();
    for (const { id, fd } of this.files.values()) {
      closeSync(fd);
      this.images.drop(`pages-${id}.img`);
    }
    for (const { fd } of this.taken) closeSync(fd);
    for (const { huge } of [...this.files.values(), ...this.taken]) if (huge) addon().letHugeGo(huge);
  }
}
