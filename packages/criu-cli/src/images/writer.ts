// Collects the image entries of a dump while tasks are frozen, and writes the files when all entries are known.
import {
  columnPagemap,
  type Encodable,
  type EncodableItem,
  encodeImage,
  encodeMmTable,
  encodePagemapColumns,
  ImageDirectory,
  type ImageKind,
  type ImageMessages,
  imageFileName,
  itemsAsRead,
  type MmEntry,
  type MmTable,
  type PagemapColumns,
  type PagemapHead,
  type VmaTable,
} from '@criu/images';
import { cstring, SysError, sys } from '@criu/native';
import { closeSync, lstatSync, readlinkSync, writeFileSync } from '@criu/native/fs';
import { EWOULDBLOCK, LOCK_EX, LOCK_NB, RLIMIT_NOFILE, rlimit64 } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../errors.js';
import { OutputDirectory } from '../output-dir.js';
import type { ImageId } from '../proc/pids.js';
import type { ImageSource } from './source.js';

/** Number of descriptors that are kept open for files created ahead: at most, and as a part of all that it may have. */
const MOST_RESERVED = 2048;
const PART_RESERVED = 4;
const LOCK_EX_NB = LOCK_EX | LOCK_NB;
/** Number of the pages image of the first task. */
const FIRST_TASK_PAGES = 1;

type Items = EncodableItem<ImageMessages[ImageKind]>[];

/** Predicates, by image kind, for entries that only repeat other entries under ids of their own. */
export type Repeated = {
  readonly [K in ImageKind]?: (entry: EncodableItem<ImageMessages[K]>['entry']) => boolean;
};

/** An image that is not written yet: its entries, the runs of a pagemap, or an address space. */
interface GatheredImage {
  readonly kind: ImageKind;
  readonly items: Items;
  readonly mm?: MmTable;
  readonly pagemap?: { readonly head: PagemapHead; readonly runs: PagemapColumns };
}

/**
 * Links a directory to its parent images; replaces a link that an earlier dump left there.
 * @returns whether the link has changed
 * @throws CriuError
 */
export function linkParent(dir: OutputDirectory, target: string): boolean {
  const path = dir.pathOf('parent');
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() && readlinkSync(path) === target) return false;
    // A dump never creates a regular file of that name.
    if (found && !found.isSymbolicLink())
      throw new CriuError('BAD_OPTION', 'it is no symbolic link', { file: path }, 'remove it');
    dir.link('parent', target);
    return true;
  } catch (error) {
    throw asCriuError(error, 'cannot link the previous dump', { file: path });
  }
}

/** Writes an image of a single entry that is not part of the dump's image set. @throws CriuError */
export function writeImageFile<K extends ImageKind>(
  dir: string,
  name: string,
  kind: K,
  entry: EncodableItem<ImageMessages[K]>['entry'],
): void {
  let directory: OutputDirectory;
  try {
    directory = OutputDirectory.open(dir);
  } catch (error) {
    throw asCriuError(error, 'cannot open the directory', { file: dir });
  }
  try {
    directory.write(name, encodeImage(kind, [{ entry }]));
  } finally {
    directory.close();
  }
}

/** The limit of descriptors of this process (RLIMIT_NOFILE). */
function descriptorLimit(): number {
  const limit = Buffer.alloc(rlimit64.sizeof);
  sys('prlimit64', 0, RLIMIT_NOFILE, null, limit);
  return Number(limit.readBigUInt64LE(rlimit64.rlim_cur));
}

function encoded({ kind, items, mm, pagemap }: GatheredImage): Buffer {
  if (mm) return encodeMmTable(mm, mm.vmas);
  return pagemap ? encodePagemapColumns(pagemap.head, pagemap.runs) : encodeImage(kind, items);
}

function without({ items }: GatheredImage, repeated: ((entry: never) => boolean) | undefined): Items {
  return repeated ? items.filter(({ entry }) => !repeated(entry as never)) : items;
}

export class ImageWriter {
  private readonly files = new Map<string, GatheredImage>();
  private readonly pages = new Set<number>();
  private lastPages = FIRST_TASK_PAGES;
  private readonly made: string[] = [];
  private readers: number | undefined;
  /** Descriptors of files that were created ahead, by name. */
  private readonly reserved = new Map<string, number>();
  private readonly filled: number[] = [];
  /** Contents of the images written so far, for the guard. */
  private readonly written = new Map<string, Buffer>();

  private constructor(
    /** Undefined if nothing is kept. */
    private readonly directory: OutputDirectory | undefined,
  ) {}

  /** Path of the images directory. */
  get dir(): string {
    return this.directory?.path ?? '';
  }

