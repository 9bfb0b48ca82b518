// The way of pages out of tasks, prepared before these are frozen: where pages go, and which are in an earlier dump already.
import { CriuError } from '../errors.js';
import type { Logger } from '../log.js';
import type { DumpOptions } from '../options.js';
import { ProcError, readChildren } from '../proc/index.js';
import { ChangeFinder, forgetChanges, kernelTracksChanges } from '../resources/memory/changes.js';
import { LocalPages, type PageSink } from '../resources/memory/local-pages.js';
import { ParentPages } from '../resources/memory/parent-pages.js';
import { PreparedPages } from '../resources/memory/prepared-pages.js';
import type { ImageWriter } from './image-writer.js';

export interface RouteOptions {
  readonly options: DumpOptions;
  readonly images: ImageWriter;
  readonly log: Logger;
  /** Pages are copied while the tasks run: files that are ready for them gain nothing. */
  readonly unhurried?: boolean;
}

export class PageRoute {
  readonly sink: PageSink;
  readonly changes: ChangeFinder | undefined;
  /** The kernel is to note which pages change from this dump on. */
  readonly tracks: boolean;
  /** Pages of earlier dumps are not wanted any more when the dump is done. */
  readonly tidiesParents: boolean;
  private readonly parents: ParentPages | undefined;
  private readonly prepared: PreparedPages | undefined;

  /** @throws CriuError */
  static async open(route: RouteOptions): Promise<PageRoute> {
    return new PageRoute(route);
  }

  private constructor({ options, images, log, unhurried }: RouteOptions) {
    const { imagesDir } = options;
    const prevImagesDir = options.prevImagesDir;
    this.tracks = options.trackMem === true && kernelTracksChanges();
    this.tidiesParents = options.autoDedup === true && prevImagesDir !== undefined;
    if (prevImagesDir !== undefined) {
      this.parents = new ParentPages(imagesDir, prevImagesDir);
      images.linkParent(prevImagesDir);
      if (prevImagesDir.startsWith('/'))
        log.warn('the previous images directory is given by an absolute path: the images cannot be moved');
    }
    try {
      this.changes = this.parents && new ChangeFinder(this.parents, this.trackedSince(this.parents, log));
    } catch (error) {
      this.parents?.close();
      throw error;
    }
    if (!this.parents && !unhurried) this.prepared = new PreparedPages(images, options.leaveRunning ?? false);
    this.sink = new LocalPages(images, this.prepared);
  }

  private trackedSince(parents: ParentPages, log: Logger): bigint | undefined {
    if (!this.tracks) {
      log.info('Changed pages are found by comparing memory with the previous images');
      return undefined;
    }
    const { dump_uptime } = parents.inventory;
    if (dump_uptime === undefined)
      throw new CriuError(
        'BAD_OPTION',
        'the previous dump was made without --track-mem: what has changed since is not known',
        { file: 'inventory.img' },
        'leave out --track-mem, and memory is compared with the previous images',
      );
    log.info('Changed pages are found by the soft-dirty bits of the kernel');
    return dump_uptime;
  }

  /** What can be done for a task and its descendants before they are frozen. @throws CriuError */
  begin(pid: number): void {
    this.prepared?.begin(pid);
    if (this.parents) this.read(this.parents, pid);
  }

  private read(parents: ParentPages, pid: number): void {
    parents.prepare({ pid });
    try {
      for (const child of readChildren(pid)) this.read(parents, child);
    } catch (error) {
      // It has ended; the freeze will tell.
      if (!(error instanceof ProcError)) throw error;
    }
  }

  /** Resolves when tasks can be frozen. */
  async ready(): Promise<void> {
    await this.prepared?.ready();
  }

  /** Takes mappings of files away; nothing may be copying. */
  unmap(): void {
    this.prepared?.unmap();
  }

  /** From here on changes count for the next dump: when nothing of this one can fail any more. @throws CriuError */
  startTracking(pids: readonly number[]): void {
    if (this.tracks) for (const pid of pids) forgetChanges(pid);
  }

  async close(): Promise<void> {
    this.parents?.close();
    await this.prepared?.close();
  }
}
