// An ImageSet that validates entries when an image is read.
import {
  ImageError,
  type ImageItem,
  ImageSet,
  imageFileName,
  type MmEntry,
  type MmTable,
  type Pagemap,
} from '@criu/images';
import { asCriuError, CriuError } from '../errors.js';
import type { ImageKind, ImageMessages } from './types.js';
import { validate } from './validate.js';

type Id = number | bigint | string;

/** Runs a function that reads an image and names the image in its errors. @throws CriuError BAD_IMAGE */
function reading<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ImageError && error.code === 'io') {
      const { code } = asCriuError(error.cause, 'the image cannot be read', { file: name });
      const remedy = 'images can be read by whoever has made the dump, and by root';
      throw new CriuError(
        code,
        'the image cannot be read',
        { file: name },
        code === 'NOT_PERMITTED' ? remedy : undefined,
        error.cause,
      );
    }
    if (error instanceof ImageError)
      throw new CriuError('BAD_IMAGE', 'the image cannot be read', { file: name }, undefined, error);
    throw asCriuError(error, 'the image cannot be read', { file: name });
  }
}

/** An image set whose errors are CriuErrors that name the image. */
export class CheckedImages extends ImageSet {
  /** Results of `optional`, by image name. */
  private readonly known = new Map<string, readonly unknown[]>();
  private readonly pagemaps = new Map<string, Pagemap>();

  /** All entries of an image that must exist. @throws CriuError IMAGE_MISSING, BAD_IMAGE */
  override items<K extends ImageKind>(kind: K, id?: Id, variant?: number): ImageItem<ImageMessages[K]>[] {
    const name = imageFileName(kind, id, variant);
    if (!this.source.has(name))
      throw new CriuError(
        'IMAGE_MISSING',
        'the image is missing',
        { file: name },
        'the checkpoint is not complete',
      );
    const items = reading(name, () => super.items(kind, id, variant));
    validate(kind, items, name);
    return items;
  }

  /** All entries of an image; none if the image does not exist. The result is cached. @throws CriuError BAD_IMAGE */
  optional<K extends ImageKind>(kind: K, id?: Id, variant?: number): ImageItem<ImageMessages[K]>[] {
    const name = imageFileName(kind, id, variant);
    const known = this.known.get(name);
    if (known) return known as ImageItem<ImageMessages[K]>[];
    const items = this.source.has(name) ? this.items(kind, id, variant) : [];
    this.known.set(name, items);
    return items;
  }

  override single<K extends ImageKind>(kind: K, id?: Id): ImageMessages[K] {
    const [first] = this.items(kind, id);
    if (!first) throw new CriuError('BAD_IMAGE', 'the image has no entry', { file: imageFileName(kind, id) });
    return first.entry;
  }

  protected override readMmTable(name: string): MmTable {
    const mm = reading(name, () => super.readMmTable(name));
    const check = (vmas: readonly object[]) =>
      validate('MM', [{ entry: { ...mm, vmas: vmas as MmEntry['vmas'] } }], name);
    try {
      check(mm.vmas.attributes);
    } catch {
      // The error names the mapping.
      check(mm.vmas.list());
    }
    return mm;
  }

  /** Cached, since a pagemap may have an entry for each page. */
  protected override readPagemap(name: string): Pagemap {
    let pagemap = this.pagemaps.get(name);
    if (!pagemap) {
      pagemap = reading(name, () => super.readPagemap(name));
      this.pagemaps.set(name, pagemap);
    }
    return pagemap;
  }
}
