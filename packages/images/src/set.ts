/// <reference types="node" preserve="true" />
// A checkpoint: the images directory of one dump, and its parents.

import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { decodeName, pathArg } from './bytes.js';
import { ImageError } from './errors.js';
import { collectFiles, type FileTable } from './files.js';
import { decodeImage, type ImageItem, ioError } from './image.js';
import type { ImageKind, ImageMessages } from './kinds.js';
import { decodeMmTable, type MmTable, vmaTable } from './mm-table.js';
import { imageFileName } from './names.js';
import { decodePagemap, type Pagemap } from './pagemap.js';
import { PageMemory, pagesFile } from './pages.js';
import { ImageDirectory, type ImageFiles } from './source.js';
import type {
  CoreEntry,
  FdinfoEntry,
  FileEntry,
  FsEntry,
  InventoryEntry,
  MmEntry,
  PstreeEntry,
  TaskKobjIdsEntry,
} from './types.generated.js';

/** A process of the tree. */
export interface TaskNode {
  readonly entry: PstreeEntry;
  readonly children: TaskNode[];
}

function realPath(path: string): string {
  return decodeName(realpathSync.native(pathArg(path), 'buffer'));
}

/**
 * A checkpoint, read on demand: each method opens the images that it needs. Entries are for reading: several may share
 * parts that they have alike.
 */
export class ImageSet {
  readonly source: ImageFiles;
  private table: FileTable | undefined;

  constructor(
    /** The directory, or another source of the files. */
    from: string | ImageFiles,
    /** Directories of the checkpoints from which this one was reached, to detect a cycle of parents. */
    private readonly chain: readonly string[] = [],
  ) {
    this.source = typeof from === 'string' ? new ImageDirectory(from) : from;
  }

