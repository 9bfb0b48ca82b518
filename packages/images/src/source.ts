// Sources of the files of a checkpoint.

import type { Buffer } from 'node:buffer';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathArg } from './bytes.js';
import type { ImageItem } from './image.js';
import type { MmTable } from './mm-table.js';
import type { Pagemap } from './pagemap.js';

/** The image files of one checkpoint by name: a directory, or also files in memory. */
export interface ImageFiles {
  /** The directory of the pages images and of the link `parent`. Other files may be elsewhere. */
  readonly dir: string;
  has(name: string): boolean;
  /** The contents of a file. @throws the error of the file system */
  read(name: string): Buffer;
  /** The items of an image in memory, in the form that decoding would give; undefined for other images. */
  items?(name: string): ImageItem<object>[] | undefined;
  /** An address space in memory, which need not be decoded; undefined for others. */
  mmTable?(name: string): MmTable | undefined;
  /** A pagemap in memory, which need not be decoded; undefined for others. */
  pagemap?(name: string): Pagemap | undefined;
}

export class ImageDirectory implements ImageFiles {
  constructor(readonly dir: string) {}

  has(name: string): boolean {
    return existsSync(pathArg(join(this.dir, name)));
  }

  /**
   * As {@link has}, but reads the directory only once: for many queries while the directory does not change. Names of
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
