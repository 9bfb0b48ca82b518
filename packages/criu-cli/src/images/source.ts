// Where the images of a checkpoint are read from: their directory, or memory that still has them.
import { join } from 'node:path';
import { existsSync, readFileSync, statSync } from '@criu/native/fs';

export interface ImageSource {
  /** The directory of pages images and of the link to the parent; the others need not be in it. */
  readonly dir: string;
  /** Whether pages images have their contents already: where they are still being copied nobody can look at them. */
  readonly pagesAreThere: boolean;
  has(name: string): boolean;
  /** All of an image. @throws the error of the file system */
  read(name: string): Buffer;
}

export class ImageDirectory implements ImageSource {
  readonly pagesAreThere = true;

  constructor(readonly dir: string) {}

  has(name: string): boolean {
    return existsSync(join(this.dir, name));
  }

  read(name: string): Buffer {
    return readFileSync(join(this.dir, name));
  }

  /** Whether there is something to look into at all. */
  get exists(): boolean {
    return statSync(this.dir, { throwIfNoEntry: false })?.isDirectory() ?? false;
  }
}
