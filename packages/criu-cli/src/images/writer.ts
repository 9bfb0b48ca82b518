// Gathers the entries of an images directory while tasks are frozen, and writes the files when all of them are known.
import {
  type EncodableItem,
  encodeImage,
  encodePagemapColumns,
  ImageDirectory,
  type ImageKind,
  type ImageMessages,
  imageFileName,
  itemsAsRead,
  type PagemapColumns,
  type PagemapHead,
  pagemapItems,
} from '@criu/images';
import { cstring, SysError, sys } from '@criu/native';
import { closeSync, lstatSync, readlinkSync, writeFileSync } from '@criu/native/fs';
import { EWOULDBLOCK } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../errors.js';
import { OutputDirectory } from '../output-dir.js';
import type { ImageId } from '../proc/pids.js';
import type { ImageSource } from './source.js';

/** Descriptors that it keeps open for files to come. */
const MOST_RESERVED = 512;
const LOCK_EX_NB = 2 | 4;

type Items = EncodableItem<ImageMessages[ImageKind]>[];

/** Which entries of images are no more than others of theirs under numbers of their own. */
export type Repeated = {
  readonly [K in ImageKind]?: (entry: EncodableItem<ImageMessages[K]>['entry']) => boolean;
};

/** An image that is not written yet: its entries, or the runs of a pagemap. */
interface GatheredImage {
  readonly kind: ImageKind;
  readonly items: Items;
  readonly pagemap?: { readonly head: PagemapHead; readonly runs: PagemapColumns };
}

/**
 * Says which images those of a directory build on. A link that an earlier dump left there is replaced.
 * @returns whether it was not so already
 * @throws CriuError
 */
export function linkParent(dir: OutputDirectory, target: string): boolean {
  const path = dir.pathOf('parent');
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() && readlinkSync(path) === target) return false;
    // A file of that name is nothing that a dump has left.
    if (found && !found.isSymbolicLink())
      throw new CriuError('BAD_OPTION', 'it is no symbolic link', { file: path }, 'remove it');
    dir.link('parent', target);
    return true;
  } catch (error) {
    throw asCriuError(error, 'cannot link the previous dump', { file: path });
  }
}

/** Writes an image of one entry beside or outside of a dump. @throws CriuError */
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

function without({ items }: GatheredImage, repeated: ((entry: never) => boolean) | undefined): Items {
  return repeated ? items.filter(({ entry }) => !repeated(entry as never)) : items;
}

export class ImageWriter {
  private readonly files = new Map<string, GatheredImage>();
  private readonly pages = new Set<number>();
  private lastPages = 0;
  private readonly made: string[] = [];
  private readers: number | undefined;
  /** Files that were made before they are needed, by name. */
  private readonly reserved = new Map<string, number>();
  private readonly filled: number[] = [];
  /** What was written, for whoever wants to look at it again. */
  private readonly written = new Map<string, Buffer>();

  private constructor(
    /** None in a rehearsal. */
    private readonly directory: OutputDirectory | undefined,
  ) {}

  /** Path of the directory. */
  get dir(): string {
    return this.directory?.path ?? '';
  }

  /**
   * Takes the directory for one dump, and what an earlier dump says of itself away, so that from here on the directory is
   * incomplete until `finish`. @throws CriuError IMAGE_DIR_IN_USE, IMAGE_MISSING
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
      // Nobody may take an unfinished directory for a checkpoint.
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

  /** Takes entries and keeps nothing; for a rehearsal. */
  static nowhere(): ImageWriter {
    return new ImageWriter(undefined);
  }

  /** Adds an entry to the image of a kind. `pattern`: which of the kind's file names. */
  add<K extends ImageKind>(
    kind: K,
    entry: EncodableItem<ImageMessages[K]>['entry'],
    options: { id?: ImageId; payload?: Uint8Array; pattern?: number } = {},
  ): void {
    this.itemsOf(kind, options).push({ entry, payload: options.payload });
  }

  /** The same of many. */
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

  /** The pagemap of a memory, all of it: as runs are, without an entry for each. */
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

  /** The image is written even if nothing is added to it. */
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

