// The images of a checkpoint as an ImageSet whose entries are held against the rules when they are read.
import { ImageError, type ImageItem, ImageSet, imageFileName, type Pagemap } from '@criu/images';
import { asCriuError, CriuError } from '../errors.js';
import type { ImageKind, ImageMessages } from './types.js';
import { validate } from './validate.js';

type Id = number | bigint | string;

/** Runs what reads an image; its failures name the image. @throws CriuError BAD_IMAGE */
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

/** All that is wrong with an image is a CriuError that names it. */
export class CheckedImages extends ImageSet {
  /** What `optional` has given, by name. */
  private readonly known = new Map<string, readonly unknown[]>();
  private readonly pagemaps = new Map<string, Pagemap>();

  /** All items of an image that must be there. @throws CriuError IMAGE_MISSING, BAD_IMAGE */
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

  /** The same, or none; an image that many ask for is read once. */
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

  /** Each is read once: it may have an entry for each page. */
  protected override readPagemap(name: string): Pagemap {
    let pagemap = this.pagemaps.get(name);
    if (!pagemap) {
      pagemap = reading(name, () => super.readPagemap(name));
      this.pagemaps.set(name, pagemap);
    }
    return pagemap;
  }
}