  /**
   * Locks the directory for one dump and removes the inventory of an earlier one, so that the directory counts as
   * incomplete until `writeInventory`.
   * @throws CriuError IMAGE_DIR_IN_USE, IMAGE_MISSING
   */
  static claim(dir: string): ImageWriter {
    let directory: OutputDirectory;
    try {
      directory = OutputDirectory.open(dir);
    } catch (error) {
      throw new CriuError(
        'IMAGE_MISSING',
        'cannot open the images directory',
        { file: dir },
        'make the directory, or name another with -D',
        error,
      );
    }
    try {
      sys('flock', directory.fd, LOCK_EX_NB);
      // A directory without inventory is not taken for a checkpoint.
      directory.remove('inventory.img');
    } catch (error) {
      directory.close();
      if (error instanceof SysError && error.errno === EWOULDBLOCK)
        throw new CriuError(
          'IMAGE_DIR_IN_USE',
          'another dump is writing to the images directory',
          { file: dir },
          'wait for it, or name another directory with -D',
        );
      throw asCriuError(error, 'cannot take the images directory', { file: dir });
    }
    return new ImageWriter(directory);
  }

  /** A writer that keeps nothing. */
  static nowhere(): ImageWriter {
    return new ImageWriter(undefined);
  }

  /** Adds an entry to an image. */
  add<K extends ImageKind>(
    kind: K,
    entry: EncodableItem<ImageMessages[K]>['entry'],
    options: { id?: ImageId; payload?: Uint8Array; pattern?: number } = {},
  ): void {
    this.itemsOf(kind, options).push({ entry, payload: options.payload });
  }

  /** Adds several entries to an image. */
  addAll<K extends ImageKind>(
    kind: K,
    entries: readonly EncodableItem<ImageMessages[K]>['entry'][],
    options: { id?: ImageId; pattern?: number } = {},
  ): void {
    const items = this.itemsOf(kind, options);
    for (const entry of entries) items.push({ entry });
  }

  private itemsOf<K extends ImageKind>(
    kind: K,
    { id, pattern }: { id?: ImageId; pattern?: number },
  ): EncodableItem<ImageMessages[K]>[] {
    const name = imageFileName(kind, id, pattern);
    let file = this.files.get(name);
    if (!file) {
      file = { kind, items: [] };
      this.files.set(name, file);
    }
    return file.items as EncodableItem<ImageMessages[K]>[];
  }

  /**
   * Sets the whole pagemap of an address space or object. Runs are stored in columns, without an object for each entry.
   */
  addPagemap(
    head: PagemapHead,
    runs: PagemapColumns,
    { id, pattern }: { readonly id: ImageId; readonly pattern?: number },
  ): void {
    this.files.set(imageFileName('PAGEMAP', id, pattern), {
      kind: 'PAGEMAP',
      items: [],
      pagemap: { head, runs },
    });
  }

  /** Sets an address space, whose mappings are stored in columns. */
  addMm(mm: Encodable<Omit<MmEntry, 'vmas'>>, vmas: VmaTable, id: ImageId): void {
    const [read] = itemsAsRead('MM', [{ entry: mm as Encodable<MmEntry> }]);
    if (read) this.files.set(imageFileName('MM', id), { kind: 'MM', items: [], mm: { ...read.entry, vmas } });
  }

  /** Has an image written even if no entry is added to it. */
  touch(kind: ImageKind, id: ImageId = 0): void {
    this.itemsOf(kind, { id });
  }

  has(kind: ImageKind, id: number | bigint = 0, pattern = 0): boolean {
    return this.files.has(imageFileName(kind, id, pattern));
  }

  /** Names of the images so far. */
  get names(): string[] {
    return [...this.files.keys()];
  }

  /** Creates files that will probably be needed, since creating takes longer than writing. */
  reserve(names: readonly string[]): void {
    const most = Math.min(MOST_RESERVED, Math.floor(descriptorLimit() / PART_RESERVED));
    for (const name of names.slice(0, most)) {
      if (this.reserved.has(name) || !this.directory) continue;
      try {
        this.reserved.set(name, this.directory.create(name));
        this.made.push(name);
      } catch {
        // Creation is tried again when the image is written.
        return;
      }
    }
  }

  /**
   * Id of a new pages image for memory of a task, or of a shared one. The first task's is always 1, as in CRIU, also if shared
   * memory is copied before: scripts look at the size of pages-1.img.
   */
  newPagesId(of: 'task' | 'shared'): number {
    const isFirst = of === 'task' && !this.pages.has(FIRST_TASK_PAGES);
    if (!isFirst) this.lastPages += 1;
    const id = isFirst ? FIRST_TASK_PAGES : this.lastPages;
    this.pages.add(id);
    return id;
  }