  /** Makes files that will be wanted most likely, as that takes longer than writing them. */
  reserve(names: readonly string[]): void {
    for (const name of names.slice(0, MOST_RESERVED)) {
      if (this.reserved.has(name) || !this.directory) continue;
      try {
        this.reserved.set(name, this.directory.create(name));
        this.made.push(name);
      } catch {
        // Tried again when it is written.
        return;
      }
    }
  }

  /** Number of a new pages image. */
  newPagesId(): number {
    this.lastPages += 1;
    this.pages.add(this.lastPages);
    return this.lastPages;
  }

  /** Opens a raw file of the directory for writing; the caller closes it. @throws CriuError */
  openRaw(name: string): number {
    if (!this.directory) return sys('memfd_create', cstring('rehearsal'), 1);
    const fd = this.directory.create(name);
    this.made.push(name);
    return fd;
  }

  /** Says which dump this one builds on. @throws CriuError */
  linkParent(target: string): void {
    if (this.directory && linkParent(this.directory, target)) this.made.push('parent');
  }

  /** Removes a raw file that is not wanted after all. */
  drop(name: string): void {
    this.directory?.remove(name);
  }

  /** Writes all images but the inventory, or those of one kind. @throws CriuError NO_SPACE and others */
  write(only?: ImageKind): void {
    for (const [name, { kind, items, pagemap }] of this.files)
      if (kind !== 'INVENTORY' && kind !== 'STATS' && (only ?? kind) === kind)
        this.put(name, pagemap ? encodePagemapColumns(pagemap.head, pagemap.runs) : encodeImage(kind, items));
  }

  /** Says that all is there. @throws CriuError */
  writeInventory(bytes: Buffer): void {
    this.put(imageFileName('INVENTORY'), bytes);
    const { directory, readers } = this;
    if (directory && readers !== undefined) for (const name of this.made) directory.letRead(name, readers);
  }

  /**
   * Who else can read the images: root of a user namespace that is dumped, by his group outside, as CRIU opens them as him. It is
   * the memory of his own tasks.
   */
  readableBy(gid: number): void {
    this.readers = gid;
  }

  /** Writes one image now; for the inventory, which says that all is there. */
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
      // Small files, and tasks may be waiting: not worth a trip through a thread pool each.
      writeFileSync(reserved, bytes);
    } catch (error) {
      throw asCriuError(error, 'cannot write an image file', { file: this.directory.pathOf(name) });
    }
  }

  /**
   * All that was written, as it will be read; what is not of this dump is in the directory.
   * @param more images that are still to be written
   * @param repeated entries that are left out
   */
  source(
    pages: ImageSource['pages'],
    more: ReadonlyMap<string, Buffer>,
    repeated: Repeated = {},
  ): ImageSource {
    const { dir } = this;
    const behind = new ImageDirectory(dir);
    const find = (name: string) => more.get(name) ?? this.written.get(name);
    /** Whether what the directory has under a name belongs to this dump. */
    const counts = (name: string) =>
      this.directory !== undefined &&
      // A file that was made for an image that did not come is none.
      !this.reserved.has(name) &&
      // A page server may have the same directory.
      !(pages === 'elsewhere' && name.startsWith('pagemap-'));
    return {
      dir,
      pages,
      has: (name) => find(name) !== undefined || (counts(name) && behind.has(name)),
      read: (name) => find(name) ?? behind.read(name),
      // What is in memory need not be decoded, which takes as long as encoding it.
      items: (name) => {
        const file = this.written.has(name) && !more.has(name) ? this.files.get(name) : undefined;
        if (file?.pagemap) return pagemapItems(file.pagemap.head, file.pagemap.runs);
        return file && itemsAsRead(file.kind, without(file, repeated[file.kind]));
      },
    };
  }

  /** Removes what was written; for a dump that failed. */
  discard(): void {
    this.removeAll(this.made);
  }

  /** Gives the directory free. */
  release(): void {
    for (const fd of this.filled) closeSync(fd);
    for (const fd of this.reserved.values()) closeSync(fd);
    this.removeAll(this.reserved.keys());
    this.directory?.close();
  }

  /** What cannot be removed does not hide why the dump has failed, or that it has not. */
  private removeAll(names: Iterable<string>): void {
    for (const name of names) {
      try {
        this.directory?.remove(name);
      } catch {
        // Somebody else has the name by now.
      }
    }
  }
}
