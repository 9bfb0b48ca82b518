// Where the files of a checkpoint are read from.

import type { Buffer } from 'node:buffer';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathArg } from './bytes.js';
import type { ImageItem } from './image.js';
import type { Pagemap } from './pagemap.js';

/** The image files of one checkpoint by their names: a directory, or memory that still has some of them. */
export interface ImageFiles {
  /** The directory of the pages images and of the link `parent`; the other files need not be in it. */
  readonly dir: string;
  has(name: string): boolean;
  /** All of a file. @throws the error of the file system */
  read(name: string): Buffer;
  /** The items of an image that nobody has to decode, as reading them would give them; undefined for others. */
  items?(name: string): ImageItem<object>[] | undefined;
  /** A pagemap that is in memory already, so that it need not be decoded; undefined for others. */
  pagemap?(name: string): Pagemap | undefined;
}

export class ImageDirectory implements ImageFiles {
  constructor(readonly dir: string) {}

  has(name: string): boolean {
    return existsSync(pathArg(join(this.dir, name)));
  }

  /**
   * The same, which looks at the directory only once: for many questions about one that does not change meanwhile. Names of
   * images are ASCII.
   */
  listed(): (name: string) => boolean {
    try {
      const names = new Set(readdirSync(pathArg(this.dir), 'latin1'));
      return (name) => names.has(name);
    } catch {
      return (name) => this.has(name);
    }
  }

  read(name: string): Buffer {
    return readFileSync(pathArg(join(this.dir, name)));
  }
}