  get dir(): string {
    return this.source.dir;
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  has(kind: ImageKind, id: number | bigint | string = '', variant = 0): boolean {
    return this.source.has(imageFileName(kind, id, variant));
  }

  /** Names of all files in the directory, sorted. */
  names(): string[] {
    try {
      return readdirSync(pathArg(this.dir), 'buffer').map(decodeName).sort();
    } catch (error) {
      throw ioError('open', this.dir, error);
    }
  }

  /** All items of one image. @throws ImageError */
  items<K extends ImageKind>(
    kind: K,
    id: number | bigint | string = '',
    variant = 0,
  ): ImageItem<ImageMessages[K]>[] {
    const name = imageFileName(kind, id, variant);
    const known = this.source.items?.(name) as ImageItem<ImageMessages[K]>[] | undefined;
    return known ?? decodeImage(kind, this.read(name), this.path(name), { alike: true });
  }

  /** All entries of one image. @throws ImageError */
  entries<K extends ImageKind>(kind: K, id: number | bigint | string = ''): ImageMessages[K][] {
    return this.items(kind, id).map((item) => item.entry);
  }

  /** The entry of an image that has exactly one. @throws ImageError */
  single<K extends ImageKind>(kind: K, id: number | bigint | string = ''): ImageMessages[K] {
    const [first] = this.entries(kind, id);
    if (first === undefined) {
      throw new ImageError('truncated', 'the image has no entry', this.path(imageFileName(kind, id)));
    }
    return first;
  }

  inventory(): InventoryEntry {
    return this.single('INVENTORY');
  }

  /** All processes in the order of the image: parents come before their children. */
  tasks(): PstreeEntry[] {
    return this.entries('PSTREE');
  }

  /** The roots of the process tree; a valid checkpoint has one. */
  tree(): TaskNode[] {
    const nodes = this.tasks().map((entry): TaskNode => ({ entry, children: [] }));
    const byPid = new Map(nodes.map((node) => [node.entry.pid, node]));
    const roots: TaskNode[] = [];
    for (const node of nodes) {
      const { pid, ppid } = node.entry;
      const parent = byPid.get(ppid);
      if (ppid === 0) roots.push(node);
      else if (parent === undefined || parent === node) {
        throw new ImageError(
          'unresolved',
          `the parent ${ppid} of process ${pid} is not in the tree`,
          this.path('pstree.img'),
        );
      } else parent.children.push(node);
    }
    return roots;
  }

  /** The core entry of a process (of its leader), or of one thread. */
  core(tid: number): CoreEntry {
    return this.single('CORE', tid);
  }

  /** Ids of the objects that a process shares with others; undefined for zombies, which have none. */
  ids(pid: number): TaskKobjIdsEntry | undefined {
    if (this.has('IDS', pid)) return this.single('IDS', pid);
    return this.core(pid).ids;
  }

  /** The descriptors of a process. The image is missing for a process without descriptors. */
  descriptors(pid: number): FdinfoEntry[] {
    const ids = this.ids(pid);
    return ids !== undefined && this.has('FDINFO', ids.files_id) ? this.entries('FDINFO', ids.files_id) : [];
  }

  /** Root and working directory of a process; undefined for zombies. */
  fs(pid: number): FsEntry | undefined {
    return this.has('FS', pid) ? this.single('FS', pid) : undefined;
  }

  /**
   * The address space of a process with its mappings, which old versions of CRIU stored in another image; undefined for
   * zombies.
   */
  mm(pid: number): MmEntry | undefined {
    if (!this.has('MM', pid)) return undefined;
    const mm = this.single('MM', pid);
    if (mm.vmas.length === 0 && this.has('VMAS', pid)) mm.vmas = this.entries('VMAS', pid);
    return mm;
  }

  /**
   * The same with the mappings in columns, for many of them. The caller does not change it.
   * @throws ImageError
   */
  mmTable(pid: number): MmTable | undefined {
    if (!this.has('MM', pid)) return undefined;
    const mm = this.readMmTable(imageFileName('MM', pid));
    if (mm.vmas.length > 0 || !this.has('VMAS', pid)) return mm;
    return { ...mm, vmas: vmaTable(this.entries('VMAS', pid), this.path(imageFileName('VMAS', pid))) };
  }

  /** All open files by id, from files.img and from the images for single types of CRIU before 3.0. */
  files(): ReadonlyMap<number, FileEntry> {
    return this.fileTable.files;
  }

  /** Ids of more than one open file; a valid checkpoint has none. */
  fileIdsTwice(): readonly number[] {
    return this.fileTable.twice;
  }

  private get fileTable(): FileTable {
    this.table ??= collectFiles(this);
    return this.table;
  }

  pagemap(pid: number): Pagemap | undefined {
    const name = imageFileName('PAGEMAP', pid);
    return this.source.has(name) ? this.readPagemap(name) : undefined;
  }

  /** The pages of a process, including those in parents. */
  memory(pid: number): PageMemory | undefined {
    return this.pages(imageFileName('PAGEMAP', pid), (set) => set.memory(pid));
  }

  /** The pages of a shared memory segment or memfd, including those in parents. */
  sharedMemory(shmid: bigint | number): PageMemory | undefined {
    return this.pages(imageFileName('PAGEMAP', shmid, 1), (set) => set.sharedMemory(shmid));
  }

  /** The parent checkpoint of an incremental one. */
  parent(): ImageSet | undefined {
    const link = this.path('parent');
    if (!existsSync(pathArg(link))) return undefined;
    const here = realPath(this.dir);
    const chain = [...this.chain, here];
    if (chain.includes(realPath(link))) {
      throw new ImageError('unresolved', 'the parents of this checkpoint lead back to it', link);
    }
    return new ImageSet(link, chain);
  }

  /** One address space by its file name. @throws ImageError */
  protected readMmTable(name: string): MmTable {
    return this.source.mmTable?.(name) ?? decodeMmTable(this.read(name), this.path(name));
  }

  /** One pagemap by its file name. @throws ImageError */
  protected readPagemap(name: string): Pagemap {
    return this.source.pagemap?.(name) ?? decodePagemap(this.read(name), this.path(name));
  }

  private read(name: string): Buffer {
    try {
      return this.source.read(name);
    } catch (error) {
      throw ioError('read', this.path(name), error);
    }
  }

  private pages(name: string, inParent: (set: ImageSet) => PageMemory | undefined): PageMemory | undefined {
    if (!this.source.has(name)) return undefined;
    const pagemap = this.readPagemap(name);
    return new PageMemory({
      file: pagesFile(this.dir, pagemap),
      mapFile: this.path(name),
      pagemap,
      parent: () => {
        const parent = this.parent();
        return parent === undefined ? undefined : inParent(parent);
      },
    });
  }
}
