// Gathers the entries of an images directory while tasks are frozen, and writes the files when all of them are known.
import { join } from 'node:path';
import { type EncodableItem, encodeImage, type ImageKind, type ImageMessages, kinds } from '@criu/images';
import { cstring, SysError, sys } from '@criu/native';
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from '@criu/native/fs';
import { asCriuError, CriuError } from '../errors.js';
import type { ImageId } from '../proc/pids.js';

/** Descriptors that it keeps open for files to come. */
const MOST_RESERVED = 512;
const LOCK_EX_NB = 2 | 4;
const EWOULDBLOCK = 11;

type Items = EncodableItem<ImageMessages[ImageKind]>[];

/** Name of an image file: the kind's pattern with the id in it. */
export function imageName(kind: ImageKind, id: number | bigint = 0, pattern = 0): string {
  const form = kinds[kind].files[pattern] ?? kinds[kind].files[0];
  return form.replace(/%l?[ud]/, String(id)).replace(/%l?x/, id.toString(16));
}

/**
 * Says which images those of a directory build on. A link that an earlier dump left there is replaced.
 * @returns whether it was not so already
 * @throws CriuError
 */
export function linkParent(dir: string, target: string): boolean {
  const path = join(dir, 'parent');
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) {
      if (readlinkSync(path) === target) return false;
      rmSync(path);
    }
    symlinkSync(target, path);
    return true;
  } catch (error) {
    throw asCriuError(error, 'cannot link the previous dump', { file: path });
  }
}

export class ImageWriter {
  private readonly files = new Map<string, { kind: ImageKind; items: Items }>();
  private readonly pages = new Set<number>();
  private lastPages = 0;
  private readonly made: string[] = [];
  /** Files that were made before they are needed, by name. */
  private readonly reserved = new Map<string, number>();
  private readonly filled: number[] = [];

  private constructor(
    readonly dir: string,
    private readonly lock: number,
  ) {}

  /**
   * Takes the directory for one dump, and what an earlier dump says of itself away, so that from here on the directory is
   * incomplete until `finish`. @throws CriuError IMAGE_DIR_IN_USE, IMAGE_MISSING
   */
  static claim(dir: string): ImageWriter {
    let fd: number;
    try {
      fd = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
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
      sys('flock', fd, LOCK_EX_NB);
      // Nobody may take an unfinished directory for a checkpoint.
      rmSync(join(dir, 'inventory.img'), { force: true });
    } catch (error) {
      closeSync(fd);
      if (error instanceof SysError && error.errno === EWOULDBLOCK)
        throw new CriuError(
          'IMAGE_DIR_IN_USE',
          'another dump is writing to the images directory',
          { file: dir },
          'wait for it, or name another directory with -D',
        );
      throw asCriuError(error, 'cannot take the images directory', { file: dir });
    }
    return new ImageWriter(dir, fd);
  }

  /** Takes entries and keeps nothing; for a rehearsal. */
  static nowhere(): ImageWriter {
    return new ImageWriter('', -1);
  }

  private get dry(): boolean {
    return this.lock < 0;
  }

  /** Adds an entry to the image of a kind. `pattern`: which of the kind's file names. */
  add<K extends ImageKind>(
    kind: K,
    entry: EncodableItem<ImageMessages[K]>['entry'],
    options: { id?: ImageId; payload?: Uint8Array; pattern?: number } = {},
  ): void {
    const name = imageName(kind, options.id, options.pattern);
    let file = this.files.get(name);
    if (!file) {
      file = { kind, items: [] };
      this.files.set(name, file);
    }
    (file.items as EncodableItem<ImageMessages[K]>[]).push({ entry, payload: options.payload });
  }

  /** The image is written even if nothing is added to it. */
  touch(kind: ImageKind, id: ImageId = 0): void {
    const name = imageName(kind, id);
    if (!this.files.has(name)) this.files.set(name, { kind, items: [] });
  }

  has(kind: ImageKind, id: number | bigint = 0, pattern = 0): boolean {
    return this.files.has(imageName(kind, id, pattern));
  }

  /** Names of the images so far. */
  get names(): string[] {
    return [...this.files.keys()];
  }

  /** Makes files that will be wanted most likely, as that takes longer than writing them. */
  reserve(names: readonly string[]): void {
    for (const name of names.slice(0, MOST_RESERVED)) {
      if (this.reserved.has(name)) continue;
      const path = join(this.dir, name);
      this.made.push(path);
      try {
        this.reserved.set(name, openSync(path, 'w', 0o644));
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
    if (this.dry) return sys('memfd_create', cstring('rehearsal'), 1);
    const path = join(this.dir, name);
    try {
      this.made.push(path);
      return openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o644);
    } catch (error) {
      throw asCriuError(error, 'cannot make an image file', { file: path });
    }
  }

  /** Says which dump this one builds on. @throws CriuError */
  linkParent(target: string): void {
    if (linkParent(this.dir, target)) this.made.push(join(this.dir, 'parent'));
  }

  /** Removes a raw file that is not wanted after all. */
  drop(name: string): void {
    rmSync(join(this.dir, name), { force: true });
  }

  /** Writes all images but the inventory, or those of one kind. @throws CriuError NO_SPACE and others */
  write(only?: ImageKind): void {
    for (const [name, { kind, items }] of this.files)
      if (kind !== 'INVENTORY' && kind !== 'STATS' && (only ?? kind) === kind)
        this.put(name, encodeImage(kind, items));
  }

  /** Writes one image now; for the inventory, which says that all is there, and statistics. */
  writeNow<K extends ImageKind>(
    kind: K,
    entry: EncodableItem<ImageMessages[K]>['entry'],
    name = imageName(kind),
    dir = this.dir,
  ): void {
    this.put(name, encodeImage(kind, [{ entry }]), dir);
  }

  private put(name: string, bytes: Uint8Array, dir = this.dir): void {
    if (this.dry) return;
    const path = join(dir, name);
    try {
      const reserved = dir === this.dir ? this.reserved.get(name) : undefined;
      if (reserved === undefined) this.made.push(path);
      else {
        this.reserved.delete(name);
        this.filled.push(reserved);
      }
      // Small files, and tasks may be waiting: not worth a trip through a thread pool each.
      writeFileSync(reserved ?? path, bytes, { mode: 0o644 });
    } catch (error) {
      throw asCriuError(error, 'cannot write an image file', { file: path });
    }
  }

  /** Removes what was written; for a dump that failed. */
  discard(): void {
    for (const path of this.made) rmSync(path, { force: true });
  }

  /** Gives the directory free. */
  release(): void {
    for (const fd of this.filled) closeSync(fd);
    for (const [name, fd] of this.reserved) {
      closeSync(fd);
      rmSync(join(this.dir, name), { force: true });
    }
    closeSync(this.lock);
  }
}