  /** Creates a raw file in the directory and opens it for writing; the caller closes it. @throws CriuError */
  openRaw(name: string): number {
    if (!this.directory) return sys('memfd_create', cstring('image'), 1);
    const fd = this.directory.create(name);
    this.made.push(name);
    return fd;
  }

  /** Links the images to those of the parent dump. @throws CriuError */
  linkParent(target: string): void {
    if (this.directory && linkParent(this.directory, target)) this.made.push('parent');
  }

  /** Removes a raw file that is not needed after all. */
  drop(name: string): void {
    this.directory?.remove(name);
  }

  /**
   * Writes all images except inventory and statistics, or those of one kind only.
   * @throws CriuError NO_SPACE and others
   */
  write(only?: ImageKind): void {
    for (const [name, image] of this.files) {
      const { kind } = image;
      if (kind !== 'INVENTORY' && kind !== 'STATS' && (only ?? kind) === kind) this.put(name, encoded(image));
    }
  }

  /** Writes the inventory, which marks the images as complete. @throws CriuError */
  writeInventory(bytes: Buffer): void {
    this.put(imageFileName('INVENTORY'), bytes);
    const { directory, readers } = this;
    if (directory && readers !== undefined) for (const name of this.made) directory.letRead(name, readers);
  }

  /**
   * Lets a group read the images: the group, outside, of the root user of a dumped user namespace, since CRIU opens the
   * images as that user. The images hold memory of that user's own tasks.
   * @param gid group id as this process sees it
   */
  readableBy(gid: number): void {
    this.readers = gid;
  }

  /** Writes one image immediately; used for the inventory of a pre-dump. */
  writeNow<K extends ImageKind>(kind: K, entry: EncodableItem<ImageMessages[K]>['entry']): void {
    this.put(imageFileName(kind), encodeImage(kind, [{ entry }]));
  }

  private put(name: string, bytes: Buffer): void {
    this.written.set(name, bytes);
    if (!this.directory) return;
    const reserved = this.reserved.get(name);
    if (reserved === undefined) {
      this.made.push(name);
      this.directory.write(name, bytes);
      return;
    }
    this.reserved.delete(name);
    this.filled.push(reserved);
    try {
      // Files are small and tasks may be waiting, so a detour through the thread pool does not pay.
      writeFileSync(reserved, bytes);
    } catch (error) {
      throw asCriuError(error, 'cannot write an image file', { file: this.directory.pathOf(name) });
    }
  }

  /**
   * The images written so far, as a source for reading. Files in the directory that are not of this dump are left out.
   * @param more images that are still to be written
   * @param repeated entries to be left out
   */
  source(
    pages: ImageSource['pages'],
    more: ReadonlyMap<string, Buffer>,
    repeated: Repeated = {},
  ): ImageSource {
    const { dir } = this;
    const behind = new ImageDirectory(dir);
    const find = (name: string) => more.get(name) ?? this.written.get(name);
    /** Whether a file in the directory belongs to this dump. */
    const counts = (name: string) =>
      this.directory !== undefined &&
      // A file that was created ahead and not written does not count.
      !this.reserved.has(name) &&
      // A page server may store its pagemaps in the same directory.
      !(pages === 'elsewhere' && name.startsWith('pagemap-'));
    // Entries in memory are used as they are: decoding takes as long as encoding.
    const known = (name: string) =>
      this.written.has(name) && !more.has(name) ? this.files.get(name) : undefined;
    return {
      dir,
      pages,
      has: (name) => find(name) !== undefined || (counts(name) && behind.has(name)),
      read: (name) => find(name) ?? behind.read(name),
      items: (name) => {
        const file = known(name);
        return file && !file.pagemap && !file.mm
          ? itemsAsRead(file.kind, without(file, repeated[file.kind]))
          : undefined;
      },
      mmTable: (name) => known(name)?.mm,
      pagemap: (name) => {
        const pagemap = known(name)?.pagemap;
        return pagemap && columnPagemap(pagemap.head, pagemap.runs);
      },
    };
  }

  /** Removes all files of a failed dump. */
  discard(): void {
    this.removeAll(this.made);
  }

  /** Closes all files and unlocks the directory. */
  release(): void {
    for (const fd of this.filled) closeSync(fd);
    for (const fd of this.reserved.values()) closeSync(fd);
    this.removeAll(this.reserved.keys());
    this.directory?.close();
  }

  /** Removes files; an error must not hide the outcome of the dump. */
  private removeAll(names: Iterable<string>): void {
    for (const name of names) {
      try {
        this.directory?.remove(name);
      } catch {
        // The name belongs to another file by now.
      }
    }
  }
}
