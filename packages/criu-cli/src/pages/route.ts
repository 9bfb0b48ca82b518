// The route of pages out of tasks, set up before the tasks are frozen: which sink the pages go to, and how pages that a
// parent checkpoint has are found.
import { CriuError } from '../errors.js';
import { missing } from '../features/index.js';
import type { ImageWriter } from '../images/writer.js';
import type { Logger } from '../log.js';
import type { DumpOptions } from '../options.js';
import { ProcError, readChildren, readStatus } from '../proc/index.js';
import { asNsPid } from '../proc/pids.js';
import { ChangeFinder, forgetChanges } from './changes.js';
import { type PackedFields, packedFields, packingOf } from './packing.js';
import type { PageJob } from './runs.js';
import { LocalPages } from './sinks/images.js';
import { PackedPages } from './sinks/packed.js';
import { PreparedPages } from './sinks/prepared.js';
import { ServerPages } from './sinks/server.js';
import type { PageSink } from './sinks/sink.js';
import { ParentPages } from './sources/parents.js';
import { type TrackedTask, tasksByToken, tokenOf, track } from './tracker.js';

export interface RouteOptions {
  readonly options: DumpOptions;
  readonly images: ImageWriter;
  readonly log: Logger;
  /** Pages are copied while the tasks run, so that preparing files ahead gains nothing. */
  readonly whileRunning?: boolean;
}

export class PageRoute {
  readonly sink: PageSink;
  readonly changes: ChangeFinder | undefined;
  /** Inventory fields for compressed pages, in this dump or in its parents. */
  readonly packed: PackedFields;
  /** Pages of earlier dumps are to be freed once the dump is done (`--auto-dedup`). */
  readonly tidiesParents: boolean;
  private readonly wantsTracking: boolean;
  private readonly log: Logger;
  private readonly parents: ParentPages | undefined;
  private readonly prepared: PreparedPages | undefined;

  /** @throws CriuError */
  static async open(route: RouteOptions): Promise<PageRoute> {
    const { options } = route;
    const packing = packingOf(options);
    const server =
      options.pageServer &&
      (await ServerPages.connect(options.pageServer, { packing, signal: options.signal }));
    if (server) route.log.info(`Pages go to the page server ${server.peer}`);
    try {
      // Without soft-dirty bits in the kernel, changes are found by comparing pages.
      const soft = options.trackMem === true && (await missing('soft_dirty')) === null;
      return new PageRoute(route, server, soft);
    } catch (error) {
      server?.close();
      throw error;
    }
  }

  private constructor(
    { options, images, log, whileRunning }: RouteOptions,
    private readonly server: ServerPages | undefined,
    /** The kernel tracks changed pages from this dump on by soft-dirty bits. */
    readonly tracks: boolean,
  ) {
    const { imagesDir } = options;
    const prevImagesDir = options.prevImagesDir;
    this.log = log;
    // A page server handles deduplication itself.
    this.wantsTracking = options.trackMem === true;
    this.tidiesParents = options.autoDedup === true && prevImagesDir !== undefined && !server;
    if (prevImagesDir !== undefined) {
      const parents = new ParentPages(imagesDir, prevImagesDir);
      try {
        images.linkParent(prevImagesDir);
        if (prevImagesDir.startsWith('/'))
          log.warn('the previous images directory is given by an absolute path: the images cannot be moved');
        this.changes = this.finder(parents, log);
      } catch (error) {
        parents.close();
        throw error;
      }
      this.parents = parents;
    }
    const packing = packingOf(options);
    this.packed = packedFields(packing, this.parents?.inventory);
    const direct = options.imageIoMode === 'direct';
    if (!this.parents && !whileRunning && !server && !packing && !direct)
      this.prepared = new PreparedPages(images, options.leaveRunning ?? false);
    this.sink =
      server ?? (packing ? new PackedPages(images, packing) : new LocalPages(images, this.prepared, direct));
  }

  /** Pages and pagemaps go to a page server, not to the images directory. */
  get remote(): boolean {
    return this.server !== undefined;
  }

  /** How changed pages are found; undefined if they cannot be. */
  private finder(parents: ParentPages, log: Logger): ChangeFinder | undefined {
    const since = this.trackedSince(parents);
    if (since !== undefined) {
      log.info('Changed pages are found by the soft-dirty bits of the kernel');
      return new ChangeFinder(this.server ? undefined : parents, { by: 'soft-dirty', since });
    }
    const id = this.wantsTracking ? parents.inventory.dump_criu_run_id : undefined;
    const tasks = id === undefined ? undefined : tasksByToken(tokenOf(id));
    if (tasks) {
      log.info('Changed pages are found by what the kernel has noted for the tracker');
      return new ChangeFinder(this.server ? undefined : parents, { by: 'tracker', tasks });
    }
    if (this.server) {
      log.warn(
        'Nobody tracks changed pages here, and the page server has the previous ones: all pages are sent',
      );
      return undefined;
    }
    log.info('Changed pages are found by comparing memory with the previous images');
    return new ChangeFinder(parents, undefined);
  }

  private trackedSince(parents: ParentPages): bigint | undefined {
    if (!this.tracks) return undefined;
    const { dump_uptime } = parents.inventory;
    if (dump_uptime === undefined)
      throw new CriuError(
        'BAD_OPTION',
        'the previous dump was made without --track-mem: what has changed since is not known',
        { file: 'inventory.img' },
        'leave out --track-mem, and memory is compared with the previous images',
      );
    return dump_uptime;
  }

  /** Prepares files for a task and its descendants before they are frozen. @throws CriuError */
  begin(pid: number): void {
    this.prepared?.begin(pid);
    if (this.parents && !this.server) this.read(this.parents, pid);
  }

  private read(parents: ParentPages, pid: number): void {
    try {
      parents.prepare({ pid: asNsPid(readStatus(pid).nsPid.at(-1) ?? pid) });
      for (const child of readChildren(pid)) this.read(parents, child);
    } catch (error) {
      // The task has ended; the freeze will notice.
      if (!(error instanceof ProcError)) throw error;
    }
  }

  /** Resolves when the tasks can be frozen. */
  async ready(): Promise<void> {
    await this.prepared?.ready();
  }

  /** Cancels everything that waits for a page server. */
  readonly callOff = (): void => this.server?.callOff();

  /** Looks up the changes of a stopped task's memory; must be called before tracking starts anew. */
  looked(job: PageJob): PageJob {
    return this.changes?.look(job) ?? job;
  }

  /**
   * Starts change tracking for the next dump. The soft-dirty bits of the kernel may be cleared only when this dump can
   * no longer fail; a tracker that starts for a failed dump is not used by anyone.
   * @param runId id of this dump, `dump_criu_run_id` of its inventory
   * @throws CriuError
   */
  async startTracking(tasks: readonly TrackedTask[], runId: string): Promise<void> {
    if (this.tracks) for (const { pid } of tasks) forgetChanges(pid);
    else if (this.wantsTracking) await track(tasks, tokenOf(runId), this.log);
  }

  async close(): Promise<void> {
    this.server?.close();
    this.parents?.close();
    await this.prepared?.close();
  }
}
